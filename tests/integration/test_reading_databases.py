"""The released bouncer's tickets are read from a real PostgreSQL and a real MariaDB, which stay as
they are; and whatever is wrong with a database is told with what to do."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
import subprocess
import sys
import tempfile

import attr
import pytest
from six.moves.urllib.parse import quote

from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.guard import Guard
from tools.mariadb_server import MariaDB
from tools.postgresql_server import PostgreSQL
from tools.processes import ROOT
from vumi_snappy.django_bouncer.takeover import databases, mysql, postgresql
from vumi_snappy.django_bouncer.takeover.locating import where
from vumi_snappy.django_bouncer.takeover.sources import read_tickets
from vumi_snappy.django_bouncer.takeover.tickets import BadRow, OldTicket, SourceError

pytestmark = pytest.mark.integration

READERS = {'postgresql': postgresql, 'mysql': mysql}
TICKETS = [dict(each, conversation_id=1, contact_key='c') for each in [
    dict(id=7, msisdn='+27820001001', support_nonce='n7', support_id=5,
         message='h\xe9y, "x" \U0001f600\n100%', response='Which <one>?'),
    dict(id=8, msisdn='+27820001002', support_nonce='n8', message='No water'),
    dict(id=9, msisdn='+27820001003', message='Are you there?')]]
COLUMNS = ('conversation_id, support_nonce, message, contact_key, msisdn, created_at, updated_at')


@attr.s(frozen=True, slots=True)
class Deployment(object):
    """A bouncer's database on a server."""

    server = attr.ib()
    bouncer = attr.ib()

    def read(self, **changes):
        """What is read of it; `changes` are those of `url()`, and `password`."""
        password = changes.pop('password', self.server.password)
        return list(read_tickets(self.url(**changes), password))

    def url(self, user='bouncer', in_url='', host='127.0.0.1', port=0, database='bouncer',
            options=''):
        """Its URL, or one that is wrong."""
        return '%s://%s%s@%s:%d/%s%s' % (self.server.scheme, user, in_url, host,
                                         port or self.server.port, database, options)

    def opened(self):
        """The part that asks the server, ready to be asked."""
        kind = {'postgresql': postgresql.PostgreSQL, 'mysql': mysql.MySQL}[self.server.scheme]
        made = kind(where(self.url(), self.server.password))
        made.open()
        return made

    def does(self, *statements):
        """Somebody else does this meanwhile."""
        connection = self.server.connect()
        try:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
        finally:
            connection.close()

    def adds(self, number, values):
        self.does('INSERT INTO snappybouncer_ticket (id, %s) VALUES (%d, %s)' % (
            COLUMNS, number, values))


@pytest.fixture(scope='module', params=[PostgreSQL, MariaDB], ids=['PostgreSQL', 'MariaDB'])
def deployed(request):
    folder = tempfile.mkdtemp(prefix=str('vumi-snappy-'))
    guard = Guard(folder)
    try:
        server = request.param(folder, guard)
        try:
            server.start()
            bouncer = DjangoBouncer(folder, guard, database_server=server)
            bouncer.load([
                ('UserAccount', [dict(id=1, key='useraccountkey', name='Account')]),
                ('Conversation', [dict(id=1, user_account_id=1, key='conversationkey',
                                       name='Line')]),
                ('Ticket', TICKETS)])
            made = Deployment(server, bouncer)
            made.does('CREATE TABLE kept AS SELECT * FROM snappybouncer_ticket')
            yield made
        finally:
            server.end()
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    finally:
        guard.close()


@pytest.fixture
def deployment(deployed):
    """With three tickets: one that was answered, one that was relayed, one that was not."""
    deployed.does('DELETE FROM snappybouncer_ticket',
                  'INSERT INTO snappybouncer_ticket SELECT * FROM kept')
    return deployed


def test_the_database_holds_what_its_dump_holds(deployment, tmpdir):
    found = deployment.read()
    assert [(each.key, each.conversation, each.msisdn, each.nonce, each.support_id, each.message,
             each.response) for each in found] == [
        ('7', 'conversationkey', '+27820001001', 'n7', '5', 'h\xe9y, "x" \U0001f600\n100%',
         'Which <one>?'),
        ('8', 'conversationkey', '+27820001002', 'n8', '', 'No water', ''),
        ('9', 'conversationkey', '+27820001003', '', '', 'Are you there?', '')]
    path = tmpdir.join('dump.json')
    path.write(deployment.bouncer.dumpdata(), mode='wb')

    def in_whole_seconds(each):
        return attr.evolve(each, created_at=int(each.created_at), updated_at=int(each.updated_at))
    assert [in_whole_seconds(each) for each in found] == [
        in_whole_seconds(each) for each in read_tickets('%s' % (path,))]


def test_it_is_read_page_by_page_in_order_and_how_far_is_told(deployment, monkeypatch):
    monkeypatch.setattr(databases, '_PAGE', 2)
    reading = read_tickets(deployment.url(), deployment.server.password)
    # As each row comes: what has been read before its page.
    assert [(each.key, reading.share) for each in reading] == [
        ('7', None), ('8', None), ('9', 2 / 3)]
    assert reading.share == 1


