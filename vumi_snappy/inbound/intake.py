"""From the bus to the store: what a message means, and nothing else.

Owns the decision what becomes of an inbound message.  Promises that when what `take` returns is
finished, the message is in the store (or was before, or holds nothing to store) and may be acked.
Errors are the store's, so that the bus tries again, and `Malformed` for what no retry will cure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import calendar
from typing import Any, Callable, Dict, Sequence, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.bus import Malformed, Prepared, TransportUserMessage
from vumi_snappy.content import media_in
from vumi_snappy.content.templates import contact_address, told_apart, url_for
from vumi_snappy.inbound.answer_plan import Plan  # noqa: F401
from vumi_snappy.records import Accepted, Inbound, InboundOutcome, Posted  # noqa: F401
from vumi_snappy.runtime.ports import Meter  # noqa: F401
from vumi_snappy.store import Store  # noqa: F401

log = Logger()

#: Fields of a message that a reply to it needs.
_FOR_REPLIES = ('to_addr', 'from_addr', 'transport_name', 'transport_type', 'transport_metadata',
                'helper_metadata', 'group', 'provider', 'message_id')

#: Instead of the text of a message that has none, and of which nothing else is known; and how
#: transports say that something is an event and no message: a menu of WeChat's, or what is typed
#: at a robot of Telegram's.
_NO_TEXT = '[a message without text, of which its transport tells nothing]'
_EVENTS = ('event', 'inline_query')


def _media_lines(fields):
    # type: (Dict[Text, Any]) -> Text
    """The lines for what came besides, or instead of, text; empty where nothing did."""
    event = fields.get('session_event')
    lines = media_in(fields.get('transport_metadata')) if event != 'close' else []
    if lines or fields.get('content') is not None or event or _is_event(fields):
        return '\n'.join(lines)
    return _NO_TEXT


def _is_event(fields):
    # type: (Dict[Text, Any]) -> bool
    transports, helpers = (fields.get(name) or {} for name in (
        'transport_metadata', 'helper_metadata'))
    kinds = [each.get('MsgType') for each in transports.values() if isinstance(each, dict)]
    return any(kind in _EVENTS for kind in kinds + [helpers.get('message_type')])


class Intake(object):
    """Stores inbound messages in `store`; `config` is the worker's `SnappyBouncerConfig`.

    `now` gives the time in seconds since the epoch.
    """

    def __init__(self, store, config, metrics, now):
        # type: (Store, Any, Meter, Callable[[], float]) -> None
        self._store = store
        self._subject = config.ticket_subject
        self._contact = config.contact_address
        self._extras = config.extras
        self._lookup = config.extras_url
        self._notes = config.snappy_staff_id is not None
        self._answers = config.answers
        self._numbers = config.numbers
        self._metrics = metrics
        self._now = now

    def take(self, message):
        # type: (Any) -> Prepared
        """What is left of a `TransportUserMessage` is to store it."""
        if not message['from_addr']:
            self._metrics.count('inbound.received')
            raise Malformed('from_addr is empty: nobody could be answered')
        media = _media_lines(message.payload)
        if media and not (message['content'] or '').strip():
            message['content'], media = media, ''
        plan = self._answers.plan(message.payload, self._now())
        if plan.is_empty:
            # The end of a session, or a blank message: nothing to tell.
            return Prepared(lambda: self._nothing_to_store(message['message_id']))
        inbound = self._inbound(message, plan, media)
        return Prepared(lambda: self._store.accept_inbound(inbound).addCallback(
            self._accepted, inbound, plan.withheld))

    def _nothing_to_store(self, message_id):
        # type: (Text) -> None
        log.info('Message {id}: it has no text: nothing is stored.', id=message_id)
        self._metrics.count('inbound.received')
        self._metrics.count('inbound.empty')

    def _accepted(self, stored, inbound, withheld):
        # type: (InboundOutcome, Inbound, Text) -> None
        self._metrics.count('inbound.received')
        if stored.outcome is Accepted.DUPLICATE:
            self._metrics.count('inbound.duplicate')
            log.info('Message {id}: a duplicate, it was stored before.', id=inbound.message_id)
            return
        if withheld:
            self._metrics.count('answers.withheld')
            log.info('Message {id}: no automatic answer: {why}.', id=inbound.message_id,
                     why=withheld)
        log.info('Message {id}: stored.', id=inbound.message_id)

    @defer.inlineCallbacks
    def take_posted(self, fields, endpoint, posted, extras):
        # type: (Dict[Text, Any], Text, Posted, Sequence[Tuple[Text, Text]]) -> defer.Deferred
        """Store what came by the Django bouncer's API, as what came by the bus.

        `fields` are those of a Vumi message, `endpoint` the worker's by which it is answered,
        `posted` a `Posted`; `extras` are pairs of a name and a text for the private note.  Fires
        with the number of the ticket (empty: it has none) when it is stored.
        """
        self._metrics.count('inbound.received')
        message = TransportUserMessage(**{str(name): value for name, value in fields.items()})
        message.set_routing_endpoint(endpoint)
        # For the templates: what is looked up of a person may be asked for by the contact's key.
        message['helper_metadata'] = dict(message['helper_metadata'], bouncer=dict(
            extras, conversation=posted.conversation, contact_key=posted.contact_key))
        plan = self._answers.plan(message.payload, self._now())
        if plan.is_empty:
            self._metrics.count('inbound.empty')
            defer.returnValue('')
        inbound = self._inbound(message, plan)
        # The bus knows of no such message: nothing can be in reply to it.
        envelope = dict(inbound.envelope, message_id=None,
                        helper_metadata=fields.get('helper_metadata', {}))
        lines = ['%s: %s' % each for each in extras] if self._notes else []
        stored = yield self._store.accept_inbound(attr.evolve(
            inbound, envelope=envelope, posted=posted,
            extras='\n'.join(filter(None, [inbound.extras] + lines))))
        if plan.withheld:
            self._metrics.count('answers.withheld')
        log.info('Message {id}: posted, {outcome}, on ticket {number}.', id=message['message_id'],
                 outcome=stored.outcome.value, number=stored.ticket or 'none')
        defer.returnValue(stored.ticket)

    def _inbound(self, message, plan, media=''):
        # type: (Any, Plan, Text) -> Inbound
        fields = message.payload
        endpoint = message.get_routing_endpoint()
        envelope = {name: fields.get(name) for name in _FOR_REPLIES}
        envelope.update(
            endpoint=endpoint, received_at=self._now(),
            in_session=fields.get('session_event') in ('new', 'resume'),
            session_over=any(each.session_event == 'close' for each in plan.answers))
        spellings = self._numbers.of_message(fields['from_addr'], fields['transport_type'] or '')
        fields = dict(fields, from_addr=spellings[0])
        extras = [(name, template.render(fields)) for name, template in self._extras]
        sent = message['timestamp']
        return Inbound(
            message_id=message['message_id'], from_addr=spellings[0], endpoint=endpoint,
            transport_type=message['transport_type'] or '',
            content='\n\n'.join(each for each in (message['content'], media) if each),
            sent_at=calendar.timegm(sent.timetuple()) + sent.microsecond / 1e6,
            subject=self._subject.render(fields),
            contact_address=contact_address(self._contact, fields), envelope=envelope,
            extras='\n'.join('%s: %s' % each for each in extras if each[1]),
            lookup=url_for(self._lookup, fields) if self._lookup else '',
            tickets=plan.tickets, answers=plan.answers, subscription=plan.subscription,
            apart=told_apart(self._contact, fields), spellings=spellings[1:])
