"""The API's routes, in one table."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Optional, Sequence, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.console.api.values import Choice, Day, Fields, Flag, Many, TextOf, Whole
from vumi_snappy.operations.problems import LONGEST_REASON
from vumi_snappy.operations.tickets import CURSOR
from vumi_snappy.operations.users import Role
from vumi_snappy.store.lists import Filter
from vumi_snappy.store.views import ENTRIES

PREFIX = '/api/v1'
#: Items of one list, and changes that one call may ask for.
MOST, MOST_CHANGES = 200, 200

_ADDRESS = TextOf(200, example='+27820001001')
_NUMBER, _REPLY = r'[0-9]{1,9}', r'[0-9]{1,15}:[0-9]{1,9}'


@attr.s(frozen=True, slots=True)
class Parameter(object):
    """A parameter of a path or a query, and the kind of `value` that it has.

    With a wrong value in a path there is nothing at that path.
    """

    name = attr.ib()  # type: Text
    description = attr.ib()  # type: Text
    value = attr.ib()  # type: Any
    required = attr.ib(default=False)  # type: bool


@attr.s(frozen=True, slots=True)
class Route(object):
    """A `method` on a `path` below the prefix.

    `name` is that of the method of `calls.Calls` that does it; `role` is None where everybody may
    ask; `response` is the name of a schema (None: the description itself).
    """

    method = attr.ib()  # type: Text
    path = attr.ib()  # type: Text
    name = attr.ib()  # type: Text
    summary = attr.ib()  # type: Text
    response = attr.ib()  # type: Optional[Text]
    query = attr.ib(default=())  # type: Sequence[Parameter]
    in_path = attr.ib(default=())  # type: Sequence[Parameter]
    body = attr.ib(default=None)  # type: Optional[Fields]
    body_required = attr.ib(default=True)  # type: bool
    role = attr.ib(default=Role.READ)  # type: Optional[Role]
    #: Whether what it is about may not be there.
    can_miss = attr.ib(default=False)  # type: bool
    #: Links of its response: names of routes, with a parameter and its place in the response.
    leads_to = attr.ib(default=())  # type: Sequence[Tuple[Text, Text, Text]]


def _limit(default):
    # type: (int) -> Parameter
    return Parameter('limit', 'How many, at most.', Whole(1, MOST, default))


_OFFSET = Parameter('offset', 'How many to pass over.', Whole(0, 1000000, 0))
_PARKED_ID = Parameter('id', 'Its id.', TextOf(
    15, pattern='[0-9]{1,15}', must='must be a number', example='1'))
_REPLY_ID = Parameter('id', 'Its id: the number of its ticket, a colon, its own number.', TextOf(
    25, 3, pattern=_REPLY, must='must be two numbers', example='1:1'))
_ITEM = Fields({'kind': Choice('parked', 'undelivered'), 'id': TextOf(
    25, pattern=r'[0-9]{1,15}(?::[0-9]{1,9})?', must='must be an id as the lists show it',
    example='1')})
_WHY_NOT = Fields({'reason': TextOf(LONGEST_REASON, example='she came in')})
_WHY = Fields({}, {'reason': TextOf(LONGEST_REASON, 0, example='Snappy is back')})


def _change(kind, action, parameter, summary):
    # type: (Text, Text, Parameter, Text) -> Route
    return Route('POST', '/%s/{id}/%s' % (kind, action), '%s_%s' % (action, kind), summary, 'Done',
                 in_path=[parameter], body=_WHY if action == 'retry' else _WHY_NOT,
                 body_required=action == 'drop', role=Role.OPERATE, can_miss=True)


def _changes(kind):
    # type: (Text) -> Sequence[Tuple[Text, Text, Text]]
    return [('%s_%s' % (action, kind), 'id', '/%s/0/id' % (kind,)) for action in ('retry', 'drop')]


ROUTES = (
    Route('GET', '/openapi.json', 'description', 'This description.', None, role=None),
    Route('GET', '/overview', 'overview', 'What flows, waits and is parked, now.', 'Overview'),
    Route('GET', '/tallies', 'tallies', 'What flowed, by the minute.', 'Tallies', query=[
        Parameter('hours', 'How far back.', Whole(1, 24, 6))]),
    Route('GET', '/health', 'health', 'How this worker is.', 'Health'),
    Route('GET', '/tickets', 'tickets', 'Tickets, the last active first.', 'Tickets', query=[
        Parameter('state', 'Those in this state alone.', Choice(*Filter.STATES)),
        Parameter('tag', 'Those with this tag alone.', TextOf(200, example='#billing')),
        Parameter('since', 'Last active on this day (UTC) or later.', Day()),
        Parameter('until', 'Last active on this day (UTC) or earlier.', Day()),
        Parameter('after', 'The `next` of the list before.', TextOf(
            50, pattern=CURSOR, must='must be the next of the list before')),
        _limit(50)], leads_to=[
            ('ticket', 'number', '/tickets/0/ticket'), ('tickets', 'after', '/next')]),
    Route('GET', '/search', 'search', "Tickets of that number here, nonce or id at Snappy, or of"
          " the person with that address, with or without its plus and spaces.", 'Tickets', query=[
              Parameter('q', 'What to look for.', TextOf(200, example='27 82 000 1001'), True),
              _limit(50)], leads_to=[('ticket', 'number', '/tickets/0/ticket')]),
    Route('GET', '/tickets/{number}', 'ticket', 'A ticket with the last %d steps of its history,'
          ' and with what was said by these.' % (ENTRIES,), 'Ticket', query=[
              Parameter('before', 'The `earlier` of an answer, for the steps before its own.',
                        Whole(1, 999999999))],
          in_path=[Parameter('number', 'Its number here.', TextOf(
              9, pattern=_NUMBER, must='must be a number', example='1'))], can_miss=True),
    Route('GET', '/tags', 'tags', 'The commonest tags.', 'Tags'),
    Route('GET', '/parked', 'parked', 'What could not be done, oldest first.', 'ParkedList',
          query=[_OFFSET, _limit(100)], leads_to=_changes('parked')),
    _change('parked', 'retry', _PARKED_ID, "Put it back at the end of the person's queue."),
    _change('parked', 'drop', _PARKED_ID, 'Drop it; the reason is kept in the history.'),
    Route('GET', '/undelivered', 'undelivered', 'What was not delivered, oldest first.',
          'UndeliveredList', query=[_OFFSET, _limit(100)], leads_to=_changes('undelivered')),
    _change('undelivered', 'retry', _REPLY_ID, 'Send it once more.'),
    _change('undelivered', 'drop', _REPLY_ID, 'Let it be; the reason is kept in the history.'),
    Route('POST', '/retry', 'retry', 'Retry many at once.', 'Changes', body=Fields(
        {'items': Many(_ITEM, MOST_CHANGES)},
        {'reason': TextOf(LONGEST_REASON, 0)}), role=Role.OPERATE),
    Route('POST', '/drop', 'drop', 'Drop many at once.', 'Changes', body=Fields(
        {'items': Many(_ITEM, MOST_CHANGES), 'reason': TextOf(LONGEST_REASON)}),
        role=Role.OPERATE),
    Route('GET', '/opt-out', 'opt_out', 'Whether a person has opted out.', 'OptOut', query=[
        Parameter('address', "The person's address, as Vumi writes it.", _ADDRESS, True)]),
    Route('PUT', '/opt-out', 'set_opt_out', 'Write to a person no more, or again.',
          'OptOutChange', body=Fields({'address': _ADDRESS, 'opted_out': Flag()}),
          role=Role.OPERATE, can_miss=True),
    Route('POST', '/forget', 'forget', 'Erase all that is known of a person, for good.',
          'Receipt', body=Fields({'address': _ADDRESS, 'yes': Flag(yes=True)}),
          role=Role.OPERATE, can_miss=True),
    Route('GET', '/audit', 'audit', 'Who changed what, newest first.', 'AuditTrail',
          query=[_OFFSET, _limit(100)], leads_to=[('audit', 'offset', '/next')]),
)  # type: Sequence[Route]
