# -*- coding: utf-8 -*-
"""What Snappy's hook sends is understood, and garbage is told from it by name."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import attr
import pytest
from hypothesis import given, strategies as st

from vumi_snappy.content.markup import LONGEST
from vumi_snappy.snappy.hook import BadHook, HookEvent, parse_hook

try:
    from urllib.parse import quote_plus
except ImportError:  # Python 2
    from urllib import quote_plus as _quote

    def quote_plus(text):
        return _quote(text.encode('utf-8')).decode('ascii')


NOTE = {
    'id': 4711, 'account_id': 1, 'ticket_id': 1001, 'created_by_staff_id': 7,
    'created_by_contact_id': None, 'scope': 'public', 'created_at': 1416000000,
    'updated_at': 1416000000, 'content': '<p>Hello &amp; good morning</p>\n', 'system': 0,
    'using_html': 0, 'raw_headers': '',
    'creator': {'id': 7, 'first_name': 'Thandi', 'last_name': 'Agent',
                'remember_token': 'leaked', 'verification_token': 'leaked'},
    'ticket': {'id': 1001, 'nonce': 'k3jd82hs7ahq92m1', 'email_message_id': None, 'tags': [],
               'contacts': [], 'opener': {},
               'next_recipients': '{&quot;to&quot;:[]}'}}


def body(data, event='message.outgoing'):
    text = data if isinstance(data, type('')) else json.dumps(data)
    return ('event=%s&data=%s' % (quote_plus(event), quote_plus(text))).encode('ascii')


def note(**changes):
    return {'note': dict(NOTE, **changes)}


def why(raw):
    """Why a body can't be understood."""
    with pytest.raises(BadHook) as caught:
        parse_hook(raw)
    return '%s' % (caught.value,)


def test_a_public_note_of_a_staff_member_is_a_reply():
    event = parse_hook(body(note()))
    assert (event.note.note_id, event.note.nonce, event.note.ticket_id, event.note.staff_id) == (
        '4711', 'k3jd82hs7ahq92m1', '1001', '7')
    assert event.note.html == '<p>Hello &amp; good morning</p>\n'
    assert event.note.staff_name == 'Thandi Agent'
    assert event.note.created_at == 1416000000.0
    assert 'leaked' not in repr(event)  # as in the object of its creator


def test_raw_line_feeds_inside_the_json_are_kept():
    raw = json.dumps(note(content='bye\nline2')).replace('\\n', '\n')
    assert parse_hook(body(raw)).note.html == 'bye\nline2'


def test_ids_may_be_texts_and_the_nonce_may_be_missing():
    event = parse_hook(body(note(id='4711', created_by_staff_id='7',
                                 ticket={'id': '1001'}, ticket_id='1001')))
    assert (event.note.note_id, event.note.nonce, event.note.ticket_id) == ('4711', '', '1001')


@pytest.mark.parametrize('changes, why', [
    (dict(created_by_staff_id=None, created_by_contact_id=3), 'not_by_staff'),
    (dict(created_by_contact_id=3), 'not_by_staff')
] + [(dict(scope=scope), 'private') for scope in (
    'private', 'something-new', 'Private', ' public', 'PUBLIC', '')
] + [(dict(created_by_staff_id=nobody), 'not_by_staff') for nobody in (
    None, 0, '', ' ', '0', 'false', 'null', False, -1, '-1')
] + [(dict(system=system), 'system') for system in (1, '1', True)])
def test_notes_that_are_no_replies_are_ignored(changes, why):
    event = parse_hook(body(note(**changes)))
    assert (event.note, event.ignored) == (None, why)


def test_what_may_or_may_not_be_a_reply_is_an_error_and_not_a_text_message():
    for name in ('scope', 'created_by_staff_id'):
        data = note()
        del data['note'][name]
        assert 'data.note.%s is missing' % (name,) in why(body(data))


def test_an_event_called_private_is_private_whatever_its_scope_says():
    assert parse_hook(body(note(), 'message.private')).ignored == 'private'


def test_the_ticket_is_the_one_nested_in_the_note_and_another_one_is_told():
    event = parse_hook(body(note(ticket={'id': 1001, 'nonce': 'abc'}, ticket_id=2002)))
    assert (event.note.nonce, event.note.ticket_id) == ('abc', '1001')
    assert event.note.other_ticket_id == '2002'


