"""No line of the log is longer than a few thousand characters, whoever logs it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.internet.task import Clock
from twisted.logger import Logger, LogPublisher, formatEvent

from vumi_snappy.runtime.lines import Lines
from vumi_snappy.runtime.log_lengths import LONGEST, bound_log_lines

LONG = 'x' * 100000


class Logged(object):
    """What a log that is bounded says to an observer which was there before."""

    def __init__(self):
        self.said = []
        publisher = LogPublisher(lambda event: self.said.append(formatEvent(event)))
        bound_log_lines(publisher)
        bound_log_lines(publisher)
        assert len(publisher._observers) == 2
        self.log = Logger(namespace='test', observer=publisher)


@pytest.mark.filterwarnings(str('ignore::BytesWarning'))
def test_an_id_of_any_length_makes_a_bounded_line():
    logged = Logged()
    for value in (LONG, LONG.encode('ascii'), (LONG,)):
        logged.log.info('Message {id}: stored.', id=value)
    logged.log.info(LONG)
    assert len(logged.said) == 4
    assert all(LONGEST < len(line) < LONGEST + 100 for line in logged.said)
    assert logged.said[0].endswith('x ...: stored.')


def test_what_is_short_is_logged_as_it_is():
    logged = Logged()
    logged.log.info('Message {id}: {n}.', id='5a1c' * 900, n=7)
    assert logged.said == ['Message %s: 7.' % ('5a1c' * 900,)]


def test_of_many_lines_in_one_entry_each_is_bounded():
    logged, clock = Logged(), Clock()
    lines = Lines(logged.log, clock)
    for _ in range(3):
        lines.say('Message %s: stored.' % (LONG,))
    clock.advance(0)
    [said] = logged.said
    assert [len(line) < LONGEST + 100 for line in said.split('\n')] == [True] * 3
