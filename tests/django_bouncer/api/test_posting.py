"""What is posted is understood, or its sender is told which field is wrong."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.django_bouncer.api.conftest import DIRECTORY
from vumi_snappy.django_bouncer.api.answering import error_response
from vumi_snappy.django_bouncer.api.posting import PostedMessage, read_posted
from vumi_snappy.django_bouncer.api.schemas import FIELDS
from vumi_snappy.django_bouncer.api.values import ROOT
from vumi_snappy.http.responses import HttpError

FINE = {'contact_key': 'contact', 'conversation': ROOT + 'conversation/1/',
        'msisdn': '+27820001001', 'message': 'Help'}


def read(body, kind=b'application/json'):
    return read_posted(kind, body, DIRECTORY, FIELDS['ticket'])


def posted(**fields):
    return read(json.dumps(dict(FINE, **fields)).encode('ascii'))


def refused(body, **more):
    with pytest.raises(HttpError) as caught:
        read(body, **more)
    return caught.value.status, caught.value.message


@pytest.mark.parametrize('fields, name, value', [
    (dict(message='  h\xe9y\n'), 'text', '  h\xe9y\n'), (dict(message=0), 'text', '0'),
    (dict(message='half \ud83d'), 'text', 'half \ufffd'),
    (dict(msisdn=27820001001), 'msisdn', '27820001001'),
    (dict(msisdn=' +27820001001\n'), 'msisdn', '+27820001001'),
    (dict(contact_key=None), 'contact_key', ''),
    (dict(conversation='https://x.example' + ROOT + 'conversation/2/'), 'conversation',
     DIRECTORY.conversations[2]),
    (dict(conversation=ROOT + 'conversation/key/b\xe9/'), 'conversation',
     DIRECTORY.conversations[2]),
    (dict(conversation={'pk': '2'}), 'conversation', DIRECTORY.conversations[2]),
    (dict(tag=' ', faccode=7, facility_code='F'), 'agent_fields',
     [('faccode', '7'), ('facility_code', 'F')]),
    (dict(tag='x', response='r', more=[1]), 'others', {'tag': 'x', 'more': [1]})])
def test_each_field_is_read(fields, name, value):
    assert getattr(posted(**fields), name) == value


@pytest.mark.parametrize('fields, status, told', [
    (dict(message=' '), 400, "'message' field has no data"),
    (dict(msisdn=None), 400, "'msisdn' field has no data"),
    (dict(message={}), 400, "'message' field must be a text"),
    (dict(message=True), 400, "'message' field must be a text"),
    (dict(msisdn=1.5), 400, "'msisdn' field must be a text"),
    (dict(msisdn='1' * 101), 400, "'msisdn' field has more than 100"),
    (dict(contact_key='1' * 101), 400, "'contact_key' field has more than 100"),
    (dict(tag='1' * 101), 400, "'tag' field has more than 100"),
    (dict(conversation=ROOT + 'conversation/\xb2/'), 400, 'Could not find'),
    (dict(conversation=ROOT + 'conversation/%s/' % ('1' * 99,)), 400, 'Could not find'),
    (dict(conversation={}), 400, 'Could not find'),
    (dict(conversation='<b>'), 404, "'conversation' field must be the address"),
    (dict(conversation=[]), 400, "'conversation' field was given data")])
def test_what_is_wrong_is_named(fields, status, told):
    said = refused(json.dumps(dict(FINE, **fields)).encode('ascii'))
    assert said[0] == status and told in said[1]


@pytest.mark.parametrize('body', [
    b'', b'{', b'[' * 100000, b'"x"', b'null', b'{"message": %s}' % (b'1' * 5000,), b'\xff',
    b'{"a": \xed\xa0\x80}'])
def test_what_is_no_object_of_json_is_refused(body):
    assert refused(body)[0] == 400


def test_other_kinds_of_bodies_are_refused_and_none_is_json():
    whole = json.dumps(FINE).encode('ascii')
    assert read(whole, kind=b'').text == read(whole, kind=b'Application/JSON; x=y').text == 'Help'
    assert refused(whole, kind=b'text/plain')[0] == 400


def test_what_is_quoted_in_an_error_is_no_html():
    given = dict(FINE, conversation=ROOT + 'conversation/<b>/')
    error = HttpError(*refused(json.dumps(given).encode('ascii')))
    assert '<b>' in error.message and b'<b>' not in error_response(error).body


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=3)


@given(st.dictionaries(st.sampled_from(sorted(FINE) + ['tag', 'operator', 'id', 'x']),
                       JSON, max_size=4))
def test_any_object_is_read_or_refused(fields):
    try:
        found = posted(**fields)
    except HttpError as error:
        assert error.status in (400, 404) and error.message
    else:
        assert isinstance(found, PostedMessage) and found.msisdn and found.text.strip()
