"""Operations over a real store, and what operators find there."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet import defer

from tests.store.conftest import bench, claim, make_bench  # noqa: F401
from tests.store.test_lists import failed_reply, settled

NOMSA, YUSUF = '+27820001001', '+27820001002'


@defer.inlineCallbacks
def parked(bench, who=NOMSA, text='Help', reason='Snappy refused it (422)'):  # noqa: F811
    """A message that is parked."""
    yield bench.says(text, who=who)
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(attempt, reason, 'mailbox is closed')


@defer.inlineCallbacks
def failed_and_parked(bench):  # noqa: F811
    """A reply to NOMSA that was not delivered, and a message of YUSUF that is parked."""
    yield bench.opens()
    yield failed_reply(bench)
    yield settled(bench)
    yield parked(bench, YUSUF)
