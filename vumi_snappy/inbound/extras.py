"""What another system knows of a person, for the private note on a new ticket.

Owns the look-up by HTTP (`extras_url`) and what its response means.  It has a lane of its own: the
ticket and the person's messages never wait for it.  Promises that each look-up ends, after a
bounded number of tries, in a private note with what is known by then, or in none where nothing is;
and that neither an address, a value nor the token is logged.  `Bridge` starts and stops it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import numbers
import random
import re
from typing import Any, List, Text, Tuple  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger
from twisted.web.http_headers import Headers

from vumi_snappy import __version__
from vumi_snappy.content import foreign_json
from vumi_snappy.http.call_errors import CallError
from vumi_snappy.http.wire import ClientResponse, End, Wire  # noqa: F401
from vumi_snappy.lanes.runner import LaneRunner, persist
from vumi_snappy.records import LookupAttempt  # noqa: F401
from vumi_snappy.runtime.ports import Meter  # noqa: F401
from vumi_snappy.store import Store  # noqa: F401

log = Logger()

#: Tries of one look-up, and seconds before the second and the third.
TRIES, _DELAYS = 3, (2.0, 10.0)
#: Bytes of a response, and characters of one value in it.
_LARGEST, _LONGEST = 64 * 1024, 500
#: Look-ups at once, for each worker.
_AT_ONCE = 5
#: Statuses by which the other system says that it does not know the person.
_NOT_KNOWN = (204, 404, 410)
_BLANK = re.compile(r'[\s\x00-\x1f\x7f-\x9f]+')


@attr.s(frozen=True, slots=True)
class LookupRules(object):
    """Which `fields` of a response go into the note: pairs of label and path.  `token` is the value of
    the request's Authorization header, or empty; `timeout` is in seconds."""

    fields = attr.ib(default=())  # type: Any
    timeout = attr.ib(default=5.0)  # type: float
    token = attr.ib(default='', repr=False)  # type: Text


class _Failed(Exception):
    """No response that can be used; whether another try may bring one, and why, for the log."""

    def __init__(self, why, again):
        # type: (Text, bool) -> None
        Exception.__init__(self, why)
        self.why, self.again = why, again


class ExtrasLookup(object):
    """Makes the look-ups that `store.lookups` gives, as `rules` say.

    `metrics` counts those that were given up.
    """

    def __init__(self, clock, store, rules, metrics):
        # type: (Any, Store, LookupRules, Meter) -> None
        self._clock = clock
        self._lane = store.lookups
        self._rules = rules
        self._metrics = metrics
        self._wire = Wire(clock, rules.timeout, _AT_ONCE, _LARGEST)
        self._headers = Headers({'Accept': ['application/json'],
                                 'User-Agent': ['vumi-snappy/%s' % (__version__,)]})
        if rules.token:
            self._headers.setRawHeaders('Authorization', [rules.token])
        self.runner = LaneRunner(clock, self._lane, self.handle, _AT_ONCE, 'look-up')
        self.start = self.runner.start

    @defer.inlineCallbacks
    def stop(self, within):
        """Finish what is under way, for at most `within` seconds, and close the connections."""
        yield self.runner.stop(within)
        yield self._wire.close()

    @defer.inlineCallbacks
    def handle(self, attempt):
        """Make one `LookupAttempt`."""
        lines = []  # type: List[Text]
        try:
            # Without fields nothing is asked for: the option may have gone since it was stored.
            if self._rules.fields:
                lines = yield self._ask(attempt.url)
        except _Failed as failed:
            log.warn('Ticket {ticket}: the extras could not be looked up, try {tries}: {why}',
                     ticket=attempt.ticket, tries=attempt.tries + 1, why=failed.why)
            if failed.again and attempt.tries + 1 < TRIES:
                delay = _DELAYS[attempt.tries] * random.uniform(0.75, 1.25)
                yield persist(self._clock, self._lane.retry, attempt, delay, why=failed.why)
                return
            self._metrics.count('extras.failed')
            result = 'not found: %s' % (failed.why,)
        else:
            result = '%d found' % (len(lines),)
        text = '\n'.join(([attempt.extras] if attempt.extras else []) + lines)
        yield persist(self._clock, self._lane.finish, attempt, text, result)

    @defer.inlineCallbacks
    def _ask(self, url):
        try:
            response = yield self._wire.exchange(
                'GET', url.encode('ascii'), self._headers.copy(), None, None)
        except CallError as error:
            raise _Failed('%s' % (error,), again=error.temporary)
        if response.status in _NOT_KNOWN:
            defer.returnValue([])
        if response.status != 200:
            raise _Failed('it answered with status %d' % (response.status,),
                          again=response.status >= 500 or response.status in (408, 429))
        if response.end is not End.WHOLE:
            raise _Failed('its answer was %s' % (response.end.value,),
                          again=response.end is End.CUT_OFF)
        defer.returnValue(note_lines(response.body, self._rules.fields))


def note_lines(body, fields):
    # type: (bytes, Any) -> List[Text]
    """The lines that a private note has for a response's body; what is missing is left out.

    Errors: `_Failed`, where the body is no JSON object in UTF-8.
    """
    try:
        data = foreign_json.read(body, line_feeds=True)
    except foreign_json.BadJson:
        data = None
    if not isinstance(data, dict):
        raise _Failed('its answer is no JSON object', again=True)
    values = [(label, value_at(data, path)) for label, path in fields]
    return ['%s: %s' % each for each in values if each[1]]


def value_at(data, path):
    # type: (Any, Tuple[Text, ...]) -> Text
    """The value at `path` in one line of text; empty for what is missing, or is no single value.

    A number as a step is that place in a list.
    """
    for step in path:
        if isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            data = data.get(step) if isinstance(data, dict) else None
    if isinstance(data, bool):
        return 'yes' if data else 'no'
    if not isinstance(data, (type(''), numbers.Real)):
        return ''
    return _BLANK.sub(' ', '%s' % (data,)).strip()[:_LONGEST]
