"""How inbound messages are told to Redis, and what Redis says of each.  The store alone uses it.

Many go in one call, and are taken in one after the other: whole, in their order, each with an
outcome of its own.  One that fails, by a bug or data that are not ours, fails alone; but whoever
wrote it overtakes nothing of it: what they wrote behind it is held back.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, List, Optional, Sequence, Text  # noqa: F401

from twisted.internet import defer  # noqa: F401
from twisted.python import failure

from vumi_snappy.records import SCHEMA_VERSION, Accepted, Inbound, Posted, Taken  # noqa: F401
from vumi_snappy.store.connection import told_error
from vumi_snappy.store.envelopes import pack
from vumi_snappy.store.errors import HeldBack
from vumi_snappy.store.identity import answer_message_id, thread_id


def accept_all(scripts, prefix, messages, new_ticket_after, remember):
    # type: (Any, Text, Sequence[Inbound], float, int) -> defer.Deferred
    """As `Store.accept_all_inbound`."""
    args = [new_ticket_after, remember, SCHEMA_VERSION]  # type: List[Any]
    for each in messages:
        args += (
            each.message_id, thread_id(each.endpoint, each.transport_type, each.from_addr),
            each.from_addr, each.endpoint, each.transport_type, each.content,
            '%.3f' % (each.sent_at,), each.subject, each.contact_address,
            pack(each.envelope, each.from_addr), each.extras, each.tickets.value,
            each.subscription.value if each.subscription else '',
            _answers(prefix, each) if each.answers else '', each.lookup,
            posted_json(each.posted))
    said = scripts.call_json('accept_inbound', *args)
    return said.addCallback(lambda outcomes: [_outcome(*each) for each in outcomes])


def _answers(prefix, message):
    # type: (Text, Inbound) -> Text
    return json.dumps([
        dict(id=answer_message_id(prefix, message.message_id, each.kind.value),
             kind=each.kind.value, text=each.text, event=each.session_event or '',
             good_for=each.good_for, automatic=each.automatic, once_every=each.once_every,
             only_new_ticket=each.only_new_ticket, only_if_changed=each.only_if_changed)
        for each in message.answers])


def posted_json(posted):
    # type: (Optional[Posted]) -> Text
    """What the Django bouncer's API knows of a message, as the scripts are given it."""
    return '' if posted is None else json.dumps(
        {'contact_key': posted.contact_key, 'conversation': posted.conversation}, sort_keys=True)


def _outcome(said, detail='', lanes=''):
    # type: (Text, Text, Text) -> Any
    """A `Taken`, or a Failure."""
    if said == 'held':
        return failure.Failure(HeldBack('a message before it could not be stored'))
    if said == 'failed':
        return failure.Failure(told_error(detail))
    return Taken(Accepted(said), detail, lanes)
