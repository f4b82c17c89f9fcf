"""Rooms keep to their walls: who may know of Vumi, and who may speak to Redis."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import ast
import io
import os

import vumi_snappy

ROOT = os.path.dirname(os.path.abspath(vumi_snappy.__file__))
OF_VUMI = ('bus/', 'config/', 'intake.py', 'metrics.py', 'responder.py', 'worker.py')


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


def test_only_the_rooms_that_need_vumi_import_it():
    known = {path for path, tree in modules() if 'vumi' in imported(tree)}
    assert [path for path in sorted(known) if not path.startswith(OF_VUMI)] == []
    assert 'responder.py' in known


def test_only_the_store_sends_a_command_to_redis():
    drivers = {path for path, tree in modules() if {'txredis', 'redis'} & set(imported(tree))}
    assert drivers == {'store/connection.py', 'store/scripts.py'}
    senders = {path for path, tree in modules() for node in ast.walk(tree)
               if isinstance(node, ast.Attribute) and node.attr == 'send'
               and getattr(node.value, 'attr', getattr(node.value, 'id', '')).endswith(
                   'connection')}
    assert [path for path in sorted(senders) if not path.startswith('store/')] == []
    assert senders
