"""What could not be done: parked attempts and undelivered replies, to retry or to drop.

A problem is named by its kind, ``parked`` or ``undelivered``, and its id.  Each change is one call
of the store, which also keeps the audit trail.  Each method of `Problems` may fail with
`StoreError`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Callable, Dict, Iterable, List, Optional, Text, Tuple  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import html_to_text
from vumi_snappy.operations.words import advice
from vumi_snappy.store import Store  # noqa: F401

KINDS = ('parked', 'undelivered')
#: Characters of an operator's reason, at most.
LONGEST_REASON = 300
#: Parked attempts that one call asks for.
_PAGE = 200

_JOBS = {'msg': 'message', 'notice': 'notice of an undelivered reply', 'private': 'private note',
         'tags': 'tag', 'status': 'status', 'reply': 'reply', 'answer': 'automatic answer'}


class Problems(object):
    """The problems in `store`."""

    def __init__(self, store):
        # type: (Store) -> None
        self._store = store

    @defer.inlineCallbacks
    def totals(self):
        # type: () -> defer.Deferred
        """Fires with how many there are in all, by kind."""
        figures = yield self._store.figures()
        defer.returnValue({kind: figures[kind] for kind in KINDS})

    @defer.inlineCallbacks
    def page(self, kind, start, count):
        # type: (Text, int, int) -> defer.Deferred
        """Fires with problems of a `kind`, the oldest first, as dicts: of a parked attempt `what`
        it carries and `advice`, of an undelivered reply its `text`, and what the store tells."""
        if kind == 'parked':
            parked = yield self._store.parked(start, count)
            defer.returnValue([dict(each, what=what_is_parked(each),
                                    advice=advice(each['reason'])) for each in parked])
        undelivered = yield self._store.lists.undelivered(start, count)
        defer.returnValue([dict(each, text=html_to_text(each['html'])) for each in undelivered])

    @defer.inlineCallbacks
    def all_parked(self):
        # type: () -> defer.Deferred
        """Fires with all that is parked, as `page` gives it."""
        parked = []  # type: List[Dict[Text, Any]]
        while True:
            page = yield self.page('parked', len(parked), _PAGE)
            parked.extend(page)
            if len(page) < _PAGE:
                defer.returnValue(parked)

    def change(self, kind, name, drop, reason, who):
        # type: (Text, Text, bool, Text, Text) -> defer.Deferred
        """Retry or drop the problem of this `kind` whose id is `name`.

        Fires with False where it is none, or not any more; `who` is for the audit trail.  Errors:
        KeyError for another `kind`.
        """
        change = {'parked': self._store.unpark,
                  'undelivered': self._store.lists.settle_undelivered}[kind]
        return change(name, drop, reason, who)

    @defer.inlineCallbacks
    def change_many(self, problems, drop, reason, who, progress=lambda count: None):
        # type: (Iterable[Tuple[Text, Text]], bool, Text, Text, Callable) -> defer.Deferred
        """Change `problems` (pairs of kind and id), and tell `progress` how many are done.

        Fires with those that were changed and those that were none, or not any more, as dicts:
        kind, id.
        """
        done, gone = [], []  # type: Tuple[List[Dict[Text, Text]], List[Dict[Text, Text]]]
        for kind, name in problems:
            changed = yield self.change(kind, name, drop, reason, who)
            (done if changed else gone).append({'kind': kind, 'id': name})
            progress(len(done) + len(gone))
        defer.returnValue((done, gone))


def what_is_parked(entry):
    # type: (Dict[Text, Any]) -> Text
    """What a parked attempt carries, in words."""
    jobs = [json.loads(raw) for raw in json.loads(entry['jobs'])]
    name = _JOBS.get(jobs[0]['k'], jobs[0]['k']) if jobs else 'nothing'
    if len(jobs) > 1:
        name = '%d %ss' % (len(jobs), name)
    return '%s for %s' % (name, 'the phone' if entry['lane'] == 'b' else 'Snappy')
