"""How replies leave is one value for all, or one by transport type, and mistakes are told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from tests.config.test_config import config, errors
from vumi_snappy.outbound.reply_rules import LongReply


def test_without_a_word_replies_of_any_length_are_sent_as_one_message():
    rules = config().reply_rules
    assert rules.max_segments == {'default': 0}
    assert rules.long_replies == {'default': LongReply.SPLIT}
    assert (rules.max_parts, rules.fold) == (5, False)


def test_one_value_is_for_every_transport_type():
    rules = config(max_reply_segments=3, long_replies='refuse').reply_rules
    assert rules.max_segments == {'default': 3}
    assert rules.long_replies == {'default': LongReply.REFUSE}


def test_a_dict_says_it_by_transport_type_and_the_rest_stays_at_the_default():
    rules = config(max_reply_segments={'sms': 2}, long_replies={'ussd': 'refuse'},
                   max_reply_parts=9, fold_typography=True).reply_rules
    assert rules.max_segments == {'default': 0, 'sms': 2}
    assert rules.long_replies == {'default': LongReply.SPLIT, 'ussd': LongReply.REFUSE}
    assert (rules.max_parts, rules.fold) == (9, True)


@pytest.mark.parametrize('options, said', [
    ({'max_reply_segments': -1}, 'must be a whole number from 0 to 255'),
    ({'max_reply_segments': True}, 'must be a whole number from 0 to 255'),
    ({'max_reply_segments': {'sms': 'many'}}, 'must be a whole number from 0 to 255'),
    ({'max_reply_segments': {7: 1}}, 'must have names of transport types'),
    ({'long_replies': 'shorten'}, 'must be "split" or "refuse"'),
    ({'long_replies': {'sms': None}}, 'must be "split" or "refuse"'),
    ({'max_reply_parts': 0}, 'must be from 1 to 99'),
    ({'max_reply_parts': 2.5}, "'max_reply_parts' must be a whole number"),
])
def test_what_makes_no_sense_is_told(options, said):
    assert said in errors(**options)
    assert list(options)[0] in errors(**options)


def test_how_long_and_where_to_replies_go():
    routes = config(reply_to_within={'sms': 60}, reply_endpoints={'ussd': 'sms'}, send_to={
        'sms': {'transport_type': 'sms', 'from_addr': '12345'}}).reply_rules.routes
    assert routes.reply_to_within == {'default': 86400.0, 'ussd': 120.0, 'sms': 60.0}
    assert routes.endpoints == {'ussd': 'sms'}
    assert routes.send_to == {'sms': {'transport_type': 'sms', 'from_addr': '12345'}}
    assert config(reply_to_within=60).reply_rules.routes.reply_to_within == {'default': 60.0}


@pytest.mark.parametrize('options, said', [
    ({'reply_to_within': -1}, 'must be a number of seconds from 0'),
    ({'reply_to_within': {'sms': 'soon'}}, 'must be a number of seconds from 0'),
    ({'reply_endpoints': {'ussd': ''}}, 'must name an endpoint for each transport type'),
    ({'reply_endpoints': {'ussd': ['sms']}}, 'must name an endpoint for each transport type'),
    ({'reply_endpoints': 'sms'}, "Field 'reply_endpoints'"),
    ({'send_to': {'sms': {'to_addr': '+27829999999'}}}, "Field 'send_to' takes"),
    ({'send_to': {'sms': 'sms_transport'}}, "Field 'send_to' takes"),
    ({'delivered_notice': True}, "'delivered_notice' needs 'snappy_staff_id'"),
    ({'ack_timeout': -1}, "'ack_timeout' must be from 0"),
])
def test_what_makes_no_sense_about_where_and_when_is_told(options, said):
    assert said in errors(**options)


def test_silence_of_a_transport_is_noticed_unless_it_is_switched_off():
    assert config().ack_timeout == 86400
    assert config(ack_timeout=0).ack_timeout == 0


def test_what_is_cut_from_a_reply_is_a_line_of_ones_own_choice():
    assert config().reply_rules.cut_marker == ''
    assert config(reply_cut_marker='-- ').reply_rules.cut_marker == '-- '
