"""A body is a Vumi message that the handlers can rely on, or its fault has a name."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bus.samples import EVENT, INBOUND, body, encoded
from vumi_snappy.bus import Malformed
from vumi_snappy.bus.bodies import parse
from vumi_snappy.vumi.message import (
    Message, TransportEvent, TransportUserMessage, format_vumi_date, parse_vumi_date)


def reason(message_class, raw):
    with pytest.raises(Malformed) as caught:
        parse(message_class, raw)
    return caught.value.reason


def test_a_transports_message_arrives_as_it_was_sent():
    message = parse(TransportUserMessage, body(INBOUND))
    assert message['content'] == 'My airtime is gone'
    assert message['timestamp'] == datetime(2014, 11, 14, 21, 33, 0, 123456)
    assert TransportUserMessage.from_json(message.to_json()) == message


@pytest.mark.parametrize('text', ['2014-01-01 10:00:00', '2014-01-01 10:00:00.5'])
def test_a_persons_text_that_looks_like_a_date_stays_text(text):
    assert isinstance(TransportUserMessage.from_json(body(INBOUND, content=text))['content'],
                      datetime), 'stock Vumi no longer does what this guards against'
    message = parse(TransportUserMessage, body(INBOUND, content=text, helper_metadata={'a': text}))
    assert message['content'] == text
    assert message['helper_metadata'] == {'a': text}


@pytest.mark.parametrize('raw, words', [
    (b'', 'not JSON'),
    (b'hello', 'not JSON'),
    (b'\xff\xfe{}', 'not JSON'),
    (b'{"content": NaN}', 'not JSON'),
    (b'[' * 100000, 'not JSON'),
    (b'[]', 'not a JSON object'),
    (b'"text"', 'not a JSON object'),
    (b'null', 'not a JSON object'),
])
def test_what_is_not_a_json_object_is_malformed(raw, words):
    assert words in reason(TransportUserMessage, raw)


@pytest.mark.parametrize('field', [
    'message_id', 'from_addr', 'to_addr', 'content', 'transport_metadata', 'timestamp',
    'message_version', 'message_type', 'in_reply_to', 'session_event', 'transport_name',
    'transport_type'])
def test_a_message_that_lacks_a_field_is_malformed(field):
    assert reason(TransportUserMessage, body(INBOUND, **{field: Ellipsis})) == (
        'the field %s is missing' % (field,))


@pytest.mark.parametrize('field, value, kind', [
    ('content', 1.5, 'a number'), ('content', {}, 'an object'), ('content', True, 'true or false'),
    ('from_addr', None, 'null'), ('from_addr', 27820001001.5, 'a number'),
    ('message_id', '', 'empty'), ('message_id', [], 'a list'),
    ('transport_metadata', 'x', 'text'), ('helper_metadata', 'x', 'text'),
    ('routing_metadata', [], 'a list'), ('session_event', [], 'a list'),
    ('routing_metadata', {'endpoint_name': {}}, 'an object'),
])
def test_a_field_of_another_type_is_named_without_its_value(field, value, kind):
    said = reason(TransportUserMessage, body(INBOUND, **{field: value}))
    assert field in said and kind in said
    assert '27820001001' not in said


@given(st.datetimes(min_value=datetime(1900, 1, 1)), st.booleans())
def test_a_timestamp_is_read_as_vumi_reads_it(moment, whole):
    written = format_vumi_date(moment.replace(microsecond=0) if whole else moment)
    written = written.partition('.')[0] if whole else written
    message = parse(TransportUserMessage, body(INBOUND, timestamp=written))
    assert message['timestamp'] == parse_vumi_date(written)


@pytest.mark.parametrize('timestamp', [
    'yesterday', '2014-11-14T21:33:00Z', '', '0001-01-01 00:00:00', 1416000000])
def test_a_timestamp_must_be_one_that_vumi_can_write_again(timestamp):
    assert 'timestamp' in reason(TransportUserMessage, body(INBOUND, timestamp=timestamp))


def test_a_session_event_that_vumi_does_not_know_is_malformed_and_not_quoted():
    said = reason(TransportUserMessage, body(INBOUND, session_event='private words'))
    assert said == 'the field session_event is not valid'


@pytest.mark.parametrize('name', ['self', '_process_fields'])
def test_a_field_that_vumis_constructor_cannot_take_is_malformed(name):
    assert name in reason(TransportUserMessage, body(INBOUND, **{name: 1}))


def test_older_messages_may_lack_what_vumi_fills_in():
    message = parse(TransportUserMessage, body(
        INBOUND, group=Ellipsis, provider=Ellipsis, helper_metadata=Ellipsis,
        routing_metadata=Ellipsis))
    assert message['helper_metadata'] == {} and message.get_routing_endpoint() == 'default'


def test_events_arrive_and_unknown_ones_are_malformed():
    assert parse(TransportEvent, body(EVENT))['user_message_id'] == 'cb8b3ae9'
    assert parse(TransportEvent, body(
        EVENT, event_type='delivery_report', delivery_status='delivered')).status() == (
            'delivery_report.delivered')
    for changes, field in (
            ({'event_type': 'eaten'}, 'event_type'), ({'event_type': []}, 'event_type'),
            ({'user_message_id': Ellipsis}, 'user_message_id'),
            ({'event_type': 'delivery_report'}, 'delivery_status'),
            ({'event_type': 'delivery_report', 'delivery_status': {}}, 'delivery_status'),
            ({'event_type': 'delivery_report', 'delivery_status': 'eaten'}, 'delivery_status'),
            ({'event_type': 'nack', 'nack_reason': None}, 'nack_reason')):
        assert field in reason(TransportEvent, body(EVENT, **changes))


@pytest.mark.parametrize('event_type, told', [
    ('ack', {'sent_message_id': 'smsc-1'}), ('nack', {'nack_reason': 'no credit'}),
    ('delivery_report', {'delivery_status': 'delivered'})])
@pytest.mark.parametrize('transport_metadata', [None, {}])
def test_vumi2_writes_null_for_what_it_has_nothing_to_say_of(event_type, told, transport_metadata):
    fields = dict(EVENT, sent_message_id=None, nack_reason=None, delivery_status=None,
                  transport_metadata=transport_metadata, event_type=event_type)
    del fields['transport_name'], fields['transport_type']
    fields.update(told)
    event = parse(TransportEvent, encoded(fields))
    assert (event['event_type'], event['user_message_id']) == (event_type, 'cb8b3ae9')


def test_metadata_that_are_null_are_empty():
    message = parse(TransportUserMessage, body(
        INBOUND, transport_metadata=None, helper_metadata=None, routing_metadata=None))
    assert message['transport_metadata'] == message['helper_metadata'] == {}
    assert message.get_routing_endpoint() == 'default'


def test_addresses_and_texts_that_were_written_as_numbers_are_texts():
    message = parse(TransportUserMessage, body(
        INBOUND, from_addr=27820001001, to_addr=12345, content=7, message_id=4711))
    assert [message[name] for name in ('from_addr', 'to_addr', 'content', 'message_id')] == [
        '27820001001', '12345', '7', '4711']


#: A value of each kind that JSON has.
KINDS = {'null': None, 'text': 'x', 'empty': '', 'number': 7, 'float': 1.5, 'bool': True,
         'list': [1], 'object': {'a': 1}, 'absent': Ellipsis}

#: What Vumi's class takes of a person's message and we do not, as it could not be answered, or not
#: be told to an agent, or would break a middleware: it goes to the failures queue.
NOT_TAKEN = {
    'content': ('float', 'bool', 'list', 'object'),
    'from_addr': ('null', 'float', 'bool', 'list', 'object'),
    'to_addr': ('float', 'bool', 'list', 'object'),
    'message_id': ('null', 'empty', 'float', 'bool', 'list', 'object'),
    'transport_name': ('number', 'float', 'bool', 'list', 'object'),
    'transport_type': ('number', 'float', 'bool', 'list', 'object'),
    'transport_metadata': ('text', 'empty', 'number', 'float', 'bool', 'list'),
    'helper_metadata': ('text', 'empty', 'number', 'float', 'bool', 'list'),
    'routing_metadata': ('text', 'empty', 'number', 'float', 'bool', 'list'),
    'timestamp': ('null', 'text', 'empty', 'number', 'float', 'bool', 'list', 'object')}


def vumi_takes(message_class, raw):
    try:
        message_class.from_json(raw)
    except Exception:
        return False
    return True


@pytest.mark.parametrize('kind', sorted(KINDS))
@pytest.mark.parametrize('message_class, template, exceptions', [
    (TransportUserMessage, INBOUND, NOT_TAKEN), (TransportEvent, EVENT, {})])
def test_whatever_vumis_own_class_takes_is_taken_field_by_field(
        message_class, template, exceptions, kind):
    for field in sorted(template) + ['delivery_status', 'nack_reason', 'something_else']:
        raw = body(template, **{field: KINDS[kind]})
        expected = vumi_takes(message_class, raw) and kind not in exceptions.get(field, ())
        try:
            parse(message_class, raw)
        except Malformed as error:
            assert not expected, (field, error.reason)
        else:
            assert expected, field


def test_any_other_message_class_is_parsed_as_far_as_it_goes():
    assert parse(Message, b'{"any": 1}')['any'] == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6)


@given(st.sampled_from([(TransportUserMessage, INBOUND), (TransportEvent, EVENT)]), st.data())
def test_whatever_stands_in_a_field_the_body_is_parsed_or_malformed(kind, data):
    message_class, template = kind
    changes = data.draw(st.dictionaries(
        st.sampled_from(sorted(template)) | st.text(), JSON | st.just(Ellipsis), max_size=4))
    fields = dict(template)
    fields.update(changes)
    try:
        message = parse(message_class, encoded(fields))
    except Malformed as error:
        assert error.reason
    else:
        message.get_routing_endpoint()
        json.loads(message.to_json())


@given(st.sampled_from(['ack', 'nack', 'delivery_report']), st.dictionaries(
    st.sampled_from(sorted(EVENT) + ['nack_reason', 'delivery_status']), JSON, max_size=5))
def test_an_event_that_vumis_own_class_takes_is_taken(event_type, changes):
    fields = dict(EVENT, event_type=event_type, nack_reason='no', delivery_status='failed')
    fields.update(changes)
    raw = encoded(fields)
    if 'NaN' in raw.decode('utf-8') or 'Infinity' in raw.decode('utf-8'):
        return  # no JSON
    if re.search(br'[0-9]{20}', raw):
        return  # a number that is too long
    if vumi_takes(TransportEvent, raw):
        event = parse(TransportEvent, raw)
        assert event.status() == TransportEvent.from_json(raw).status()
        assert event['user_message_id'] == fields['user_message_id']
        event.get_routing_endpoint()


@given(st.binary())
def test_no_bytes_raise_anything_but_malformed(raw):
    with pytest.raises(Malformed):
        parse(TransportUserMessage, raw)
