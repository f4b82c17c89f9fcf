"""Reads docs/redis-keys.md: the keys that may be in Redis, their types, fields and lifetimes."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os
import re

import vumi_snappy

_PATH = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(vumi_snappy.__file__))),
                     'docs', 'redis-keys.md')


STORE = os.path.join(os.path.dirname(os.path.abspath(vumi_snappy.__file__)), 'store')
LUA = os.path.join(STORE, 'lua')


def sources(folder, ending):
    """The names, without `ending`, and texts of the files of a folder."""
    for name in sorted(os.listdir(folder)):
        if name.endswith(ending):
            with io.open(os.path.join(folder, name), encoding='utf-8') as source:
                yield name[:-len(ending)], source.read()


def _names(cell):
    return re.findall('`([^`]*)`', cell)


def _matcher(name):
    """What matches texts of the form `name`, in which <...> stands for anything, also for nothing:
    a contact has no key where another bridge's tickets were taken over."""
    return re.compile('.*'.join(re.escape(part) for part in re.split('<.*?>', name)) + r'\Z')


class Document(object):
    """`keys` has by key: its type, its lifetime, the files that write it and those that read it;
    `fields` has by key pairs of some fields and the files that are named for them."""

    def __init__(self):
        self.keys, self.fields = {}, {}
        section = None
        with io.open(_PATH, encoding='utf-8') as lines:
            for line in lines:
                if line.startswith('#'):
                    section = _names(line)
                cells = line.strip('| \n').split(' | ')
                if line.startswith('| `') and len(cells) == 6:
                    for key in _names(cells[0]):
                        assert key not in self.keys
                        self.keys[key] = (cells[1], cells[5], _names(cells[3]), _names(cells[4]))
                elif line.startswith('| `') and len(cells) == 4:
                    self.fields.setdefault(section[0], []).append(
                        (_names(cells[0]), _names(cells[2] + cells[3])))
        self._matchers = [(_matcher(key), key) for key in sorted(self.keys)]

    def key(self, name):
        """The documented key that `name` is, the one with the fewest variable parts."""
        found = [key for matcher, key in self._matchers if matcher.match(name)]
        return min(found, key=lambda key: key.count('<')) if found else None

    def objections(self, name, kind, ttl, fields):
        """What this key in Redis has that is not documented."""
        key = self.key(name)
        if key is None:
            return ['%s is not documented' % (name,)]
        documented, lifetime, _, _ = self.keys[key]
        found = []
        if kind != documented:
            found.append('%s is a %s' % (name, kind))
        if ttl >= 0 and 'TTL' not in lifetime or ttl < 0 and lifetime.startswith('TTL'):
            found.append('%s has a TTL of %d' % (name, ttl))
        known = [_matcher(field) for row in self.fields.get(key, ()) for field in row[0]]
        return found + ['%s has a field %s' % (name, field) for field in fields if known
                        and not any(matcher.match(field) for matcher in known)]


DOCUMENT = Document()
