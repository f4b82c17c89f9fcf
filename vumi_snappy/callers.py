"""Who calls, whether from where we expect it, and how long a guesser waits for an answer.

A caller is known by its network address.  A trusted proxy's ``X-Forwarded-For`` is believed, entry
by entry from the right, up to the first address that is no trusted proxy's: what stands left of it
anybody can have written.  The webhook uses this; the console may.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from collections import OrderedDict
from ipaddress import ip_address, ip_network
from typing import Any, Callable, Sequence, Text  # noqa: F401

from twisted.internet import defer, task

#: Wrong secrets that are answered at once; each further one doubles the delay (seconds).
_FREE, _FIRST_DELAY, _LONGEST_DELAY = 3, 0.25, 8.0
#: Seconds without a wrong secret after which a caller is forgiven.
_FORGIVEN_AFTER = 600.0
#: Callers remembered, and answers held back at once: strangers must not fill our memory, nor
#: take all connections by guessing.
_MOST_REMEMBERED, _MOST_HELD_BACK = 1000, 50


class Origins(object):
    """Tells a request's caller, and whether it may call.

    `allowed_networks` (all, when empty) and `trusted_proxies` are addresses or networks as text:
    ``192.0.2.7``, ``10.0.0.0/8``, ``2001:db8::/32``.  Errors: ValueError for anything else.
    """

    def __init__(self, allowed_networks=(), trusted_proxies=()):
        # type: (Sequence[Text], Sequence[Text]) -> None
        self._allowed = [ip_network(each, strict=False) for each in allowed_networks]
        self._proxies = [ip_network(each, strict=False) for each in trusted_proxies]

    @property
    def take_all(self):
        # type: () -> bool
        """Whether anybody may call."""
        return not self._allowed

    def caller(self, request):
        # type: (Any) -> Any
        """The address (of `ipaddress`) that `request` came from; None where that is not known."""
        caller = _address(getattr(request.getClientAddress(), 'host', ''))
        lines = request.requestHeaders.getRawHeaders(b'x-forwarded-for', [])
        entries = b','.join(lines).split(b',') if lines else []
        while entries and caller is not None and _within(caller, self._proxies):
            caller = _address(entries.pop().strip().decode('latin-1'))
        return caller

    def came_by_tls(self, request):
        # type: (Any) -> bool
        """Whether the caller speaks TLS: with us, or with a trusted proxy that says so."""
        peer = _address(getattr(request.getClientAddress(), 'host', ''))
        told = request.requestHeaders.getRawHeaders(b'x-forwarded-proto', [b''])[-1]
        return request.isSecure() or (peer is not None and _within(peer, self._proxies)
                                      and told.strip().lower() == b'https')

    def allows(self, caller):
        # type: (Any) -> bool
        """Whether `caller` is in one of the allowed networks."""
        return not self._allowed or (caller is not None and _within(caller, self._allowed))


def _address(text):
    # type: (Text) -> Any
    try:
        address = ip_address('%s' % (text.partition('%')[0],))
    except ValueError:
        return None
    # A socket that listens for both kinds of address shows the older kind in the newer one's form.
    return getattr(address, 'ipv4_mapped', None) or address


def _within(address, networks):
    # type: (Any, Sequence[Any]) -> bool
    return any(address in network for network in networks)


class Guessers(object):
    """Callers that gave wrong secrets lately; a bounded table on `clock`."""

    def __init__(self, clock):
        # type: (Any) -> None
        self._clock = clock
        self._seen = OrderedDict()  # type: OrderedDict
        self._held_back = 0

    def turned_away(self, caller, tell):
        # type: (Any, Callable[[], None]) -> defer.Deferred
        """Note a wrong secret from `caller`; fires when it may be answered.  `tell` is called for
        the first that it gives: to log each would let anybody fill the log."""
        count = self.wrong(caller)
        if count == 1:
            tell()
        return self.patience(count)

    def wrong(self, caller):
        # type: (Any) -> int
        """Note a wrong secret from `caller` (None: not known); says how many it has given."""
        # Who has one address of the newer kind has a network of 2**64.
        key = ip_network('%s/64' % (caller,), strict=False) if getattr(
            caller, 'version', 4) == 6 else caller
        now = self._clock.seconds()
        count, at = self._seen.pop(key, (0, now))
        count = count + 1 if now - at < _FORGIVEN_AFTER else 1
        self._seen[key] = (count, now)
        if len(self._seen) > _MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return count

    def patience(self, count):
        # type: (int) -> defer.Deferred
        """Fires when the wrong secret of that `count` may be answered."""
        if count <= _FREE or self._held_back >= _MOST_HELD_BACK:
            return defer.succeed(None)
        delay = min(_FIRST_DELAY * 2 ** min(count - _FREE - 1, 10), _LONGEST_DELAY)
        self._held_back += 1
        return task.deferLater(self._clock, delay, lambda: None).addBoth(self._released)

    def _released(self, result):
        self._held_back -= 1
        return result
