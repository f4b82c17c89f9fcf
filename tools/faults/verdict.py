"""What went in against what came out."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Any, Callable, Dict, List, Text, Tuple  # noqa: F401

import attr

_MESSAGE = re.compile(r'p(\d+) m(\d+)\.')
_REPLY = re.compile(r'^p(\d+) r(\d+)\.$')


@attr.s
class Count(object):
    """What became of one direction's texts."""

    sent = attr.ib(default=0)  # type: int
    lost = attr.ib(default=0)  # type: int
    duplicated = attr.ib(default=0)  # type: int
    out_of_order = attr.ib(default=0)  # type: int
    to_the_wrong_person = attr.ib(default=0)  # type: int

    @property
    def fine(self):
        # type: () -> bool
        """Whether all of them arrived, once, in order, where they belong."""
        return not (self.lost or self.duplicated or self.out_of_order
                    or self.to_the_wrong_person)

    def judge(self, sent, arrived, wrong=lambda before, after: before > after):
        # type: (int, List[int], Callable[[int, int], bool]) -> None
        """Count one person's `sent` texts, numbered from 0, against the numbers that arrived.

        `wrong` says of two that arrived one behind the other that it should not be so.
        """
        self.sent += sent
        first = []  # type: List[int]
        for number in arrived:
            if number in first:
                self.duplicated += 1
            else:
                first.append(number)
        self.lost += len(set(range(sent)) - set(first))
        self.out_of_order += sum(1 for before, after in zip(first, first[1:])
                                 if wrong(before, after))


def judge_messages(said, tickets):
    # type: (Dict[int, int], List[Dict[Text, Any]]) -> Count
    """`said`: person -> how many; `tickets`: of the stand-in, each with its notes, newest first.

    A person's tickets are read in the order in which they were opened.
    """
    count = Count()
    arrived = {}  # type: Dict[int, List[int]]
    for ticket in sorted(tickets, key=lambda each: each['id']):
        owner = int(ticket['contacts'][0]['value'][4:].partition('@')[0])
        for note in reversed(ticket['notes']):
            if note['created_by_staff_id']:
                continue
            for person, number in _MESSAGE.findall(note['content']):
                if int(person) != owner:
                    count.to_the_wrong_person += 1
                arrived.setdefault(int(person), []).append(int(number))
    for person, sent in said.items():
        count.judge(sent, arrived.get(person, []))
    return count


def judge_replies(answered, received, notes, deliveries):
    # type: (Dict[int, int], List[Any], Dict[Tuple[int, int], int], List[Any]) -> Count
    """`answered`: person -> how many; `received`: `tools.faults.wire.Received`, in order.

    What the broker itself brought again, after it had lost the driver, is no second reply.  They
    should leave in the order in which Snappy's webhooks came (`deliveries` of the stand-in;
    `notes` is of `Traffic`): wrong is that a reply whose webhook had been accepted, before that
    of another was first tried, leaves behind it.
    """
    count = Count()
    began, accepted = {}, {}  # type: Dict[int, float], Dict[int, float]
    for each in deliveries:
        if each['event'] == 'message.outgoing' and each['accepted']:
            note = each['note']
            began[note] = min(each['began'], began.get(note, each['began']))
            accepted[note] = min(each['accepted'], accepted.get(note, each['accepted']))
    arrived = {}  # type: Dict[int, List[int]]
    seen = set()
    for each in received:
        if each.again and each.message_id in seen:
            continue
        seen.add(each.message_id)
        match = _REPLY.match(each.content)
        if match is None or int(match.group(1)) != int(each.to_addr[5:]):
            count.to_the_wrong_person += 1
            continue
        arrived.setdefault(int(match.group(1)), []).append(int(match.group(2)))
    for person, sent in answered.items():
        count.judge(sent, arrived.get(person, []), lambda before, after: (
            began.get(notes.get((person, before), 0), 0.0)
            > accepted.get(notes.get((person, after), 0), 0.0)))
    return count


def table(rows):
    # type: (List[Tuple[Text, ...]]) -> Text
    """Rows of texts, the first one the heading, as a Markdown table."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ['| %s |' % ' | '.join(cell.ljust(width) for cell, width in zip(row, widths))
             for row in rows]
    lines.insert(1, '| %s |' % ' | '.join('-' * width for width in widths))
    return '\n'.join(lines)
