"""The JSON of the API's responses, and of what the command line prints with --json: the schemas,
and values made to fit them.

A field that no schema names is in no response.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

_REF = '#/components/schemas/'


def ref(name):
    # type: (Text) -> Dict[Text, Text]
    """The schema that refers to that called `name`."""
    return {'$ref': _REF + name}


def _of(kind, about='', **more):
    # type: (Text, Text, **Any) -> Dict[Text, Any]
    return dict({'type': kind, 'description': about} if about else {'type': kind}, **more)


def _text(about='', **more):
    # type: (Text, **Any) -> Dict[Text, Any]
    return _of('string', about, **more)


def _count(about=''):
    # type: (Text) -> Dict[Text, Any]
    return _of('integer', about, minimum=0)


def _time(about='When'):
    # type: (Text) -> Dict[Text, Any]
    return _of('number', about + ', in seconds since the epoch.')


def _many(items, about=''):
    # type: (Dict[Text, Any], Text) -> Dict[Text, Any]
    return _of('array', about, items=items)


def _object(about, needed, more=None):
    # type: (Text, Dict[Text, Any], Any) -> Dict[Text, Any]
    return _of('object', about, properties=dict(needed, **(more or {})), required=sorted(needed),
               additionalProperties=False)


#: The series of `Tallies`: of the store's names, those that stand where they were last seen.
GAUGES = ('waiting',)
SERIES = ('received', 'forwarded', 'published', 'acked', 'delivered', 'failed', 'refused',
          'unconfirmed', 'parked', 'calls') + GAUGES

_CHECKS = _of('object', 'How this worker is, by what was looked at.',
              additionalProperties=ref('Check'))
_FIGURES = {
    'forwards': _count('What waits for Snappy.'), 'replies': _count('What waits for the bus.'),
    'lookups': _count('Look-ups of extras that wait.'),
    'oldest': _of('number', 'Seconds for which the oldest of all that has waited.'),
    'parked': _count('Attempts that are parked.'),
    'undelivered': _count('Replies that were not delivered.'),
    'tickets': _count('Tickets that are kept.'),
    'breaker': _text('Why calls to Snappy are held back; empty when they are not.'),
    'hold': _of('number', 'Seconds for which Snappy asks the worker to wait.')}
_WHO_AND_WHERE = {
    'ticket': _text("The ticket's number here."),
    'nonce': _text('What Snappy calls it; empty until it knows of it.'),
    'snappy_id': _text("Snappy's number of it; empty until an agent has answered."),
    'from_addr': _text("The person's address."), 'subject': _text(),
    'opened': _time('When it was opened'), 'at': _time('When it last saw something'),
    'tags': _many(_text())}
_HISTORY_OF = {kind: _of('integer', 'The number of the %s that it was about.' % (kind,))
               for kind in ('message', 'reply', 'answer')}
_REPLY = {
    'number': _count(), 'at': _time(), 'state': _text(), 'html': _text('As the agent wrote it.'),
    'text': _text('As a person reads it.'), 'name': _text("The agent's name, where it is known.")}

SCHEMAS = {
    'Error': _object('What is answered instead of what was asked for.', {
        'code': _text('A word for programs.'), 'message': _text('A sentence for people.'),
    }, {'field': _text('The field or parameter that is to be mended, where it is one.')}),
    'Check': _object('How something is.', {
        'status': _text(enum=['ok', 'degraded', 'down']), 'text': _text('Why.'),
    }, {'since': _text('Since when it is so.', format='date-time'),
        'seconds': _count('Seconds since then.')}),
    'Health': _object('How this worker is.', {
        'status': _text('The worst of the checks.', enum=['ok', 'degraded', 'down']),
        'version': _text(), 'worker': _text('Its worker_name; empty without one.'),
        'checks': _CHECKS}),
    'Overview': _object('What flows, what waits and how it is, now.', dict(
        _FIGURES, at=_time(), checks=_CHECKS,
        calls=_count('Requests to Snappy in the last minute, of all workers.')), {
        'rate_limit': _of('number', 'Requests a minute that Snappy allows; left out: no limit.'),
        'calls_left': _count('What is left of them.')}),
    'Tallies': _object('Counts by the minute.', {
        'since': _time('When the first of the minutes began'),
        'minutes': _count('How many there are; the last one is the present one.'),
        'series': _object('A number for each minute, the oldest first.', {
            name: _many(_count()) for name in SERIES})}),
    'TicketLine': _object('A ticket in a list.', dict(
        _WHO_AND_WHERE, messages=_count('How many.'), replies=_count('How many.'),
        waiting=_of('boolean', 'Whether something of it waits.'),
        parked=_of('boolean', 'Whether something of it is parked.'),
        undelivered=_of('boolean', 'Whether a reply was not delivered.'),
        text=_text('What the person wrote last.'))),
    'Tickets': _object('Some tickets, the last active first.', {
        'tickets': _many(ref('TicketLine'))}, {
        'next': _text('What to ask for as `after`, for those that follow; left out: there are no'
                      ' more. Some can follow a list that is short, or empty.')}),
    'Message': _object('What a person wrote.', {
        'number': _count(), 'id': _text("The Vumi message's message_id."), 'at': _time(),
        'text': _text(), 'state': _text()}),
    'Reply': _object("An agent's reply.", dict(
        _REPLY, note=_text("Snappy's id of the note."), id=_text('The message_id of what left.'),
        parts=_many(ref('Part'), 'The messages that a long one left as.')), {
        'staff': _text("The agent's id at Snappy.")}),
    'Part': _object('One message of a long reply.', {
        'number': _count(), 'message_id': _text(), 'text': _text(), 'state': _text()}),
    'Answer': _object('What the worker itself answered.', {
        'number': _count(), 'message_id': _text(), 'kind': _text(), 'text': _text(), 'at': _time(),
        'state': _text()}),
    'Event': _object('A step of the history.', {
        'at': _time(), 'what': _text(), 'detail': _text()}, _HISTORY_OF),
    'Ticket': _object('A ticket with all that was said and all that happened.', dict(
        _WHO_AND_WHERE, contact_address=_text("The person's address at Snappy."),
        state=_text('waiting, parked or settled.'), status=_text("Snappy's word for it."),
        topic=_text(), assigned_to=_text(), staff_id=_text('Who answered last.'),
        staff_name=_text(), link=_text('Where Snappy shows it; empty where that is not known.'),
        messages=_many(ref('Message')), replies=_many(ref('Reply')),
        answers=_many(ref('Answer')), history=_many(ref('Event'))), {
            'earlier': _count('What to ask for as `before`, for what was earlier; left out: there'
                              ' is nothing.')}),
    'Tag': _object('A tag.', {'tag': _text(), 'tickets': _count('How many have it.')}),
    'Tags': _object('The commonest tags.', {'tags': _many(ref('Tag'))}),
    'Parked': _object('What could not be done.', {
        'id': _text(), 'ticket': _text('Empty where it belongs to none.'), 'addr': _text(
            "The person's address."), 'at': _time(), 'what': _text('What it carries, in words.'),
        'reason': _text(), 'answer': _text('What Snappy answered, or the bus.'),
        'advice': _text('What can be done about it; empty where nobody knows.'),
        'tries': _count('How often it was tried.')}),
    'ParkedList': _object('What is parked, oldest first.', {
        'total': _count(), 'parked': _many(ref('Parked'))}),
    'Undelivered': _object('A reply that was not delivered.', dict(
        {name: value for name, value in _REPLY.items() if name != 'number'}, id=_text(),
        ticket=_text(), reply=_count('Its number on the ticket.'), addr=_text(
            "The person's address."), reason=_text())),
    'UndeliveredList': _object('What was not delivered, oldest first.', {
        'total': _count(), 'undelivered': _many(ref('Undelivered'))}),
    'Done': _object('It is done.', {'done': _of('boolean', enum=[True])}),
    'Item': _object('Something parked or undelivered.', {
        'kind': _text(enum=['parked', 'undelivered']), 'id': _text()}),
    'Changes': _object('What was done.', {
        'done': _many(ref('Item')),
        'gone': _many(ref('Item'), 'What was not, or no longer, parked or undelivered.')}),
    'OptOut': _object('Whether a person has opted out.', {
        'address': _text(), 'opted_out': _of('boolean')}, {'since': _time('Since when')}),
    'OptOutChange': _object('What was done.', {
        'changed': _of('boolean', 'False: it was so before.')}),
    'ForgottenTicket': _object('A ticket that is here no more.', {
        name: _WHO_AND_WHERE[name] for name in ('ticket', 'nonce', 'snappy_id')}),
    'Receipt': _object('What was erased; it is kept nowhere.', {
        'address': _text(), 'tickets': _many(ref('ForgottenTicket')), 'messages': _count(),
        'replies': _count(), 'answers': _count(), 'waiting': _count(), 'parked': _count(),
        'opted_out': _of('boolean'), 'stays': _many(_text(), 'What is left elsewhere.')}),
    'AuditEntry': _object('Who changed what.', {
        'at': _time(), 'who': _text(), 'what': _text(), 'about': _text(), 'detail': _text()}),
    'FailedLogIns': _object('Log-ins to the console that failed, as a user from an address.', {
        'who': _text('The user; empty: there is none of that name.'), 'caller': _text(),
        'count': _count('How often.'), 'at': _time('The last of them.')}),
    'AuditTrail': _object('Entries, the newest first.', {'entries': _many(ref('AuditEntry'))}, {
        'failed_log_ins': _many(ref('FailedLogIns')),
        'next': _count('What to ask for as `offset`, for older ones; left out: none.')}),
}  # type: Dict[Text, Dict[Text, Any]]


def shaped(name, value):
    # type: (Text, Any) -> Any
    """`value` as the schema called `name` says: what that does not name and what is None is left
    out, and numbers that the store keeps as texts are numbers."""
    return _shaped(SCHEMAS[name], value)


def _shaped(schema, value):
    # type: (Dict[Text, Any], Any) -> Any
    if '$ref' in schema:
        schema = SCHEMAS[schema['$ref'][len(_REF):]]
    kind = schema['type']
    if kind == 'object':
        known = schema.get('properties')
        if known is None:
            return {name: _shaped(schema['additionalProperties'], each)
                    for name, each in value.items()}
        return {name: _shaped(known[name], value[name]) for name in known
                if value.get(name) is not None}
    if kind == 'array':
        return [_shaped(schema['items'], each) for each in value]
    return {'number': float, 'integer': int}.get(kind, lambda same: same)(value)
