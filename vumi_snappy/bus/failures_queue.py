"""The failures queue `<transport_name>.failures`: list, put back and drop its messages.

On a connection of its own (see `probe.login`).  A message leaves the queue only when the broker
has confirmed it where it belongs, or when it is dropped; one that is put back twice, after a
crash, is recognised as any repeated message is.  Listing takes every message and publishes it
again at the end of the queue, in order: a quorum queue counts what is requeued instead, and drops
it in the end.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import calendar
import hashlib
from typing import Any, Callable, Optional, Text  # noqa: F401

import attr
import six
from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401
from txamqp.client import Closed

from vumi_snappy.bus.publisher import Part
from vumi_snappy.bus.sending import Confirms, Transaction, can_confirm
from vumi_snappy.content.foreign_json import read as read_json
from vumi_snappy.vumi.message import parse_vumi_date

#: What may be put back: the worker consumes from these.
_KINDS = ('inbound', 'event', 'receipts')


@attr.s(frozen=True)
class Failure(object):
    """A message on the failures queue."""

    #: What it is called: a digest of the whole.
    id = attr.ib()  # type: Text
    #: When it was put aside, in seconds since the epoch; None: it does not say.
    at = attr.ib()  # type: Optional[float]
    #: Where it came from, and belongs.
    queue = attr.ib()  # type: Text
    reason = attr.ib()  # type: Text
    #: As it came; None where the entry does not say.
    body = attr.ib()  # type: Optional[bytes]


class FailuresQueue(object):
    """`client` is a connection that is logged in; nobody else should use the queue meanwhile."""

    def __init__(self, client, transport_name):
        # type: (Any, Text) -> None
        self._client = client
        self._name = '%s.failures' % (transport_name,)
        self._homes = ['%s.%s' % (transport_name, kind) for kind in _KINDS]

    @inlineCallbacks
    def go_through(self, wanted, changed=lambda failure: None):
        # type: (Callable[[Failure], Text], Callable[[Failure], Any]) -> Deferred
        """Goes through the queue once, in order.

        `wanted(failure)` says what becomes of each: 'keep', 'retry' or 'drop'; when that is done,
        `changed(failure)` is called for all but 'keep', and may return a Deferred.  Fires with the
        ids of those for which that could not be done: there is no such queue of ours.
        Errors: txAMQP's `Closed`; what was done is done then, and the rest is on the queue.
        """
        channel = yield self._client.get_channel()
        state = yield channel.queue_declare(queue=self._name, passive=True)
        publishing = yield self._client.get_channel()
        way = Transaction(publishing)  # type: Any
        if can_confirm(self._client.spec):
            way = Confirms(publishing)
        yield way.begin()
        stuck = []
        for _number in range(state.message_count):
            answer = yield channel.basic_get(queue=self._name)
            if answer.method.name != 'get-ok':
                break
            raw = six.ensure_binary(answer.content.body)
            failure = read(raw)
            action = wanted(failure)
            if action == 'retry' and (failure.body is None or failure.queue not in self._homes):
                stuck.append(failure.id)
                action = 'keep'
            if action != 'drop':
                yield self._publish(publishing, way, *(
                    (failure.queue, failure.body) if action == 'retry' else (self._name, raw)))
            yield channel.basic_ack(answer.delivery_tag, False)
            if action != 'keep':
                yield changed(failure)
        yield channel.channel_close()  # all that was acked is worked off
        returnValue(stuck)

    @inlineCallbacks
    def _publish(self, channel, way, queue, body):
        # type: (Any, Any, Text, bytes) -> Deferred
        # The queue is there: else the broker would close the channel here.
        yield channel.queue_declare(queue=queue, passive=True)
        rejected = yield way.send([Part('', queue, body)])
        if rejected or self._client.basic_return_queue.pending:
            raise Closed('RabbitMQ rejected a message for the queue %s' % (queue,))


def read(raw):
    # type: (bytes) -> Failure
    """The entry `raw` of the queue, whoever wrote it."""
    name = hashlib.sha1(raw).hexdigest()[:12]
    try:
        fields = read_json(raw)
        body = fields['message']
        body = (base64.b64decode(body) if fields.get('message_encoding') == 'base64'
                else body.encode('utf-8'))
        return Failure('%s' % (name,), _seconds(fields.get('timestamp')),
                       '%s' % (fields['queue'],), '%s' % (fields['reason'],), body)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Failure('%s' % (name,), None, '', 'no entry of vumi-snappy', None)


def _seconds(timestamp):
    # type: (Any) -> Optional[float]
    try:
        return float(calendar.timegm(parse_vumi_date(timestamp).timetuple()))
    except (ValueError, TypeError):
        return None
