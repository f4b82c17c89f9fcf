"""What is understood of Snappy's answers, and that nothing else is taken for one."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vumi_snappy.http.call_errors import BadAnswer
from vumi_snappy.snappy import Note, Scope, Ticket
from vumi_snappy.snappy.parsing import (
    is_usual, parse_done, parse_nonce, parse_notes, parse_objects, parse_ticket, parse_tickets)

# As recorded, with what is private replaced.
TICKET = {
    'id': 1189, 'account_id': 4, 'mailbox_id': 7, 'created_via': 'api',
    'last_reply_by': 'customer', 'last_reply_at': 1411045210, 'opened_by_staff_id': None,
    'opened_by_contact_id': 98, 'opened_at': 1411045202, 'status': 'waiting',
    'first_staff_reply_at': None, 'default_subject': 'Support for +27820001001',
    'summary': 'My card is lost', 'next_recipients': {
        'cc': [], 'bcc': [], 'to': [{'name': '+27820001001',
                                     'address': '27820001001@sms.example.org'}]},
    'nonce': 'k3jd82hs7ahq92m1', 'created_at': 1411045202, 'updated_at': '2014-09-18 13:00:10',
    'unread': 1, 'tags': ['#bank', '@thandi', 'lost'],
    'contacts': [{'id': 98, 'first_name': '+27820001001', 'value': '27820001001@sms.example.org'}],
    'mailbox': {'id': 7}, 'opener': {'id': 98, 'value': '27820001001@sms.example.org',
                                     'address': 'other@example.org'}}
NOTE = {
    'id': 5512, 'account_id': 4, 'ticket_id': 1189, 'created_by_staff_id': None,
    'created_by_contact_id': 98, 'scope': 'public', 'created_at': 1411045210,
    'updated_at': 1411045210, 'content': 'My card is lost', 'system': 0, 'using_html': 0,
    'raw_headers': '', 'contacts': [], 'staff_creator': None, 'contact_creator': {'id': 98},
    'attachments': [], 'creator': {'id': 98}}


def dumped(value):
    return json.dumps(value).encode('utf-8')


# The nonce.

@pytest.mark.parametrize('body', [
    b'k3jd82hs7ahq92m1', b' k3jd82hs7ahq92m1\r\n', b'"k3jd82hs7ahq92m1"\n',
    b'\xef\xbb\xbfk3jd82hs7ahq92m1'])
def test_a_nonce_is_the_bare_text_or_a_json_string(body):
    assert parse_nonce(body) == 'k3jd82hs7ahq92m1'


@pytest.mark.parametrize('body', [
    b'', b'""', b'abc', b'x' * 65, b'"k3jd82hs7ahq92m1', b"'k3jd82hs7ahq92m1'", b'null', b'true',
    b'""k3jd82hs7ahq92m1""', b'"k3jd82hs7ahq92m1\n"', b'k3jd 82hs', b'<p>k3jd82hs7ahq92m1</p>',
    b'["k3jd82hs7ahq92m1"]', b'k3jd82hs7ahq92\xc3\xa9', b'\xff'])
def test_anything_else_is_no_nonce(body):
    with pytest.raises(BadAnswer):
        parse_nonce(body)


@given(st.from_regex(r'\A[0-9A-Za-z_-]{4,64}\Z'))
def test_any_alphabet_that_a_url_can_carry_will_do(nonce):
    if nonce not in ('null', 'true', 'false'):
        assert parse_nonce(nonce.encode('ascii')) == nonce


@pytest.mark.parametrize('nonce, usual', [
    ('k3jd82hs7ahq92m1', True), ('aaaaaaaaaaaaaaa1', True), ('Unauthorized', False),
    ('maintenancebreak', False), ('1234567890123456', False), ('K3JD82HS7AHQ92M1', False),
    ('k3jd82hs7ahq92m', False), ('k3jd82hs7ahq92m1x', False), ('k3jd82hs-ahq92m1', False)])
def test_a_nonce_is_usual_where_it_looks_as_all_that_were_seen(nonce, usual):
    assert is_usual(nonce) is usual


# Tickets and notes.

def test_a_ticket_is_read():
    assert parse_ticket(dumped(TICKET)) == Ticket(
        id='1189', nonce='k3jd82hs7ahq92m1', status='waiting', opened_at=1411045202.0,
        contact_addresses=('27820001001@sms.example.org', 'other@example.org'),
        tags=('#bank', '@thandi', 'lost'))


@pytest.mark.parametrize('listed', [
    [TICKET], {'meta': {'total': 1, 'page': '1'}, 'data': [TICKET]}, {'0': TICKET},
    {'data': {'0': TICKET}}])
def test_tickets_come_as_an_array_or_as_a_searchs_data(listed):
    assert [each.id for each in parse_tickets(dumped(listed))] == ['1189']


def test_an_object_with_numbers_for_keys_keeps_their_order():
    listed = {'%d' % (n,): dict(TICKET, id=n) for n in range(12)}
    assert [each.id for each in parse_tickets(dumped(listed))] == [
        '%d' % (n,) for n in range(12)]


@pytest.mark.parametrize('empty', [[], {'meta': {'total': 0, 'page': 1}, 'data': []}])
def test_none_is_an_answer_too(empty):
    assert parse_tickets(dumped(empty)) == []


@pytest.mark.parametrize('other', [
    {}, {'error': 'no'}, {'error': {'id': 1}}, {'data': None}, {'data': 'none'}, ['no'], [None],
    [[TICKET]], [{}], [{'id': None}], [{'id': 'x'}], [{'id': -1}], [{'id': True}], 'no', 1, None])
def test_what_can_not_be_told_from_an_error_is_refused(other):
    for parse in (parse_tickets, parse_notes, parse_objects):
        with pytest.raises(BadAnswer):
            parse(dumped(other))


def test_a_ticket_keeps_going_without_what_it_need_not_have():
    assert parse_ticket(b'{"id": "7", "nonce": "../x", "tags": null, "contacts": {"3":'
                        b' {"value": "a@b.c"}}, "opener": [], "next_recipients": "[]",'
                        b' "opened_at": "2014-09-18 13:00:10"}') == Ticket(
        id='7', nonce='', status='', opened_at=0.0, contact_addresses=('a@b.c',), tags=())


def test_notes_are_read_in_their_order():
    staff = dict(NOTE, id=5513, created_by_staff_id=3, created_by_contact_id=None,
                 scope='private', content='<p>network: MTN</p>\n')
    assert parse_notes(dumped([staff, NOTE])) == [
        Note(id='5513', scope=Scope.PRIVATE, content='<p>network: MTN</p>\n'),
        Note(id='5512', scope=Scope.PUBLIC, content='My card is lost')]


@pytest.mark.parametrize('scope', ['secret', '', None, 1, [], {}])
def test_a_scope_that_nobody_knows_is_private(scope):
    assert parse_notes(dumped([dict(NOTE, scope=scope)]))[0].scope is Scope.PRIVATE


def test_raw_line_feeds_inside_strings_are_kept():
    assert parse_notes(b'[{"id": 1, "content": "bye\nline2"}]')[0].content == 'bye\nline2'


def test_other_scripts_and_emoji_are_kept():
    text = '\u0627\u0644\u0633\u0644\u0627\u0645 \U0001f468\u200d\U0001f469 \u0417'
    for coded in (dumped([dict(NOTE, content=text)]),
                  json.dumps([dict(NOTE, content=text)], ensure_ascii=False).encode('utf-8')):
        assert parse_notes(coded)[0].content == text


def test_staff_come_without_their_tokens():
    staff = {'id': '3', 'email': 'thandi@example.org', 'username': 'thandi',
             'first_name': 'Thandi', 'last_name': 'M', 'remember_token': 'secret', 'photo': None}
    assert parse_objects(dumped([staff])) == [
        {'id': 3, 'email': 'thandi@example.org', 'username': 'thandi', 'first_name': 'Thandi',
         'last_name': 'M'}]


@pytest.mark.parametrize('body', [b'OK', b'', b'"OK"', b'{"id": 1}', b' \n'])
def test_what_was_done_is_done_in_any_words(body):
    assert parse_done(body) is None


@pytest.mark.parametrize('body', [
    b'<!DOCTYPE html><p>Log in', b'\n <html lang="en">', b'\xff', b'<p>Back soon</p>',
    b'Unauthorized', b'Maintenance', b'error', b'{"error": "no"}', b'{"error": {"id": 1}}',
    b'false', b'null', b'0', b'[]', b'Service is not OK'])
def test_a_page_or_an_error_says_nothing_of_what_was_done(body):
    with pytest.raises(BadAnswer):
        parse_done(body)


# Garbage.

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(max_size=8) | st.sampled_from(sorted(TICKET) + sorted(NOTE) + ['data', '0']),
        inner, max_size=6), max_leaves=20)
_OBJECT = st.dictionaries(st.sampled_from(sorted(set(TICKET) | set(NOTE))), _JSON)
_PARSERS = st.sampled_from([
    parse_done, parse_nonce, parse_notes, parse_objects, parse_ticket, parse_tickets])


@given(parse=_PARSERS, body=st.binary())
@example(parse=parse_tickets, body=b'[' * 100000)
@example(parse=parse_tickets, body=b'[{"id": 1, "opened_at": 1e999}]')
@example(parse=parse_tickets, body=b'[{"id": 1, "opened_at": NaN}]')
@example(parse=parse_tickets, body=b'[{"id": 1, "opened_at": ' + b'9' * 400 + b'}]')
@example(parse=parse_ticket, body=b'[1]')
def test_garbage_is_a_bad_answer_and_nothing_worse(parse, body):
    try:
        parse(body)
    except BadAnswer:
        pass


@given(_PARSERS, st.lists(_OBJECT | _JSON, max_size=3) | _OBJECT | _JSON)
def test_json_of_any_other_shape_is_a_bad_answer_and_nothing_worse(parse, value):
    try:
        parse(dumped(value))
    except BadAnswer:
        pass
