"""A look at the broker for an operator: does it take us, and is the transport's queue there?

On a connection of its own, which makes, takes and sends nothing.  For the command line.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import error
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.defer import inlineCallbacks, returnValue
from txamqp.client import Closed
from txamqp.endpoint import AMQEndpoint
from txamqp.factory import AMQFactory
from vumi.servicemaker import VumiOptions
from vumi.utils import vumi_resource_path

from vumi_snappy.bus.connection import reason_text
from vumi_snappy.bus.errors import BusUnavailable


@inlineCallbacks
def probe(reactor, options, transport_name, timeout=5.0):
    """Fires with whether somebody has made the queue `<transport_name>.inbound`.

    `options` are what Vumi calls so (hostname, port, username, password, vhost); it has defaults.
    `timeout` is in seconds, for each of the two steps.  Errors: `BusUnavailable`, in words that
    an operator can act on.
    """
    options = dict(VumiOptions.default_vumi_options, **options)
    where = '%s:%s' % (options['hostname'], options['port'])
    endpoint = AMQEndpoint(
        reactor, options['hostname'], options['port'], username=options['username'],
        password=options['password'], vhost=options['vhost'], timeout=int(timeout) or 1)
    try:
        d = endpoint.connect(AMQFactory(spec=vumi_resource_path(options['specfile'])))
        client = yield d.addTimeout(timeout, reactor)
    except error.ConnectError as failed:
        raise BusUnavailable('RabbitMQ can not be reached at %s (%s): is it running there, and are'
                             ' hostname and port right?' % (where, type(failed).__name__))
    except DeferredTimeout:
        raise BusUnavailable('What listens at %s does not answer as RabbitMQ does: check hostname'
                             ' and port, and the memory and disk of RabbitMQ' % (where,))
    except (Closed, error.ConnectionClosed):
        # Without further words: it does not tell a stranger which of them is wrong.
        raise BusUnavailable('RabbitMQ at %s turns us away: check username, password, and that'
                             ' the user may use the vhost %s' % (where, options['vhost']))
    try:
        found = yield _queue_is_there(client, '%s.inbound' % (transport_name,)).addTimeout(
            timeout, reactor)
    except (Closed, DeferredTimeout, error.ConnectionClosed) as failed:
        raise BusUnavailable('RabbitMQ at %s takes the login but did not say which queues there'
                             ' are (%s)' % (where, reason_text(failed)))
    finally:
        yield client.close(within=1)
    returnValue(found)


@inlineCallbacks
def _queue_is_there(client, name):
    channel = yield client.channel(1)
    yield channel.channel_open()
    try:
        yield channel.queue_declare(queue=name, passive=True)
    except Closed as refused:
        if '404' not in reason_text(refused):
            raise
        returnValue(False)
    returnValue(True)
