"""What a monitor or a load balancer asks: is it well, and may it be sent webhooks.

Owns the health pages and the listener's other answers.  Cheap: the checks only tell what is known.
No secrets, no personal data, nothing logged.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
from collections import OrderedDict
from typing import Any, Callable, Dict, Text  # noqa: F401

import attr

from vumi_snappy import __version__
from vumi_snappy.webhook import answer


class CheckState(enum.Enum):
    """How something is.  A worker that is degraded still does its work."""

    OK = 'ok'
    DEGRADED = 'degraded'
    DOWN = 'down'


@attr.s(frozen=True, slots=True)
class Check(object):
    """How something is, and why (in words, for the operator)."""

    state = attr.ib()  # type: CheckState
    text = attr.ib(default='')  # type: Text


class HealthResource(object):
    """Answers from `checks`: name -> function that gives a `Check` at once."""

    def __init__(self, checks):
        # type: (Dict[Text, Callable[[], Check]]) -> None
        self._checks = checks

    def health(self, request):
        # type: (Any) -> bytes
        """200 while everything works, 503 and what is down otherwise."""
        checks = OrderedDict((name, check()) for name, check in self._checks.items())
        states = [check.state for check in checks.values()]
        worst = next((state for state in (CheckState.DOWN, CheckState.DEGRADED)
                      if state in states), CheckState.OK)
        body = OrderedDict([('status', worst.value), ('version', __version__)])
        body['checks'] = OrderedDict(
            (name, OrderedDict([('status', check.state.value), ('text', check.text)]))
            for name, check in checks.items())
        return answer(request, 503 if worst is CheckState.DOWN else 200, body)

    def ready(self, request):
        # type: (Any) -> bytes
        """200 while webhooks can be stored, whatever else is down."""
        store = self._checks['store']()
        ready = store.state is not CheckState.DOWN
        return answer(request, 200 if ready else 503, OrderedDict(
            [('status', 'ready' if ready else 'not ready'), ('text', store.text)]))


def build_web(webhook, health, health_path):
    # type: (Any, HealthResource, Text) -> Any
    """The listener's `IResource`: webhook, health, and 404 for everything else."""
    app = webhook.app
    path = health_path.rstrip('/')
    for route, page in ((path, health.health), (path + '/', health.health),
                        (path + '/ready', health.ready)):
        app.route(route, methods=['GET', 'HEAD'])(page)
    app.route('/', branch=True)(
        lambda request: answer(request, 404, {'error': 'there is nothing here'}))
    return app.resource()
