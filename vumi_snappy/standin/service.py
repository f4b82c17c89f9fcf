"""The stand-in as a whole: its parts built, listening on a real socket, stopped again.

`StandIn` is used by tests in the same process and by the ``twistd snappy_standin`` service alike.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
from typing import Any, Dict, Iterable, Optional, Text  # noqa: F401

from klein import Klein
from twisted.application.service import Service
from twisted.internet import defer
from twisted.internet.endpoints import serverFromString
from twisted.protocols.policies import WrappingFactory
from twisted.python.filepath import FilePath
from twisted.web.server import Site

from vumi_snappy.standin.admin import Admin
from vumi_snappy.standin.api import BASE, Api
from vumi_snappy.standin.events import Agent, Events
from vumi_snappy.standin.faults import Faults
from vumi_snappy.standin.hooks import Hooks
from vumi_snappy.standin.ledger import Ledger
from vumi_snappy.standin.model import Desk
from vumi_snappy.standin.origins import Origins
from vumi_snappy.standin.serving import RateLimit, Serving


class StandIn(object):
    """A stand-in Snappy on a Twisted server `endpoint`.

    `rate_limit` is in requests a minute (0: none).  The other options are those of `Desk`,
    `Hooks`, `Events`, `Serving` and `Origins`.  Tests may use `desk`, `agent`, `ledger`, `faults`
    and `hooks`.
    """

    def __init__(self, reactor, api_key='standin-key', mailbox_id=1, staff_id=1, hook_url='',
                 rate_limit=0, retry_after=True, raw_line_feeds=False, seed=None,
                 endpoint='tcp:0:interface=127.0.0.1', fires=True, private_twice=False,
                 reopens=True, allow_origins=()):
        # type: (Any, Text, int, int, Text, int, bool, bool, Any, Text, bool, bool, bool, Iterable[Text]) -> None  # noqa: E501
        self._reactor = reactor
        self._endpoint = endpoint
        self.desk = Desk(reactor.seconds, mailbox_id, staff_id, seed, reopens)
        self.ledger = Ledger()
        self.faults = Faults(seed)
        self.hooks = Hooks(reactor, hook_url, raw_line_feeds, seed)
        events = Events(self.hooks, fires, private_twice)
        self.agent = Agent(self.desk, events)
        self._limit = RateLimit(reactor.seconds, rate_limit)
        self._serving = Serving(reactor, BASE, self.ledger, self.faults, self._limit, api_key,
                                self.desk.other_nonce, retry_after)
        app = Klein()
        Api(self.desk, self._serving, events).routes(app)
        Admin(self, Origins(allow_origins)).routes(app)
        site = Site(app.resource(), reactor=reactor)
        site.noisy = False
        site.log = lambda request: None
        # To know the connections, so that they can be ended.
        self._site = WrappingFactory(site)
        self._site.noisy = False
        self._port = None  # type: Any

    @defer.inlineCallbacks
    def start(self):
        """Listen.  Fires with this stand-in, whose `port` and `url` are then known."""
        self._port = yield serverFromString(
            self._reactor, str(self._endpoint)).listen(self._site)
        defer.returnValue(self)

    @property
    def port(self):
        # type: () -> int
        return self._port.getHost().port

    @property
    def url(self):
        # type: () -> Text
        """What `snappy_api_url` must be to reach it."""
        return 'http://127.0.0.1:%d%s' % (self.port, BASE)

    def reset(self):
        # type: () -> None
        """Forget tickets, calls, faults and deliveries; the webhook's settings stay."""
        self.desk.reset()
        self.ledger.clear()
        self.faults.clear()
        self.hooks.reset()
        self._limit.reset()

    @defer.inlineCallbacks
    def stop(self):
        """Stop listening, end every connection and give up what is under way."""
        if self._port is not None:
            yield self._port.stopListening()
        for connection in list(self._site.protocols):
            connection.transport.abortConnection()
        self._serving.stop()
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
        self._standin.start().addCallback(self._listening).addErrback(self._failed)

    def stopService(self):
        # type: () -> defer.Deferred
        Service.stopService(self)
        return self._standin.stop()

    def _listening(self, standin):
        print('The stand-in Snappy listens on http://127.0.0.1:%d/ (API: %s)' % (
            standin.port, standin.url))
        if self._port_file:
            # By another name first: who waits for it finds it whole.
            FilePath(self._port_file).setContent(b'%d\n' % (standin.port,))

    def _failed(self, reason):
        print('The stand-in Snappy can not listen: %s' % (reason.getErrorMessage(),))
        self._standin._reactor.callWhenRunning(os._exit, 1)
