"""The API's addresses: authentication, dispatch, and the responses.

Promises a 201 for a ticket, and for what Snappy's hook sends, only when it is in the store; and
never a 500.  Statuses: 200, 201, 301 to the address with its slash, 400, 401, 403, 404, 405, 413,
415, and 503 with Retry-After when the store is away.  Requests are not logged: they contain keys.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import uuid
from typing import Any, Callable, Dict, Sequence, Text  # noqa: F401

from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.django_bouncer.api.answering import (
    error_response, location, method_response, object_response, text_response)
from vumi_snappy.django_bouncer.api.posting import form_of, read_posted
from vumi_snappy.django_bouncer.api.query import (
    OF_MANY, OF_NAMES, Paging, Query, check_order, common, matches, read_filters)
from vumi_snappy.django_bouncer.api.schemas import FIELDS, METHODS, schema
from vumi_snappy.django_bouncer.api.values import ROOT, ticket_object, uri, whole_number
from vumi_snappy.http.callers import Callers
from vumi_snappy.http.responses import HttpError, Response
from vumi_snappy.http.routing import Routes  # noqa: F401
from vumi_snappy.http.throttle import SecretThrottle
from vumi_snappy.records import Posted
from vumi_snappy.http.shielded import shielded_call
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store.errors import StoreError
from vumi_snappy.store.posted import TooMany

log = Logger()

_GET = ('GET',)
_LISTENER = 'listener'
_NAMES = ('conversation', 'useraccount')
#: Formats of tastypie besides JSON; the bouncer lacks their libraries, and never served them.
_OTHER_FORMATS = ('xml', 'yaml', 'plist', 'html')
#: Objects in a set.
_MOST_IN_SET = 1000
#: Tickets and replies that are rendered in one turn of the reactor.
_AT_ONCE = 100


class BouncerApi(object):
    """The API of the conversations in `directory`, for who has one of `keys` (`ApiKeys`).

    `tickets` is the store's `PostedTickets`.  `take` is the intake's `take_posted`, `deliver` the
    webhook's `receive`.  `count(what)` counts ``posted`` and ``refused``.  Calls are taken from
    `networks`, those of the hook from `hook_networks`; these and `trusted_proxies` are as
    `Callers` takes them.
    """

    def __init__(self, tickets, take, deliver, directory, keys, count, clock, networks=(),
                 hook_networks=(), trusted_proxies=()):
        # type: (Any, Callable, Callable, Any, Any, Callable, Clock, Sequence[Text], Sequence[Text], Sequence[Text]) -> None  # noqa: E501
        self._tickets = tickets
        self._take, self._deliver = take, deliver
        self._directory, self._keys = directory, keys
        self._count = count
        self._clock = clock
        self._callers = Callers(networks, trusted_proxies)
        self._hook_callers = Callers(hook_networks, trusted_proxies)
        self._throttle = SecretThrottle(clock)

    def add_to(self, routes):
        # type: (Routes) -> None
        for path in (ROOT[:-1], ROOT, ROOT + '<path:rest>'):
            routes.add(path, self._serve)

    @defer.inlineCallbacks
    def _serve(self, request, rest=''):
        # type: (Any, Text) -> defer.Deferred
        try:
            response = yield self._dispatch(request, rest)
        except HttpError as error:
            self._count('refused')
            response = error_response(error)
        except (StoreError, defer.TimeoutError) as failed:
            log.warn("A call of the Django bouncer's API failed: {why}", why=type(failed).__name__)
            self._count('refused')
            response = error_response(HttpError(
                503, 'The store is not available: try again later.'))
        defer.returnValue(response)

    def _dispatch(self, request, rest):
        query = Query(request.uri.partition(b'?')[2])
        name, _, below = rest.partition('/')
        below = below.rstrip('/')
        if name and name != _LISTENER and name not in FIELDS or (name == _LISTENER and below):
            raise HttpError(404, 'There is nothing here.')
        allowed = _GET if below or not name else METHODS.get(name, ('POST',))
        method = request.method.decode('ascii', 'replace')
        if method not in allowed:
            return method_response(request, allowed)
        if method == 'GET' and not request.path.endswith(b'/'):
            return self._with_slash(request)
        if not name:
            return object_response(200, {each: {
                'list_endpoint': '%s%s/' % (ROOT, each), 'schema': '%s%s/schema/' % (ROOT, each)}
                for each in list(FIELDS) + [_LISTENER]})
        return self._for_users(request, query, name, below, method)

    def _with_slash(self, request):
        # type: (Any) -> Response
        path, mark, query = request.uri.partition(b'?')
        return text_response(301, '', location(
            request, (path + b'/' + mark + query).decode('latin-1'),
            self._callers.came_by_tls(request)))

    @defer.inlineCallbacks
    def _for_users(self, request, query, name, below, method):
        yield self._authenticate(request, query, name)
        if name == _LISTENER:
            response = yield self._hook(request)
        elif method == 'POST':
            response = yield self._post(request)
        else:
            if query.get('format') in _OTHER_FORMATS or query.get('callback') is not None:
                raise HttpError(400, 'Only JSON is served: leave out format and callback.')
            response = object_response(200, (yield self._get(query, name, below)))
        defer.returnValue(response)

    @defer.inlineCallbacks
    def _authenticate(self, request, query, name):
        callers = self._hook_callers if name == _LISTENER else self._callers
        if not callers.allows(request):
            raise HttpError(403, 'Calls from this address are not allowed.')
        if self._keys.knows(request.getHeader(b'authorization') or b'', query):
            return
        caller = callers.caller(request)
        yield self._throttle.rejected(caller, lambda: log.warn(
            "A call of the Django bouncer's API from {caller} had no valid key.", caller=caller))
        raise HttpError(401, 'username and api_key are missing or wrong.', headers=(
            (b'WWW-Authenticate', b'ApiKey realm="snappybouncer"'),))

    # Posting.

    @defer.inlineCallbacks
    def _hook(self, request):
        form = form_of(request.getHeader(b'content-type') or b'', request.content)
        try:
            yield self._deliver(request, form)
        except HttpError as error:  # the webhook has counted it
            defer.returnValue(error_response(error))
        defer.returnValue(text_response(201))

    @defer.inlineCallbacks
    def _post(self, request):
        message = read_posted(request.getHeader(b'content-type') or b'', request.content.read(),
                              self._directory, FIELDS['ticket'])
        conversation = message.conversation
        fields = dict(conversation.line, message_id='%s' % (uuid.uuid4().hex,),
                      from_addr=message.msisdn, content=message.text)
        number = yield shielded_call(
            self._clock, self._take, fields, conversation.endpoint,
            Posted(conversation.key, message.contact_key), message.agent_fields)
        self._count('posted')
        ticket = {'id': None, 'resource_uri': '', 'contact_key': message.contact_key,
                  'msisdn': message.msisdn, 'message': message.text,
                  'conversation': uri('conversation', conversation.id)}  # type: Dict[Text, Any]
        if number:
            ticket.update(id=int(number), resource_uri=uri('ticket', int(number)))
            # Whatever happens now, it is in the store: an error would have it posted again.
            try:
                for stored in (yield self._tickets_of([int(number)])):
                    ticket.update(stored)
            except (StoreError, defer.TimeoutError):
                pass
        defer.returnValue(object_response(201, dict(message.others, **ticket), location(
            request, ticket['resource_uri'] or ROOT + 'ticket/',
            self._callers.came_by_tls(request))))

    # Reading.

    def _get(self, query, name, below):
        # type: (Query, Text, Text) -> Any
        if below == 'schema':
            return schema(name)
        if not below:
            page = self._names_page if name in _NAMES else self._tickets_page
            return page(query, name)
        place, _, rest = below.partition('/')
        if place == 'set':
            return self._set(name, rest.split(';'))
        if name == 'conversation' and place == 'key':
            conversation = self._directory.conversation(rest)
            if conversation is None:
                raise HttpError(404, 'There is no conversation with this key.')
            return conversation.to_object()
        return self._one(name, _number(below))

    @defer.inlineCallbacks
    def _one(self, name, number):
        objects = yield self._objects_of(name, [number])
        if not objects:
            raise HttpError(404, 'There is no %s %d.' % (name, number))
        defer.returnValue(objects[0])

    @defer.inlineCallbacks
    def _set(self, name, texts):
        if len(texts) > _MOST_IN_SET:
            raise HttpError(400, 'A set has at most %d objects.' % (_MOST_IN_SET,))
        numbers = [_number(text) for text in texts]
        objects = yield self._objects_of(name, numbers)
        known = {each['id'] for each in objects}
        missing = ['%d' % (number,) for number in numbers if number not in known]
        defer.returnValue(dict({'not_found': missing} if missing else {}, objects=objects))

    def _objects_of(self, name, numbers):
        # type: (Text, Sequence[int]) -> Any
        """The objects with these numbers, without those that do not exist."""
        if name == 'ticket':
            return self._tickets_of(numbers)
        known = self._listed(name)
        return [known[number].to_object() for number in numbers if number in known]

    def _listed(self, name):
        # type: (Text) -> Dict[int, Any]
        return (self._directory.accounts if name == 'useraccount'
                else self._directory.conversations)

    @defer.inlineCallbacks
    def _tickets_of(self, numbers):
        tickets = yield shielded_call(self._clock, self._tickets.tickets, numbers)
        defer.returnValue((yield self._rendered(tickets)))

    @defer.inlineCallbacks
    def _rendered(self, tickets):
        # A thousand replies take a part of a second: others have their turns between.
        objects, texts = [], 0
        for each in tickets:
            objects.append(ticket_object(each, self._directory))
            texts += 1 + len(each.replies)
            if texts >= _AT_ONCE:
                texts = 0
                yield task.deferLater(self._clock, 0, lambda: None)
        defer.returnValue(objects)

    def _names_page(self, query, name):
        # type: (Query, Text) -> Any
        fields = FIELDS[name]
        filters = read_filters(query, fields, {'key': OF_NAMES, 'user_account': OF_MANY})
        check_order(query, fields)
        listed = [each for _, each in sorted(self._listed(name).items()) if all(
            matches(each.key if field == 'key' else '%d' % (each.account,), kind, values)
            for field, kind, values in filters)]
        paging = Paging(query)
        return paging.envelope('%s%s/' % (ROOT, name), len(listed), [
            each.to_object() for each in listed[paging.offset:paging.offset + paging.limit]])

    @defer.inlineCallbacks
    def _tickets_page(self, query, name):
        fields = FIELDS[name]
        filters = read_filters(query, fields, {'contact_key': OF_MANY, 'msisdn': OF_MANY})
        check_order(query, fields)
        paging = Paging(query)
        try:
            total, tickets = yield shielded_call(
                self._clock, self._tickets.page, paging.offset, paging.limit,
                common(filters, 'contact_key'), common(filters, 'msisdn'))
        except TooMany:
            raise HttpError(400, 'This filter matches too many tickets: name fewer contacts or'
                            ' numbers.')
        defer.returnValue(paging.envelope(
            '%s%s/' % (ROOT, name), total, (yield self._rendered(tickets))))


def _number(text):
    # type: (Text) -> int
    number = whole_number(text)
    if number is None:
        raise HttpError(404, 'There is no object with this number.')
    return number