def test_what_happens_while_it_is_read_is_left_for_the_next_time(deployment, monkeypatch):
    monkeypatch.setattr(databases, '_PAGE', 1)
    reading = iter(read_tickets(deployment.url(), deployment.server.password))
    assert next(reading).key == '7'
    deployment.adds(10, "1, 'n10', 'New', 'c', '+27820001004', '2014-09-30', '2014-09-30'")
    deployment.does("UPDATE snappybouncer_ticket SET message = 'Else' WHERE id = 9")
    assert [each.message for each in reading] == ['No water', 'Are you there?']
    assert [each.message for each in deployment.read()][2:] == ['Else', 'New']


def test_nothing_can_be_changed_by_who_reads(deployment):
    reader = deployment.opened()
    try:
        with pytest.raises(SourceError, match='(?i)read.only'):
            reader.query('DELETE FROM snappybouncer_ticket')
    finally:
        reader.close()
    assert len(deployment.read()) == 3


def test_rows_that_can_not_be_used_are_told_and_times_that_are_none_are_unknown(deployment):
    none = {'postgresql': '-infinity', 'mysql': '0000-00-00 00:00:00'}[deployment.server.scheme]
    deployment.adds(10, "1, 'n10', 'Hi', 'c', ' ', '2014-09-30', '2014-09-30'")
    deployment.adds(11, "1, 'n11', 'Hi', 'c', '+27', '%s', '2014-09-30 12:00:00'" % (none,))
    bad, good = deployment.read()[3:]
    assert bad == BadRow('ticket 10', 'it has no msisdn: nobody could be answered')
    assert (good.created_at, good.updated_at) == (0, 1412078400)


def test_times_are_the_same_wherever_the_server_is(deployment):
    there, back = {
        'postgresql': (["ALTER DATABASE bouncer SET timezone TO 'Africa/Johannesburg'",
                        "ALTER DATABASE bouncer SET datestyle TO 'German'"],
                       'ALTER DATABASE bouncer RESET ALL'),
        'mysql': (["SET GLOBAL time_zone = '+02:00'"], 'SET GLOBAL time_zone = SYSTEM'),
    }[deployment.server.scheme]
    # As Django stores it: PostgreSQL with a zone, MySQL without one.
    at = '2014-09-30 12:00:00' + ('+00' if deployment.server.scheme == 'postgresql' else '')
    deployment.does(*there)
    try:
        deployment.adds(10, "1, 'n10', 'Hi', 'c', '+27', '%s', '%s'" % (at, at))
        assert deployment.read()[3].created_at == 1412078400
    finally:
        deployment.does(back)


def test_what_forks_have_added_is_passed_over(deployment):
    deployment.does('ALTER TABLE snappybouncer_ticket ADD tag varchar(30) DEFAULT \'#card\'',
                    'ALTER TABLE snappybouncer_ticket ADD operator integer',
                    'ALTER TABLE snappybouncer_ticket ADD faccode integer')
    try:
        assert [type(each) for each in deployment.read()] == [OldTicket] * 3
    finally:
        deployment.does(*['ALTER TABLE snappybouncer_ticket DROP COLUMN %s' % (name,)
                          for name in ('tag', 'operator', 'faccode')])


def test_a_table_without_what_is_needed_is_not_a_bouncers_of_this_release(deployment):
    deployment.does('ALTER TABLE snappybouncer_ticket RENAME COLUMN support_nonce TO nonce')
    try:
        with pytest.raises(SourceError, match='has no column support_nonce'):
            deployment.read()
    finally:
        deployment.does('ALTER TABLE snappybouncer_ticket RENAME COLUMN nonce TO support_nonce')


@pytest.mark.parametrize('wrong, said, to_do', [
    (dict(password='wrong secret'), 'authentication failed|Access denied', '--password-file'),
    (dict(password=''), 'no password supplied|Access denied', '--password-file'),
    (dict(user='stranger', password='wrong secret'), 'authentication failed|Access denied',
     'user and password are right'),
    (dict(database='elsewhere'), 'does not exist|Unknown database', "bouncer's DATABASES"),
    (dict(port=1), '(?i)refused', 'host and port in the URL'),
    (dict(host='no-such-host.invalid'), 'no-such-host', 'host and port in the URL'),
    (dict(options='?nonsense=1'), 'nonsense', 'option of libpq|there are unix_socket'),
])
def test_a_database_that_can_not_be_opened_is_named_with_what_to_do(
        deployment, monkeypatch, wrong, said, to_do):
    monkeypatch.setenv(str('PGPASSFILE'), str('/nonexistent'))
    with pytest.raises(SourceError, match=said) as told:
        deployment.read(**wrong)
    assert re.search(to_do, '%s' % (told.value,))
    assert 'secret' not in '%s' % (told.value,)
    assert deployment.server.password not in '%s' % (told.value,)


