"""Ports of 127.0.0.1 for the servers that the tools start.

A port is never taken from the range that the kernel gives to outgoing connections.  A client that
keeps trying to reach a server that is down would, sooner or later, be given the server's own port
to call from, and be connected to itself: the server could then not come back on its port.

A port that was given away is given to nobody else, in this process or another, until this process
ends: who asked for it may not listen yet, or not at this moment.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import errno
import random
import socket
from typing import List, Text, Tuple  # noqa: F401

HOST = '127.0.0.1'
_RANGE_FILE = '/proc/sys/net/ipv4/ip_local_port_range'
#: Below this are the ports of well-known services, such as 5672 and 6379.
_LOWEST = 10000
#: What holds the ports that were given away, for as long as this process lives.
_kept = []  # type: List[socket.socket]


class NoFreePort(Exception):
    """No port that can be listened on was found."""


def free_port():
    # type: () -> int
    """A port that nothing listens on, and that nobody else is given.  Errors: `NoFreePort`."""
    first, last = _range()
    for _ in range(200):
        port = random.randint(first, last)
        if _keep(port) and _can_listen(port):
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


def _keep(port):
    # type: (int) -> bool
    """Whether the port is ours from now on."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        # A name that is no file, which the kernel gives to one only and takes back by itself.
        mark.bind(str('\0vumi-snappy-port-%d') % (port,))
    except EnvironmentError as error:
        mark.close()
        # Where there are no such names, it is left to chance.
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
