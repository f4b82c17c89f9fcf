# -*- coding: utf-8 -*-
"""The heads of the scripts name what they use, and no script touches a global that is not Redis's.

Redis refuses a script that writes a global, or reads one that is not there, but only on the path
that runs.  So Redis's own Lua compiles each file, and the names are read from its bytecode.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import struct

import pytest
import pytest_twisted
from twisted.internet import defer

from benchmarks.measures import MEASURES
from tests.store.redis_keys import LUA, sources
from vumi_snappy.store.scripts import assemble

#: What Redis itself gives to scripts, as far as ours use it.
OF_REDIS = {
    'ARGV', 'KEYS', 'cjson', 'cmsgpack', 'error', 'ipairs', 'math', 'pairs', 'pcall', 'redis',
    'string', 'struct', 'table', 'tonumber', 'tostring', 'type', 'unpack'}
#: Parts that stand in front of every script, so that no head names them.
EVERYWHERE = {'_base', '_errors'}

_GETGLOBAL, _SETGLOBAL = 5, 7
_NIL, _BOOLEAN, _NUMBER, _STRING = 0, 1, 3, 4


class Bytecode(object):
    """The names in a chunk that Lua 5.1 compiled, on a little-endian machine of 64 bits.

    `reads` and `writes` are the globals, `defines` the locals of the file itself.
    """

    def __init__(self, raw):
        assert raw[:12] == b'\x1bLua\x51\x00\x01\x04\x08\x04\x08\x00'
        self._raw, self._at = raw, 12
        self.reads, self.writes = set(), set()
        self.defines = self._function()

    def _take(self, form):
        values = struct.unpack_from(str('<' + form), self._raw, self._at)
        self._at += struct.calcsize(str('<' + form))
        return values

    def _one(self, form):
        return self._take(form)[0]

    def _string(self):
        return self._one('%ds' % (self._one('Q'),))[:-1].decode('latin-1')

    def _constant(self):
        kind = self._one('B')
        if kind == _STRING:
            return self._string()
        return self._one({_BOOLEAN: '?', _NUMBER: 'd'}[kind]) if kind != _NIL else None

    def _function(self):
        """Read a function and those within.  Returns its locals whose scope ends with it."""
        self._string()  # the file
        self._take('ii4B')  # its lines; counts of upvalues, arguments and registers
        code = self._take('%dI' % (self._one('i'),))
        constants = [self._constant() for _ in range(self._one('i'))]
        for names, operation in ((self.reads, _GETGLOBAL), (self.writes, _SETGLOBAL)):
            names.update(constants[each >> 14] for each in code if each & 63 == operation)
        for _ in range(self._one('i')):
            self._function()
        self._take('%di' % (self._one('i'),))  # the line of each instruction
        ends = [(self._string(), self._take('ii')[1]) for _ in range(self._one('i'))]
        for _ in range(self._one('i')):
            self._string()  # upvalues
        return {name for name, end in ends if end == len(code) - 1}


@defer.inlineCallbacks
def compiled(bench, source):
    raw = yield bench.store.connection.send(
        'EVAL', 'return string.dump(assert(loadstring(ARGV[1])))', '0', source)
    defer.returnValue(Bytecode(raw))


def files():
    return [(name, text.encode('utf-8')) for name, text in sources(LUA, '.lua')]


@pytest_twisted.inlineCallbacks
def test_a_head_names_the_parts_that_its_file_uses_and_no_others(bench):
    names, needs, home = {}, {}, {}
    for name, source in files():
        names[name] = yield compiled(bench, source)
        needs[name] = [part for line in re.findall(br'(?m)^-- @needs(.*)$', source)
                       for part in line.decode('ascii').split()]
        if name.startswith('_'):
            for each in names[name].defines:
                assert home.setdefault(each, name) == name, 'two parts define %s' % (each,)
    for name in sorted(names):
        used = {home.get(each, each) for each in names[name].reads - OF_REDIS}
        assert needs[name] == sorted(used - EVERYWHERE), name
    assert needs['_failover'] == ['_clock', '_lanes']


@pytest_twisted.inlineCallbacks
def test_no_script_touches_a_global_that_is_not_of_redis(bench):
    for name, source in sorted(assemble(LUA).items()):
        names = yield compiled(bench, source)
        assert (names.reads - OF_REDIS, names.writes) == (set(), set()), name


@pytest_twisted.inlineCallbacks
def test_a_global_is_found_on_a_path_that_never_runs(bench):
    names = yield compiled(bench, b"""
        local a, b = 1
        if a then return end
        local function f() lost = ARGV[1] + b + gone end""")
    assert (names.reads, names.writes) == ({'ARGV', 'gone'}, {'lost'})
    assert names.defines == {'a', 'b', 'f'}


def test_a_head_names_the_arguments_that_its_script_takes_and_no_others():
    for name, source in files():
        head = re.findall(br'(?m)^-- @takes (.*)$', source)
        used = set(re.findall(br'\bargs\.(\w+)', re.sub(b'--.*', b'', source)))
        assert (name, sorted(b' '.join(head).split())) == (name, sorted(used))


def test_arguments_stand_by_position_only_where_the_head_names_a_measure_that_needs_it():
    known = {each.name for each in MEASURES}
    for name, source in files():
        measures = b' '.join(re.findall(br'(?m)^-- @positions (.*)$', source)).decode().split()
        by_position = name not in ('_base', '_args') and b'ARGV' in re.sub(b'--.*', b'', source)
        assert (name, bool(measures)) == (name, by_position)
        assert set(measures) <= known


def test_a_call_with_other_arguments_than_the_script_takes_is_refused(bench):
    with pytest.raises(TypeError) as refused:
        bench.store.operators._scripts.call('audit', who='me', what='nothing', about='')
    assert str(refused.value) == 'audit takes about, detail, what, who'


def a_folder(folder, **sources):
    for name, source in dict(sources, _base='', _errors='').items():
        folder.join(name + '.lua').write(source)
    return str(folder)


def test_parts_stand_in_front_of_what_needs_them_and_once(tmpdir):
    source = assemble(a_folder(
        tmpdir, script='-- @needs _a _b\nthe_script()', _a='-- @needs _c\nthe_a()',
        _b='-- @needs _a _c\nthe_b()', _c='the_c()', _d='the_d()'))['script']
    assert re.findall(br'the_\w+', source) == [b'the_c', b'the_a', b'the_b', b'the_script']


@pytest.mark.parametrize('parts, why', [
    (dict(_a='-- @needs _b', _b='-- @needs _c', _c='-- @needs _a'), '_a -> _b -> _c -> _a'),
    (dict(_a='-- @needs _gone'), '_a needs _gone, which is not there')])
def test_parts_that_need_each_other_or_are_not_there_are_refused(tmpdir, parts, why):
    with pytest.raises(ValueError) as refused:
        assemble(a_folder(tmpdir, script='-- @needs _a', **parts))
    assert why in str(refused.value)
