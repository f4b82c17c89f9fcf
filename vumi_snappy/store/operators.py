"""Who is logged in to the console, who failed to, and the audit trail of what they changed.

A session is kept under a hash of its token, so that who reads the store can not take it over; any
worker serves it.  The console calls it; every method may fail with `StoreUnavailable`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import hashlib
import json
from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import defer


class Operators(object):
    """The operators of the store whose `scripts` these are."""

    def __init__(self, scripts):
        # type: (Any) -> None
        self._scripts = scripts

    def _key(self, token):
        # type: (Text) -> Text
        return self._scripts.key(
            'session:%s' % (hashlib.sha256(token.encode('utf-8')).hexdigest(),))

    def open(self, token, values, seconds):
        # type: (Text, Dict[Text, Text], int) -> defer.Deferred
        """Keep `values` as the session of `token`, for so many seconds."""
        return self._scripts.send('SET', self._key(token), json.dumps(values), 'EX', int(seconds))

    def get(self, token):
        # type: (Text) -> defer.Deferred
        """The values of the session of `token`, or None."""
        d = self._scripts.send('GET', self._key(token))
        return d.addCallback(lambda raw: json.loads(raw.decode('utf-8')) if raw else None)

    def close(self, token):
        # type: (Text) -> defer.Deferred
        """End the session of `token`, if there is one."""
        return self._scripts.send('DEL', self._key(token))

    def note(self, who, what, about='', detail=''):
        # type: (Text, Text, Text, Text) -> defer.Deferred
        """Add to the audit trail what changed nothing else in the store, such as a log-in."""
        return self._scripts.call('audit', who=who, what=what, about=about, detail=detail)

    def note_failure(self, who, caller):
        # type: (Text, Text) -> defer.Deferred
        """Count a log-in as `who` (empty: no such user) that failed, from the address `caller`."""
        return self._scripts.call('note_failed_log_in', who=who, caller=caller)

    @defer.inlineCallbacks
    def failures(self, limit=50):
        # type: (int) -> defer.Deferred
        """Fires with failed log-ins, the latest first, as dicts: who, caller, count, at."""
        send, key = self._scripts.send, self._scripts.key
        flat = yield send('ZREVRANGE', key('failed_log_ins_at'), 0, limit - 1, 'WITHSCORES')
        lines = flat[::2]
        counts = (yield send('HMGET', key('failed_log_ins'), *lines)) if lines else []
        defer.returnValue([
            dict(zip(('who', 'caller'), json.loads(line.decode('utf-8'))), count=int(count or 1),
                 at=float(at)) for line, at, count in zip(lines, flat[1::2], counts)])

    def audits(self, offset=0, limit=100):
        # type: (int, int) -> defer.Deferred
        """A page of the audit trail, newest first, as dicts: at, who, what, about, detail."""
        d = self._scripts.send('LRANGE', self._scripts.key('audit'), offset, offset + limit - 1)
        return d.addCallback(lambda rows: [
            dict(entry, at=float(entry['at'])) for entry in map(json.loads, rows)])
