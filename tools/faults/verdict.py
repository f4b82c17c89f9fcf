"""Compare input and output."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Callable, Dict, List, Sequence, Set, Text, Tuple  # noqa: F401

import attr

from tools.faults.traffic import person_of

_MESSAGE = re.compile(r'p(\d+) m(\d+)\.')
_REPLY = re.compile(r'^p(\d+) r(\d+)\.$')
_QUOTED = re.compile(r'p(\d+) r(\d+)\.')
#: The phase of an unknown text.
_NOBODY = 'nobody knows'
#: The end of the line about a lost text.
LOST = ' is lost'


@attr.s
class Count(object):
    """Outcomes of texts."""

    sent = attr.ib(default=0)  # type: int
    lost = attr.ib(default=0)  # type: int
    duplicated = attr.ib(default=0)  # type: int
    out_of_order = attr.ib(default=0)  # type: int
    to_the_wrong_person = attr.ib(default=0)  # type: int

    @property
    def fine(self):
        # type: () -> bool
        """Whether all arrived once, in order, at the right person."""
        return not (self.lost or self.duplicated or self.out_of_order
                    or self.to_the_wrong_person)


@attr.s
class Tally(object):
    """The counts of one direction, for each phase in which texts were sent."""

    phases = attr.ib(factory=dict)  # type: Dict[Text, Count]
    #: A line for each error.
    wrong = attr.ib(factory=list)  # type: List[Text]

    def of(self, phase):
        # type: (Text) -> Count
        """The count of a phase."""
        return self.phases.setdefault(phase, Count())

    @property
    def total(self):
        # type: () -> Count
        """All phases together."""
        return Count(*[sum(column) for column in zip(
            *[attr.astuple(each) for each in self.phases.values()] or [(0,) * 5])])

    def misled(self, what):
        # type: (Text) -> None
        """Count a text at the wrong person."""
        self.of(_NOBODY).to_the_wrong_person += 1
        self.wrong.append('%s is at the wrong person' % (what,))

    def judge(self, name, sent, arrived, overtook):
        # type: (Text, List[Text], List[int], Callable[[int, int], bool]) -> None
        """Count one person's texts, each called `name` and its number.

        `sent`: the phase of each; `arrived`: their numbers, in the order of arrival;
        `overtook(first, second)`: whether `first` should not have arrived before `second`.
        """
        for phase in sent:
            self.of(phase).sent += 1
        first, seen = [], set()  # type: List[int], Set[int]
        for number in arrived:
            if not 0 <= number < len(sent):
                self.misled('%s%d' % (name, number))
            elif number in seen:
                self.of(sent[number]).duplicated += 1
                self.wrong.append('%s%d came twice' % (name, number))
            else:
                if any(overtook(before, number) for before in first):
                    self.of(sent[number]).out_of_order += 1
                    self.wrong.append('%s%d came late: %s' % (
                        name, number, ' '.join('%d' % each for each in first[-3:])))
                first.append(number)
                seen.add(number)
        for number in set(range(len(sent))) - seen:
            self.of(sent[number]).lost += 1
            self.wrong.append('%s%d%s' % (name, number, LOST))


def judge_messages(said, tickets):
    # type: (Dict[int, List[Text]], List[Dict[Text, Any]]) -> Tally
    """`said`: person -> the phase of each message; `tickets`: of the stand-in, each with its
    notes, newest first.  A person's tickets are read in the order in which they were opened.
    """
    tally = Tally()
    arrived = {}  # type: Dict[int, List[int]]
    for ticket in sorted(tickets, key=lambda each: each['id']):
        owner = person_of(ticket['contacts'][0]['value'])
        for note in reversed(ticket['notes']):
            if note['created_by_staff_id']:
                continue
            for person, number in _numbers(_MESSAGE, note['content']):
                if person != owner:
                    tally.misled('p%d m%d on the ticket of p%d' % (person, number, owner))
                arrived.setdefault(person, []).append(number)
    for person, phases in said.items():
        tally.judge('p%d m' % (person,), phases, arrived.get(person, []),
                    lambda before, number: before > number)
    return tally


def judge_replies(answered, received, notes, deliveries):
    # type: (Dict[int, List[Text]], List[Any], Dict[Tuple[int, int], int], List[Any]) -> Tally
    """`answered`: person -> the phase of each reply; `received`: that of the `Wire`, in order.

    A redelivery by the broker, after it had lost the driver's connection, is no second reply.
    Replies should leave in the order of Snappy's webhooks (`deliveries` of the stand-in; `notes`
    is of `Traffic`): it is an error if a reply whose webhook was accepted before that of another
    was first sent leaves after it.
    """
    began, accepted = {}, {}  # type: Dict[int, float], Dict[int, float]
    for each in deliveries:
        if each['event'] == 'message.outgoing' and each['accepted']:
            note = each['note']
            began[note] = min(each['began'], began.get(note, each['began']))
            accepted[note] = min(each['accepted'], accepted.get(note, each['accepted']))
    tally = Tally()
    arrived = {}  # type: Dict[int, List[int]]
    seen = set()
    for each in received:
        if each.again and each.message_id in seen:
            continue
        seen.add(each.message_id)
        match = _REPLY.match(each.content)
        if match is None or int(match.group(1)) != person_of(each.to_addr):
            tally.misled('"%s" at the phone of p%d' % (each.content, person_of(each.to_addr)))
            continue
        arrived.setdefault(int(match.group(1)), []).append(int(match.group(2)))
    for person, phases in answered.items():
        def overtook(before, number, person=person):
            return (began.get(notes.get((person, before), 0), 0.0)
                    > accepted.get(notes.get((person, number), 0), float('inf')))
        tally.judge('p%d r' % (person,), phases, arrived.get(person, []), overtook)
    return tally


def judge_notices(answered, received, tickets, fate):
    # type: (Dict[int, List[Text]], List[Any], List[Dict[Text, Any]], Callable[[Text], Text]) -> Tally  # noqa: E501
    """The agent gets one notice of each reply that was not delivered, on its ticket."""
    wanted = {pair for each in received if fate(each.content) != 'delivered'
              for pair in _numbers(_REPLY, each.content)}
    tally = Tally()
    arrived = {}  # type: Dict[Tuple[int, int], int]
    for ticket in tickets:
        for note in ticket['notes']:
            if note['scope'] != 'private':
                continue
            for person, number in _numbers(_QUOTED, note['content']):
                what = 'the notice of p%d r%d' % (person, number)
                if (person != person_of(ticket['contacts'][0]['value'])
                        or (person, number) not in wanted):
                    tally.misled(what)
                arrived[person, number] = arrived.get((person, number), 0) + 1
    for person, number in wanted:
        tally.judge('the notice of p%d r%d, copy ' % (person, number),
                    answered[person][number:number + 1], [0] * arrived.get((person, number), 0),
                    lambda *_: False)
    return tally


def _numbers(pattern, text):
    # type: (Any, Text) -> List[Tuple[int, int]]
    return [(int(person), int(number)) for person, number in pattern.findall(text)]


def table(rows):
    # type: (Sequence[Tuple[Text, ...]]) -> Text
    """Rows of texts, the first one the heading, as a Markdown table."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ['| %s |' % ' | '.join(cell.ljust(width) for cell, width in zip(row, widths))
             for row in rows]
    lines.insert(1, '| %s |' % ' | '.join('-' * width for width in widths))
    return '\n'.join(lines)
