"""Changes to the failures queue are in the audit trail, whatever happens next."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import namedtuple

import pytest
from twisted.internet import defer

from vumi_snappy.operations.failures import Failures

Failure = namedtuple(str('Failure'), ['id', 'reason'])


class Queue(object):
    """A queue of messages with these ids; the connection closes at the message `closes_at`."""

    def __init__(self, ids, closes_at=None):
        self._ids, self._closes_at = ids, closes_at

    @defer.inlineCallbacks
    def go_through(self, wanted, changed):
        for each in self._ids:
            failure = Failure(each, 'a bug')
            if wanted(failure) != 'keep':
                if each == self._closes_at:
                    raise EOFError()
                yield changed(failure)
        defer.returnValue([])


class Store(object):
    """Keeps the audit trail."""

    def __init__(self):
        self.operators, self.notes = self, []

    def note(self, *entry):
        self.notes.append(entry)
        return defer.succeed(None)


def test_what_was_changed_before_the_connection_closed_is_audited():
    store = Store()
    changing = Failures(store).change(Queue('abc', 'c'), {'a', 'c'}, False, '', 'lerato')
    with pytest.raises(EOFError):
        changing.result.raiseException()
    changing.addErrback(lambda failed: failed.trap(EOFError))
    assert store.notes == [('lerato', 'put back', 'message a of the failures queue', 'a bug')]


def test_all_or_some_are_changed_for_a_reason():
    for ids, outcome in ((None, (['a', 'b'], [], [])), ({'b', 'x'}, (['b'], ['x'], []))):
        store, outcomes = Store(), []
        Failures(store).change(Queue('ab'), ids, True, 'old', 'lerato').addCallback(
            outcomes.append)
        assert outcomes == [outcome]
        assert [entry[1::2] for entry in store.notes] == [('dropped', 'old')] * len(outcome[0])
