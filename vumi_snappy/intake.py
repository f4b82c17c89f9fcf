"""From the bus to the store: what a message means, and nothing else.

Owns the decision what becomes of an inbound message.  Promises that when what `take` returns is
finished, the message is in the store (or was before, or holds nothing to store) and may be acked.
Errors are the store's, so that the bus tries again, and `Malformed` for what no retry will cure.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import calendar
from typing import Any, Callable, Dict, Text  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger
from vumi.message import TransportUserMessage

from vumi_snappy.answers import Plan  # noqa: F401
from vumi_snappy.bus import Malformed, Prepared
from vumi_snappy.records import Accepted, Inbound, Taken  # noqa: F401
from vumi_snappy.templates import contact_address, url_for

log = Logger()

#: Fields of a message that a reply to it needs.
_FOR_REPLIES = ('to_addr', 'from_addr', 'transport_name', 'transport_type', 'transport_metadata',
                'helper_metadata', 'group', 'provider', 'message_id')


class Intake(object):
    """Stores inbound messages; `config` is the worker's `SnappyBouncerConfig`.

    `accept` stores an `Inbound` and fires with its `Taken`, possibly together with others, in the
    order in which they were given to it.  `now` gives the time in seconds since the epoch.
    """

    def __init__(self, accept, config, metrics, now):
        # type: (Callable[[Inbound], defer.Deferred], Any, Any, Callable[[], float]) -> None
        self._accept = accept
        self._subject = config.ticket_subject
        self._contact = config.contact_address
        self._extras = config.extras_templates
        self._lookup = config.extras_url
        self._notes = config.snappy_staff_id is not None
        self._answers = config.answers
        self._metrics = metrics
        self._now = now

    def take(self, message):
        # type: (Any) -> Prepared
        """What is left of a `TransportUserMessage` is to store it."""
        if not message['from_addr']:
            self._metrics.count('inbound.received')
            raise Malformed('from_addr is empty: nobody could be answered')
        plan = self._answers.plan(message.payload, self._now())
        if plan.is_empty:
            # The end of a session, or a message without text: nothing to tell.
            return Prepared(self._nothing_to_store)
        inbound = self._inbound(message, plan)
        return Prepared(
            lambda: self._accept(inbound).addCallback(self._accepted, inbound, plan.withheld))

    def _nothing_to_store(self):
        # type: () -> None
        self._metrics.count('inbound.received')
        self._metrics.count('inbound.empty')

    def _accepted(self, taken, inbound, withheld):
        # type: (Taken, Inbound, Text) -> None
        self._metrics.count('inbound.received')
        if taken.said is Accepted.DUPLICATE:
            self._metrics.count('inbound.duplicate')
            log.info('Message {id}: came again, it was stored before.', id=inbound.message_id)
            return
        if withheld:
            self._metrics.count('answers.withheld')
            log.info('Message {id}: not answered by itself, {why}.', id=inbound.message_id,
                     why=withheld)
        log.info('Message {id}: stored.', id=inbound.message_id)

    @defer.inlineCallbacks
    def take_posted(self, fields, endpoint, posted, told):
        """Store what came by the Django bouncer's API, as what came by the bus.

        `fields` are those of a Vumi message, `endpoint` the worker's by which it is answered,
        `posted` a `Posted`; `told` are pairs of a name and a text that go with the extras.  Fires
        with the number of the ticket (empty: it has none) when it is stored.
        """
        self._metrics.count('inbound.received')
        message = TransportUserMessage(**{str(name): value for name, value in fields.items()})
        message.set_routing_endpoint(endpoint)
        # For the templates: what is looked up of a person may be asked for by the contact's key.
        message['helper_metadata'] = dict(message['helper_metadata'], bouncer=dict(
            told, conversation=posted.conversation, contact_key=posted.contact_key))
        plan = self._answers.plan(message.payload, self._now())
        if plan.is_empty:
            self._metrics.count('inbound.empty')
            defer.returnValue('')
        inbound = self._inbound(message, plan)
        # The bus knows of no such message: nothing can be in reply to it.
        envelope = dict(inbound.envelope, message_id=None,
                        helper_metadata=fields.get('helper_metadata', {}))
        lines = ['%s: %s' % each for each in told] if self._notes else []
        taken = yield self._accept(attr.evolve(
            inbound, envelope=envelope, posted=posted,
            extras='\n'.join(filter(None, [inbound.extras] + lines))))
        if plan.withheld:
            self._metrics.count('answers.withheld')
        log.info('Message {id}: posted, {said}, on ticket {number}.', id=message['message_id'],
                 said=taken.said.value, number=taken.ticket or 'none')
        defer.returnValue(taken.ticket)

    def _inbound(self, message, plan):
        # type: (Any, Plan) -> Inbound
        fields = message.payload
        endpoint = message.get_routing_endpoint()
        envelope = {name: fields.get(name) for name in _FOR_REPLIES}
        envelope.update(
            endpoint=endpoint, received_at=self._now(),
            in_session=fields.get('session_event') in ('new', 'resume'),
            session_over=any(each.session_event == 'close' for each in plan.answers))
        told = [(name, template.render(fields)) for name, template in self._extras]
        sent = message['timestamp']
        return Inbound(
            message_id=message['message_id'], from_addr=message['from_addr'], endpoint=endpoint,
            transport_type=message['transport_type'] or '', content=message['content'] or '',
            sent_at=calendar.timegm(sent.timetuple()) + sent.microsecond / 1e6,
            subject=self._subject.render(fields),
            contact_address=contact_address(self._contact, fields), envelope=envelope,
            extras='\n'.join('%s: %s' % each for each in told if each[1]),
            lookup=url_for(self._lookup, fields) if self._lookup else '',
            tickets=plan.tickets, answers=plan.answers, subscription=plan.subscription)
