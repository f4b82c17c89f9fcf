"""The page of parked attempts and undelivered replies, to retry or to drop.  The site calls it."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text  # noqa: F401

import six
from six.moves.urllib.parse import urlencode
from twisted.internet import defer

from vumi_snappy.console.authentication import Visitor  # noqa: F401
from vumi_snappy.console.forms import number_of, query_fields
from vumi_snappy.console.render import page, redirect
from vumi_snappy.http.forms import BadForm
from vumi_snappy.http.responses import HttpError
from vumi_snappy.operations.operations import Operations  # noqa: F401
from vumi_snappy.operations.problems import KINDS, LONGEST_REASON

#: Of each kind on a page, and changes that one form may ask for.
_PAGE, _MOST = 100, 2 * 100


class ProblemPages(object):
    """The page over what `operations` give."""

    def __init__(self, operations):
        # type: (Operations) -> None
        self._problems = operations.problems

    @defer.inlineCallbacks
    def show(self, request, visitor):
        # type: (Any, Visitor) -> defer.Deferred
        """What is parked and what is undelivered, oldest first."""
        fields = query_fields(request)
        starts = {kind: number_of(fields.get(kind, '')) for kind in KINDS}
        totals = yield self._problems.totals()
        sections = []
        for kind in KINDS:
            problems = yield self._problems.page(kind, starts[kind], _PAGE)
            end = starts[kind] + len(problems)
            sections.append({
                'kind': kind, 'problems': problems, 'start': starts[kind], 'end': end,
                'total': totals[kind],
                'newer': _query(starts, kind, end) if end < totals[kind] else '',
                'older': _query(starts, kind, max(starts[kind] - _PAGE, 0))
                if starts[kind] else ''})
        counts = {name: number_of(fields.get(name, '')) for name in ('retry', 'drop', 'gone')}
        defer.returnValue(page(
            request, 'problems.html', visitor=visitor, here='problems', sections=sections,
            counts=counts))

    @defer.inlineCallbacks
    def change(self, request, visitor, fields):
        # type: (Any, Visitor, Dict[Text, List[Text]]) -> defer.Deferred
        """Retry or drop what was ticked, or the one whose button was pressed."""
        action, _, one = fields.get('do', [''])[-1].partition(' ')
        items = [one] if one else fields.get('item', [])
        reason = fields.get('reason', [''])[-1].strip()[:LONGEST_REASON]
        if action not in ('retry', 'drop'):
            raise BadForm('the action is neither retry nor drop')
        if not items:
            raise HttpError(400, 'Nothing was ticked: go back and tick what to %s.' % (action,))
        if action == 'drop' and not reason:
            raise HttpError(400, 'Go back and give a reason: it is kept in the ticket\'s history.')
        problems = [tuple(item.partition(' ')[::2]) for item in items[:_MOST]]
        if any(kind not in KINDS for kind, name in problems):
            raise BadForm('the kind of problem is unknown')
        done, gone = yield self._problems.change_many(
            problems, action == 'drop', reason, visitor.name)
        defer.returnValue(redirect(
            request, '/problems?%s' % (urlencode([(action, len(done)), ('gone', len(gone))]),)))


def _query(starts, kind, start):
    # type: (Dict[Text, int], Text, int) -> Text
    """The page's query with another start of one of its lists."""
    return six.ensure_text(urlencode(sorted(dict(starts, **{str(kind): start}).items())))
