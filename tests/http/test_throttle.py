"""Who guesses secrets waits longer each time, and fills neither memory nor connections."""
from __future__ import absolute_import, division, print_function, unicode_literals

from ipaddress import ip_address

from twisted.internet.task import Clock

from vumi_snappy.http.throttle import SecretThrottle


def delay(throttle, clock, count):
    """Seconds after which the wrong secret of that count is answered."""
    told = []
    throttle.delayed(count).addCallback(told.append)
    for quarter in range(1000):
        if told:
            return quarter / 4.0
        clock.advance(0.25)


def test_each_further_wrong_secret_waits_longer_up_to_a_limit():
    clock = Clock()
    throttle = SecretThrottle(clock)
    assert [delay(throttle, clock, count) for count in range(1, 12)] == [
        0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 8, 8]


def test_wrong_secrets_are_counted_for_each_caller_and_forgiven_after_ten_minutes():
    clock = Clock()
    throttle = SecretThrottle(clock)
    one, other = ip_address('192.0.2.1'), ip_address('192.0.2.2')
    assert [throttle.count_wrong(each) for each in (one, one, other)] == [1, 2, 1]
    clock.advance(599)
    assert throttle.count_wrong(one) == 3
    clock.advance(600)
    assert throttle.count_wrong(one) == 1
    assert throttle.count_wrong(None) == 1


def test_who_has_a_whole_network_of_the_newer_kind_is_one_caller():
    throttle = SecretThrottle(Clock())
    counts = [throttle.count_wrong(ip_address('2001:db8::%x' % (n,))) for n in range(3)]
    assert counts == [1, 2, 3]
    assert throttle.count_wrong(ip_address('2001:db8:0:1::1')) == 1


def test_a_thousand_callers_are_remembered_and_the_longest_silent_forgotten_first():
    throttle = SecretThrottle(Clock())
    addresses = [ip_address(0x0a000000 + n) for n in range(1001)]
    for address in addresses[:1000] + [addresses[0], addresses[1000]]:
        throttle.count_wrong(address)
    assert throttle.count_wrong(addresses[0]) == 3
    assert throttle.count_wrong(addresses[1]) == 1


def test_only_so_many_responses_are_delayed_at_once():
    clock = Clock()
    throttle = SecretThrottle(clock)
    held = [throttle.delayed(9) for _ in range(50)]
    assert not any(each.called for each in held)
    assert throttle.delayed(9).called
    held[0].addErrback(lambda gone: None).cancel()  # its caller has gone away
    assert not throttle.delayed(9).called
    clock.advance(8)
    assert all(each.called for each in held)
    assert not throttle.delayed(9).called
