"""Ports of 127.0.0.1 for the servers that the tools start.

A port is never from the kernel's range for outgoing connections.  A client that keeps trying to
reach a server that is down would, sooner or later, get the server's own port as its source port,
and be connected to itself: the server could then not come back on its port.

A port that was handed out is not handed out again, by this process or another, until this process
ends: its owner may not listen yet, or not at the moment.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import errno
import random
import socket
from typing import List, Text, Tuple  # noqa: F401

HOST = '127.0.0.1'
_RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range'
#: Above the ports of well-known services, such as 5672 and 6379.
_LOWEST = 10000
#: These reserve the ports that were handed out, for as long as this process lives.
_kept = []  # type: List[socket.socket]


class NoFreePort(Exception):
    """There is no free port."""


def free_port():
    # type: () -> int
    """A port that nothing listens on, reserved for the caller.  Errors: `NoFreePort`."""
    first, last = _range()
    for _ in range(200):
        port = random.randint(first, last)
        if _keep(port) and _can_listen(port):
            return port
    raise NoFreePort('no free port between %d and %d of %s' % (first, last, HOST))


def answers(port):
    # type: (int) -> bool
    """Whether something listens on a port of 127.0.0.1."""
    probe = socket.socket()
    probe.settimeout(1)
    try:
        probe.connect((HOST, port))
        return True
    except EnvironmentError:
        return False
    finally:
        probe.close()


def _range():
    # type: () -> Tuple[int, int]
    try:
        # Not io.open, which on Python 2 reads in pieces: the kernel gives it whole or not at all.
        with open(_RANGE_FILE, 'rb') as kernel:
            low, high = [int(word) for word in kernel.read().split()]
    except (EnvironmentError, ValueError):
        low, high = 32768, 60999
    if low - _LOWEST >= 2000:
        return _LOWEST, low - 1
    if 65535 - high >= 2000:
        return high + 1, 65535
    return _LOWEST, 65535


def _keep(port):
    # type: (int) -> bool
    """Reserve `port`; False if somebody else has."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        # An abstract name, which only one can bind, and which the kernel frees by itself.
        mark.bind(str('\0vumi-snappy-port-%d') % (port,))
    except EnvironmentError as error:
        mark.close()
        # Without abstract names (not Linux), a collision is possible.
        return error.errno != errno.EADDRINUSE
    _kept.append(mark)
    return True


def _can_listen(port):
    # type: (int) -> bool
    trial = socket.socket()
    try:
        trial.bind((HOST, port))
        trial.listen(1)
        return True
    except EnvironmentError:
        return False
    finally:
        trial.close()