@pytest.mark.parametrize('ticket, ticket_id', [
    ({'id': 1001}, 1001), ({'id': '1001'}, 1001), ({'id': 1001}, None), ({}, 1001),
    ({'id': 0}, 1001), ({'id': 1001}, -1), ({'id': 1001}, ' ')])
def test_what_is_said_once_or_twice_alike_is_no_contradiction(ticket, ticket_id):
    told = parse_hook(body(note(ticket=dict(ticket, nonce='abc'), ticket_id=ticket_id))).note
    assert (told.ticket_id, told.other_ticket_id) == ('1001', '')


def test_a_note_that_contradicts_itself_teaches_no_names():
    told = note(ticket_id=2002)
    assert parse_hook(body(told, 'message.incoming')).ticket is None


@pytest.mark.parametrize('system', [0, '0', None, False, '', 'false'])
def test_a_note_that_is_not_of_the_system_is_a_reply(system):
    assert parse_hook(body(note(system=system))).note is not None


def test_characters_beyond_the_basic_plane_and_right_to_left_survive():
    text = '<p>\U0001f469\u200d\U0001f4bb \u0634\u0643\u0631\u0627</p>\n'
    assert parse_hook(body(note(content=text))).note.html == text


def test_an_attachment_alone_is_a_reply_without_text():
    without = note()
    del without['note']['content']
    for data in (without, note(content=None), note(content='')):
        assert parse_hook(body(data)).note.html == ''


@pytest.mark.parametrize('picture', [
    '<img src="data:image/png;base64,%s">', "<img src='data:image/png;base64,%s'>",
    '<img src=data:image/png;base64,%s>', '<p style="background:url(DATA:image/png;base64,%s)">',
    '<img src="%s">' % ('data:image/png;base64,' + '%s\r\n' * 100)])
def test_pictures_inside_a_note_are_not_kept(picture):
    html = '<p>look</p>' + picture.replace('%s', 'iVBORw0KGgo' * 20) + '<p>there</p>'
    kept = parse_hook(body(note(content=html))).note.html
    assert len(kept) < 120
    assert kept.startswith('<p>look</p>') and kept.endswith('<p>there</p>')


def test_no_more_of_a_note_is_kept_than_is_ever_read():
    kept = parse_hook(body(note(content='<p>Hi</p>' * 100000))).note.html
    assert len(kept) <= 2 * LONGEST


def test_controls_that_no_text_has_are_replaced():
    assert parse_hook(body(note(content='a\x00b'))).note.html == 'a\ufffdb'


def test_half_a_character_is_replaced_as_nobody_can_send_it_on():
    data = json.dumps(note(content='X')).replace('"X"', '"a\\ud83d b\\ude00 \\ud83d\\ude00"')
    assert parse_hook(body(data)).note.html == 'a\ufffd b\ufffd \U0001f600'


@pytest.mark.parametrize('given_, seconds', [
    ('1416000000', 1416000000.0), (None, 0.0), ('2014-11-14 21:20:00', 0.0), (True, 0.0),
    (-1, 0.0), (10 ** 19, 0.0), ([], 0.0)])
def test_the_time_of_a_note_is_taken_where_it_is_one(given_, seconds):
    assert parse_hook(body(note(created_at=given_))).note.created_at == seconds


@pytest.mark.parametrize('creator', [None, [], 'Thandi', {'first_name': None, 'last_name': 3}])
def test_a_creator_without_a_name_is_no_matter(creator):
    assert parse_hook(body(note(creator=creator))).note.staff_name == ''


def test_further_fields_of_the_form_are_no_matter():
    assert parse_hook(body(note()) + b'&version=2;3&&').note.note_id == '4711'


@pytest.mark.parametrize('name', [
    each.value for each in HookEvent if each is not HookEvent.MESSAGE_OUTGOING])
def test_other_documented_events_are_known_and_ignored(name):
    event = parse_hook(body({'ticket': {}}, name))
    assert (event.note, event.ignored == 'unknown_event') == (None, False)


# What else is told of a ticket.

TICKET = {
    'id': 1001, 'nonce': 'k3jd82hs7ahq92m1', 'status': 'waiting', 'opened_at': 1416000000,
    'created_at': 1416000000, 'last_reply_at': 1416000050, 'updated_at': '2014-11-14 21:21:40',
    'tags': ['#card', '@thandi', 'bare'], 'opener': {'remember_token': 'leaked'}}


