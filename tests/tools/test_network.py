# -*- coding: utf-8 -*-
"""The phone network takes the messages of Vumi's bridge transport, and nobody else's."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import requests

from tools.network import MAX_BODY, PhoneNetwork

BODY = {'to_addr': '+27820001001', 'content': 'Sawubona 👋', 'message_id': 'abc',
        'in_reply_to': 'def', 'session_event': None, 'helper_metadata': {'a': 1}}


@pytest.fixture
def network():
    network = PhoneNetwork()
    network.start()
    yield network
    network.stop()


@pytest.fixture
def put(network):
    http = requests.Session()
    http.trust_env = False

    def put(body, auth=(network.account, network.token), path='/phones/messages.json', **how):
        how.setdefault('json', body)
        return http.put(network.base_url + path, auth=auth, timeout=10, **how)
    return put


def test_a_message_is_kept_and_given_an_id_of_the_networks_own(network, put):
    answer = put(BODY)
    message, = network.messages()
    assert answer.status_code == 200
    assert answer.json() == {'message_id': message.network_id}
    assert (message.message_id, message.to_addr, message.content, message.in_reply_to,
            message.session_event, message.helper_metadata) == (
        'abc', '+27820001001', 'Sawubona 👋', 'def', None, {'a': 1})


def test_each_message_counts_also_one_that_comes_twice(network, put):
    first, second = put(BODY).json(), put(BODY).json()
    assert first != second
    assert [each.message_id for each in network.messages()] == ['abc', 'abc']


def test_refused_messages_are_not_kept_until_they_are_taken_again(network, put):
    network.answer_with(503)
    assert put(BODY).status_code == 503
    assert network.messages() == []
    network.answer_with(200)
    assert put(BODY).status_code == 200
    assert len(network.messages()) == 1


@pytest.mark.parametrize('how, status', [
    ({'auth': ('demo', 'wrong')}, 401), ({'auth': None}, 401), ({'path': '/others.json'}, 404),
    ({'json': None, 'data': b'not JSON'}, 400), ({'json': {'content': 'no address'}}, 400),
    ({'json': ['a list']}, 400), ({'json': None, 'data': b' ' * (MAX_BODY + 1)}, 413)])
def test_what_is_no_message_of_the_transport_is_told_so(network, put, how, status):
    assert put(BODY, **how).status_code == status
    assert network.messages() == []
