"""Erasing a person: all that the store knows of an address, with a receipt of what it was.

Bounded calls, one after the other, that may all be repeated: when it fails half-way, asking again
finishes it.  The audit trail has it in the same transition that erases the first of it.  The
console and the command line call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer

from vumi_snappy.content import mask_address
from vumi_snappy.store.durability import UNLISTED
from vumi_snappy.store.people import threads_by_address

#: Tickets, parked attempts and keys that one call looks at.
_TICKETS, _PARKED, _KEYS = 20, 100, 1000


@attr.s(frozen=True, slots=True)
class Receipt(object):
    """What was erased; `tickets` are triples of our number, Snappy's nonce and Snappy's id."""

    tickets = attr.ib()  # type: List[Tuple[Text, Text, Text]]
    messages = attr.ib()  # type: int
    replies = attr.ib()  # type: int
    answers = attr.ib()  # type: int
    waiting = attr.ib()  # type: int
    parked = attr.ib()  # type: int
    opted_out = attr.ib()  # type: bool

    @property
    def is_empty(self):
        # type: () -> bool
        """Whether nothing was known of the person."""
        return not (self.tickets or self.answers or self.waiting or self.parked
                    or self.opted_out)


@defer.inlineCallbacks
def forget_person(scripts, connection, prefix, address, who=''):
    """Erase all of `address`; `who` is the operator, for the audit trail, which tells no more of the
    address than its last digits.  Fires with a `Receipt`."""
    named = mask_address(address)
    tickets, waiting, answers, opted_out, more = [], 0, 0, False, True
    threads = yield threads_by_address(connection, prefix, [address])
    while more:
        said = yield scripts.call_json('forget_person', address, _TICKETS, who, named,
                                       json.dumps(threads[address]))
        who = '' if said['audited'] else who
        tickets.extend(said['tickets'] or [])
        waiting += said['jobs']
        answers += said['answers']
        opted_out = opted_out or bool(said['opted_out'])
        more = said['more']
    parked = passed = 0
    while True:
        looked, erased, _ = yield scripts.call(
            'forget_beside', address, passed, _PARKED, who, named)
        who = '' if erased else who
        parked, passed = parked + erased, passed + looked - erased
        if looked < _PARKED:
            break
    unlisted = yield connection.send('EXISTS', prefix + UNLISTED)
    cursor = b'0'
    while unlisted:
        cursor, keys = yield connection.send('SCAN', cursor, 'MATCH', prefix + ':answer:*',
                                             'COUNT', _KEYS)
        if keys:
            _, _, erased = yield scripts.call('forget_beside', address, 0, 0, who, named, *keys)
            who = '' if erased else who
            answers += erased
        if cursor == b'0':
            break
    defer.returnValue(Receipt(
        tickets=[(each[0], each[1], each[2]) for each in tickets],
        messages=sum(each[3] for each in tickets), replies=sum(each[4] for each in tickets),
        answers=answers + sum(each[5] for each in tickets), waiting=waiting, parked=parked,
        opted_out=opted_out))
