"""The fault report's judgement: each kind of harm is noticed, and nothing else is."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest

from tools.faults.verdict import judge_messages, judge_replies
from tools.faults.wire import Received


def ticket(number, person, *contents):
    return {'id': number, 'contacts': [{'value': '2782%07d@sms.example.org' % (person,)}],
            'notes': [{'content': content, 'created_by_staff_id': None}
                      for content in reversed(contents)]}


@pytest.mark.parametrize('notes, told', [
    (['p1 m0.', '[2014-11-14 21:20 UTC]\np1 m1.\n\n[2014-11-14 21:21 UTC]\np1 m2.'], ''),
    (['p1 m0.', 'p1 m2.'], 'lost'),
    (['p1 m0.', 'p1 m1.', 'p1 m1.', 'p1 m2.'], 'duplicated'),
    (['p1 m1.', 'p1 m0.', 'p1 m2.'], 'out_of_order'),
    (['p1 m0.', 'p1 m1.', 'p1 m2.', 'p2 m0.'], 'to_the_wrong_person'),
])
def test_each_kind_of_harm_to_messages_is_noticed(notes, told):
    count = judge_messages({1: 3}, [ticket(7, 1, *notes)])
    found = [name for name in ('lost', 'duplicated', 'out_of_order', 'to_the_wrong_person')
             if getattr(count, name)]
    assert found == ([told] if told else [])
    assert count.fine == (not told)


def test_tickets_are_read_in_the_order_in_which_they_were_opened():
    count = judge_messages({1: 2}, [ticket(8, 1, 'p1 m1.'), ticket(7, 1, 'p1 m0.')])
    assert count.fine


def delivered(note, began, accepted):
    return {'event': 'message.outgoing', 'note': note, 'began': began, 'accepted': accepted}


@pytest.mark.parametrize('received, told', [
    (['r0', 'r1'], ''),
    (['r0'], 'lost'),
    (['r0', 'r0', 'r1'], 'duplicated'),
    (['r1', 'r0'], 'out_of_order'),
])
def test_each_kind_of_harm_to_replies_is_noticed(received, told):
    count = judge_replies(
        {1: 2}, [Received(name, '+27820000001', 'p1 %s.' % (name,), False) for name in received],
        {(1, 0): 10, (1, 1): 11}, [delivered(10, 1.0, 2.0), delivered(11, 3.0, 4.0)])
    found = [name for name in ('lost', 'duplicated', 'out_of_order', 'to_the_wrong_person')
             if getattr(count, name)]
    assert found == ([told] if told else [])


def test_a_reply_whose_webhook_came_late_may_be_overtaken():
    received = [Received(name, '+27820000001', 'p1 %s.' % (name,), False) for name in ('r1', 'r0')]
    count = judge_replies({1: 2}, received, {(1, 0): 10, (1, 1): 11},
                          [delivered(10, 1.0, 9.0), delivered(11, 3.0, 4.0)])
    assert count.fine


def test_what_the_broker_brings_again_is_no_second_reply():
    received = [Received('a', '+27820000001', 'p1 r0.', False),
                Received('a', '+27820000001', 'p1 r0.', True)]
    assert judge_replies({1: 1}, received, {}, []).fine


def test_a_reply_on_the_wrong_phone_is_noticed():
    received = [Received('a', '+27820000002', 'p1 r0.', False)]
    assert judge_replies({1: 1}, received, {}, []).to_the_wrong_person == 1
