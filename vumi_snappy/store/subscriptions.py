"""Who asked for no more messages, by any spelling of their number.

An opt-out is kept by the address that it came with, or had before numbers were brought to one
spelling; it is looked for by all spellings.  `operations/` and the lane of replies call it; every
call may fail with `StoreUnavailable`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Iterable, List, Sequence, Text  # noqa: F401

from twisted.internet import defer

from vumi_snappy.content import mask_address
from vumi_snappy.content.numbers import Numbers  # noqa: F401
from vumi_snappy.records import Subscription  # noqa: F401


class Subscriptions(object):
    """Over the store whose `scripts` these are; `numbers` tells which addresses are one number."""

    def __init__(self, scripts, numbers):
        # type: (Any, Numbers) -> None
        self._scripts = scripts
        self._numbers = numbers

    @defer.inlineCallbacks
    def since(self, address):
        # type: (Text) -> defer.Deferred
        """When the person of `address` opted out (seconds since the epoch), or None."""
        times = yield self._times(self._numbers.spellings(address))
        defer.returnValue(min(times.values()) if times else None)

    def change(self, address, subscription, who=''):
        # type: (Text, Subscription, Text) -> defer.Deferred
        """Write to `address` no more, or again.  Fires with False if it was so before."""
        others = [each for each in self._numbers.spellings(address) if each != address]
        d = self._scripts.call('set_subscription', address=address, action=subscription.value,
                               who=who, person=mask_address(address), others=' '.join(others))
        return d.addCallback(lambda changed: changed == 1)

    @defer.inlineCallbacks
    def opted_out(self, envelopes):
        # type: (Iterable[Dict[Text, Any]]) -> Any
        """Fires with a list: of each of the `envelopes`, whether its person has opted out by another
        spelling of their number."""
        spelled = [self._numbers.of_message(each['from_addr'], each.get('transport_type') or '')
                   for each in envelopes]
        times = yield self._times(
            sorted({each for some in spelled if len(some) > 1 for each in some}))
        defer.returnValue([any(each in times for each in some) for some in spelled])

    @defer.inlineCallbacks
    def _times(self, addresses):
        # type: (Sequence[Text]) -> Any
        if not addresses:
            defer.returnValue({})
        times = yield self._scripts.send('HMGET', self._scripts.key('opted_out'), *addresses)
        defer.returnValue({
            each: float(at) for each, at in zip(addresses, times) if at is not None})
