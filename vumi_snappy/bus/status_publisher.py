"""Publishes the status of the worker's parts on the bus, as Vumi's transports do theirs.

Promises that each change of state or kind is published once, on the connector
`<transport_name>.status`; what changed while the bus was away is published when it is back, as it
is then.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Text, Tuple  # noqa: F401

from twisted.internet.defer import maybeDeferred
from twisted.python import log

from vumi_snappy.vumi.message import TransportStatus


class StatusPublisher(object):
    """Publishes `vumi.message.TransportStatus`; `worker` is a name for this process, or empty."""

    def __init__(self, worker=''):
        # type: (Text) -> None
        self._details = {'worker_name': worker} if worker else {}
        self._connector = None  # type: Any
        self._published = {}  # type: Dict[Text, Tuple[Any, Text]]

    def publish(self, checks):
        # type: (List[Tuple[Text, Any]]) -> None
        """Publish those of `checks` (name and `health.Check`) that have changed."""
        if self._connector is None:
            return
        for name, check in checks:
            now = (check.state, check.kind)
            if self._published.get(name) != now:
                self._published[name] = now
                maybeDeferred(self._connector.publish_status, TransportStatus(
                    component=name, status=check.state.value, type=check.kind,
                    message=check.text or 'all is well', details=self._details,
                )).addErrback(log.err, 'A status could not be published')

    def bus_connected(self, connector):
        # type: (Any) -> None
        """Publish on `connector` (Vumi's `PublishStatusConnector`; None: not) from now on."""
        self._connector = connector

    def bus_lost(self):
        # type: () -> None
        """Publish nothing until the bus is back; that it was away is published then."""
        self._connector = None
        self._published.pop('bus', None)
