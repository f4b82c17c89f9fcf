"""The store's Lua scripts: each a state change that a crash cannot cut in half.

Owns loading them, calling them by their hash, and putting them back when Redis forgot them.  A
script is a file of ``lua/``; those whose name begins with an underscore are shared pieces, put in
front of the scripts that use them.  Only the store's own modules call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import hashlib
import json
import os
from typing import Any, Callable, Dict, Optional, Text, Tuple  # noqa: F401

from twisted.internet import defer
from txredis import exceptions

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lua')

#: What every script begins with, and what each is made of besides itself, in order.
_FIRST = ('_base', '_record', '_index', '_prelude')
_PIECES = {
    'accept_inbound': ('_answering', '_seen', '_people'),
    'accept_reply': ('_ticket_events', '_seen', '_replies'),
    'audit': ('_audit',),
    'claim_forward': ('_limits',),
    'claim_reply': ('_people',),
    'cut_reply': ('_seen',),
    'expire_answer': ('_reply_states', '_answers'),
    'figures': ('_limits',),
    'finish_forward': ('_limits', '_ticket_events', '_seen', '_replies'),
    'finish_published': ('_reply_states', '_answers'),
    'forget_beside': ('_audit',),
    'forget_person': ('_seen', '_people', '_forget', '_audit'),
    'find_tickets': ('_people', '_summary'),
    'import_ticket': ('_ticket_events', '_seen', '_people', '_replies'),
    'list_posted': ('_people', '_posted'),
    'list_tickets': ('_summary', '_whole'),
    'overdue': ('_reply_states', '_notices'),
    'posted_tickets': ('_posted',),
    'recent_tickets': ('_whole',),
    'record_event': ('_reply_states', '_answers', '_notices', '_seen'),
    'record_ticket_event': ('_ticket_events',),
    'refuse_reply': ('_reply_states', '_notices'),
    'set_subscription': ('_audit',),
    'settle_undelivered': ('_ticket_events', '_seen', '_replies', '_audit'),
    'snappy_answered': ('_limits',),
    'snappy_failed': ('_limits',),
    'sweep': ('_seen', '_forget'),
    'take_call': ('_limits',),
    'unpark': ('_audit',),
}  # type: Dict[Text, Tuple[Text, ...]]


def _read(name):
    # type: (Text) -> bytes
    with open(os.path.join(_FOLDER, name + '.lua'), 'rb') as source:
        return source.read()


def _assemble(name):
    # type: (Text) -> bytes
    return b'\n'.join(_read(piece) for piece in _FIRST + _PIECES.get(name, ()) + (name,))


class Scripts(object):
    """Calls scripts through `connection`, on the keys that begin with `prefix`.

    `clock` is a function that gives the time in seconds since the epoch; without it the scripts
    use the time of Redis, which is the same for all workers.
    """

    def __init__(self, connection, prefix, clock=None):
        # type: (Any, Text, Optional[Callable[[], float]]) -> None
        self._connection = connection
        self._prefix = prefix
        self._clock = clock
        names = sorted(name[:-4] for name in os.listdir(_FOLDER)
                       if name.endswith('.lua') and not name.startswith('_'))
        self._sources = {name: _assemble(name) for name in names}
        self._hashes = {name: hashlib.sha1(source).hexdigest()
                        for name, source in self._sources.items()}

    @defer.inlineCallbacks
    def load(self):
        """Load every script.  Errors: `StoreUnavailable`, `StoreRefused`."""
        for source in self._sources.values():
            yield self._connection.send('SCRIPT', 'LOAD', source)

    def call(self, name, *args):
        # type: (Text, *Any) -> defer.Deferred
        """Run the script `name`; fires with its answer (bytes, int or a list of them)."""
        now = '' if self._clock is None else '%.6f' % (self._clock(),)
        parts = (self._hashes[name], '1', self._prefix, now) + args
        answer = self._connection.send('EVALSHA', *parts)
        return answer.addErrback(self._load_again, name, parts)

    def call_json(self, name, *args):
        # type: (Text, *Any) -> defer.Deferred
        """Run a script that answers in JSON; fires with the value."""
        return self.call(name, *args).addCallback(json.loads)

    def _load_again(self, reason, name, parts):
        # Redis was restarted, or somebody said SCRIPT FLUSH.
        reason.trap(exceptions.NoScript)
        return self._connection.send('EVAL', self._sources[name], *parts[1:])
