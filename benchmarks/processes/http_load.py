"""A driver: posts bodies over keep-alive connections, the next one as soon as one is answered.

Cheap, so as not to be what is measured: plain sockets, requests that are made before the clock is
started, and of an answer only its status and its length.  The file is JSON: ``path``, ``headers``
(an object) and ``bodies`` (texts).  Says ``seconds``, ``cpu`` seconds, and ``statuses``: how many
of each.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import io
import json
import re
import select
import socket
import sys
import time
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

_LENGTH = re.compile(br'(?i)\r\ncontent-length:\s*(\d+)')
_CHUNKED = re.compile(br'(?i)\r\ntransfer-encoding:\s*chunked')


def requests_of(port, given):
    # type: (int, Dict[Text, Any]) -> List[bytes]
    """The requests, as they go over the wire."""
    head = 'POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n' % (given['path'], port)
    head += ''.join('%s: %s\r\n' % each for each in sorted(given['headers'].items()))
    made = []
    for body in given['bodies']:
        body = body.encode('utf-8')
        made.append(('%sContent-Length: %d\r\n\r\n' % (head, len(body))).encode('ascii') + body)
    return made


def answered(data):
    # type: (bytes) -> int
    """The status of an answer that is whole, or 0."""
    head, found, body = data.partition(b'\r\n\r\n')
    if not found:
        return 0
    length = _LENGTH.search(head)
    if length:
        return int(data[9:12]) if len(body) >= int(length.group(1)) else 0
    if _CHUNKED.search(head):
        return int(data[9:12]) if body.endswith(b'0\r\n\r\n') else 0
    raise ValueError('the answer does not say how long it is')


def post_all(port, requests, connections):
    # type: (int, List[bytes], int) -> Dict[int, int]
    """How many answers there were of each status."""
    waiting = iter(requests)
    statuses = {}  # type: Dict[int, int]
    open_ones = {}  # type: Dict[int, Any]
    poll = select.epoll()

    def next_one(channel):
        # type: (Any) -> bool
        request = next(waiting, None)
        if request is not None:
            channel.sendall(request)
        return request is not None
    for _ in range(connections):
        channel = socket.create_connection((str('127.0.0.1'), port), 10)
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if next_one(channel):
            open_ones[channel.fileno()] = [channel, b'']
            poll.register(channel.fileno(), select.EPOLLIN)
    while open_ones:
        for number, _event in poll.poll(60):
            held = open_ones[number]
            data = held[0].recv(65536)
            if not data:
                raise EnvironmentError('the server hung up')
            held[1] += data
            status = answered(held[1])
            if status:
                statuses[status] = statuses.get(status, 0) + 1
                held[1] = b''
                if not next_one(held[0]):
                    poll.unregister(number)
                    del open_ones[number]
    return statuses


def main(arguments):
    # type: (Any) -> None
    """Post as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--file', required=True)
    parser.add_argument('--connections', type=int, default=20)
    options = parser.parse_args(arguments)
    with io.open(options.file, encoding='utf-8') as source:
        requests = requests_of(options.port, json.loads(source.read()))
    began, cpu = time.time(), time.clock()
    statuses = post_all(options.port, requests, options.connections)
    print(json.dumps({'seconds': time.time() - began, 'cpu': time.clock() - cpu,
                      'statuses': statuses}))


if __name__ == '__main__':
    main(sys.argv[1:])
