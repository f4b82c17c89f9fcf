"""Frames of deliveries are read as txAMQP reads them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from txamqp.connection import Body, Frame, Header, Method
from txamqp.protocol import FrameReceiver

from tests.bus.samples import SPECIFICATIONS
from vumi_snappy.bus.frames import Arriving, delivers, unpack
from vumi_snappy.bus.specification import load

SPECS = [load(name) for name in SPECIFICATIONS]
NAMES = st.text(alphabet='abcXYZ019.-_', max_size=60)


def packed(spec, payload, channel=3):
    return FrameReceiver(spec)._pack_frame(Frame(channel, payload))


@given(st.sampled_from(SPECS), NAMES, st.integers(0, 2 ** 64 - 1), st.booleans(), NAMES, NAMES)
def test_a_deliverys_first_frame_says_what_txamqp_reads_in_it(
        spec, consumer, tag, redelivered, exchange, key):
    deliver = spec.classes.byid[60].methods.byid[60]
    raw = packed(spec, Method(deliver, consumer, tag, redelivered, exchange, key))
    ours, txamqps = unpack(spec, raw), FrameReceiver(spec)._unpack_frame(raw)
    assert (ours.channel, ours.payload.method) == (3, deliver)
    assert ours.payload.args == txamqps.payload.args == (
        consumer, tag, redelivered, exchange, key)
    assert delivers(ours.payload) and not delivers(Body(b''))


@given(st.binary(max_size=200))
def test_a_body_is_the_bytes_that_it_is(raw):
    frame = b'\x03\x00\x07' + struct.pack(str('>I'), len(raw)) + raw + b'\xce'
    assert unpack(SPECS[0], frame).payload.content == raw


@pytest.mark.parametrize('raw', [b'\x01\x00\x01\x00\x00\x00\x04\x00\x3c\x00\x50\xce',
                                 b'\x08\x00\x00\x00\x00\x00\x00\xce',
                                 b'\x03\x00\x07\x00\x00\x00\x01a\x00'])
def test_everything_else_and_what_does_not_end_as_a_frame_is_left_to_txamqp(raw):
    assert unpack(SPECS[0], raw) is None


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5))
def test_a_message_is_there_with_the_last_of_its_frames_and_not_before(pieces):
    spec = SPECS[0]
    deliver = spec.classes.byid[60].methods.byid[60]
    arriving = Arriving(Method(deliver, 'ctag', 9, False, 'vumi', 'key'))
    parts = [Header(spec.classes.byid[60], 0, sum(map(len, pieces)))] + [
        Body(each) for each in pieces]
    said = [arriving.add(each) for each in parts]
    assert said[:-1] == [None] * len(pieces)
    assert said[-1].content.body == b''.join(pieces)
    assert (said[-1].delivery_tag, said[-1].consumer_tag) == (9, 'ctag')
