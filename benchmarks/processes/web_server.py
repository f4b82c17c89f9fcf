"""A peer and a server for peers: bare Klein that reads what is posted and answers ``OK``.

Answers after ``--latency`` seconds; GET /times gives when each came, in seconds since the epoch.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import sys
from typing import Any, List  # noqa: F401

from klein import Klein
from twisted.internet import endpoints, reactor, task
from twisted.web.server import Site


def application(clock, latency):
    # type: (Any, float) -> Klein
    """Its routes; `clock` is the reactor."""
    app = Klein()
    times = []  # type: List[float]

    @app.route('/', methods=['POST'])
    def take(request):
        request.content.read()
        times.append(clock.seconds())
        if latency:
            return task.deferLater(clock, latency, lambda: b'OK')
        return b'OK'

    @app.route('/times')
    def tell(request):
        return json.dumps(times).encode('ascii')
    return app


def main(arguments):
    # type: (Any) -> None
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--latency', type=float, default=0.0)
    options = parser.parse_args(arguments)
    site = Site(application(reactor, options.latency).resource())
    site.noisy = False
    site.log = lambda request: None
    endpoints.serverFromString(
        reactor, str('tcp:%d:interface=127.0.0.1' % (options.port,))).listen(site)
    reactor.run()


if __name__ == '__main__':
    main(sys.argv[1:])
