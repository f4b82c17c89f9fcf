"""Callers are known by an address that they can not make up, and guessers wait."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock
from twisted.web.http_headers import Headers

from vumi_snappy.callers import Guessers, Origins


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
    found = Origins((), proxies).caller(call)
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
    origins = Origins(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'])
    for allowed in ('192.0.2.99', '198.51.100.7', '2001:db8::1'):
        assert origins.allows(ip_address(allowed))
    for denied in ('198.51.100.8', '2001:db9::1'):
        assert not origins.allows(ip_address(denied))
    assert not origins.allows(None)


def test_without_a_list_everyone_may_call():
    assert Origins().allows(ip_address('192.0.2.1'))
    assert Origins().allows(None)


@pytest.mark.parametrize('text', ['everyone', '10.0.0.0/33', '', '10.0.0'])
def test_a_network_that_is_none_is_an_error_at_start(text):
    with pytest.raises(ValueError):
        Origins([text])
    with pytest.raises(ValueError):
        Origins([], [text])


# Guessers.

def delay(guessers, clock, count):
    """Seconds after which the wrong secret of that count is answered."""
    told = []
    guessers.patience(count).addCallback(told.append)
    for quarter in range(1000):
        if told:
            return quarter / 4.0
        clock.advance(0.25)


def test_each_further_wrong_secret_waits_longer_up_to_a_limit():
    clock = Clock()
    guessers = Guessers(clock)
    assert [delay(guessers, clock, count) for count in range(1, 12)] == [
        0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 8, 8]


def test_wrong_secrets_are_counted_for_each_caller_and_forgiven_after_ten_minutes():
    clock = Clock()
    guessers = Guessers(clock)
    one, other = ip_address('192.0.2.1'), ip_address('192.0.2.2')
    assert [guessers.wrong(one), guessers.wrong(one), guessers.wrong(other)] == [1, 2, 1]
    clock.advance(599)
    assert guessers.wrong(one) == 3
    clock.advance(600)
    assert guessers.wrong(one) == 1
    assert guessers.wrong(None) == 1


def test_who_has_a_whole_network_of_the_newer_kind_is_one_caller():
    guessers = Guessers(Clock())
    counts = [guessers.wrong(ip_address('2001:db8::%x' % (n,))) for n in range(3)]
    assert counts == [1, 2, 3]
    assert guessers.wrong(ip_address('2001:db8:0:1::1')) == 1


def test_a_thousand_callers_are_remembered_and_the_longest_silent_forgotten_first():
    guessers = Guessers(Clock())
    addresses = [ip_address(0x0a000000 + n) for n in range(1001)]
    for address in addresses[:1000] + [addresses[0], addresses[1000]]:
        guessers.wrong(address)
    assert guessers.wrong(addresses[0]) == 3
    assert guessers.wrong(addresses[1]) == 1


def test_only_so_many_answers_are_held_back_at_once():
    clock = Clock()
    guessers = Guessers(clock)
    held = [guessers.patience(9) for _ in range(50)]
    assert not any(each.called for each in held)
    assert guessers.patience(9).called
    held[0].addErrback(lambda gone: None).cancel()  # its caller has gone away
    assert not guessers.patience(9).called
    clock.advance(8)
    assert all(each.called for each in held)
    assert not guessers.patience(9).called


@pytest.mark.parametrize('peer, told, secure, expected', [
    ('192.0.2.1', None, True, True), ('192.0.2.1', None, False, False),
    ('192.0.2.1', b'https', False, False), ('10.0.0.1', b' HTTPS', False, True),
    ('10.0.0.1', b'http', False, False), ('10.0.0.1', None, False, False)])
def test_only_a_trusted_proxy_can_say_that_a_call_came_by_tls(peer, told, secure, expected):
    call = Call(peer)
    call.secure = secure
    if told is not None:
        call.requestHeaders.setRawHeaders(b'x-forwarded-proto', [told])
    assert Origins((), ['10.0.0.0/8']).came_by_tls(call) is expected
