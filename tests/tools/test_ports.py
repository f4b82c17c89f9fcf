"""Ports for private servers."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import socket
import subprocess
import sys

import pytest

from tools import ports


@pytest.fixture(autouse=True)
def given_back(monkeypatch):
    """Keeps no more ports, each with a file descriptor, than a test has drawn."""
    kept = []
    monkeypatch.setattr(ports, '_kept', kept)
    yield
    for mark in kept:
        mark.close()


@pytest.fixture
def ephemeral(tmpdir, monkeypatch):
    """Says which range the kernel gives to outgoing connections."""
    def say(text):
        path = tmpdir.join('range')
        path.write(text)
        monkeypatch.setattr(ports, '_RANGE_FILE', str(path))
    return say


def drawn():
    return [ports.free_port() for _ in range(200)]


def test_a_free_port_can_be_listened_on_and_does_not_answer():
    port = ports.free_port()
    assert not ports.answers(port)
    listening = socket.socket()
    try:
        listening.bind((ports.HOST, port))
        listening.listen(1)
        assert ports.answers(port)
    finally:
        listening.close()


def test_a_client_that_waits_for_a_server_cannot_be_given_the_servers_own_port():
    range_now = subprocess.check_output(['cat', '/proc/sys/net/ipv4/ip_local_port_range'])
    low, high = [int(word) for word in range_now.split()]
    assert not [port for port in drawn() if low <= port <= high]


@pytest.mark.parametrize('kernel, first, last', [
    ('32768\t60999\n', 10000, 32767),
    ('20000\t60999\n', 10000, 19999),
    ('1024 50000', 50001, 65535),
    ('1024 65535', 10000, 65535),
    ('no numbers', 10000, 32767)])
def test_ports_keep_away_from_well_known_ones_and_from_the_kernels(ephemeral, kernel, first, last):
    ephemeral(kernel)
    assert all(first <= port <= last for port in drawn())


def test_a_port_is_given_to_one_only_though_nothing_listens_on_it_yet(monkeypatch):
    port = ports.free_port()
    monkeypatch.setattr(ports, '_range', lambda: (port, port))
    with pytest.raises(ports.NoFreePort):
        ports.free_port()


def test_a_port_that_another_process_was_given_is_given_when_that_has_ended(monkeypatch):
    other = subprocess.Popen(
        [sys.executable, '-u', '-c',
         'import sys; from tools import ports; print(ports.free_port()); sys.stdin.readline()'],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    try:
        port = int(other.stdout.readline())
        monkeypatch.setattr(ports, '_range', lambda: (port, port))
        with pytest.raises(ports.NoFreePort):
            ports.free_port()
    finally:
        other.communicate(b'\n')
    assert ports.free_port() == port


def test_a_port_in_use_is_not_offered(monkeypatch):
    listening = socket.socket()
    try:
        listening.bind((ports.HOST, 0))
        listening.listen(1)
        used = listening.getsockname()[1]
        monkeypatch.setattr(ports, '_range', lambda: (used, used))
        with pytest.raises(ports.NoFreePort):
            ports.free_port()
    finally:
        listening.close()
