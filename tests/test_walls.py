"""Rooms keep to their walls: who may know of whom, of Vumi, of Snappy, and who uses Redis."""
from __future__ import absolute_import, division, print_function, unicode_literals

import ast
import io
import os

import pytest

import vumi_snappy

ROOT = os.path.dirname(os.path.abspath(vumi_snappy.__file__))


def modules():
    """The path below the package, and the syntax tree, of each module."""
    for folder, _, names in os.walk(ROOT):
        for name in names:
            if name.endswith('.py'):
                path = os.path.join(folder, name)
                with io.open(path, 'rb') as source:
                    yield os.path.relpath(path, ROOT), ast.parse(source.read())


def imported(tree):
    """The top packages that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield each.name.split('.')[0]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split('.')[0]


def test_only_the_seam_imports_vumi():
    known = {path for path, tree in modules() if 'vumi' in imported(tree)}
    assert sorted(known) == [
        'vumi/config.py', 'vumi/message.py', 'vumi/middleware.py', 'vumi/options.py',
        'vumi/worker.py']


@pytest.mark.parametrize('room, others', [
    # The two wings meet in the store alone.
    ('inbound', ['outbound']), ('outbound', ['inbound']),
    # What operators can do is the same in every face.
    ('operations', ['console', 'cli']), ('console', ['cli']), ('cli', ['console'])])
def test_a_room_does_not_import_from_these_others(room, others):
    crossing = [path for path, tree in modules() if path.startswith(room + '/')
                for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                and node.module.split('.')[1:2] and node.module.split('.')[1] in others]
    assert crossing == []


#: Which rooms of ours each room may import, as CONTRIBUTING.md has it; its own one it may, too.
MAY_USE = {
    'runtime': '', 'http': 'runtime', 'content': 'runtime', 'vumi': '',
    'snappy': 'http content records runtime', 'standin': 'http',
    'store': 'content records runtime', 'lanes': 'store records runtime',
    'bus': 'content runtime vumi', 'monitoring': 'store http runtime',
    'inbound': 'lanes store snappy http bus content records runtime',
    'outbound': 'lanes store snappy http bus content records runtime',
    'operations': 'store bus content records',
    'django_bouncer': 'store http content records runtime',
    'console': 'operations content http monitoring store runtime',
    'cli': 'operations bus config content django_bouncer http snappy store runtime',
    'config': 'content django_bouncer http inbound operations outbound store vumi',
    'worker.py': 'bridge bus config runtime'}
#: twistd reads the file of options as the commands do.
EXCEPT = {('bus/service_maker.py', 'cli')}


@pytest.mark.parametrize('room', sorted(MAY_USE))
def test_a_room_uses_only_the_rooms_below_it(room):
    allowed = set(MAY_USE[room].split()) | {room, '__version__'}
    crossing = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if path.split('/')[0] == room and isinstance(node, ast.ImportFrom):
                parts = node.module.split('.')
                if parts[0] == 'vumi_snappy':
                    used = set(parts[1:2] or {each.name for each in node.names})
                    crossing.extend((path, each) for each in used - allowed)
    assert set(crossing) <= EXCEPT


#: Fields, events and forms that only Snappy has.
OF_SNAPPY = {'created_by_staff_id', 'created_by_contact_id', 'next_recipients', 'default_subject',
             'message.outgoing', 'message.incoming', 'ticket.replied', 'ticket.waiting'}


def test_only_the_rooms_of_snappy_know_its_fields():
    told = {path for path, tree in modules() for node in ast.walk(tree)
            if OF_SNAPPY & {getattr(node, 's', None), getattr(node, 'attr', None)}}
    assert {path.split('/')[0] for path in told} == {'snappy', 'standin'}


def test_only_the_store_sends_a_command_to_redis():
    drivers = {path for path, tree in modules()
               if {'txredis', 'hiredis', 'redis'} & set(imported(tree))}
    assert drivers == {'store/resp.py'}
    senders = {path for path, tree in modules() for node in ast.walk(tree)
               if isinstance(node, ast.Attribute) and node.attr == 'send'
               and getattr(node.value, 'attr', getattr(node.value, 'id', '')).endswith(
                   'connection')}
    assert [path for path in sorted(senders) if not path.startswith('store/')] == []
    assert senders