def ticket_event(name, ticket=(), **beside):
    return parse_hook(body(dict(beside, ticket=dict(TICKET, **dict(ticket))), name)).ticket


def test_changed_tags_are_read_with_the_whole_list_where_it_comes():
    event = ticket_event('tags.changed', added=['@thandi'], removed=['@sipho'])
    assert (event.nonce, event.ticket_id, event.at) == ('k3jd82hs7ahq92m1', '1001', 1416000100.0)
    assert (event.tags, event.added, event.removed) == (
        ['#card', '@thandi', 'bare'], ['@thandi'], ['@sipho'])


def test_changed_tags_without_the_list_are_what_was_added_and_removed():
    event = ticket_event('tags.changed', [('tags', None)], added=['#a', '#b'],
                         removed=['#c', '#a'])
    assert (event.tags, event.added, event.removed) == (None, ['#a', '#b'], ['#c'])


@pytest.mark.parametrize('name, given_, status', [
    ('ticket.replied', 'waiting', 'replied'), ('ticket.waiting', None, 'waiting'),
    ('ticket.created', 'waiting', 'waiting'), ('ticket.created', 7, ''),
    ('tags.changed', 'waiting', '')])
def test_the_status_is_what_the_event_says(name, given_, status):
    assert ticket_event(name, [('status', given_)]).status == status


def test_a_ticket_that_was_created_may_come_without_its_nonce():
    event = ticket_event('ticket.created', [
        ('nonce', None), ('next_recipients', '{&quot;to&quot;:[]}')])
    assert (event.nonce, event.ticket_id, event.status) == ('', '1001', 'waiting')


@pytest.mark.parametrize('updated_at, at', [
    ('2014-11-14 21:21:40', 1416000100.0), ('2014-13-14 21:21:40', 1416000050.0),
    ('yesterday', 1416000050.0), (1416000200, 1416000200.0), (None, 1416000050.0),
    ('0001-01-01 00:00:00', 1416000050.0), ([], 1416000050.0)])
def test_the_time_of_an_event_is_the_newest_of_its_ticket(updated_at, at):
    assert ticket_event('ticket.waiting', [('updated_at', updated_at)]).at == at


@pytest.mark.parametrize('ticket', [None, [], 'x', {}, {'nonce': None}, {'id': [], 'nonce': {}}])
def test_an_event_that_does_not_say_of_which_ticket_is_ignored(ticket):
    for name in ('tags.changed', 'ticket.replied'):
        event = parse_hook(body({'ticket': ticket}, name))
        assert (event.ticket, event.ignored) == (None, 'no_ticket')


def test_tags_that_are_none_are_passed_over():
    tags = [1, None, ' #a ', '#a', '', {}, '#' + 'x' * 200]
    event = ticket_event('tags.changed', [('tags', tags)], added='#b', removed={'#c': 1})
    assert event.tags == ['#a', '#' + 'x' * 99]
    assert (event.added, event.removed) == ([], [])


def test_a_note_tells_by_which_names_its_ticket_is_known():
    for name in ('message.incoming', 'message.private'):
        event = parse_hook(body(note(), name))
        assert (event.ticket.nonce, event.ticket.ticket_id) == ('k3jd82hs7ahq92m1', '1001')
        assert (event.ticket.status, event.ticket.tags) == ('', None)
    assert parse_hook(body(note(ticket={'nonce': 'abc'}), 'message.incoming')).ticket is None


def test_the_tokens_in_a_ticket_are_dropped_too():
    for name in ('tags.changed', 'ticket.created', 'ticket.waiting'):
        assert 'leaked' not in repr(ticket_event(name))


def test_an_event_that_nobody_documents_is_ignored_whatever_its_data():
    event = parse_hook(body('not even JSON', 'tomorrow.invented'))
    assert (event.note, event.ignored) == (None, 'unknown_event')


