"""Ports of 127.0.0.1 for the servers that the tools start.

A port is never taken from the range that the kernel gives to outgoing connections.  A client that
keeps trying to reach a server that is down would, sooner or later, be given the server's own port
to call from, and be connected to itself: the server could then not come back on its port.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
import socket
from typing import Text, Tuple  # noqa: F401

HOST = '127.0.0.1'
_RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range'
#: Below this are the ports of well-known services, such as 5672 and 6379.
_LOWEST = 10000


class NoFreePort(Exception):
    """No port that can be listened on was found."""


def free_port():
    # type: () -> int
    """A port that nothing listens on now.  Errors: `NoFreePort`."""
    first, last = _range()
    for _ in range(200):
        port = random.randint(first, last)
        if _can_listen(port):
            return port
    raise NoFreePort('no free port was found between %d and %d of %s' % (first, last, HOST))


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
        # Not io.open, which on Python 2 reads in pieces: the kernel has it whole or not at all.
        with open(_RANGE_FILE, 'rb') as kernel:
            low, high = [int(word) for word in kernel.read().split()]
    except (EnvironmentError, ValueError):
        low, high = 32768, 60999
    if low - _LOWEST >= 2000:
        return _LOWEST, low - 1
    if 65535 - high >= 2000:
        return high + 1, 65535
    return _LOWEST, 65535


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
