"""Callers are known by an address that they can not make up."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.web.http_headers import Headers

from vumi_snappy.http.callers import Callers


class Call(object):
    def __init__(self, peer, *forwarded):
        self.peer = peer
        self.requestHeaders = Headers({b'x-forwarded-for': list(forwarded)} if forwarded else {})
        self.secure = False

    def isSecure(self):
        return self.secure

    def getClientAddress(self):
        if self.peer.startswith('/'):
            return UNIXAddress(self.peer.encode('ascii'))
        kind = IPv6Address if ':' in self.peer else IPv4Address
        return kind('TCP', self.peer, 12345)


def caller(call, *proxies):
    found = Callers((), proxies).caller(call)
    return None if found is None else '%s' % (found,)


def test_without_trusted_proxies_nobody_can_make_up_an_address():
    assert caller(Call('192.0.2.1', b'198.51.100.7')) == '192.0.2.1'


@pytest.mark.parametrize('forwarded, address', [
    ([], '10.0.0.1'),
    ([b'198.51.100.7'], '198.51.100.7'),
    ([b'203.0.113.9, 198.51.100.7'], '198.51.100.7'),
    ([b'203.0.113.9', b'198.51.100.7'], '198.51.100.7'),
    ([b'198.51.100.7, 10.0.0.2,10.0.0.3'], '198.51.100.7'),
    ([b'10.0.0.2'], '10.0.0.2'),
    ([b'2001:db8::7'], '2001:db8::7'),
    ([b'::ffff:198.51.100.7'], '198.51.100.7'),
    ([b'198.51.100.7, unknown'], None),
    ([b'198.51.100.7,'], None),
    ([b'\xff\xfe'], None),
])
def test_a_trusted_proxy_is_believed_up_to_the_first_stranger(forwarded, address):
    assert caller(Call('10.0.0.1', *forwarded), '10.0.0.0/8') == address


def test_a_stranger_does_not_become_trusted_by_naming_a_trusted_proxy():
    assert caller(Call('192.0.2.1', b'198.51.100.7, 10.0.0.1'), '10.0.0.0/8') == '192.0.2.1'


def test_who_comes_through_a_socket_without_addresses_is_not_known():
    assert caller(Call('/run/web.socket', b'198.51.100.7'), '10.0.0.0/8') is None


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_any_header_gives_an_address_or_none(forwarded):
    caller(Call('10.0.0.1', *[line.replace(b'\n', b'').replace(b'\r', b'') for line in forwarded]),
           '10.0.0.0/8')


def test_with_a_list_of_networks_only_these_may_call():
    callers = Callers(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'])
    for allowed in ('192.0.2.99', '198.51.100.7', '2001:db8::1'):
        assert callers.allows(Call(allowed))
    for denied in ('198.51.100.8', '2001:db9::1'):
        assert not callers.allows(Call(denied))
    assert not callers.allows(Call('/run/web.socket'))


def test_without_a_list_everyone_may_call():
    assert Callers().allows(Call('192.0.2.1'))
    assert Callers().allows(Call('/run/web.socket'))


@pytest.mark.parametrize('text', ['everyone', '10.0.0.0/33', '', '10.0.0'])
def test_a_network_that_is_none_is_an_error_at_start(text):
    with pytest.raises(ValueError):
        Callers([text])
    with pytest.raises(ValueError):
        Callers([], [text])


@pytest.mark.parametrize('peer, told, secure, expected', [
    ('192.0.2.1', None, True, True), ('192.0.2.1', None, False, False),
    ('192.0.2.1', b'https', False, False), ('10.0.0.1', b' HTTPS', False, True),
    ('10.0.0.1', b'http', False, False), ('10.0.0.1', None, False, False)])
def test_only_a_trusted_proxy_can_say_that_a_call_came_by_tls(peer, told, secure, expected):
    call = Call(peer)
    call.secure = secure
    if told is not None:
        call.requestHeaders.setRawHeaders(b'x-forwarded-proto', [told])
    assert Callers((), ['10.0.0.0/8']).came_by_tls(call) is expected
