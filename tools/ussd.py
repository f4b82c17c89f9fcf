"""USSD beside the text messages of a `tools.stack.Stack`, served by the same worker.

The transport is Vumi's for Airtel (`vumi.transports.airtel`, of the HTTP RPC family), unmodified:
the request of a session waits until the reply has come over the bus.  Vumi's own
`RoutingTableDispatcher` joins both transports to the one worker, with an endpoint for each.

    with Stack(worker_config=WORKER) as stack:
        phones = UssdNetwork(stack).start()
        assert phones.dial('+27820001001').say('Help').is_over
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid
from typing import Any, Dict, Text  # noqa: F401

import requests

from tools.ports import answers, free_port
from tools.stack import PATIENCE, READY_WITHIN

#: The connector between the dispatcher and the worker, and its endpoints.
BRIDGE, SMS, USSD = 'bridge', 'sms', 'ussd'
#: Options of a worker that serves both: who wrote by USSD is answered by text message.
WORKER = {
    'transport_name': BRIDGE, 'reply_endpoints': {USSD: SMS},
    'send_to': {SMS: {'transport_type': 'sms', 'from_addr': '12345'}}}  # type: Dict[Text, Any]
#: What is dialled.
SERVICE_CODE = '*120*8864#'


_QUEUES = {'%s.%s' % queue for queue in (
    (SMS, 'inbound'), (SMS, 'event'), (SMS, 'outbound'), (USSD, 'inbound'), (USSD, 'event'),
    (USSD, 'outbound'), (BRIDGE, 'inbound'), (BRIDGE, 'event'), (BRIDGE, 'outbound'))}


class UssdNetwork(object):
    """The telephone network, which calls the transport; `stack` is running."""

    def __init__(self, stack):
        # type: (Any) -> None
        self._stack = stack
        self._port = free_port()
        self._path = uuid.uuid4().hex
        self._http = requests.Session()
        self._http.trust_env = False

    def start(self):
        # type: () -> UssdNetwork
        """Start the transport and the dispatcher; returns when they are ready."""
        stack = self._stack
        dispatcher = stack.start_beside(
            'dispatcher', 'vumi.dispatchers.endpoint_dispatchers.RoutingTableDispatcher', {
                'worker_name': 'dispatcher',
                'receive_inbound_connectors': [SMS, USSD], 'receive_outbound_connectors': [BRIDGE],
                'routing_table': {
                    SMS: {'default': [BRIDGE, SMS]}, USSD: {'default': [BRIDGE, USSD]},
                    BRIDGE: {'default': [SMS, 'default'], SMS: [SMS, 'default'],
                             USSD: [USSD, 'default']}}})
        transport = stack.start_beside(
            'ussd', 'vumi.transports.airtel.AirtelUSSDTransport', {
                'transport_name': USSD, 'worker_name': USSD, 'web_port': self._port,
                'web_path': self._path, 'redis_manager': {
                    'host': '127.0.0.1', 'port': stack.servers.redis.port, 'db': 0,
                    'key_prefix': 'ussd'}})
        transport.wait_until(lambda: answers(self._port), READY_WITHIN)
        # Messages that are published before their queue exists are lost.
        dispatcher.wait_until(lambda: _QUEUES <= set(stack.servers.rabbitmq.list_queues()),
                              READY_WITHIN)
        return self

    def dial(self, msisdn):
        # type: (Text) -> UssdSession
        """A person dials the service code; returns when a reply is on the screen."""
        session = UssdSession(self, msisdn)
        return session.say(SERVICE_CODE.strip('*#'))

    def get(self, **params):
        # type: (**Text) -> Any
        """The response to a request of the network."""
        response = self._http.get('http://127.0.0.1:%d/%s' % (self._port, self._path),
                                  params=params, timeout=PATIENCE)
        response.raise_for_status()
        return response


class UssdSession(object):
    """A person's session; `screen` is what the phone shows."""

    def __init__(self, network, msisdn):
        # type: (UssdNetwork, Text) -> None
        self._network = network
        self._id = uuid.uuid4().hex
        self._msisdn = msisdn
        self.screen = ''
        #: Whether the application has closed the session.
        self.is_over = False

    def say(self, text):
        # type: (Text) -> UssdSession
        """Type `text` and wait for the reply."""
        response = self._network.get(
            SessionID=self._id, MSISDN=self._msisdn, MSC='msc', input=text)
        response.encoding = 'utf-8'
        self.screen = response.text
        self.is_over = response.headers['Freeflow'] == 'FB'
        return self

    def hang_up(self):
        # type: () -> None
        """Abort the session."""
        self._network.get(SessionID=self._id, msisdn=self._msisdn, clean='clean-session',
                          error='522')
