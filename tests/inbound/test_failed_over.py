"""After a fail-over of Redis, a message is found in a note of several of which others are lost."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest_twisted
from twisted.internet import defer

from vumi_snappy.snappy import NoteDraft

JOINED = '[2014-11-14 21:20 UTC]\nyes\n\n[2014-11-14 21:20 UTC]\nno'


@defer.inlineCallbacks
def fail_over(flow):
    for replid, before in (('a', '0'), ('b', 'a')):
        yield flow.bench.store._scripts.call(
            'note_master', replid=replid * 40, before=before * 40)
    flow.bench.clock.advance(31)


@pytest_twisted.inlineCallbacks
def test_on_the_ticket_that_is_known(flow):
    yield flow.bench.says('Help')
    yield flow.turn()
    yield flow.bench.says('yes')
    flow.snappy.on_desk.append(attr.evolve(flow.snappy.on_desk[0], message=JOINED))
    yield fail_over(flow)
    yield flow.turn()
    assert len(flow.snappy.posted) == 1
    yield flow.bench.says('yes')  # the same words again, which nobody has sent
    yield flow.turn()
    assert [draft.message for draft in flow.snappy.posted] == ['Help', 'yes']


@pytest_twisted.inlineCallbacks
def test_on_a_ticket_that_was_opened_with_it(flow):
    yield flow.bench.says('yes')
    flow.snappy.on_desk.append(NoteDraft(
        mailbox_id=1, nonce=None, subject='Support', message=JOINED, from_name='+27820001001',
        from_address='27820001001@sms.example.org'))
    yield fail_over(flow)
    yield flow.turn()
    assert flow.snappy.posted == []
    assert (yield flow.ticket())['state'] == 'settled'
