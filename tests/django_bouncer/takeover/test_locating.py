"""A URL says where a database is; its password stays between it and the server."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from hypothesis import given
from hypothesis import strategies as st
from six.moves.urllib.parse import quote

from vumi_snappy.django_bouncer.takeover.locating import (
    MYSQL, POSTGRESQL, has_password, read_password, where)
from vumi_snappy.django_bouncer.takeover.tickets import SourceError


def test_a_url_tells_all_that_is_needed():
    found = where('postgresql://us%40er@db.example.org:5433/boun%20cer?sslmode=require')
    assert (found.kind, found.host, found.port) == (POSTGRESQL, 'db.example.org', 5433)
    assert (found.user, found.password, found.database) == ('us@er', '', 'boun cer')
    assert found.options == {'sslmode': 'require'}
    assert found.name == 'the PostgreSQL database "boun cer" on db.example.org:5433'


def test_what_a_url_does_not_tell_is_left_to_the_library():
    found = where('mariadb:///bouncer?unix_socket=/run/mysqld/mysqld.sock')
    assert (found.kind, found.host, found.port, found.user) == (MYSQL, '', None, '')
    assert found.name == 'the MySQL database "bouncer"'


@given(st.text(min_size=1))
def test_any_password_arrives_and_is_never_shown(password):
    url = 'postgresql://user:%s@db/bouncer' % (
        quote(password.encode('utf-8'), b'' if str is bytes else ''),)
    found = where(url)
    assert found.password == password
    assert has_password(url)
    assert not has_password('postgresql://user@db/bouncer')
    assert repr(found) == repr(where('postgresql://user@db/bouncer'))


def test_an_error_of_a_library_is_told_in_one_line_without_the_password():
    found = where('mysql://user@db/bouncer', 's3cret')
    assert found.describe(ValueError(1045, 'no entry\n\tfor "s3cret".\n')) == 'no entry for "***"'
    assert found.describe(ValueError(b'\xff')) == '\ufffd'
    assert found.describe(ValueError()) == 'ValueError'


@pytest.mark.parametrize('url', [
    'postgresql://user:se/cret@db/bouncer', 'postgresql://user:1/secret@db/bouncer',
    'mysql://user:se#cret@db/bouncer', 'mysql://user:secret@db:port/bouncer',
    'mysql://user:se?cret@db/bouncer', 'postgresql://user:secret%ff@db/bouncer',
    'postgresql://user:secret@[db/bouncer'])
def test_a_url_that_can_not_be_understood_is_not_quoted(url):
    with pytest.raises(SourceError, match='malformed database URL|no database name') as told:
        where(url)
    assert 'cret' not in '%s' % (told.value,)


@pytest.mark.parametrize('url, said', [
    ('postgresql://db', 'no database name'), ('mysql://db/', 'no database name'),
    ('mysql://db/bouncer?charset=x', 'unix_socket and ssl_ca')])
def test_what_is_missing_or_too_much_in_a_url_is_named(url, said):
    with pytest.raises(SourceError, match=said):
        where(url)


def test_a_password_given_apart_comes_before_those_in_url_and_environment(monkeypatch):
    monkeypatch.setenv(str('MYSQL_PWD'), str('from-environment'))
    assert where('mysql://db/bouncer').password == 'from-environment'
    assert where('mysql://u:from-url@db/bouncer').password == 'from-url'
    assert where('mysql://u:from-url@db/bouncer', 'apart').password == 'apart'
    # libpq looks for it itself.
    assert where('postgresql://db/bouncer').password == ''
    assert where('postgresql://db/bouncer?password=from-url').password == 'from-url'
    assert has_password('postgresql://db/bouncer?password=from-url')


@pytest.mark.parametrize('content, said', [
    (None, 'No such file'), (b'', 'no password in'), (b'\nx', 'no password in'),
    (b'\xff\n', 'UTF-8')])
def test_a_file_without_a_password_is_named_with_the_reason(tmpdir, content, said):
    path = tmpdir.join('password')
    if content is not None:
        path.write(content, mode='wb')
    with pytest.raises(SourceError, match=said):
        read_password('%s' % (path,))


def test_the_password_is_the_first_line_of_its_file_as_it_is(tmpdir):
    path = tmpdir.join('password')
    path.write(' p\xe4ss word \r\nmore'.encode('utf-8'), mode='wb')
    assert read_password('%s' % (path,)) == ' p\xe4ss word '
