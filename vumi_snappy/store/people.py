"""Which threads the people of an address can have: one per channel (endpoint, transport type and
transport name) that there is.  Those that the contact address tells apart further are listed by
address.  The store alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Dict, List, Sequence, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content.numbers import Numbers  # noqa: F401
from vumi_snappy.store.identity import thread_id


@defer.inlineCallbacks
def threads_by_address(scripts, addresses, numbers):
    # type: (Any, Sequence[Text], Numbers) -> Any
    """Fires with the threads that each of `addresses` can have, in any spelling that `numbers` knows
    of it, as a dict of lists."""
    addresses = sorted({each for address in addresses for each in numbers.spellings(address)})
    channels = yield scripts.send('SMEMBERS', scripts.key('channels'))
    parts = [json.loads(raw.decode('utf-8')) for raw in channels]
    defer.returnValue({
        address: [thread_id(each[0], each[1], address, each[2]) for each in parts]
        for address in addresses})
