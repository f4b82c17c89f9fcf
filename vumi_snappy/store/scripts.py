"""The store's Lua scripts: each a state change that a crash cannot cut in half.

Owns loading them, calling them by their hash, and loading them again when Redis forgot them.  A
script is a file of ``lua/``; a file whose name begins with an underscore is a part that scripts
share.  The line ``-- @needs`` of a file's head names the parts that it uses.  `_base` is put in
front of every script, `_errors` around it: that tells whether a script failed because of its item
or because of Redis, which fails as any other call to a Redis that is away.  Only the store's own
modules call it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import copy
import hashlib
import json
import os
import re
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

from twisted.internet import defer

from vumi_snappy.store.replicas import Replicas
from vumi_snappy.store.resp import NoScript

_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lua')

#: Around every script: its own errors are told from those of Redis.
_BEFORE = b'\nlocal worked, result = pcall(function()\n'
_AFTER = b"""
end)
if worked then return result end
local why = error_words(result)
return redis.error_reply(is_of_redis(why) and why or 'ITEM ' .. why)
"""
#: The line of a file's head that names the parts whose functions and constants it uses.
_NEEDS = re.compile(br'^-- @needs (.*)$', re.MULTILINE)
#: That of the head of a script that has arguments by name: all of them.
_TAKES = re.compile(br'^-- @takes (.*)$', re.MULTILINE)
#: The line of the head of those that tell what there is: nothing follows from the little that they
#: write, so no replica need have it.
_QUERY = b'\n-- @query\n'


def assemble(folder):
    # type: (Text) -> Dict[Text, bytes]
    """The source of each script of `folder`, by its name: behind all parts that it needs.

    Errors: `ValueError`, where a part that is needed is not there, or needs itself.
    """
    files = {}
    for name in os.listdir(folder):
        if name.endswith('.lua'):
            with open(os.path.join(folder, name), 'rb') as source:
                files[name[:-4]] = source.read()
    return {name: files['_errors'] + _BEFORE + files['_base'] + b'\n'.join(
                files[each] for each in _order(name, files, ())) + _AFTER
            for name in files if not name.startswith('_')}


def _order(name, files, users):
    # type: (Text, Dict[Text, bytes], Tuple[Text, ...]) -> List[Text]
    """The parts that `name` needs, each behind those that it needs itself, and `name`."""
    if name in users:
        raise ValueError('parts need each other: %s' % (' -> '.join(users + (name,)),))
    if name not in files:
        raise ValueError('%s needs %s, which is not there' % (users[-1], name))
    order = []  # type: List[Text]
    for part in _words(_NEEDS, files[name]):
        order += [each for each in _order(part, files, users + (name,)) if each not in order]
    return order + [name]


def _words(line, source):
    # type: (Any, bytes) -> List[Text]
    """The words that the lines of this kind have in `source`."""
    return b' '.join(line.findall(source)).decode('ascii').split()


class Scripts(object):
    """Calls scripts, and single commands, through `connection`, on the keys that begin with `prefix`
    and a colon.

    `clock` gives the time in seconds since the epoch; without it, Redis's own time is used.  What
    a script has written counts when `wait_replicas` replicas have it.
    """

    def __init__(self, connection, prefix, clock=None, wait_replicas=0):
        # type: (Any, Text, Optional[Callable[[], float]], int) -> None
        self._connection = connection
        self._replicas = Replicas(connection, wait_replicas)
        self.prefix = prefix
        self._clock = clock
        self._sources = assemble(_FOLDER)
        self._takes = {name: frozenset(_words(_TAKES, source))
                       for name, source in self._sources.items()}
        self._hashes = {name: hashlib.sha1(source).hexdigest()
                        for name, source in self._sources.items()}

    def through(self, connection):
        # type: (Any) -> Scripts
        """The same through another connection, by which no replica is waited for."""
        other = copy.copy(self)
        other._connection, other._replicas = connection, Replicas(connection, 0)
        return other

    def key(self, name):
        # type: (Text) -> Text
        """The whole name of a key."""
        return '%s:%s' % (self.prefix, name)

    def send(self, *parts):
        # type: (*Any) -> defer.Deferred
        """As that of the connection, for a single command by which nothing is to be settled."""
        return self._connection.send(*parts)

    def load(self):
        # type: () -> defer.Deferred
        """Load every script, at once.  Errors: `StoreUnavailable`, `StoreRefused`."""
        loading = [self._connection.send('SCRIPT', 'LOAD', source)
                   for source in self._sources.values()]
        d = defer.gatherResults(loading, consumeErrors=True)
        return d.addErrback(lambda first: first.value.subFailure)

    def call(self, name, *args, **named):
        # type: (Text, *Any, **Any) -> defer.Deferred
        """Run the script `name`; fires with its result (bytes, int or a list of them).

        A script takes either arguments by name, of which those that are None are nil there, or
        by position, where decoding a record would cost what a measure of benchmarks/ counts.
        """
        if frozenset(named) != self._takes[name]:
            raise TypeError('%s takes %s' % (name, ', '.join(sorted(self._takes[name]))))
        if named:
            args = (json.dumps({key: value for key, value in named.items() if value is not None},
                               ensure_ascii=False),)
        now = '' if self._clock is None else '%.6f' % (self._clock(),)
        parts = (self._hashes[name], '1', self.key(''), now) + args
        answer = self._connection.send('EVALSHA', *parts)
        answer.addErrback(self._load_again, name, parts)
        if _QUERY in self._sources[name]:
            return answer
        return answer.addCallback(self._replicas.have)

    def call_json(self, name, *args, **named):
        # type: (Text, *Any, **Any) -> defer.Deferred
        """As `call`, for a script that answers in JSON; fires with the value."""
        return self.call(name, *args, **named).addCallback(json.loads)

    def _load_again(self, reason, name, parts):
        # Redis was restarted, or its scripts were flushed.
        reason.trap(NoScript)
        return self._connection.send('EVAL', self._sources[name], *parts[1:])
