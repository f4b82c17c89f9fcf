"""The API's addresses: who may call, what is asked, and what becomes of it.

Promises a 201 for a ticket, and for what Snappy's hook brings, only when it is in the store; and
never a 500.  Answers: 200, 201, 301 to the address with its slash, 400, 401, 403, 404, 405, 413,
415, and 503 with Retry-After when the store is away.  A request is logged nowhere: it brings its
key.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import uuid
from typing import Any, Callable, Dict, Sequence, Text  # noqa: F401

from klein import Klein  # noqa: F401
from twisted.internet import defer, task
from twisted.logger import Logger

from vumi_snappy.bouncer_api.answering import (
    answer_error, answer_method, answer_object, answer_text, set_location)
from vumi_snappy.bouncer_api.posting import form_of, read_posted
from vumi_snappy.bouncer_api.query import (
    OF_MANY, OF_NAMES, Paging, Query, Refused, check_order, common, matches, read_filters)
from vumi_snappy.bouncer_api.schemas import FIELDS, METHODS, schema
from vumi_snappy.bouncer_api.values import ROOT, ticket_object, uri, whole_number
from vumi_snappy.callers import Guessers, Origins
from vumi_snappy.records import Posted
from vumi_snappy.store.errors import StoreError
from vumi_snappy.store.posted import TooMany
from vumi_snappy.web import patiently

log = Logger()

_GET = ('GET',)
_LISTENER = 'listener'
_NAMES = ('conversation', 'useraccount')
#: Formats that tastypie has besides JSON, which nobody was ever sent: it lacks their libraries.
_OTHER_FORMATS = ('xml', 'yaml', 'plist', 'html')
#: Objects that may be asked for one by one.
_MOST_IN_SET = 1000
#: Tickets and replies that are made ready to be shown in one turn of the reactor.
_AT_ONCE = 100


class BouncerApi(object):
    """The API of the conversations in `directory`, for who has one of `keys` (`ApiKeys`).

    `tickets` is the store's `PostedTickets`.  `take` is the intake's `take_posted`, `deliver` the
    webhook's `receive`.  `count(what)` counts ``posted`` and ``refused``.  Calls are taken from
    `networks`, those of the hook from `hook_networks`; these and `trusted_proxies` are as
    `Origins` takes them.
    """

    def __init__(self, tickets, take, deliver, directory, keys, count, clock, networks=(),
                 hook_networks=(), trusted_proxies=()):
        # type: (Any, Callable, Callable, Any, Any, Callable, Any, Sequence[Text], Sequence[Text], Sequence[Text]) -> None  # noqa: E501
        self._tickets = tickets
        self._take, self._deliver = take, deliver
        self._directory, self._keys = directory, keys
        self._count = count
        self._clock = clock
        self._origins = Origins(networks, trusted_proxies)
        self._hook_origins = Origins(hook_networks, trusted_proxies)
        self._guessers = Guessers(clock)

    def add_to(self, app):
        # type: (Klein) -> None
        """Add the API's routes to an app of `web.new_app`."""
        for route in (ROOT[:-1], ROOT, ROOT + '<path:rest>'):
            app.route(route)(self._serve)

    @defer.inlineCallbacks
    def _serve(self, request, rest=''):
        try:
            said = yield self._dispatch(request, rest)
        except Refused as no:
            self._count('refused')
            defer.returnValue(answer_error(request, no.status, no.why))
        except (StoreError, defer.TimeoutError) as failed:
            log.warn('A call of the API could not be done: {why}', why=type(failed).__name__)
            self._count('refused')
            defer.returnValue(answer_error(request, 503, 'the store is away, come again'))
        defer.returnValue(said)

    def _dispatch(self, request, rest):
        query = Query(request.uri.partition(b'?')[2])
        name, _, below = rest.partition('/')
        below = below.rstrip('/')
        if name and name != _LISTENER and name not in FIELDS or (name == _LISTENER and below):
            raise Refused(404, 'there is nothing here')
        allowed = _GET if below or not name else METHODS.get(name, ('POST',))
        method = request.method.decode('ascii', 'replace')
        if method not in allowed:
            return answer_method(request, allowed)
        if method == 'GET' and not request.path.endswith(b'/'):
            return self._with_slash(request)
        if not name:
            return answer_object(request, 200, {each: {
                'list_endpoint': '%s%s/' % (ROOT, each), 'schema': '%s%s/schema/' % (ROOT, each)}
                for each in list(FIELDS) + [_LISTENER]})
        return self._for_users(request, query, name, below, method)

    def _with_slash(self, request):
        path, mark, query = request.uri.partition(b'?')
        set_location(request, (path + b'/' + mark + query).decode('latin-1'),
                     self._origins.came_by_tls(request))
        return answer_text(request, 301)

    @defer.inlineCallbacks
    def _for_users(self, request, query, name, below, method):
        yield self._authenticate(request, query, name)
        if name == _LISTENER:
            said = yield self._hook(request)
        elif method == 'POST':
            said = yield self._post(request)
        else:
            if query.get('format') in _OTHER_FORMATS or query.get('callback') is not None:
                raise Refused(400, 'only JSON is served: leave out format and callback')
            said = answer_object(request, 200, (yield self._get(query, name, below)))
        defer.returnValue(said)

    @defer.inlineCallbacks
    def _authenticate(self, request, query, name):
        origins = self._hook_origins if name == _LISTENER else self._origins
        caller = origins.caller(request)
        if not origins.allows(caller):
            raise Refused(403, 'calls from this address are not taken')
        if self._keys.knows(request.getHeader(b'authorization') or b'', query):
            return
        yield self._guessers.turned_away(caller, lambda: log.warn(
            'A call of the API came from {caller} without a key of ours.', caller=caller))
        request.setHeader(b'WWW-Authenticate', b'ApiKey realm="snappybouncer"')
        raise Refused(401, 'username and api_key are missing, or are no user\'s')

    # What is posted.

    @defer.inlineCallbacks
    def _hook(self, request):
        said = yield self._deliver(request, form_of(
            request.getHeader(b'content-type') or b'', request.content))
        if said.status == 200:
            defer.returnValue(answer_text(request, 201))
        told = said.put(request)
        request.setHeader(b'Content-Type', b'application/json')
        defer.returnValue(told)

    @defer.inlineCallbacks
    def _post(self, request):
        message = read_posted(request.getHeader(b'content-type') or b'', request.content.read(),
                              self._directory, FIELDS['ticket'])
        conversation = message.conversation
        fields = dict(conversation.line, message_id='%s' % (uuid.uuid4().hex,),
                      from_addr=message.msisdn, content=message.text)
        number = yield patiently(
            self._clock, self._take, fields, conversation.endpoint,
            Posted(conversation.key, message.contact_key), message.told)
        self._count('posted')
        found = {'id': None, 'resource_uri': '', 'contact_key': message.contact_key,
                 'msisdn': message.msisdn, 'message': message.text,
                 'conversation': uri('conversation', conversation.id)}
        if number:
            found.update((yield self._stored(int(number))))
        set_location(request, found['resource_uri'] or ROOT + 'ticket/',
                     self._origins.came_by_tls(request))
        defer.returnValue(answer_object(request, 201, dict(message.others, **found)))

    @defer.inlineCallbacks
    def _stored(self, number):
        # Whatever happens now, the message is in the store: an error would have it posted again.
        try:
            found = yield self._some([number])
        except (StoreError, defer.TimeoutError):
            found = []
        defer.returnValue(
            found[0] if found else {'id': number, 'resource_uri': uri('ticket', number)})

    # What is read.

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
            found = self._directory.conversation(rest)
            if found is None:
                raise Refused(404, 'there is no conversation of that key')
            return found.to_object()
        return self._one(name, _number(below))

    @defer.inlineCallbacks
    def _one(self, name, number):
        found = yield self._each(name, [number])
        if not found:
            raise Refused(404, 'there is no %s %d' % (name, number))
        defer.returnValue(found[0])

    @defer.inlineCallbacks
    def _set(self, name, texts):
        if len(texts) > _MOST_IN_SET:
            raise Refused(400, 'a set has at most %d' % (_MOST_IN_SET,))
        numbers = [_number(text) for text in texts]
        found = yield self._each(name, numbers)
        there = {each['id'] for each in found}
        missing = ['%d' % (number,) for number in numbers if number not in there]
        defer.returnValue(dict({'not_found': missing} if missing else {}, objects=found))

    def _each(self, name, numbers):
        # type: (Text, Sequence[int]) -> Any
        """The objects of these numbers, without those that are not there."""
        if name == 'ticket':
            return self._some(numbers)
        there = self._names(name)
        return [there[number].to_object() for number in numbers if number in there]

    def _names(self, name):
        # type: (Text) -> Dict[int, Any]
        return (self._directory.accounts if name == 'useraccount'
                else self._directory.conversations)

    @defer.inlineCallbacks
    def _some(self, numbers):
        found = yield patiently(self._clock, self._tickets.tickets, numbers)
        defer.returnValue((yield self._objects(found)))

    @defer.inlineCallbacks
    def _objects(self, tickets):
        # To read a thousand replies takes a part of a second: others have their turns between.
        found, texts = [], 0
        for each in tickets:
            found.append(ticket_object(each, self._directory))
            texts += 1 + len(each.replies)
            if texts >= _AT_ONCE:
                texts = 0
                yield task.deferLater(self._clock, 0, lambda: None)
        defer.returnValue(found)

    def _names_page(self, query, name):
        # type: (Query, Text) -> Any
        fields = FIELDS[name]
        filters = read_filters(query, fields, {'key': OF_NAMES, 'user_account': OF_MANY})
        check_order(query, fields)
        found = [each for _, each in sorted(self._names(name).items()) if all(
            matches(each.key if field == 'key' else '%d' % (each.account,), kind, values)
            for field, kind, values in filters)]
        paging = Paging(query)
        return paging.envelope('%s%s/' % (ROOT, name), len(found), [
            each.to_object() for each in found[paging.offset:paging.offset + paging.limit]])

    @defer.inlineCallbacks
    def _tickets_page(self, query, name):
        fields = FIELDS[name]
        filters = read_filters(query, fields, {'contact_key': OF_MANY, 'msisdn': OF_MANY})
        check_order(query, fields)
        paging = Paging(query)
        try:
            total, found = yield patiently(
                self._clock, self._tickets.page, paging.offset, paging.limit,
                common(filters, 'contact_key'), common(filters, 'msisdn'))
        except TooMany:
            raise Refused(400, 'this filter fits too many tickets: name fewer contacts or numbers')
        defer.returnValue(paging.envelope(
            '%s%s/' % (ROOT, name), total, (yield self._objects(found))))


def _number(text):
    # type: (Text) -> int
    number = whole_number(text)
    if number is None:
        raise Refused(404, 'there is nothing of that name')
    return number
