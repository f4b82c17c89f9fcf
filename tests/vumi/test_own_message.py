"""Our own messages, which Python 3 has, are Vumi's: the same values, refusals and JSON."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from datetime import datetime

import pytest
import vumi.errors
import vumi.message
import vumi.transports.failures
from hypothesis import given
from hypothesis import strategies as st

from tests.bus.samples import EVENT, INBOUND, encoded
from vumi_snappy.vumi.own import message as own

OF_ALL = {'message_version': '20110921', 'timestamp': '2014-11-14 21:33:00.123456',
          'routing_metadata': {}, 'helper_metadata': {}}
STATUS = dict(OF_ALL, message_type='status_event', component='bus', status='down', type='lost',
              message='It is away.', reasons=['a'], details={'a': 1})
FAILURE = dict(OF_ALL, message_type='failure_message', message='{}', failure_code='permanent',
               reason='It is broken.')
KINDS = [
    (vumi.message.TransportUserMessage, own.TransportUserMessage, INBOUND),
    (vumi.message.TransportEvent, own.TransportEvent, EVENT),
    (vumi.message.TransportStatus, own.TransportStatus, STATUS),
    (vumi.transports.failures.FailureMessage, own.FailureMessage, FAILURE),
    (vumi.message.Message, own.Message, {}),
]
#: Names that a field can have, of whatever class.
NAMES = st.sampled_from(sorted(
    {name for _, _, fields in KINDS for name in fields} | {'nack_reason', 'delivery_status'}))
WORDS = st.sampled_from([
    'ack', 'nack', 'delivery_report', 'delivered', 'failed', 'pending', 'new', 'resume', 'close',
    'none', 'ok', 'degraded', 'down', '20110921', 'default'])
DATES = st.datetimes(min_value=datetime(1900, 1, 1)).map(vumi.message.format_vumi_date) | (
    st.from_regex(r'\A[0-9]{4}-[0-9]{1,2}-[ 0-9]?[0-9] [0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?\Z')
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | WORDS | DATES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner,
                                                                max_size=3),
    max_leaves=6)


def outcome(make):
    """What comes of it: the fields and their JSON, or the name and the words of a refusal."""
    try:
        message = make()
    except (vumi.errors.VumiError, own.InvalidMessageField, own.MissingMessageField) as refusal:
        return type(refusal).__name__, refusal.args
    except TypeError:  # looked up among values that it can be none of
        return TypeError.__name__
    try:
        written = message.to_json()
    except ValueError:  # a year that Python 2 can not write
        written = None
    # In which order fields are written depends on how their dict was filled.
    return json.dumps(message.payload, sort_keys=True, default=repr), written and sorted(written)


@given(st.sampled_from(KINDS), st.dictionaries(NAMES | st.text(), JSON, max_size=4),
       st.sets(NAMES, max_size=3))
def test_what_is_read_is_the_same_or_refused_in_the_same_words(kind, changes, missing):
    of_vumi, ours, template = kind
    fields = dict(template, **changes)
    body = encoded({name: value for name, value in fields.items() if name not in missing})
    assert outcome(lambda: ours.from_json(body)) == outcome(lambda: of_vumi.from_json(body))


@given(st.sampled_from(KINDS), st.dictionaries(NAMES, JSON | st.datetimes(datetime(1900, 1, 1)),
                                               max_size=4), st.sets(NAMES, max_size=8))
def test_what_is_made_has_the_same_fields_filled_in(kind, changes, missing):
    of_vumi, ours, template = kind
    fields = dict(template, **changes)
    # These would be new each time.
    kept = {str(name): value for name, value in fields.items()
            if name not in missing or name in ('timestamp', 'message_id', 'event_id')}
    assert outcome(lambda: ours(**kept)) == outcome(lambda: of_vumi(**kept))


@pytest.mark.parametrize('of_vumi, ours, template', KINDS[:3])
def test_what_is_new_each_time_is_of_the_same_form(of_vumi, ours, template):
    fields = {str(name): value for name, value in template.items()
              if name not in ('timestamp', 'message_id', 'event_id')}
    messages = [each(**fields) for each in (of_vumi, ours)]
    for name in ('message_id', 'event_id'):
        assert len({(type(each.get(name)), len(each.get(name, ''))) for each in messages}) == 1
    assert abs(messages[0]['timestamp'] - messages[1]['timestamp']).total_seconds() < 60


@given(st.text() | DATES)
def test_dates_are_read_alike(text):
    def read(parse):
        try:
            return parse(text)
        except (ValueError, TypeError):
            return None
    assert read(own.parse_vumi_date) == read(vumi.message.parse_vumi_date)


@pytest.mark.parametrize('routing', [
    {}, {'endpoint_name': None}, {'endpoint_name': ''}, {'endpoint_name': 'sms'}, Ellipsis])
@pytest.mark.parametrize('name', [None, 'ussd'])
def test_endpoints_are_named_alike(routing, name):
    body = encoded(dict(INBOUND, routing_metadata=routing))
    messages = [each.from_json(body) for each in (
        vumi.message.TransportUserMessage, own.TransportUserMessage)]
    assert messages[0].get_routing_endpoint() == messages[1].get_routing_endpoint()
    for each in messages:
        each.set_routing_endpoint(name)
    assert messages[0].payload == messages[1].payload


@pytest.mark.parametrize('event_type', ['ack', 'nack', 'delivery_report'])
def test_events_are_told_alike(event_type):
    body = encoded(dict(EVENT, event_type=event_type, nack_reason='no', delivery_status='failed'))
    assert (own.TransportEvent.from_json(body).status()
            == vumi.message.TransportEvent.from_json(body).status())


def test_a_body_that_is_no_object_is_refused():
    for body in (b'', b'x', b'[]', b'3'):
        for kind in (vumi.message.Message, own.Message):
            with pytest.raises((ValueError, AttributeError)):
                kind.from_json(body)


def test_json_that_was_written_is_json():
    message = own.TransportUserMessage.from_json(encoded(dict(INBOUND, content='\u00e9\ud800')))
    assert json.loads(message.to_json().decode('ascii'))['content'] == '\u00e9\ud800'
