"""What a monitor or a load balancer asks: is it well, and may it be sent webhooks.

Owns the health pages, and the listener that shows them beside the webhook.  Cheap: the checks only
tell what is known.  No secrets, no personal data, nothing logged.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import time
from collections import OrderedDict
from datetime import datetime
from typing import Any, Callable, Dict, Optional, Sequence, Text  # noqa: F401

import attr
from klein import Klein  # noqa: F401

from vumi_snappy import __version__
from vumi_snappy.web import Direct, answer, new_app


class CheckState(enum.Enum):
    """How something is.  A worker that is degraded still does its work."""

    OK = 'ok'
    DEGRADED = 'degraded'
    DOWN = 'down'


@attr.s(frozen=True, slots=True)
class Check(object):
    """How something is, why (in words, for the operator), since when (epoch seconds), and a word
    for the kind of trouble, which stays while the words' numbers change."""

    state = attr.ib()  # type: CheckState
    text = attr.ib(default='')  # type: Text
    since = attr.ib(default=None)  # type: Optional[float]
    kind = attr.ib(default='fine')  # type: Text


class HealthResource(object):
    """Answers from `checks`: name -> function that gives a `Check` at once.

    The check named ``store`` decides whether webhooks may be sent here.  `clock` tells the time
    (the system's, without one); `worker` is a name for this process among others.
    """

    def __init__(self, checks, clock=None, worker=''):
        # type: (Dict[Text, Callable[[], Check]], Any, Text) -> None
        self._checks = checks
        self._now = time.time if clock is None else clock.seconds
        self._worker = worker

    def add_to(self, app, path):
        # type: (Klein, Text) -> None
        """Add the pages to an app of `web.new_app`: `path`, and ``ready`` below it."""
        path = '/' + path.strip('/')
        below = path.rstrip('/') + '/'
        for route, page in ((path, self.health), (below, self.health),
                            (below + 'ready', self.ready)):
            app.route(route, methods=['GET', 'HEAD'])(page)

    def health(self, request):
        # type: (Any) -> bytes
        """200 while everything works, if not at its best; 503 and what is down otherwise."""
        report = self.report()
        return answer(request, _status(CheckState(report['status'])), report)

    def report(self):
        # type: () -> Dict[Text, Any]
        """How everything is, as values of JSON."""
        checks = OrderedDict((name, self._look(name)) for name in self._checks)
        states = [check.state for check in checks.values()]
        worst = next((state for state in (CheckState.DOWN, CheckState.DEGRADED)
                      if state in states), CheckState.OK)
        return OrderedDict([
            ('status', worst.value), ('version', __version__), ('worker', self._worker),
            ('checks', OrderedDict((name, self._show(check))
                                   for name, check in checks.items()))])

    def ready(self, request):
        # type: (Any) -> bytes
        """200 while webhooks can be stored, whatever else is down."""
        store = self._look('store')
        word = 'not ready' if store.state is CheckState.DOWN else 'ready'
        return answer(request, _status(store.state),
                      OrderedDict([('status', word), ('text', store.text)]))

    def _look(self, name):
        # type: (Text) -> Check
        try:
            return self._checks[name]()
        except Exception as failed:
            return Check(CheckState.DOWN, 'it could not be checked (%s)' % (
                type(failed).__name__,))

    def _show(self, check):
        # type: (Check) -> Dict[Text, Any]
        shown = OrderedDict()  # type: Dict[Text, Any]
        shown['status'], shown['text'] = check.state.value, check.text
        if check.since is not None:
            shown['since'] = datetime.utcfromtimestamp(int(check.since)).isoformat() + 'Z'
            shown['seconds'] = max(0, int(self._now() - check.since))
        return shown


def _status(state):
    # type: (CheckState) -> int
    return 503 if state is CheckState.DOWN else 200


def build_web(webhook, health, health_path, others=()):
    # type: (Any, HealthResource, Text, Sequence[Any]) -> Any
    """The listener's `IResource`: webhook, health pages, `others` that add themselves to an app,
    and 404 for everything else."""
    app = new_app()
    for each in others:
        each.add_to(app)
    webhook.add_to(app)
    health.add_to(app, health_path)
    return Direct(app, webhook.takers())
