"""The page of what could not be done: parked work and undelivered replies, to retry or drop.

Each change is one call of the store, which also keeps the audit trail.  The site calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

from six.moves.urllib.parse import urlencode
from twisted.internet import defer

from vumi_snappy.console.forms import BadForm, number_of, query_fields
from vumi_snappy.console.pages import Problem
from vumi_snappy.console.render import page, redirect

#: Of each kind on a page, and changes that one form may ask for.
_PAGE, _MOST = 100, 2 * 100
#: Characters of a reason.
_REASON = 300


class ProblemPages(object):
    """The page over what `desk` (a `desk.Desk`) gives."""

    def __init__(self, desk):
        # type: (Any) -> None
        self._desk = desk
        self._store = desk.store

    @defer.inlineCallbacks
    def show(self, request, visitor):
        """What is parked and what is undelivered, oldest first."""
        fields = query_fields(request)
        starts = {kind: number_of(fields.get(kind, '')) for kind in ('parked', 'undelivered')}
        figures = yield self._store.figures()
        parked = yield self._desk.parked(starts['parked'], _PAGE)
        undelivered = yield self._store.lists.undelivered(starts['undelivered'], _PAGE)
        sections = []
        for kind, found in (('parked', parked), ('undelivered', undelivered)):
            end = starts[kind] + len(found)
            sections.append({
                'kind': kind, 'found': found, 'start': starts[kind], 'end': end,
                'total': figures[kind],
                'newer': _query(starts, kind, end) if end < figures[kind] else '',
                'older': _query(starts, kind, max(starts[kind] - _PAGE, 0))
                if starts[kind] else ''})
        counts = {name: number_of(fields.get(name, '')) for name in ('retry', 'drop', 'gone')}
        defer.returnValue(page(
            request, 'problems.html', visitor=visitor, here='problems', sections=sections,
            counts=counts))

    @defer.inlineCallbacks
    def change(self, request, visitor, fields):
        """Retry or drop what was ticked, or the one whose button was pressed."""
        action, _, one = fields.get('do', [''])[-1].partition(' ')
        items = [one] if one else fields.get('item', [])
        reason = fields.get('reason', [''])[-1].strip()[:_REASON]
        if action not in ('retry', 'drop'):
            raise BadForm('it says neither retry nor drop')
        if not items:
            raise Problem(400, 'Nothing was ticked: go back and choose what to %s.' % (action,))
        if action == 'drop' and not reason:
            raise Problem(400, 'Go back and give a reason: it is kept in the ticket\'s history.')
        done = 0
        for item in items[:_MOST]:
            done += yield self._change(item, action == 'drop', reason, visitor.name)
        counts = [(action, '%d' % (done,)), ('gone', '%d' % (len(items[:_MOST]) - done,))]
        defer.returnValue(redirect(request, '/problems?%s' % (urlencode(counts),)))

    def _change(self, item, drop, reason, who):
        # type: (Text, bool, Text, Text) -> defer.Deferred
        kind, _, name = item.partition(' ')
        if kind not in ('parked', 'undelivered'):
            raise BadForm('it names something unknown')
        return self._desk.change(kind, name, drop, reason, who)


def _query(starts, kind, start):
    # type: (Dict[Text, int], Text, int) -> Text
    """The page's query with another start of one of its lists."""
    said = urlencode(sorted((name, '%d' % (value,))
                            for name, value in dict(starts, **{str(kind): start}).items()))
    return said.decode('ascii') if isinstance(said, bytes) else said
