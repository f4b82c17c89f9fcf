"""Databases are read a page at a time, beside a bouncer at work; here SQLite's, and what is said
without a server.  Real servers: tests/integration/test_reading_databases.py."""
from __future__ import absolute_import, division, print_function, unicode_literals

import sqlite3
import sys

import pytest
import six

from vumi_snappy.django_bouncer.takeover import databases
from vumi_snappy.django_bouncer.takeover.sources import read_tickets
from vumi_snappy.django_bouncer.takeover.tickets import BadRow, SourceError


@pytest.fixture
def sqlite(tmpdir):
    """The path of a database with five tickets, and a connection to it that does not wait."""
    path = '%s' % (tmpdir.join('bouncer.sqlite'),)
    database = sqlite3.connect(path, timeout=0)
    database.executescript('''
        CREATE TABLE snappybouncer_conversation (id integer, key text);
        CREATE TABLE snappybouncer_ticket (id integer, conversation_id integer, msisdn text,
            support_nonce text, message text, created_at text, updated_at text);''')
    for number in range(1, 6):
        _add(database, number)
    yield path, database
    database.close()


def _add(database, number):
    with database:
        database.execute(
            'INSERT INTO snappybouncer_ticket VALUES (?, 1, ?, ?, ?, NULL, NULL)',
            [number, '+27', 'n%d' % (number,), 'Hi'])


def test_sqlites_is_read_and_left_as_it_is(tmpdir):
    path = tmpdir.join('bouncer.sqlite')
    database = sqlite3.connect('%s' % (path,))
    database.executescript('''
        CREATE TABLE snappybouncer_conversation (id integer, key text);
        CREATE TABLE snappybouncer_ticket (id integer, conversation_id integer, msisdn text,
            support_nonce text, support_id integer, message text, response text,
            created_at text, updated_at text, tag text, operator integer);
        INSERT INTO snappybouncer_conversation VALUES (1, 'conversationkey');
        INSERT INTO snappybouncer_ticket VALUES (1, 1, '+27820001001', 'n1', 5, 'Hi', 'Hello',
            '2014-09-30 12:00:00.500000', '2014-09-30 13:00:00', '#card', 3);
        INSERT INTO snappybouncer_ticket VALUES (2, 1, '+27820001002', 'n2', NULL,
            CAST(X'FF' AS TEXT), NULL, '', '', NULL, NULL);
    ''')
    database.commit()
    database.close()
    before = path.read('rb')
    good, bad = read_tickets('%s' % (path,))
    assert (good.nonce, good.support_id, good.response) == ('n1', '5', 'Hello')
    assert good.conversation == 'conversationkey'
    assert good.created_at == 1412078400.5
    assert bad == BadRow('ticket 2', 'its message is not UTF-8 text')
    assert path.read('rb') == before


@pytest.mark.parametrize('page', [1, 2, 3, 5, 6])
def test_whatever_the_size_of_a_page_every_ticket_is_read_once(sqlite, monkeypatch, page):
    monkeypatch.setattr(databases, '_PAGE', page)
    reading = read_tickets(sqlite[0])
    assert [each.key for each in reading] == ['1', '2', '3', '4', '5']
    assert (reading.total, reading.share) == (5, 1)


def test_the_bouncer_can_store_tickets_while_its_database_is_read(sqlite, monkeypatch):
    monkeypatch.setattr(databases, '_PAGE', 2)
    path, database = sqlite
    reading = read_tickets(path)
    keys = [next(iter(reading)).key]
    _add(database, 6)
    keys.extend(each.key for each in reading)
    assert keys == ['1', '2', '3', '4', '5', '6']
    assert reading.share == 1


def test_who_does_not_go_to_the_end_lets_the_database_go(sqlite):
    path, database = sqlite
    reading = read_tickets(path)
    next(iter(reading))
    reading.close()
    assert list(reading) == []


def test_a_database_without_tickets_is_read_as_well(sqlite):
    path, database = sqlite
    with database:
        database.execute('DELETE FROM snappybouncer_ticket')
    reading = read_tickets(path)
    assert (list(reading), reading.share) == ([], 1)


@pytest.mark.parametrize('change, said', [
    ('DROP TABLE snappybouncer_ticket', 'has no table snappybouncer_ticket'),
    ('DROP TABLE snappybouncer_conversation', 'snappybouncer_conversation'),
    ('ALTER TABLE snappybouncer_ticket RENAME TO old;'
     'CREATE TABLE snappybouncer_ticket (id integer, msisdn text)',
     'no column conversation_id, support_nonce, message')])
def test_a_database_that_is_no_bouncers_is_named_with_what_is_missing(sqlite, change, said):
    path, database = sqlite
    database.executescript(change)
    with pytest.raises(SourceError, match=said) as told:
        list(read_tickets(path))
    assert path in '%s' % (told.value,)


@pytest.mark.parametrize('url, library, said', [
    ('postgresql://db/bouncer', 'psycopg2', 'pip install "psycopg2-binary<%s"' % (
        '2.9' if six.PY2 else '3',)),
    ('mysql://db/bouncer', 'pymysql', 'pip install "PyMySQL<%s"' % (
        '1' if six.PY2 else '2',))])
def test_a_library_that_is_missing_is_named_with_how_to_get_it(monkeypatch, url, library, said):
    monkeypatch.setitem(sys.modules, str(library), None)
    with pytest.raises(SourceError, match=said):
        list(read_tickets(url))
