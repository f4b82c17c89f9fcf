"""Tickets as a file of CSV, as long as it may be: read from the store as fast as it is taken.

Promises that no more than a page of tickets is held for a reader, however slow; that one who takes
nothing for a minute is cut off; that there are few at once; and that a file which could not be
finished does not look finished.  The site calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import codecs
from typing import Any, Optional  # noqa: F401

from twisted.internet import defer
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from vumi_snappy.console.forms import TicketFilter, query_fields
from vumi_snappy.console.pages import Problem
from vumi_snappy.exporting import COLUMNS, line, pages, row
from vumi_snappy.store import StoreError

#: Exports at once, and seconds that a reader may take nothing.
_AT_ONCE, _PATIENCE = 3, 60.0


@implementer(IPushProducer)
class _Tap(object):
    """Tells whether the reader of `request` takes more now."""

    def __init__(self, clock, request):
        # type: (Any, Any) -> None
        self._clock = clock
        self._request = request
        self._open = None  # type: Optional[defer.Deferred]
        self.gone = False
        request.notifyFinish().addErrback(lambda _: self.stopProducing())
        request.registerProducer(self, True)

    def pauseProducing(self):
        # type: () -> None
        if self._open is None:
            self._open = defer.Deferred()

    def resumeProducing(self):
        # type: () -> None
        opened, self._open = self._open, None
        if opened is not None and not opened.called:
            opened.callback(None)

    def stopProducing(self):
        # type: () -> None
        self.gone = True
        self.resumeProducing()

    @defer.inlineCallbacks
    def pour(self, data):
        """Write `data` and fire when there is room for more: with whether there is a reader."""
        if not self.gone:
            self._request.write(data)
        if self._open is not None:
            try:
                yield self._open.addTimeout(_PATIENCE, self._clock)
            except defer.TimeoutError:
                self.cut()
        defer.returnValue(not self.gone)

    def cut(self):
        # type: () -> None
        """End the connection in the midst of it."""
        if not self.gone:
            self.gone = True
            self._request.unregisterProducer()
            self._request.transport.abortConnection()

    def close(self):
        # type: () -> None
        """There is no more."""
        if not self.gone:
            self._request.unregisterProducer()


class Exports(object):
    """Exports of `store`."""

    def __init__(self, clock, store):
        # type: (Any, Any) -> None
        self._clock = clock
        self._store = store
        self._running = 0

    @defer.inlineCallbacks
    def tickets(self, request, visitor):
        """The tickets that the address's query asks for."""
        wanted = TicketFilter.of(query_fields(request))
        if self._running >= _AT_ONCE:
            raise Problem(503, 'There are %d exports at work now: come again in a while.'
                          % (self._running,))
        self._running += 1
        try:
            yield self._store.sessions.note(visitor.name, 'exported tickets', '', wanted.said)
            request.setHeader(b'Content-Type', b'text/csv; charset=utf-8')
            request.setHeader(b'Content-Disposition', b'attachment; filename="tickets.csv"')
            tap = _Tap(self._clock, request)
            try:
                # Spreadsheets know by the mark that it is UTF-8.
                yield tap.pour(codecs.BOM_UTF8 + line(COLUMNS))
                yield pages(self._store, wanted, lambda tickets: tap.pour(
                    b''.join(line(row(ticket)) for ticket in tickets)))
            except StoreError:
                tap.cut()
            except Exception:
                tap.cut()
                raise
            tap.close()
        finally:
            self._running -= 1
        defer.returnValue(b'')
