"""Entries of the failures queue are read as they were written, and others are recognised."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.bus.failure_message import failure_body
from vumi_snappy.bus.failures_queue import read


@pytest.mark.parametrize('body', [b'not JSON', 'h\xe9'.encode('utf-8'), b'\xff\x00'])
def test_the_body_is_read_as_it_came(body):
    failure = read(failure_body(body, 'the body is not JSON', 'sms.inbound'))
    assert (failure.body, failure.queue, failure.reason) == (
        body, 'sms.inbound', 'the body is not JSON')
    assert failure.at is not None


def test_an_entry_has_the_same_id_each_time_and_another_one_has_another():
    raw = failure_body(b'a', 'why', 'sms.inbound')
    assert read(raw).id == read(raw).id != read(failure_body(b'b', 'why', 'sms.inbound')).id


@pytest.mark.parametrize('raw', [b'', b'\xff', b'[]', b'{}', b'{"message": 1}', b'null'])
def test_what_somebody_else_put_there_has_no_body_that_could_be_put_back(raw):
    assert read(raw).body is None