@pytest.mark.parametrize('raw, told', [
    (b'', '"event" is missing'),
    (b'event=message.outgoing', '"data" is missing'),
    (b'event=a&event=b&data=x', 'given twice'),
    (b'event=message.outgoing&data=%ff', 'UTF-8'),
    (b'event=message.outgoing&data=\xff', 'UTF-8'),
    (b'event=message.outgoing&data=%ed%a0%bd', 'UTF-8'),
    (b'event=%00&data=x&event=%00', 'given twice'),
    (b'&'.join(b'f%d=' % (n,) if bytes is str else ('f%d=' % (n,)).encode() for n in range(21)),
     'more than 20 fields'),
    (body(note(id=4711.0)), 'data.note.id is missing or not an id'),
    (body(note(scope=1)), 'data.note.scope is missing'),
    (body(note(ticket={'nonce': {}})), 'data.note.ticket.nonce is missing or not an id'),
    (body(note(created_by_staff_id=[7])),
     'data.note.created_by_staff_id is missing or not an id'),
    (body(note(created_by_staff_id=True)),
     'data.note.created_by_staff_id is missing or not an id'),
    (body(note(created_by_staff_id='Thandi')), 'data.note.created_by_staff_id is not a number'),
    (body(note(system='perhaps')), 'data.note.system is neither 0 nor 1'),
    (body(note(system=[])), 'data.note.system is neither 0 nor 1'),
    (body(note(ticket={'id': -1, 'nonce': ' '}, ticket_id=0)), 'neither nonce nor id'),
    (body(note(content=['x'])), 'data.note.content is not a text'),
    (body('[]'), 'not a JSON object'),
    (body({}), 'data.note is missing'),
    (body({'note': []}), 'data.note is missing'),
    (body(note(ticket=None)), 'data.note.ticket is missing'),
    (body(note(ticket={}, ticket_id=None)), 'neither nonce nor id')
] + [(body(note(id=none)), 'data.note.id is missing') for none in (
    '', 'x' * 101, ' ', 'false', -4711, None, True)
] + [(body(data), 'is not JSON') for data in (
    '{"note": NaN}', '{"note": {"id": -Infinity}}', '{"note": {"id": %s}}' % ('9' * 100000,),
    '{"a":' * 50000, '{"note": ', '[' * 100000)])
def test_what_can_not_be_understood_is_told_by_field(raw, told):
    assert told in why(raw)


@given(st.binary(max_size=300))
def test_garbage_is_an_event_or_bad_and_nothing_else(raw):
    try:
        parse_hook(raw)
    except BadHook:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(sorted(NOTE) + ['note', 'nonce', 'x']), inner, max_size=5),
    max_leaves=20)


@given(JSON)
def test_any_json_is_an_event_or_bad_and_nothing_else(value):
    for data in (value, {'note': value}, {'note': dict(NOTE, **value)}
                 if isinstance(value, dict) else value):
        try:
            event = parse_hook(body(json.dumps(data)))
        except BadHook:
            continue
        assert event.ticket is None or event.ignored
        if event.note is None:
            assert event.ignored
            continue
        for name, text in sorted(attr.asdict(event.note).items()):
            assert isinstance(text, float if name == 'created_at' else type(''))
            if name != 'created_at':
                assert text.encode('utf-8').decode('utf-8') == text
        assert event.note.note_id and event.note.staff_id
        assert event.note.nonce or event.note.ticket_id


@given(st.sampled_from([each.value for each in HookEvent]), JSON, JSON, JSON)
def test_any_json_about_a_ticket_is_kept_as_texts_or_passed_over(name, ticket, tags, added):
    data = {'ticket': dict(TICKET, tags=tags, **{'updated_at': added})
            if tags else ticket, 'added': added, 'removed': tags, 'note': {'ticket': ticket}}
    try:
        event = parse_hook(body(json.dumps(data), name))
    except BadHook:
        return
    assert event.ticket is not None or event.ignored
    if event.ticket is not None:
        assert event.ticket.nonce or event.ticket.ticket_id
        told = [event.ticket.nonce, event.ticket.ticket_id, event.ticket.status]
        for each in told + (event.ticket.tags or []) + event.ticket.added + event.ticket.removed:
            assert each.encode('utf-8').decode('utf-8') == each


def test_what_is_told_of_a_bad_body_quotes_nothing_of_it():
    for raw in (body('sesam'), body({'sesam': 1}), b'sesam=1&sesam=2', b'sesam=1',
                body(note(scope=['sesam'])), body(note(id={'sesam': 1})), b'event=sesam%ff'):
        assert 'sesam' not in why(raw)
