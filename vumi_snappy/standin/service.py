"""The stand-in as a whole: its parts built, listening on a real socket, stopped again.

`StandIn` is used by tests in the same process and by the ``twistd snappy_standin`` service alike.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os
from typing import Any, Dict, Optional, Text  # noqa: F401

from klein import Klein
from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.endpoints import serverFromString
from twisted.web.server import Site

from vumi_snappy.standin.admin import Admin
from vumi_snappy.standin.api import BASE, Api
from vumi_snappy.standin.faults import Faults
from vumi_snappy.standin.hooks import Hooks
from vumi_snappy.standin.ledger import Ledger
from vumi_snappy.standin.model import Desk


class StandIn(object):
    """A stand-in Snappy; see `Api`, `Desk` and `Hooks` for the options."""

    def __init__(self, reactor, api_key='standin-key', mailbox_id=1, staff_id=1, hook_url='',
                 rate_limit=0, retry_after=True, raw_line_feeds=False, seed=None,
                 endpoint='tcp:0:interface=127.0.0.1'):
        # type: (Any, Text, int, int, Text, int, bool, bool, Any, Text) -> None
        self._reactor = reactor
        self._endpoint = endpoint
        self.desk = Desk(reactor.seconds, mailbox_id, staff_id, seed)
        self.ledger = Ledger()
        self.faults = Faults(seed)
        self.hooks = Hooks(reactor, hook_url, raw_line_feeds, seed)
        self.api = Api(reactor, self.desk, self.ledger, self.faults, self.hooks, api_key,
                       rate_limit, retry_after)
        self._port = None  # type: Any

    @defer.inlineCallbacks
    def start(self):
        """Listen.  Fires with this stand-in, whose `port` and `url` are then known."""
        app = Klein()
        self.api.routes(app)
        Admin(self.api).routes(app)
        site = Site(app.resource(), reactor=self._reactor)
        site.noisy = False
        site.log = lambda request: None
        self._port = yield serverFromString(
            self._reactor, str(self._endpoint)).listen(site)
        defer.returnValue(self)

    @property
    def port(self):
        # type: () -> int
        """The port that it listens on."""
        return self._port.getHost().port

    @property
    def url(self):
        # type: () -> Text
        """What `snappy_api_url` must be to reach it."""
        return 'http://127.0.0.1:%d%s' % (self.port, BASE)

    @defer.inlineCallbacks
    def stop(self):
        """Stop listening and give up what is under way."""
        if self._port is not None:
            yield self._port.stopListening()
        yield self.hooks.stop()


class StandInService(Service):
    """The stand-in under twistd; writes its port to `port_file` when it listens."""

    def __init__(self, standin, port_file=None):
        # type: (StandIn, Optional[Text]) -> None
        self._standin = standin
        self._port_file = port_file

    def startService(self):
        # type: () -> None
        """Begin to listen; a port that is taken ends the process."""
        Service.startService(self)
        self._standin.start().addCallbacks(self._listening, self._failed)

    def stopService(self):
        # type: () -> defer.Deferred
        """Stop listening."""
        Service.stopService(self)
        return self._standin.stop()

    def _listening(self, standin):
        print('The stand-in Snappy listens on http://127.0.0.1:%d/ (API: %s)' % (
            standin.port, standin.url))
        if self._port_file:
            with open(self._port_file + '.new', 'w') as written:
                written.write('%d\n' % (standin.port,))
            os.rename(self._port_file + '.new', self._port_file)

    def _failed(self, reason):
        print('The stand-in Snappy can not listen: %s' % (reason.getErrorMessage(),))
        self._standin._reactor.callWhenRunning(os._exit, 1)
