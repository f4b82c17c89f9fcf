"""A driver: an agent's reply to each ticket of a store, or what transports say of them all.

Stores what the webhook would, by the worker's own scripts.  Says ``answered``.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import json
import sys
import time
from typing import Any  # noqa: F401

from benchmarks.blocking_store import blocking_store, now
from vumi_snappy.records import Accepted, ReplyState, StaffNote

HTML = '<p>Yes, it is at the desk: come on %s.</p>' % ('Monday ' * 6,)


def main(arguments):
    # type: (Any) -> None
    """Answer as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--prefix', required=True)
    parser.add_argument('--count', type=int, required=True)
    parser.add_argument('--acknowledge', type=int, default=0, help='1: they have arrived')
    options = parser.parse_args(arguments)
    store, answered = blocking_store(options.port, options.prefix), 0
    for number in range(1, options.count + 1):
        ticket = now(store.ticket('%d' % (number,)))
        if options.acknowledge:
            now(store.record_event(ticket['replies'][0]['id'], ReplyState.ACKED))
            answered += 1
            continue
        said = now(store.accept_reply(StaffNote(
            note_id='%d' % (10 ** 7 + number,), nonce=ticket['nonce'],
            ticket_id='%d' % (10 ** 6 + number,), html=HTML, staff_id='7', staff_name='Thandi',
            created_at=time.time())))
        answered += said is Accepted.STORED
    print(json.dumps({'answered': answered}))


if __name__ == '__main__':
    main(sys.argv[1:])
