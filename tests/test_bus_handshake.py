"""The broker is told, in AMQP's own words, who we are and what we can take."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from io import BytesIO

from txamqp.codec import Codec
from vumi.service import get_spec
from vumi.utils import vumi_resource_path

from vumi_snappy.bus.handshake import START_OK, StartOk, client_properties


def test_the_answer_to_the_brokers_start_is_what_amqp_asks_for():
    spec = get_spec(vumi_resource_path('amqp-spec-0-8.xml'))
    method = spec.parse_method('connection.start-ok')
    assert (method.klass.id, method.id) == START_OK
    payload = StartOk(client_properties('Gr\xfcezi at host'), 'AMQPLAIN',
                      {'LOGIN': 'vumi', 'PASSWORD': 'sesam'}, 'en_US')
    stream = BytesIO()
    payload.encode(Codec(stream))
    whole = Codec(BytesIO(stream.getvalue()))
    frame = Codec(BytesIO(whole.decode_longbytes()))
    assert (frame.decode_short(), frame.decode_short()) == START_OK
    properties = frame.decode_table()
    assert properties['connection_name'].decode('utf-8') == 'Gr\xfcezi at host'
    assert properties['capabilities'] == {
        'authentication_failure_close': True, 'consumer_cancel_notify': True}
    assert frame.decode_shortstr() == 'AMQPLAIN'
    assert frame.decode_table() == {'LOGIN': 'vumi', 'PASSWORD': 'sesam'}
    assert frame.decode_shortstr() == 'en_US'
