"""The health pages, for monitors and load balancers: is the worker well, may it be sent webhooks?

Cheap: the checks only return what is known.  No secrets, no personal data, nothing logged.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
from collections import OrderedDict
from datetime import datetime
from typing import Any, Callable, Dict, Iterable, Optional, Text, Tuple  # noqa: F401

import attr
from vumi_snappy import __version__
from vumi_snappy.http.responses import Response
from vumi_snappy.http.routing import Routes  # noqa: F401
from vumi_snappy.runtime.clocks import wall_time
from vumi_snappy.runtime.ports import Clock  # noqa: F401


class CheckState(enum.Enum):
    """A worker that is degraded still does its work."""

    OK = 'ok'
    DEGRADED = 'degraded'
    DOWN = 'down'


@attr.s(frozen=True, slots=True)
class Check(object):
    """The state of a part, the reason (for the operator), since when (epoch seconds), and a word for
    the kind of trouble, which stays while the numbers in the reason change."""

    state = attr.ib()  # type: CheckState
    text = attr.ib(default='')  # type: Text
    since = attr.ib(default=None)  # type: Optional[float]
    kind = attr.ib(default='fine')  # type: Text


class HealthResource(object):
    """Answers from `checks`: pairs of a name and a function that returns a `Check` at once.

    The check named ``store`` decides whether webhooks may be sent here.  `worker` is a name for
    this process among others.
    """

    def __init__(self, checks, clock, worker):
        # type: (Iterable[Tuple[Text, Callable[[], Check]]], Clock, Text) -> None
        self._checks = OrderedDict(checks)
        self._clock = clock
        self._worker = worker

    def add_to(self, routes, path):
        # type: (Routes, Text) -> None
        """Add the pages: `path`, and ``ready`` below it."""
        path = '/' + path.strip('/')
        below = path.rstrip('/') + '/'
        for route, page in ((path, self.health), (below, self.health),
                            (below + 'ready', self.ready)):
            routes.add(route, page, 'GET', 'HEAD')

    def health(self, request):
        # type: (Any) -> Response
        """200 while everything works, if degraded; else 503 and what is down."""
        report = self.report()
        return Response.of(_status(CheckState(report['status'])), report)

    def report(self):
        # type: () -> Dict[Text, Any]
        """The state of everything, as values of JSON."""
        checks = OrderedDict((name, looked(check)) for name, check in self._checks.items())
        states = [check.state for check in checks.values()]
        worst = next((state for state in (CheckState.DOWN, CheckState.DEGRADED)
                      if state in states), CheckState.OK)
        return OrderedDict([
            ('status', worst.value), ('version', __version__), ('worker', self._worker),
            ('checks', OrderedDict((name, self._show(check))
                                   for name, check in checks.items()))])

    def ready(self, request):
        # type: (Any) -> Response
        """200 while webhooks can be stored, whatever else is down."""
        store = looked(self._checks['store'])
        word = 'not ready' if store.state is CheckState.DOWN else 'ready'
        return Response.of(_status(store.state), OrderedDict([
            ('status', word), ('text', store.text)]))

    def _show(self, check):
        # type: (Check) -> Dict[Text, Any]
        shown = OrderedDict()  # type: Dict[Text, Any]
        shown['status'], shown['text'] = check.state.value, check.text
        if check.since is not None:
            shown['since'] = datetime.utcfromtimestamp(int(check.since)).isoformat() + 'Z'
            shown['seconds'] = max(0, int(wall_time(self._clock) - check.since))
        return shown


def looked(check):
    # type: (Callable[[], Check]) -> Check
    """The outcome of a `check`; one that fails is down."""
    try:
        return check()
    except Exception as failed:
        return Check(CheckState.DOWN, 'it could not be checked (%s)' % (type(failed).__name__,))


def _status(state):
    # type: (CheckState) -> int
    return 503 if state is CheckState.DOWN else 200
