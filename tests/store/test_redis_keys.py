"""docs/redis-keys.md names every key, and the files that write and read it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import collections
import re

from tests.store.redis_keys import DOCUMENT, LUA, STORE, sources

#: What stands between two dots of a chain: a text, something in parentheses, a name, a call.
TERM = r"(?:'[^']*'|NESTED|[\w.]*\w(?:\[\w+\])?(?:NESTED)?)".replace(
    'NESTED', r'\((?:[^()]|\([^()]*\))*\)')
CHAIN = re.compile(r'\bP((?: \.\. %s)+)' % (TERM,))
#: A function that returns a key, and names for keys.
MAKER = re.compile(r'local function (\w+)\([^)]*\)\s+(?:local [^\n]*\n\s+)?return ([^\n]*)')
CONSTANTS = re.compile(r'^local ([A-Z, ]+) = (P [^\n]*)', re.MULTILINE)
#: A command, and the key that it is for.
COMMAND = re.compile(r"redis\.call\('(\w+)', (P(?: \.\. %s)+|\w+)" % (TERM,))
READING = re.compile('(H?GET|HMGET|HGETALL|HVALS|H?EXISTS|HLEN|L(INDEX|RANGE|LEN)|TTL'
                     '|S(MEMBERS|CARD)|Z(SCORE|(REV)?RANGE(BYSCORE)?|CARD|COUNT))$')


def form(name):
    """The name of a key with all that varies as <>."""
    return re.sub('^[sbx]:', '<>:', re.sub('<.*?>|%s', '<>', name))


def keys_in(text):
    return {form(''.join(term[1:-1] if term[0] == "'" else '<>'
                         for term in re.findall(TERM, chain))) for chain in CHAIN.findall(text)}


def texts_and_makers():
    """The scripts by name, and the keys that their functions and constants make, by name."""
    texts = {name: re.sub('--.*', '', text) for name, text in sources(LUA, '.lua')}
    made = collections.defaultdict(set)
    for text in texts.values():
        for name, result in MAKER.findall(text):
            made[name] |= keys_in(result)
        for names, values in CONSTANTS.findall(text):
            for name, value in zip(names.split(', '), values.split(', ')):
                made[name] |= keys_in(value)
    return texts, made


def files_by_key():
    """The files that name a key, or call what makes its name."""
    texts, made = texts_and_makers()
    files = collections.defaultdict(set)
    for file_name, text in texts.items():
        for key in keys_in(text).union(*[made[name] for name in re.findall(r'\w+', text)
                                         if name in made]):
            files[key].add(file_name)
    for file_name, text in sources(STORE, '.py'):
        for key in re.findall(r"\bkey\(\s*'([^']+)'", text):
            files[form(key)].add(file_name + '.py')
    return files


def test_every_key_is_documented_with_the_files_that_name_it_and_no_other():
    documented = {form(key): set(written + read)
                  for key, (_, _, written, read) in DOCUMENT.keys.items()}
    found = files_by_key()
    assert sorted(documented) == sorted(found)
    for key in sorted(found):
        if key != 'ticket:<>':
            assert (key, sorted(documented[key])) == (key, sorted(found[key]))
    in_fields = {name for _, files in DOCUMENT.fields['ticket:<ticket>'] for name in files}
    assert found['ticket:<>'] - in_fields == set()


def test_each_command_on_a_key_makes_its_file_one_that_writes_it_or_one_that_reads_it():
    texts, made = texts_and_makers()
    documented = {form(key): cells[2:] for key, cells in DOCUMENT.keys.items()}
    seen = [(key, bool(READING.match(command)), name) for name, text in texts.items()
            for command, named in COMMAND.findall(text)
            for key in (keys_in(named) if named.startswith('P ') else made.get(named, ()))]
    assert len(seen) > 200
    assert [each for each in seen if each[0] != 'ticket:<>'
            and each[2] not in documented[each[0]][each[1]]] == []


def test_the_files_that_are_named_for_fields_name_one_of_them_or_take_all():
    texts = dict(sources(LUA, '.lua'), **{
        name + '.py': text for name, text in sources(STORE, '.py')})

    def names(text, field):
        return re.search(r'\W' + re.escape(field.split('<')[0]), text) or 'HGETALL' in text
    assert [
        (key, fields, name) for key, rows in sorted(DOCUMENT.fields.items())
        for fields, files in rows for name in files
        if not any(names(texts[name], field) for field in fields)] == []


def test_what_is_in_redis_and_not_documented_is_found():
    def of(*found):
        return DOCUMENT.objections(*found)
    assert of('ticket:1', 'hash', -1, ['addr', 'ms12', 'rs1/2']) == []
    assert of('s:leased', 'zset', -1, []) == []
    assert of('posted:mine', 'zset', -1, []) == []
    assert of('tally:5', 'hash', 60, ['5:received']) == []
    assert of('ticket:1', 'hash', -1, ['colour']) == ['ticket:1 has a field colour']
    assert of('ticket:1', 'list', 5, []) == ['ticket:1 is a list', 'ticket:1 has a TTL of 5']
    assert of('told:1', 'hash', -1, ['hour']) == ['told:1 has a TTL of -1']
    assert of('pocket', 'hash', -1, []) == ['pocket is not documented']
