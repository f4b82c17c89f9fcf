"""Bodies as they are on the bus."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import six

INBOUND = {
    'message_version': '20110921', 'message_type': 'user_message',
    'timestamp': '2014-11-14 21:33:00.123456', 'routing_metadata': {}, 'helper_metadata': {},
    'message_id': 'cb8b3ae93f784e4d9fa2f8ab9c2e1d70', 'in_reply_to': None, 'provider': 'MTN',
    'session_event': None, 'content': 'My airtime is gone', 'transport_metadata': {},
    'group': None, 'to_addr': '12345', 'from_addr': '+27820001001', 'from_addr_type': 'msisdn',
    'to_addr_type': None, 'transport_name': 'sms_transport', 'transport_type': 'sms',
}

EVENT = {
    'message_version': '20110921', 'message_type': 'event',
    'timestamp': '2014-11-14 21:33:00.123456', 'routing_metadata': {}, 'helper_metadata': {},
    'event_id': '5d2f0a5e', 'event_type': 'ack', 'user_message_id': 'cb8b3ae9',
    'sent_message_id': 'smsc-1', 'transport_name': 'sms_transport', 'transport_type': 'sms',
    'transport_metadata': {},
}


def body(template, **changes):
    """The JSON of a message; a change to `Ellipsis` leaves the field out."""
    return encoded(dict(template, **changes))


def encoded(fields):
    """The JSON of `fields`, without those that are `Ellipsis`."""
    return json.dumps(
        dict((key, value) for key, value in fields.items() if value is not Ellipsis),
    ).encode('utf-8')


#: Of AMQP, that are there: on Python 3 no older one than RabbitMQ 4 speaks.
SPECIFICATIONS = ['amqp-spec-%s.xml' % (version,) for version in (
    ('0-8', '0-9', '0-9-1') if six.PY2 else ('0-9-1',))]
