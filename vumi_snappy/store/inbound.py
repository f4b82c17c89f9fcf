"""Storing inbound messages.

Those that come together go in one call, and are stored one after the other: whole, in their order,
each with an outcome of its own.  One that fails, by a bug or data that are not ours, fails alone;
but what the same person wrote behind it is held back.  The store alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, List, Optional, Sequence, Text, Tuple, Union  # noqa: F401

from twisted.internet import defer  # noqa: F401
from twisted.python import failure

from vumi_snappy.records import (  # noqa: F401
    Accepted, ImportedTicket, Inbound, InboundOutcome, Posted)
from vumi_snappy.store.connection import item_error
from vumi_snappy.store.envelopes import pack
from vumi_snappy.store.errors import HeldBack
from vumi_snappy.store.grouping import Grouping
from vumi_snappy.store.identity import answer_message_id, thread_id
from vumi_snappy.store.lanes import Lane  # noqa: F401

#: Inbound messages that may wait for Redis.  All that wait are stored in one call, so that none
#: overtakes another of the same person that fails; the bus hands out no more than its prefetch.
_MOST = 1000


class InboundMessages(object):
    """Stores inbound messages by `scripts`; whichever of `lanes` gets work by them is woken.

    `new_ticket_after` is in seconds, as is `remember`: how long a message is recognised.
    """

    def __init__(self, reactor, scripts, lanes, new_ticket_after, remember):
        # type: (Any, Any, Sequence[Lane], float, int) -> None
        self._scripts = scripts
        self._lanes = lanes
        self._new_ticket_after = new_ticket_after
        self._remember = remember
        self._calls = Grouping(reactor, self._accept_all, most=_MOST, room=_MOST)

    def accept(self, message):
        # type: (Inbound) -> defer.Deferred
        """As `Store.accept_inbound`."""
        return self._calls.call(message)

    @defer.inlineCallbacks
    def _accept_all(self, messages):
        # type: (Sequence[Inbound]) -> Any
        args = [self._new_ticket_after, self._remember]  # type: List[Any]
        for each in messages:
            args += self._arguments(each)
        rows = yield self._scripts.call_json('accept_inbound', *args)
        busy = {letter for row in rows if row[0] == 'stored' for letter in row[2]}
        for lane in self._lanes:
            if lane.name in busy:
                lane.wake()
        defer.returnValue([_outcome(*row) for row in rows])

    def _arguments(self, message):
        # type: (Inbound) -> Tuple[Any, ...]
        who = who_is(message)
        return who[:3] + (' '.join(message.spellings),) + who[3:] + (
            message.message_id, message.content,
            '%.3f' % (message.sent_at,), message.subject, message.contact_address,
            pack(message.envelope, message.from_addr), message.extras, message.tickets.value,
            message.subscription.value if message.subscription else '',
            _answers(self._scripts.prefix, who[0], message) if message.answers else '',
            message.lookup, posted_json(message.posted))


def who_is(message):
    # type: (Union[Inbound, ImportedTicket]) -> Tuple[Text, ...]
    """Whose a message is: the thread, that by the spelling that the message has of the number, the
    address, endpoint, transport type and name, and what the contact address tells besides."""
    endpoint, transport_type, apart = message.endpoint, message.transport_type, message.apart
    name = message.envelope.get('transport_name') or ''
    spelled = message.envelope.get('from_addr') or message.from_addr
    return (
        thread_id(endpoint, transport_type, message.from_addr, name, apart),
        thread_id(endpoint, transport_type, spelled, name, apart),
        message.from_addr, endpoint, transport_type, name, apart)


def _answers(prefix, thread, message):
    # type: (Text, Text, Inbound) -> Text
    return json.dumps([
        dict(id=answer_message_id(prefix, thread, message.message_id, each.kind.value),
             kind=each.kind.value, text=each.text, event=each.session_event or '',
             good_for=each.good_for, automatic=each.automatic, once_every=each.once_every,
             only_new_ticket=each.only_new_ticket, only_if_changed=each.only_if_changed)
        for each in message.answers])


def posted_json(posted):
    # type: (Optional[Posted]) -> Text
    """What the Django bouncer's API knows of a message, as the scripts are given it."""
    return '' if posted is None else json.dumps(
        {'contact_key': posted.contact_key, 'conversation': posted.conversation}, sort_keys=True)


def _outcome(word, detail='', _lanes=''):
    # type: (Text, Text, Text) -> Any
    """An `InboundOutcome`, or a Failure."""
    if word == 'held':
        return failure.Failure(HeldBack('a message before it could not be stored'))
    if word == 'failed':
        return failure.Failure(item_error(detail))
    return InboundOutcome(Accepted(word), detail)
