"""Whatever holds the Django bouncer's tickets, they are read, or told of with their place."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vumi_snappy.django_bouncer.takeover.sources import read_tickets
from vumi_snappy.django_bouncer.takeover.tickets import (
    BadRow, OldTicket, SourceError, epoch, read_row)

#: As the released bouncer's dumpdata writes it.
ACCOUNT = {'pk': 1, 'model': 'snappybouncer.useraccount', 'fields': {
    'key': 'useraccountkey', 'name': 'Account', 'notes': None}}
CONVERSATION = {'pk': 1, 'model': 'snappybouncer.conversation', 'fields': {
    'user_account': 1, 'key': 'conversationkey', 'name': 'Line', 'notes': None}}
HEADER = 'unique_id,support_nonce,Message,Response,Created At,Updated At'


def ticket(pk=1, **fields):
    return {'pk': pk, 'model': 'snappybouncer.ticket', 'fields': dict({
        'msisdn': '+27820001001', 'created_at': '2014-09-30T12:00:00.500Z',
        'updated_at': '2014-09-30T13:00:00Z', 'support_id': None, 'support_nonce': 'n%s' % (pk,),
        'conversation': 1, 'message': 'h\xe9y, "x"', 'contact_key': 'c', 'response': None},
        **fields)}


@pytest.fixture
def dumped(tmpdir):
    def write(objects, indent=None, end=''):
        path = '%s' % (tmpdir.join('dump.json'),)
        with io.open(path, 'w', encoding='utf-8') as out:
            said = '%s' % (json.dumps(objects, indent=indent),)
            out.write(said[:-1] + end if end else said)
        return path
    return write


@pytest.fixture
def exported(tmpdir):
    def write(text):
        path = tmpdir.join('tickets.csv')
        path.write(text.encode('utf-8') if not isinstance(text, bytes) else text, mode='wb')
        return '%s' % (path,)
    return write


@pytest.mark.parametrize('indent', [None, 4])
def test_a_dump_gives_its_tickets_with_their_conversations_keys(dumped, indent):
    [found] = read_tickets(dumped([ACCOUNT, CONVERSATION, ticket(7)], indent))
    assert found == OldTicket(
        place='ticket 7', key='7', conversation='conversationkey', msisdn='+27820001001',
        nonce='n7', support_id='', message='h\xe9y, "x"', response='',
        created_at=1412078400.5, updated_at=1412082000.0, contact_key='c')


def test_what_is_wrong_in_a_dump_is_told_with_its_place_and_the_rest_is_read(dumped):
    rows = list(read_tickets(dumped([
        ticket(1, msisdn=' '), 'nonsense', ticket(2), ticket(3, message={'a': 1}),
        ticket(4, support_nonce=None, message=''), ticket(5, support_nonce='')])))
    assert [row.place for row in rows] == [
        'ticket 1', 'object 2', 'ticket 2', 'ticket 3', 'ticket 4', 'ticket 5']
    assert [isinstance(row, BadRow) for row in rows] == [True, True, False, True, True, False]
    assert 'msisdn' in rows[0].why
    assert rows[5].nonce == ''


def test_a_dump_that_ends_in_the_middle_gives_what_it_holds_and_then_says_so(dumped):
    rows = iter(read_tickets(dumped([ticket(1)], end=', {"pk": 2, "mod')))
    assert next(rows).nonce == 'n1'
    with pytest.raises(SourceError, match='is truncated'):
        next(rows)


def test_a_dump_is_read_piece_by_piece(dumped, monkeypatch):
    path = dumped([CONVERSATION] + [ticket(n) for n in range(1, 3000)])
    sizes = []
    opened = io.open

    def watched(*args, **kwargs):
        source = opened(*args, **kwargs)
        if 'encoding' in kwargs:
            read = source.read

            class Watched(object):
                buffer = source.buffer

                def __enter__(self):
                    return self

                def __exit__(self, *_):
                    source.close()

                def read(self, size):
                    sizes.append(size)
                    return read(size)
            return Watched()
        return source
    monkeypatch.setattr(io, 'open', watched)
    assert len([row.nonce for row in read_tickets(path)]) == 2999
    assert len(sizes) > 5
    assert max(sizes) <= 65536


@given(st.lists(st.text(), max_size=5), st.integers(min_value=1, max_value=40))
def test_every_text_survives_wherever_the_pieces_are_cut(tmpdir_factory, texts, chunk):
    path = '%s' % (tmpdir_factory.mktemp('dumps').join('dump.json'),)
    with io.open(path, 'w', encoding='utf-8') as out:
        out.write('%s' % (json.dumps([ticket(n, message=text) for n, text in enumerate(texts)]),))
    from vumi_snappy.django_bouncer.takeover import sources
    kept, sources._CHUNK = sources._CHUNK, chunk
    try:
        rows = list(read_tickets(path))
    finally:
        sources._CHUNK = kept
    assert [row.message for row in rows] == texts


def test_the_export_with_a_column_for_the_number_gives_its_tickets(exported):
    [found] = read_tickets(exported(
        HEADER + ',msisdn\n1,n1,"h\xe9y, ""x""\nyes",None,2014-09-30 12:00:00.5+00:00,'
        '2014-09-30 13:00:00+00:00,+27820001001\n'))
    assert (found.nonce, found.message, found.response) == ('n1', 'h\xe9y, "x"\nyes', '')
    assert (found.created_at, found.updated_at) == (1412078400.5, 1412082000.0)


def test_the_export_as_it_is_names_nobody_and_that_is_said_of_each_line(exported):
    [row] = read_tickets(exported(HEADER + '\n1,n1,Hi,None,x,y\n'))
    assert row.place == 'line 2'
    assert 'msisdn' in row.why


def test_lines_of_an_export_that_are_broken_are_told_and_the_rest_is_read(exported):
    rows = list(read_tickets(exported(
        (HEADER + ',msisdn\n').encode('utf-8') + b'1,n1\n2,n2,\xff,,,,+271\n3,n3,Hi,,,,+271\n')))
    assert [row.place for row in rows] == ['line 2', 'line 3', 'line 4']
    assert rows[2].nonce == 'n3'


def test_how_much_of_a_file_has_been_read_is_told(dumped, exported):
    reading = read_tickets(dumped([ticket(n) for n in range(3000)]))
    shares = [reading.share for _ in reading]
    assert 0 < shares[0] < 0.2
    assert shares == sorted(shares)
    assert reading.share == 1
    reading = read_tickets(exported(HEADER + ',msisdn\n' + '1,n1,Hi,,,,+271\n' * 3))
    assert len(list(reading)) == 3
    assert reading.share == 1


@pytest.mark.parametrize('source, said', [
    ('missing.json', 'No such file'), ('oracle://db/bouncer', 'postgresql://USER@HOST/DATABASE')])
def test_what_can_not_be_read_is_said_with_what_can(source, said):
    with pytest.raises(SourceError, match=said):
        read_tickets(source)


@pytest.mark.parametrize('text, seconds', [
    ('2014-09-30 14:00:00+02:00', 1412078400), ('2014-09-30T12:00:00Z', 1412078400),
    ('2014-99-30T12:00:00Z', 0), ('yesterday', 0), ('', 0)])
def test_times_are_read_in_their_zone(text, seconds):
    assert epoch(text) == seconds


def test_half_of_a_character_is_replaced_also_in_the_bytes_of_a_database():
    row = read_row('row 1', {'id': 1, 'msisdn': b'+27820001001', 'message': b'\xed\xa0\x80 hi'})
    assert row.message == '\ufffd hi'
