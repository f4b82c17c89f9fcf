"""The overview's small graphs: what they draw, and what they say to who can't see them."""
from __future__ import absolute_import, division, print_function, unicode_literals

from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.console.graphs import graph, outline, squeezed
from vumi_snappy.operations.words import STATES, advice, age, state_name
from vumi_snappy.records import ParkReason, ReplyState

_SERIES = st.lists(st.integers(0, 1000), min_size=1, max_size=400)


def test_the_outline_goes_up_with_the_largest_value():
    assert outline([0, 2, 1]) == (
        'M0 60 L0.0 60.0 L120.0 60.0 L120.0 2.0 L240.0 2.0 L240.0 31.0 L360.0 31.0 L360 60 Z')
    assert outline([]) == ''


@given(_SERIES, st.integers(1, 200))
def test_nothing_is_lost_when_minutes_are_put_together(series, most):
    joined = squeezed(series, most)
    assert len(joined) <= most and sum(joined) == sum(series)
    assert max(squeezed(series, most, gauge=True)) == max(series)


def test_a_graph_says_in_words_what_it_shows():
    assert graph('Waiting', [0, 5, 2], 1, gauge=True).text == (
        'Waiting: 2 now, at most 5 in 1 hours')


def test_every_state_has_a_name():
    assert {'stored', 'sending', 'forwarded', 'parked'} | {
        state.value for state in ReplyState} <= set(STATES)
    assert state_name('something new') == 'something new'


def test_spans_and_reasons_are_put_in_words():
    assert [age(seconds) for seconds in (42, 119, 300, 10800, 200000)] == [
        '42 s', '119 s', '5 min', '3 h', '2 days']


def test_there_is_advice_for_each_reason_for_parking():
    for reason in ParkReason:
        assert ParkReason.of(reason.value) is reason and advice(reason.value)
    assert advice(ParkReason.REFUSED.text(422)).startswith('Snappy does not accept it as it is.')
    assert advice('sunspots') == ''
