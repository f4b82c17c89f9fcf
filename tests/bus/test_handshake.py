"""The broker is told, in AMQP's own words, who we are and what we can take."""
from __future__ import absolute_import, division, print_function, unicode_literals

from io import BytesIO

import attr
import pytest
import six
from twisted.internet.defer import DeferredQueue
from txamqp.codec import Codec

from tests.bus.samples import SPECIFICATIONS
from vumi_snappy.bus.handshake import answer_start
from vumi_snappy.bus.specification import load


@attr.s
class Client(object):
    """txAMQP's client, as far as it knows what it logs in with."""

    spec = attr.ib()
    mechanism, locale = 'AMQPLAIN', 'en_US'
    response = {'LOGIN': 'vumi', 'PASSWORD': 'S\xe9same'}


@attr.s
class Channel(object):
    client = attr.ib()
    outgoing = attr.ib(factory=DeferredQueue)
    id = 0


@pytest.mark.parametrize('specfile', SPECIFICATIONS)
def test_the_answer_to_the_brokers_start_is_what_amqp_asks_for(specfile):
    channel = Channel(Client(load(specfile)))
    answer_start(channel, 'Gr\xfcezi at host')
    [frame] = channel.outgoing.pending
    stream = BytesIO()
    frame.payload.encode(Codec(stream))
    whole = Codec(BytesIO(stream.getvalue()))
    frame = Codec(BytesIO(whole.decode_longbytes()))
    assert (frame.decode_short(), frame.decode_short()) == (10, 11)
    properties = frame.decode_table()
    assert six.ensure_text(properties['connection_name']) == 'Gr\xfcezi at host'
    assert properties['capabilities'] == {
        'authentication_failure_close': True, 'consumer_cancel_notify': True}
    assert frame.decode_shortstr() == 'AMQPLAIN'
    login = {name: six.ensure_text(value) for name, value in frame.decode_table().items()}
    assert login == {'LOGIN': 'vumi', 'PASSWORD': 'S\xe9same'}
    assert frame.decode_shortstr() == 'en_US'
