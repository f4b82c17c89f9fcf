"""Redis's protocol, as far as the store needs one: a command goes out, its answer comes back.

Python 2.7 has Vumi's own client for it, txredis; Python 3 has hiredis, and here what txredis puts
around it.  Answers are bytes, ints, None and lists of them.  The store's protocol alone uses this.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import sys

if sys.version_info[0] == 2:
    from txredis.client import RedisClient  # noqa: F401
    from txredis.exceptions import NoScript, RedisError  # noqa: F401
else:
    from collections import deque
    from typing import Any  # noqa: F401

    import hiredis
    from twisted.internet import defer
    from twisted.internet.protocol import Protocol

    class RedisError(Exception):
        """What Redis said no with, as bytes."""

    class NoScript(RedisError):
        """A script is called by its hash that Redis does not have."""

    class RedisClient(Protocol):
        """txredis's, as far as it is used."""

        def __init__(self, db=None, password=None):
            # type: (Any, Any) -> None
            self.db, self.password = db or 0, password
            self._disconnected = False
            self._request_queue = deque()  # type: deque
            self._reader = hiredis.Reader(replyError=lambda said: RedisError(_bytes(said)))

        def send(self, *parts):
            # type: (*Any) -> defer.Deferred
            """Send a command (of text, bytes and numbers); fires with its answer."""
            self.transport.write(hiredis.pack_command(tuple(map(_bytes, parts))))
            return self.getResponse()

        def getResponse(self):
            # type: () -> defer.Deferred
            if self._disconnected:
                return defer.fail(RuntimeError('Not connected'))
            answer = defer.Deferred()  # type: defer.Deferred
            self._request_queue.append(answer)
            return answer

        def dataReceived(self, data):
            self._reader.feed(data)
            reply = self._reader.gets()
            while reply is not False:
                if isinstance(reply, RedisError):
                    self.errorReceived(reply.args[0])
                else:
                    self.responseReceived(reply)
                reply = self._reader.gets()

        def responseReceived(self, reply):
            # type: (Any) -> None
            self._request_queue.popleft().callback(reply)

        def errorReceived(self, data):
            # type: (bytes) -> None
            kind = NoScript if data.startswith(b'NOSCRIPT ') else RedisError
            self._request_queue.popleft().errback(kind(
                data[4:] if data.startswith(b'ERR ') else data))

        def failRequests(self, reason):
            # type: (Any) -> None
            while self._request_queue:
                self._request_queue.popleft().errback(reason)

    def _bytes(value):
        # type: (Any) -> bytes
        # Half a character may be in what people write; Python 2 has no qualms about it.
        return value if isinstance(value, bytes) else str(value).encode('utf-8', 'surrogatepass')
