"""What a driver of HTTP is tried against: answers what it is sent with the same few bytes.

It reads no request: one piece of data is taken for one.  Nothing written in Python is cheaper.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import sys
from typing import Any  # noqa: F401

from twisted.internet import endpoints, protocol, reactor

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK'


class Answering(protocol.Protocol):
    """Answers."""

    def dataReceived(self, data):
        # type: (bytes) -> None
        """See `IProtocol`."""
        self.transport.write(_ANSWER)


def main(arguments):
    # type: (Any) -> None
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, required=True)
    options = parser.parse_args(arguments)
    factory = protocol.Factory.forProtocol(Answering)
    factory.noisy = False
    endpoints.serverFromString(
        reactor, str('tcp:%d:interface=127.0.0.1' % (options.port,))).listen(factory)
    reactor.run()


if __name__ == '__main__':
    main(sys.argv[1:])
