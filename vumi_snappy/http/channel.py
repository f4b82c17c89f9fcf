"""A connection of our HTTP servers.

Twisted 20.3's server takes bodies of any size that take any time, and answers pipelined requests
in any order (CVE-2023-46137).  `GuardedChannel` bounds a request by the `Limits`, leaves the
reading of its head to `head`, and answers in order.  `GuardedSite` makes it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional  # noqa: F401

from twisted.web.http import HTTPChannel

from vumi_snappy.http.head import HEAD_TOO_LARGE, RequestHead
from vumi_snappy.http.limits import Limits
from vumi_snappy.http.responses import HttpError

#: Seconds that a refused client has to read why, before the connection is cut.
_LINGER = 2.0
#: Status and message.
_TOO_SLOW = (408, 'The request did not arrive in time.')


class GuardedChannel(HTTPChannel):
    """One connection: it waits for a request, reads it, has it answered, and waits again."""

    limits = Limits()
    clock = None  # type: Any
    _alarm = None  # type: Any
    _head = None  # type: Any  # a RequestHead
    _ending = False
    _drained = 0

    def connectionMade(self):
        self.MAX_LENGTH = self.totalHeadersSize = self.limits.max_header
        self.maxHeaders = self.limits.max_headers
        HTTPChannel.connectionMade(self)
        self._wait(self.limits.request_time)

    def connectionLost(self, reason):
        self._ending = True
        self._set_alarm(None)
        self.site.large_bodies.end(self)
        self.site.channel_gone(self)
        HTTPChannel.connectionLost(self, reason)

    # The states of a connection.

    def _set_alarm(self, seconds, *call):
        # type: (Optional[float], *Any) -> None
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self._alarm = None if seconds is None else self.clock.callLater(seconds, *call)

    def _wait(self, seconds):
        # type: (float) -> None
        self._head = None
        self.site.channel_waits(self)
        self._set_alarm(seconds, self.loseConnection)

    def _begin(self):
        # type: () -> RequestHead
        """The head of the request that begins, or has begun."""
        if self._head is None:
            self._head = RequestHead(self.limits)
            self.site.channel_works(self)
            # What comes does not postpone it: by a trickle a server could be held up.
            self._set_alarm(self.limits.request_time, self.refuse, HttpError(*_TOO_SLOW))
        return self._head

    def loseConnection(self):
        """Close when what is written has been read, or after a while."""
        if not self._ending:
            self._ending = True
            self.site.channel_works(self)
            self._set_alarm(self.limits.idle_time, self.transport.abortConnection)
            HTTPChannel.loseConnection(self)

    def refuse(self, error):
        # type: (HttpError) -> None
        """Answer and close; nothing more of this connection is read."""
        if self._ending:
            return
        self._ending = True
        self.site.large_bodies.end(self)
        self._set_alarm(_LINGER, self.transport.abortConnection)
        self.clearLineBuffer()  # to walk through thousands of lines takes time
        self.transport.write(self.site.refusal(self, error))
        self._networkProducer.unregisterProducer()
        if self.isSecure():
            self.transport.loseConnection()
        else:
            # To close with bytes unread is to reset, and a reset overtakes the answer.
            self.transport.loseWriteConnection()
            self._networkProducer.resumeProducing()

    def _drain(self, data):
        # type: (bytes) -> None
        self._drained += len(data)
        if self._drained > self.limits.max_body:
            self.transport.abortConnection()

    # What Twisted calls.

    def dataReceived(self, data):
        if self._ending:
            self._drain(data)
            return
        if not self._handlingRequest:
            self._begin()
        HTTPChannel.dataReceived(self, data)

    def lineReceived(self, line):
        if self._ending:
            return
        try:
            self._begin().read(line)
        except HttpError as error:
            self.refuse(error)
        else:
            HTTPChannel.lineReceived(self, line)

    def allHeadersReceived(self):
        length = self._head.length
        if length > self.limits.max_body:
            try:
                seconds = self.site.large_bodies.begin(
                    self, self.requests[-1], self._path, length)
            except HttpError as error:
                self.refuse(error)
                return
            if seconds is not None:
                self._set_alarm(seconds, self.refuse, HttpError(*_TOO_SLOW))
        HTTPChannel.allHeadersReceived(self)

    def lineLengthExceeded(self, line):
        self.refuse(HttpError(*HEAD_TOO_LARGE))

    def rawDataReceived(self, data):
        if self._ending:
            return
        if self._handlingRequest:
            self._dataBuffer.append(data)
        else:
            HTTPChannel.rawDataReceived(self, data)

    def _finishRequestBody(self, data):
        # What follows the body comes first: a request that is answered at once looks for it.
        self._dataBuffer.append(data)
        self.allContentReceived()

    def allContentReceived(self):
        self._set_alarm(None)
        # The next request stays unread until this one is answered: answers go in order.
        self.setRawMode()
        HTTPChannel.allContentReceived(self)

    def requestDone(self, request):
        self.site.large_bodies.end(self)
        if self.site.stopping:
            self.persistent = False
        if self.persistent and not self._ending:
            self._wait(self.limits.idle_time)
        HTTPChannel.requestDone(self, request)

    def _respondToBadRequestAndDisconnect(self):
        self.refuse(HttpError(400, 'The request is malformed.'))