def test_a_database_of_something_else_is_not_read(deployment):
    deployment.does('CREATE DATABASE other')
    try:
        with pytest.raises(SourceError, match='has no table snappybouncer_ticket'):
            deployment.read(database='other')
    finally:
        deployment.does('DROP DATABASE other')


def test_a_user_who_may_not_read_the_tables_is_told_what_to_grant(deployment):
    postgres = deployment.server.scheme == 'postgresql'
    deployment.does(*(
        ["CREATE USER reader PASSWORD 'x'"] if postgres else
        ["CREATE USER reader IDENTIFIED BY 'x'",
         'GRANT SELECT ON bouncer.django_content_type TO reader']))
    try:
        with pytest.raises(SourceError, match='GRANT SELECT ON snappybouncer_ticket'):
            deployment.read(user='reader', password='x')
        # And with that it is enough.
        for table in ('snappybouncer_ticket', 'snappybouncer_conversation'):
            deployment.does('GRANT SELECT ON %s TO reader' % (table,))
        assert len(deployment.read(user='reader', password='x')) == 3
    finally:
        deployment.does(*(['DROP OWNED BY reader'] if postgres else []) + ['DROP USER reader'])


def test_the_password_may_come_from_where_the_databases_own_tools_have_it(
        deployment, monkeypatch):
    name = {'postgresql': 'PGPASSWORD', 'mysql': 'MYSQL_PWD'}[deployment.server.scheme]
    monkeypatch.setenv(str(name), str(deployment.server.password))
    assert len(deployment.read(password='')) == 3


def test_what_follows_the_question_mark_is_heeded(deployment):
    if deployment.server.scheme == 'postgresql':
        with pytest.raises(SourceError, match='has no table'):
            deployment.read(options='?options=-csearch_path%3Dpg_catalog&sslmode=prefer')
        assert len(deployment.read(options='?options=-csearch_path%3Dpublic')) == 3
    else:
        found = deployment.read(port=1, options='?unix_socket=' + deployment.server.socket)
        assert len(found) == 3


def test_an_answer_that_does_not_come_is_not_waited_for(deployment, monkeypatch):
    monkeypatch.setattr(READERS[deployment.server.scheme], '_ANSWERING', 1)
    reader = deployment.opened()
    try:
        sleep = {'postgresql': 'pg_sleep', 'mysql': 'SLEEP'}[deployment.server.scheme]
        with pytest.raises(SourceError, match='did not answer within 1 s|timed out'):
            reader.query('SELECT %s(20)' % (sleep,))
    finally:
        reader.close()


def test_a_server_that_hangs_is_not_waited_for(deployment, monkeypatch):
    for name in ('_CONNECTING', '_ANSWERING'):
        monkeypatch.setattr(READERS[deployment.server.scheme], name, 1)
    deployment.server.freeze()
    try:
        with pytest.raises(SourceError, match='did not answer within 1 s|timed out'):
            deployment.read()
    finally:
        deployment.server.thaw()


def test_a_server_that_goes_away_in_the_middle_is_told(deployment, monkeypatch):
    monkeypatch.setattr(databases, '_PAGE', 1)
    reading = iter(read_tickets(deployment.url(), deployment.server.password))
    next(reading)
    deployment.server.kill()
    try:
        with pytest.raises(SourceError, match='can not read '):
            list(reading)
    finally:
        deployment.server.start()


def test_the_command_takes_them_over_and_shows_no_password(deployment, redis_port, tmpdir):
    config, secret = tmpdir.join('worker.yaml'), tmpdir.join('password')
    config.write(json.dumps({
        'transport_name': 'sms_transport', 'snappy_api_key': 'the-api-key', 'snappy_mailbox_id': 1,
        'snappy_api_url': 'http://127.0.0.1:1/api/v1',
        'webhook_secret': 'a-secret-of-the-hook-1', 'redis_manager': {
            'host': '127.0.0.1', 'port': redis_port, 'key_prefix': 'imports-%s' % (
                deployment.server.scheme,)}}))
    secret.write(deployment.server.password.encode('ascii') + b'\n', mode='wb')

    def imports(url, *more):
        run = subprocess.Popen(
            [sys.executable, '-W', 'ignore', '-c', 'from vumi_snappy.cli import main; main()',
             'import-bouncer', '--json', '--config', '%s' % (config,), '--to-addr', '12345', url]
            + list(more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
        out, err = run.communicate()
        told = json.loads(out.decode('utf-8'))
        return run.returncode, err.decode('utf-8'), {name: told[name] for name in (
            'imported', 'known', 'unsent', 'bad')}
    given = ('--password-file', '%s' % (secret,))
    assert imports(deployment.url(), *given) == (
        0, '', {'imported': 2, 'known': 0, 'unsent': 1, 'bad': 0})
    status, said, counts = imports(deployment.url(in_url=':' + quote(
        deployment.server.password.encode('ascii'), b'')))
    assert (status, counts) == (0, {'imported': 0, 'known': 2, 'unsent': 1, 'bad': 0})
    assert 'better give it by --password-file' in said
