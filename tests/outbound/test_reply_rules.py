"""A reply is sent as one message, as several, or not at all, by its length and its transport."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.outbound.reply_rules import LongReply, NotSendable, ReplyRules

LONG = 'The clinic is open. ' * 20
RULES = ReplyRules(
    max_segments={'default': 0, 'sms': 1, 'ussd': 1},
    long_replies={'default': LongReply.SPLIT, 'ussd': LongReply.REFUSE}, max_parts=3)


def why(text, transport_type):
    with pytest.raises(NotSendable) as caught:
        RULES.texts(text, transport_type)
    return '%s' % (caught.value,)


def test_without_a_limit_a_reply_is_one_message_however_long():
    assert RULES.texts(LONG, 'xmpp') == [LONG]
    assert RULES.texts(LONG, None) == [LONG]


def test_signature_and_history_are_not_sent_where_a_marker_is_set():
    note = '<p>Come on <b>Monday</b>.</p><p>--</p><p>Thandi, clinic</p>'
    assert ReplyRules(cut_marker='--').text_of(note) == 'Come on Monday.'
    assert 'Thandi' in ReplyRules().text_of(note)
    assert ReplyRules(cut_marker='--').text_of('<p>--</p><p>Thandi</p>') == ''


def test_a_reply_within_the_limit_is_sent_as_it_is():
    assert RULES.texts('x' * 160, 'sms') == ['x' * 160]


def test_a_longer_one_is_split_where_that_is_allowed():
    assert [text[:6] for text in RULES.texts(LONG, 'sms')] == ['(1/3) ', '(2/3) ', '(3/3) ']


def test_and_refused_elsewhere_with_words_that_say_how_much_too_long_it_is():
    assert why('x' * 170, 'ussd') == (
        'it is about 10 characters too long. It needs 2 SMS segments, and 1 SMS segment at most'
        ' may be sent.')


def test_one_that_would_need_too_many_messages_is_refused():
    said = why('The clinic is open. ' * 40, 'sms')
    assert said.startswith('it is about 338 characters too long. It needs 6 SMS segments, and')
    assert said.endswith('3 messages of 1 SMS segment at most may be sent.')


def test_an_agent_is_told_which_characters_made_it_so_long():
    assert why('\u201cSee you\u201d ' * 10, 'ussd') == (
        'it is about 30 characters too long. It needs 2 SMS segments, and 1 SMS segment at most'
        ' may be sent. Characters such as \u201c \u201d make it need more than twice the room.')


def test_folding_comes_before_counting():
    folding = ReplyRules(max_segments={'default': 1}, fold=True,
                         long_replies={'default': LongReply.REFUSE})
    assert folding.texts('It\u2019s ' * 20, 'sms') == ["It's " * 20]
