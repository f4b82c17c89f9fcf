"""The broker is told, in AMQP's own words, who we are and what we can take."""
from __future__ import absolute_import, division, print_function, unicode_literals

from io import BytesIO

import pytest
import six
from txamqp.codec import Codec

from tests.bus.samples import SPECIFICATIONS
from vumi_snappy.bus.handshake import START_OK, StartOk, client_properties
from vumi_snappy.bus.specification import load


@pytest.mark.parametrize('specfile', SPECIFICATIONS)
def test_the_answer_to_the_brokers_start_is_what_amqp_asks_for(specfile):
    method = load(specfile).parse_method('connection.start-ok')
    assert (method.klass.id, method.id) == START_OK
    payload = StartOk(client_properties('Gr\xfcezi at host'), 'AMQPLAIN',
                      {'LOGIN': 'vumi', 'PASSWORD': 'sesam'}, 'en_US')
    stream = BytesIO()
    payload.encode(Codec(stream))
    whole = Codec(BytesIO(stream.getvalue()))
    frame = Codec(BytesIO(whole.decode_longbytes()))
    assert (frame.decode_short(), frame.decode_short()) == START_OK
    properties = frame.decode_table()
    assert six.ensure_text(properties['connection_name']) == 'Gr\xfcezi at host'
    assert properties['capabilities'] == {
        'authentication_failure_close': True, 'consumer_cancel_notify': True}
    assert frame.decode_shortstr() == 'AMQPLAIN'
    assert frame.decode_table() == {'LOGIN': 'vumi', 'PASSWORD': 'sesam'}
    assert frame.decode_shortstr() == 'en_US'
