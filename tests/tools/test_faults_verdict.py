"""The fault report's judgement: what it calls lost, doubled, out of order and misdirected."""
from __future__ import absolute_import, division, print_function, unicode_literals

import attr
import pytest

from tools.faults.traffic import fate_of, person_of, phone_of
from tools.faults.verdict import (
    Count, Tally, judge_messages, judge_notices, judge_replies, table)
from tools.faults.wire import Received


def ticket(person, *texts, **more):
    """As the stand-in tells of it: its notes newest first."""
    notes = [{'content': text, 'created_by_staff_id': None, 'scope': 'public'} for text in texts]
    notes += [{'content': text, 'created_by_staff_id': 2, 'scope': 'private'}
              for text in more.get('private', ())]
    return {'id': more.get('id', 1001), 'notes': notes[::-1],
            'contacts': [{'value': '%s@sms.example.org' % (phone_of(person).lstrip('+'),)}]}


def received(content, person=1, again=False, message_id=None):
    return Received(message_id or content, phone_of(person), content, again)


def hook(note, began, accepted):
    return {'event': 'message.outgoing', 'note': note, 'began': began, 'accepted': accepted}


#: Messages of the person 1 on tickets -> what is wrong with that, when three were sent.
FOUND = [
    ([ticket(1, 'p1 m0.', 'p1 m1.', 'p1 m2.')], {}),
    ([ticket(1, 'p1 m0.', '[09:12]\np1 m1.\n\n[09:13]\np1 m2.')], {}),
    ([ticket(1, 'p1 m1.', 'p1 m2.', id=1002), ticket(1, 'p1 m0.', id=1001)], {}),
    ([ticket(1, 'p1 m0.', 'p1 m2.')], {'lost': 1}),
    ([ticket(1, 'p1 m0.', 'p1 m1.', 'p1 m1.', 'p1 m2.')], {'duplicated': 1}),
    ([ticket(1, 'p1 m1.', 'p1 m2.', 'p1 m0.')], {'out_of_order': 1}),
    ([ticket(1, 'p1 m0.', 'p1 m1.'), ticket(2, 'p1 m2.', id=1002)], {'to_the_wrong_person': 1}),
    ([], {'lost': 3}),
]


@pytest.mark.parametrize('tickets, wrong', FOUND)
def test_messages_are_read_off_the_tickets(tickets, wrong):
    tally = judge_messages({1: ['Redis killed'] * 3}, tickets)
    assert attr.asdict(tally.total) == dict(attr.asdict(Count(sent=3)), **wrong)
    assert tally.total.fine == (not wrong)
    assert bool(tally.wrong) == bool(wrong)


def test_what_is_lost_is_lost_while_that_was_broken_during_which_it_was_sent():
    tally = judge_messages({1: ['Redis killed', 'Snappy slow']}, [ticket(1, 'p1 m0.')])
    assert tally.of('Redis killed') == Count(sent=1)
    assert tally.of('Snappy slow') == Count(sent=1, lost=1)


def replies(messages, deliveries=(hook(7, 1.0, 2.0), hook(8, 3.0, 4.0))):
    return judge_replies({1: ['', '']}, messages, {(1, 0): 7, (1, 1): 8}, deliveries).total


def test_replies_are_read_off_the_bus():
    assert replies([received('p1 r0.'), received('p1 r1.')]).fine
    assert replies([received('p1 r0.')]).lost == 1
    assert replies([received('p1 r1.'), received('p1 r0.')]).out_of_order == 1
    assert replies([received('p1 r0.'), received('p1 r1.', person=2)]).to_the_wrong_person == 1
    assert replies([received('p1 r0.'), received('garbage')]).to_the_wrong_person == 1


def test_a_reply_published_again_is_a_duplicate_and_one_that_the_broker_brings_again_is_not():
    both = [received('p1 r0.'), received('p1 r1.')]
    assert replies(both + [received('p1 r1.')]).duplicated == 1
    assert replies(both + [received('p1 r1.', again=True)]).duplicated == 0


def test_webhooks_that_overlap_may_be_published_in_either_order():
    overlapping = (hook(7, 1.0, 5.0), hook(8, 3.0, 4.0))
    assert replies([received('p1 r1.'), received('p1 r0.')], overlapping).fine


def test_of_what_was_not_delivered_the_agent_is_told_once():
    assert (fate_of('p1 r3.'), fate_of('p1 r7.'), fate_of('p1 r8.')) == (
        'nack', 'failed', 'delivered')
    answered = {1: [''] * 10}
    got = [received('p1 r%d.' % n) for n in range(10)]
    told = ['Not delivered: "p1 r3."', 'Not delivered: "p1 r7."']

    def notices(texts, person=1):
        return judge_notices(answered, got, [ticket(person, private=texts)], fate_of).total
    assert notices(told) == Count(sent=2)
    assert notices(told[:1]) == Count(sent=2, lost=1)
    assert notices(told + told[:1]) == Count(sent=2, duplicated=1)
    assert notices(told + ['Not delivered: "p1 r4."']).to_the_wrong_person == 1
    assert notices(told, person=2).to_the_wrong_person == 2


def test_a_person_is_known_by_phone_and_by_address():
    assert person_of(phone_of(1000007)) == 1000007
    assert person_of('27821000007@sms.example.org') == 1000007


def test_an_empty_tally_is_a_row_of_zeros():
    assert Tally().total == Count()


def test_the_table_is_markdown():
    assert table([('a', 'bb'), ('ccc', 'd')]) == (
        '| a   | bb |\n| --- | -- |\n| ccc | d  |')
