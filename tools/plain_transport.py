"""A transport for where there is no Vumi: ``python -m tools.plain_transport --config FILE``.

It takes the place of `vumi.transports.vumi_bridge.GoConversationTransport` in a
`tools.stack.Stack` and speaks the same HTTP to both sides: messages come by POST to
``messages.json``, delivery reports to ``events.json``, and what is for a phone goes by PUT to the
phone network (`tools.network`), whose response becomes an ack or a nack.  It is for the demo and
for tests: what it has not published yet is gone when it ends.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import base64
import io
import json
import sys
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr
import treq
from klein import Klein
from twisted.internet import defer, endpoints, reactor
from twisted.python import log
from twisted.web.server import Site

from tools.faults.wire import Wire
from tools.ports import HOST
from vumi_snappy.vumi.message import TransportUserMessage

#: Seconds that the phone network may take to respond.
_PATIENCE = 10.0
#: Seconds after which a phone is told that its message is taken, also if it is not on the bus yet.
_ON_THE_BUS_WITHIN = 2.0


@attr.s
class _Broker(object):
    """Where the broker is, as `Wire` asks for it."""

    ports = attr.ib()  # type: List[int]
    vhost = attr.ib()  # type: Text
    username = attr.ib()  # type: Text
    password = attr.ib()  # type: Text


class PlainTransport(Wire):
    """The transport of the options `config`, those of Vumi's own one."""

    def __init__(self, clock, broker, config):
        # type: (Any, Any, Dict[Text, Any]) -> None
        Wire.__init__(self, clock, broker, config['transport_name'], fate=lambda text: '')
        self._config = config
        self._network = '%s/%s/messages.json' % (config['base_url'], config['conversation_key'])
        secret = '%s:%s' % (config['account_key'], config['access_token'])
        self._authorization = b'Basic ' + base64.b64encode(secret.encode('utf-8'))
        #: The message of each id of the network's own.
        self._sent = {}  # type: Dict[Text, Dict[Text, Any]]

    def site(self):
        # type: () -> Site
        """What listens for the phones."""
        app = Klein()
        path = '/%s/' % (self._config['web_path'],)

        @app.route(path + 'messages.json', methods=['POST'])
        def message(request):
            return self.accept(json.loads(request.content.read().decode('utf-8')))

        @app.route(path + 'events.json', methods=['POST'])
        @defer.inlineCallbacks
        def event(request):
            fields = json.loads(request.content.read().decode('utf-8'))
            message = self._sent.get(fields['user_message_id'])
            if message is None:
                request.setResponseCode(404)
            else:
                yield self.tell(message, 'delivery_report',
                                delivery_status=fields['delivery_status'])
        return Site(app.resource())

    @defer.inlineCallbacks
    def accept(self, fields):
        # type: (Dict[Text, Any]) -> defer.Deferred
        """A phone sends a message; fires when it is on the bus, or is to wait for a queue."""
        published = self.publish('inbound', TransportUserMessage(**fields).to_json())
        try:
            yield published.addTimeout(_ON_THE_BUS_WITHIN, self._reactor)
        except defer.TimeoutError:
            pass  # Nobody has made the queue, say: the phone's part is done, as with Vumi's own.

    @defer.inlineCallbacks
    def take(self, message, again):
        try:
            # The network closes each connection, as one may find who would use it once more.
            response = yield treq.put(
                self._network, json.dumps(message).encode('utf-8'), timeout=_PATIENCE,
                persistent=False, headers={b'Authorization': self._authorization})
            answer = json.loads((yield response.content()).decode('utf-8'))
            if response.code != 200:
                raise ValueError('the phone network answered %d' % (response.code,))
            self._sent[answer['message_id']] = message
        except Exception as error:
            self.tell(message, 'nack', nack_reason='%s' % (error,))
        else:
            self.tell(message, 'ack', sent_message_id=answer['message_id'])


def main(arguments=None):
    # type: (Optional[List[Text]]) -> None
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog=str('python -m tools.plain_transport'))
    parser.add_argument('--config', required=True, help="options of Vumi's own transport, as JSON")
    parser.add_argument('--vumi-config', required=True, help='where the broker is, as JSON')
    options = parser.parse_args(arguments)
    with io.open(options.config, encoding='utf-8') as text:
        config = json.load(text)
    with io.open(options.vumi_config, encoding='utf-8') as text:
        broker = json.load(text)
    log.startLogging(sys.stdout)
    transport = PlainTransport(reactor, _Broker(
        [broker['port']], broker['vhost'], broker['username'], broker['password']), config)
    transport.start().addErrback(log.err)
    endpoints.TCP4ServerEndpoint(reactor, config['web_port'], interface=HOST).listen(
        transport.site()).addErrback(log.err)
    reactor.run()


if __name__ == '__main__':
    main()
