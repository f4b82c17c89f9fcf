"""Who is logged in to the console, and the audit trail of what they changed.

A session is kept under a hash of its token, so that who reads the store can not take it over; any
worker serves it.  The console calls it; every method may fail with `StoreUnavailable`.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import hashlib
import json
from typing import Any, Dict, Text  # noqa: F401

from twisted.internet import defer


class Sessions(object):
    """The sessions of the store whose `scripts`, `connection` and `prefix` these are."""

    def __init__(self, scripts, connection, prefix):
        # type: (Any, Any, Text) -> None
        self._scripts = scripts
        self._connection = connection
        self._prefix = prefix

    def _key(self, token):
        # type: (Text) -> Text
        return '%s:session:%s' % (
            self._prefix, hashlib.sha256(token.encode('utf-8')).hexdigest())

    def open(self, token, values, seconds):
        # type: (Text, Dict[Text, Text], int) -> defer.Deferred
        """Keep `values` as the session of `token`, for so many seconds."""
        return self._connection.send('SET', self._key(token), json.dumps(values), 'EX',
                                     int(seconds))

    def get(self, token):
        # type: (Text) -> defer.Deferred
        """The values of the session of `token`, or None."""
        d = self._connection.send('GET', self._key(token))
        return d.addCallback(lambda raw: json.loads(raw.decode('utf-8')) if raw else None)

    def close(self, token):
        # type: (Text) -> defer.Deferred
        """End the session of `token`, if there is one."""
        return self._connection.send('DEL', self._key(token))

    def note(self, who, what, about='', detail=''):
        # type: (Text, Text, Text, Text) -> defer.Deferred
        """Add to the audit trail what changed nothing else in the store, such as a log-in."""
        return self._scripts.call('audit', who, what, about, detail)

    def audits(self, offset=0, limit=100):
        # type: (int, int) -> defer.Deferred
        """A page of the audit trail, newest first, as dicts: at, who, what, about, detail."""
        d = self._connection.send('LRANGE', '%s:audit' % (self._prefix,), offset,
                                  offset + limit - 1)
        return d.addCallback(lambda found: [
            dict(entry, at=float(entry['at'])) for entry in
            (json.loads(raw.decode('utf-8')) for raw in found)])
