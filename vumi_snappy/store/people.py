"""Which threads the people of an address can have: one a channel that there is.

Used by the store alone; what a thread is, `identity.thread_id` tells.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import json
from typing import Any, Dict, List, Sequence, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.store.identity import thread_id


@defer.inlineCallbacks
def threads_by_address(connection, prefix, addresses):
    # type: (Any, Text, Sequence[Text]) -> Any
    """Fires with the threads that each of `addresses` can have, as a dict of lists."""
    channels = yield connection.send('SMEMBERS', '%s:channels' % (prefix,))
    pairs = [json.loads(raw.decode('utf-8')) for raw in channels]
    defer.returnValue({
        address: [thread_id(endpoint, kind, address) for endpoint, kind in pairs]
        for address in addresses})
