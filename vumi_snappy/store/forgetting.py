"""Erasing a person: all that the store knows of an address, with a receipt of what it was.

Bounded calls, one after the other, that may all be repeated: when it fails half-way, asking again
finishes it.  What operators wrote of the person in the audit trail goes first, while it is known
which tickets are theirs.  The audit trail, which tells no more of the address than its last
digits, has it in the same transition that erases the first of the rest.  `Lists` calls it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, List, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import mask_address
from vumi_snappy.content.numbers import Numbers  # noqa: F401
from vumi_snappy.store.people import threads_by_address

#: Tickets, parked attempts and entries of the audit trail that one call looks at.
_TICKETS, _PARKED, _AUDITS = 20, 100, 500
#: Digits at the end of a number by which it is known, however somebody wrote it; and the fewest
#: of a shorter one that tell it from others.
_TELLING, _FEWEST = 9, 7


@defer.inlineCallbacks
def forget_person(scripts, address, who, numbers):
    # type: (Any, Text, Text, Numbers) -> defer.Deferred
    """As `Lists.forget`, in any spelling that `numbers` knows of the address."""
    masked = mask_address(address)
    tickets = []  # type: List[Any]
    waiting, answers, opted_out = 0, 0, False
    threads = yield threads_by_address(scripts, [address], numbers)
    yield _forget_reasons(scripts, address, threads)
    left = sorted(threads)
    while left:
        erased = yield scripts.call_json('forget_person', address=left[0], limit=_TICKETS, who=who,
                                         person=masked, threads=threads[left[0]])
        who = '' if erased['audited'] else who
        tickets.extend(erased['tickets'])
        waiting += erased['jobs']
        answers += erased['answers']
        opted_out = opted_out or bool(erased['opted_out'])
        if not erased['more']:
            left.pop(0)
    parked = passed = 0
    while True:
        looked, gone = yield scripts.call('forget_beside', addresses=sorted(threads),
                                          offset=passed, limit=_PARKED, who=who, person=masked)
        who = '' if gone else who
        parked, passed = parked + gone, passed + looked - gone
        if looked < _PARKED:
            break
    receipt = dict(
        tickets=[{'ticket': each[0], 'nonce': each[1], 'snappy_id': each[2]} for each in tickets],
        messages=sum(each[3] for each in tickets), replies=sum(each[4] for each in tickets),
        answers=answers + sum(each[5] for each in tickets), waiting=waiting, parked=parked,
        opted_out=opted_out)  # type: Dict[Text, Any]
    defer.returnValue(receipt if any(receipt.values()) else None)


@defer.inlineCallbacks
def _forget_reasons(scripts, address, threads):
    # type: (Any, Text, Dict[Text, List[Text]]) -> defer.Deferred
    digits = re.sub('[^0-9]', '', address)[-_TELLING:]
    passed, more = 0, True
    while more:
        looked, _ = yield scripts.call(
            'forget_audits', offset=passed, limit=_AUDITS, threads=threads,
            digits=digits if len(digits) >= _FEWEST else '')
        passed, more = passed + looked, looked == _AUDITS
