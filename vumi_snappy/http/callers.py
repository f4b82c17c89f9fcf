"""The network address of a caller, whether it is allowed, and whether it called by TLS.

A trusted proxy's ``X-Forwarded-For`` is believed, entry by entry from the right, up to the first
address that is no trusted proxy's: what stands left of it anybody can have written.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from ipaddress import ip_address, ip_network
from typing import Any, Sequence, Text  # noqa: F401


class Callers(object):
    """Knows a request's caller, and whether it may call.

    `allowed_networks` (all, when empty) and `trusted_proxies` are addresses or networks as text:
    ``192.0.2.7``, ``10.0.0.0/8``, ``2001:db8::/32``.  Errors: ValueError for anything else.
    """

    def __init__(self, allowed_networks=(), trusted_proxies=()):
        # type: (Sequence[Text], Sequence[Text]) -> None
        self._allowed = [ip_network(each, strict=False) for each in allowed_networks]
        self._proxies = [ip_network(each, strict=False) for each in trusted_proxies]

    def caller(self, request):
        # type: (Any) -> Any
        """The address (of `ipaddress`) that `request` came from; None where that is not known."""
        caller = _address(getattr(request.getClientAddress(), 'host', ''))
        lines = request.requestHeaders.getRawHeaders(b'x-forwarded-for', [])
        entries = b','.join(lines).split(b',') if lines else []
        while entries and _within(caller, self._proxies):
            caller = _address(entries.pop().strip().decode('latin-1'))
        return caller

    def came_by_tls(self, request):
        # type: (Any) -> bool
        """Whether the caller speaks TLS: with us, or with a trusted proxy that says so."""
        peer = _address(getattr(request.getClientAddress(), 'host', ''))
        scheme = request.requestHeaders.getRawHeaders(b'x-forwarded-proto', [b''])[-1]
        return request.isSecure() or (_within(peer, self._proxies)
                                      and scheme.strip().lower() == b'https')

    def allows(self, request):
        # type: (Any) -> bool
        """Whether `request` came from one of the allowed networks."""
        return not self._allowed or _within(self.caller(request), self._allowed)


def _address(text):
    # type: (Text) -> Any
    try:
        address = ip_address('%s' % (text.partition('%')[0],))
    except ValueError:
        return None
    # A dual-stack socket shows addresses of IPv4 in the form of IPv6.
    return getattr(address, 'ipv4_mapped', None) or address


def _within(address, networks):
    # type: (Any, Sequence[Any]) -> bool
    return address is not None and any(address in network for network in networks)
