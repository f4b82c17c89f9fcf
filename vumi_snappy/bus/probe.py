"""Checks for operators: does the broker accept the login, and is the transport's queue there?

On a connection of its own, which declares, consumes and publishes nothing.  For the command line.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Optional, Text  # noqa: F401

from twisted.internet import error
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401
from twisted.internet.endpoints import clientFromString, connectProtocol
from txamqp.client import Closed

from vumi_snappy.bus.errors import BusUnavailable, VersionRefused
from vumi_snappy.bus.client import Client, refusal
from vumi_snappy.bus.handshake import answer_start
from vumi_snappy.bus.queues import Queues
from vumi_snappy.bus.reasons import reason_text
from vumi_snappy.bus.sending import ConfirmsDelegate
from vumi_snappy.bus.specification import DEFAULT, NoSpecification, load
from vumi_snappy.vumi.options import VumiOptions


class _Delegate(ConfirmsDelegate):
    def connection_start(self, channel, message):
        # type: (Any, Any) -> None
        answer_start(channel, 'vumi-snappy')


MISSING, LIMITED, FINE = 'missing', 'limited', 'fine'


@inlineCallbacks
def probe(reactor, options, transport_name, timeout=5.0, broker=None):
    # type: (Any, Dict[Text, Any], Text, float, Optional[Text]) -> Deferred
    """Fires with the state of the queue `<transport_name>.inbound`: `MISSING`, `LIMITED`
    (RabbitMQ may drop a message that came back too often) or `FINE`.

    `options` are Vumi's (hostname, port, username, password, vhost), which have defaults.
    `broker` is the description of a client endpoint, instead of hostname and port.
    `timeout` is in seconds, for each of the two steps.  Errors: `BusUnavailable` (`VersionRefused`
    where that is why), in words that an operator can act on.
    """
    client = yield login(reactor, options, timeout, broker)
    try:
        state = yield _state_of_queue(client, '%s.inbound' % (transport_name,)).addTimeout(
            timeout, reactor)
    except (Closed, DeferredTimeout, error.ConnectionClosed) as failed:
        raise BusUnavailable('RabbitMQ accepts the login but did not say which queues it has (%s)'
                             % (reason_text(failed),))
    finally:
        yield client.close(within=1)
    returnValue(state)


@inlineCallbacks
def login(reactor, options, timeout=5.0, broker=None):
    # type: (Any, Dict[Text, Any], float, Optional[Text]) -> Deferred
    """Fires with a `Client` that is logged in; arguments and errors are those of `probe`."""
    options = dict(VumiOptions.default_vumi_options, **dict({'specfile': DEFAULT}, **options))
    where = ':'.join(broker.split(':')[:3]) if broker else '%s:%s' % (
        options['hostname'], options['port'])
    try:
        spec = load(options['specfile'])
    except NoSpecification as wrong:
        raise BusUnavailable('%s' % (wrong,))
    client = Client(_Delegate(), options['vhost'], spec, clock=reactor)
    try:
        endpoint = clientFromString(reactor, str(broker or 'tcp:%s' % (where,)))
        yield connectProtocol(endpoint, client).addTimeout(timeout, reactor)
        yield client.authenticate(options['username'], options['password']).addTimeout(
            timeout, reactor)
    except (error.ConnectError, error.DNSLookupError) as failed:
        raise BusUnavailable('RabbitMQ can not be reached at %s (%s): is it running there, and are'
                             ' hostname and port right?' % (where, type(failed).__name__))
    except DeferredTimeout:
        if client.transport is not None:
            client.drop()
        raise BusUnavailable('What listens at %s does not answer as RabbitMQ does: check hostname'
                             ' and port, and the memory and disk of RabbitMQ' % (where,))
    except (Closed, error.ConnectionClosed):
        if client.refused:
            raise VersionRefused(refusal(spec, 'RabbitMQ at %s' % (where,)))
        # Without further words: it does not tell a stranger which of them is wrong.
        raise BusUnavailable('RabbitMQ at %s rejected the login: check username, password, and'
                             ' that the user may use the vhost %s' % (where, options['vhost']))
    returnValue(client)


@inlineCallbacks
def _state_of_queue(client, name):
    # type: (Any, Text) -> Deferred
    queues = Queues(client)
    missing = yield queues.refusal(queue=name, passive=True)
    if missing:
        if not missing.startswith('404'):
            raise BusUnavailable('RabbitMQ refuses access to the queue %s: %s' % (name, missing))
        returnValue(MISSING)
    # It is there: this changes nothing, and the answer tells what it is.
    other = yield queues.refusal(
        queue=name, durable=True, arguments={'x-queue-type': 'classic'})
    returnValue(LIMITED if "current is 'quorum'" in other else FINE)
