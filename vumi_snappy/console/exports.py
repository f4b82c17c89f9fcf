"""Tickets as a CSV file of any length: read from the store as fast as the reader takes it.

Promises that no more than a page of tickets is held for a reader, however slow; that a reader who
takes nothing for a minute is cut off; that there are few exports at once; and that a file which
could not be finished does not look finished.  The site calls it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import codecs
from typing import Any, Optional  # noqa: F401

from twisted.internet import defer
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from vumi_snappy.console.authentication import Visitor  # noqa: F401
from vumi_snappy.console.forms import query_fields
from vumi_snappy.http.responses import HttpError
from vumi_snappy.operations.exporting import COLUMNS, line, row
from vumi_snappy.operations.operations import Operations  # noqa: F401
from vumi_snappy.operations.tickets import TicketFilter
from vumi_snappy.runtime.ports import Clock  # noqa: F401
from vumi_snappy.store import StoreError

#: Exports at once, and seconds that a reader may take nothing.
_AT_ONCE, _PATIENCE = 3, 60.0


@implementer(IPushProducer)
class _Tap(object):
    """Tells whether the reader of `request` takes more now."""

    def __init__(self, clock, request):
        # type: (Clock, Any) -> None
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
        if not self.gone:
            self._request.unregisterProducer()


class Exports(object):
    """Exports of what `operations` give."""

    def __init__(self, clock, operations):
        # type: (Clock, Operations) -> None
        self._clock = clock
        self._tickets = operations.tickets
        self._running = 0

    @defer.inlineCallbacks
    def tickets(self, request, visitor):
        # type: (Any, Visitor) -> defer.Deferred
        """The tickets that the address's query asks for."""
        wanted = TicketFilter.of(query_fields(request))
        if self._running >= _AT_ONCE:
            raise HttpError(503, '%d exports are running: try again later.'
                            % (self._running,))
        self._running += 1
        try:
            yield self._tickets.note_export(wanted, visitor.name)
            request.setHeader(b'Content-Type', b'text/csv; charset=utf-8')
            request.setHeader(b'Content-Disposition', b'attachment; filename="tickets.csv"')
            tap = _Tap(self._clock, request)
            try:
                # Spreadsheets know by the mark that it is UTF-8.
                yield tap.pour(codecs.BOM_UTF8 + line(COLUMNS))
                yield self._tickets.export(wanted, lambda tickets: tap.pour(
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
