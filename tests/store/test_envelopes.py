"""An envelope is kept short, and comes back as it was."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

from hypothesis import given, strategies as st

from vumi_snappy.store.envelopes import pack, unpack

WHOLE = {'to_addr': '12345', 'from_addr': '+27820001001', 'transport_name': 'sms_transport',
         'transport_type': 'sms', 'transport_metadata': {}, 'helper_metadata': {}, 'group': None,
         'provider': None, 'message_id': 'm1', 'endpoint': 'default', 'received_at': 1416000000.25,
         'in_session': False, 'session_over': False}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1) | st.text(max_size=3),
    lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=2)
    | st.lists(inner, max_size=2), max_leaves=4)


@given(st.fixed_dictionaries({name: st.just(value) | VALUES for name, value in WHOLE.items()}))
def test_whatever_it_holds_comes_back(envelope):
    assert unpack(pack(envelope, '+27820001001'), '+27820001001') == envelope


def test_what_goes_without_saying_is_not_kept():
    packed = pack(WHOLE, WHOLE['from_addr'])
    assert len(packed) < 140
    assert WHOLE['from_addr'] not in packed


def test_one_that_was_kept_whole_is_read_as_well():
    assert unpack(json.dumps(WHOLE), 'somebody else') == WHOLE


def test_two_of_them_share_nothing():
    first, second = (unpack('{}', 'a') for _ in range(2))
    first['helper_metadata']['tag'] = 'x'
    assert second['helper_metadata'] == {}
