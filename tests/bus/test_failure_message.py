"""The failures queue gets the whole body and the reason; logs and reasons get no values."""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import json

from hypothesis import given
from hypothesis import strategies as st
from twisted.python.failure import Failure

from vumi_snappy.bus.failure_message import failure_body, summary
from vumi_snappy.vumi.message import FailureMessage


@given(st.binary())
def test_any_body_can_be_had_back_whole(raw):
    entry = json.loads(failure_body(raw, 'why', 'snappy.inbound'))
    if entry['message_encoding'] == 'base64':
        assert base64.b64decode(entry['message']) == raw
    else:
        assert entry['message'].encode('utf-8') == raw


def test_an_entry_says_why_whence_and_when_in_the_shape_of_vumis_own_failures():
    raw = failure_body(b'{"content": 1}', 'the field content is a number', 'snappy.inbound')
    entry = FailureMessage.from_json(raw)
    assert entry['message'] == '{"content": 1}'
    assert entry['failure_code'] == 'permanent'
    assert (entry['reason'], entry['queue']) == (
        'the field content is a number', 'snappy.inbound')
    assert entry['timestamp'].year >= 2014


def test_a_traceback_keeps_places_and_the_errors_type_but_no_values():
    def digest(text):
        raise KeyError(text)
    try:
        digest('My number is +27820001001')
    except KeyError:
        frames = summary(Failure())
    assert frames[-1] == 'KeyError'
    assert any(frame.startswith('bus/test_failure_message.py:') and 'digest' in frame
               for frame in frames)
    assert '27820001001' not in ' '.join(frames)
