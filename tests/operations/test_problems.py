"""What could not be done: told with its reason, and retried or dropped once."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import pytest_twisted

from tests.operations.conftest import NOMSA, YUSUF, failed_and_parked
from vumi_snappy.operations.problems import Problems


@pytest_twisted.inlineCallbacks
def test_what_could_not_be_done_is_told_with_its_reasons(bench):
    yield failed_and_parked(bench)
    problems = Problems(bench.store)
    assert (yield problems.totals()) == {'parked': 1, 'undelivered': 1}
    [each] = yield problems.page('parked', 0, 10)
    assert (each['id'], each['ticket'], each['addr'], each['what'], each['reason'],
            each['answer']) == ('1', '2', YUSUF, 'message for Snappy', 'Snappy refused it (422)',
                                'mailbox is closed')
    assert 'then retry' in each['advice']
    assert (yield problems.all_parked()) == [each]
    assert (yield problems.page('parked', 1, 10)) == []
    [each] = yield problems.page('undelivered', 0, 10)
    assert (each['id'], each['addr'], each['reason'], each['text'], each['state']) == (
        '1:1', NOMSA, 'no such number', 'Hi', 'failed')


@pytest.mark.parametrize('kind, name, drop, audited', [
    ('parked', '1', False, ('put back', 'ticket 2')),
    ('parked', '1', True, ('dropped', 'ticket 2')),
    ('undelivered', '1:1', False, ('sent a reply again', 'ticket 1')),
    ('undelivered', '1:1', True, ('let an undelivered reply be', 'ticket 1'))])
@pytest_twisted.inlineCallbacks
def test_one_is_retried_or_dropped_once_and_audited(bench, kind, name, drop, audited):
    yield failed_and_parked(bench)
    problems = Problems(bench.store)
    for first in (True, False):
        assert (yield problems.change(kind, name, drop, 'she came in', 'lerato')) is first
        [entry] = yield bench.store.operators.audits()
    assert (entry['who'], entry['what'], entry['about'], entry['detail']) == (
        ('lerato',) + audited + ('she came in',))


@pytest_twisted.inlineCallbacks
def test_many_are_changed_at_once_and_what_is_gone_is_told(bench):
    yield failed_and_parked(bench)
    names, counts = [('parked', '1'), ('undelivered', '1:1'), ('parked', '99')], []
    done, gone = yield Problems(bench.store).change_many(
        names, True, 'she came in', 'lerato', counts.append)
    assert [(each['kind'], each['id']) for each in done + gone] == names and len(gone) == 1
    assert counts == [1, 2, 3]
    assert (yield bench.store.parked()) == [] == (yield bench.store.lists.undelivered())
