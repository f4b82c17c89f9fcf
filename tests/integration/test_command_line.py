"""The commands that need no more than a real Redis, as an operator runs them."""
from __future__ import absolute_import, division, print_function, unicode_literals

import csv
import io
import json
import os
import stat
import subprocess
import sys

import pytest_twisted
import six
from twisted.internet import reactor, threads

from tests.console.api.described import Described
from tests.store.conftest import bench, claim, make_bench  # noqa: F401
from tests.store.test_lists import failed_reply
from vumi_snappy.console.api.description import description
from vumi_snappy.records import Subscription


def run(*arguments):
    """Fires with the exit status and what was printed."""
    command = [sys.executable, '-W', 'ignore', os.path.join(
        os.path.dirname(sys.executable), 'vumi-snappy')] + list(arguments)

    def call():
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        return process.returncode, out, err
    return threads.deferToThreadPool(reactor, reactor.getThreadPool(), call)


def as_the_api_says(name, out):
    """The JSON that was printed, which is to be what the API's schema called `name` says."""
    value = json.loads(out)
    Described(json.loads(json.dumps(description()))).hold(name, value)
    return value


def written(tmpdir, bench, redis_port, **options):  # noqa: F811
    """The path of a configuration for the bench's store."""
    config = tmpdir.join('worker.yaml')
    config.write(json.dumps(dict({
        'transport_name': 'sms', 'snappy_api_key': 'the-api-key', 'snappy_mailbox_id': 1,
        'snappy_api_url': 'http://127.0.0.1:1/api/v1',
        'webhook_secret': 'the-secret', 'contact_address': '{from_addr}@sms.example.org',
        'redis_manager': {'host': '127.0.0.1', 'port': redis_port,
                          'key_prefix': bench.prefix}}, **options)))
    return '%s' % (config,)


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_found_by_whatever_is_known_of_it(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello', nonce='k3jd82hs7ahq92m1')
    yield bench.says('Hello', who='+27820001002')
    config = written(tmpdir, bench, redis_port)
    for asked, number in (('1', '1'), ('k3jd82hs7ahq92m1', '1'), ('27820001002', '2'),
                          ('+27 82 000 1002', '2')):
        status, out, _ = yield run('ticket', '-c', config, '--json', asked)
        assert (status, json.loads(out)['ticket']) == (0, number)
    status, _, err = yield run('ticket', '-c', config, '+27820001003')
    assert (status, err) == (1, b'vumi-snappy: there is no ticket +27820001003\n')


@pytest_twisted.inlineCallbacks
def test_a_ticket_is_printed_as_the_api_answers(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello', nonce='k3jd82hs7ahq92m1')
    yield failed_reply(bench, html='<p>In <b>Soweto</b> &amp; open</p>')
    config = written(tmpdir, bench, redis_port,
                     console_ticket_url='https://snappy.example/t/{nonce}')
    _, out, _ = yield run('ticket', '-c', config, '--json', '1')
    found = as_the_api_says('Ticket', out)
    assert [each['text'] for each in found['messages']] == ['Hello']
    assert [each['text'] for each in found['replies']] == ['In Soweto & open']
    assert found['link'] == 'https://snappy.example/t/k3jd82hs7ahq92m1'
    _, out, _ = yield run('export', '-c', config, '--json')
    del found['history']
    assert json.loads(out) == found


@pytest_twisted.inlineCallbacks
def test_of_many_tickets_of_a_person_one_has_to_be_named(  # noqa: F811
        make_bench, redis_port, tmpdir):  # noqa: F811
    bench = yield make_bench(new_ticket_after=0)  # noqa: F811
    for _ in range(2):
        yield bench.says('Hello')
    status, _, err = yield run('ticket', '-c', written(tmpdir, bench, redis_port), '+27820001001')
    assert status == 1 and b'+27820001001 has several tickets: 2, 1' in err


@pytest_twisted.inlineCallbacks
def test_what_is_parked_is_told_in_words_and_as_json(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.says('Hello')
    attempt = yield claim(bench.store.forwards)
    yield bench.store.forwards.park(attempt, 'Snappy refused it (422)', 'mailbox is closed')
    config = written(tmpdir, bench, redis_port)
    status, out, _ = yield run('parked', 'list', '-c', config)
    assert status == 0 and out.decode('utf-8').endswith(
        ' ticket 1  +27\u2026001  message for Snappy: Snappy refused it (422): mailbox is'
        ' closed\n')
    status, out, _ = yield run('parked', 'list', '-c', config, '--json')
    [found] = as_the_api_says('ParkedList', out)['parked']
    assert isinstance(found.pop('at'), float) and 'then retry' in found.pop('advice')
    assert found == {
        'id': '1', 'ticket': '1', 'addr': '+27820001001', 'what': 'message for Snappy',
        'reason': 'Snappy refused it (422)', 'answer': 'mailbox is closed', 'tries': 0}
    status, _, err = yield run('parked', 'drop', '-c', config, '--reason', 'spam')
    assert status == 2 and b'usage: vumi-snappy parked drop' in err
    assert b'arguments id --all is required' in err
    status, out, err = yield run('parked', 'retry', '-c', config, '--json', '1', '7')
    assert (status, err) == (1, b'vumi-snappy: not parked: 7\n')
    assert as_the_api_says('Changes', out) == {
        'done': [{'kind': 'parked', 'id': '1'}], 'gone': [{'kind': 'parked', 'id': '7'}]}


@pytest_twisted.inlineCallbacks
def test_whether_somebody_has_opted_out_is_printed_as_the_api_answers(  # noqa: F811
        bench, redis_port, tmpdir):  # noqa: F811
    config = written(tmpdir, bench, redis_port)
    status, _, err = yield run('opted-out', 'add', '-c', config, '0829999997')
    assert (status, b'Nobody with this address is known' in err) == (1, True)
    asked = ('opted-out', 'show', '-c', config, '--json', '+27820001001')
    _, out, _ = yield run(*asked)
    assert as_the_api_says('OptOut', out) == {'address': '+27820001001', 'opted_out': False}
    yield bench.store.subscriptions.change('+27820001001', Subscription.OPT_OUT, 'Thandi')
    _, out, _ = yield run(*asked)
    told = as_the_api_says('OptOut', out)
    assert told['opted_out'] and isinstance(told['since'], float)


@pytest_twisted.inlineCallbacks
def test_the_status_is_told_in_words_and_as_json(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.says('Hello')
    config = written(tmpdir, bench, redis_port)
    status, out, _ = yield run('status', '-c', config)
    assert status == 0
    for line in ('waiting for Snappy: 1', 'parked: 0', 'replies that were not delivered: 0',
                 'Snappy: fine', 'requests to Snappy in the last minute: 0'):
        assert line in out.decode('utf-8').splitlines()
    status, out, _ = yield run('status', '-c', config, '--json')
    assert status == 0 and json.loads(out)['forwards'] == 1


@pytest_twisted.inlineCallbacks
def test_tickets_are_written_to_a_file_or_printed(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello')
    yield bench.says('=1+1', who='+27820001002')
    config = written(tmpdir, bench, redis_port)
    target = '%s' % (tmpdir.join('tickets.csv'),)
    status, out, err = yield run('export', '-c', config, '-o', target)
    assert (status, out) == (0, b'') and b'2 tickets in' in err
    assert stat.S_IMODE(os.stat(target).st_mode) == 0o600
    assert sorted(os.listdir('%s' % (tmpdir,))) == ['tickets.csv', 'worker.yaml']
    with io.open(target, 'rb') as source:
        lines = list(csv.reader(six.ensure_str(source.read()[3:]).splitlines(True)))
    assert [cells[2] for cells in lines] == ['Message', "'=1+1", 'Hello']
    status, out, _ = yield run('export', '-c', config, '--state', 'waiting', '--json')
    assert status == 0
    [found] = [json.loads(each) for each in out.splitlines()]
    assert found['ticket'] == '2' and 'history' not in found


@pytest_twisted.inlineCallbacks
def test_an_export_replaces_what_is_there_and_follows_no_link(  # noqa: F811
        bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello')
    config = written(tmpdir, bench, redis_port)
    elsewhere, target = tmpdir.join('elsewhere'), tmpdir.join('target')
    elsewhere.write('kept')
    target.mksymlinkto(elsewhere)
    for _ in range(2):  # over a link, and over a file that others may read
        assert (yield run('export', '-c', config, '-o', '%s' % (target,)))[0] == 0
        assert b'Hello' in target.read('rb') and elsewhere.read() == 'kept'
        assert not target.islink() and stat.S_IMODE(target.stat().mode) == 0o600
        target.chmod(0o644)
    status, _, err = yield run('export', '-c', config, '-o', '%s' % (tmpdir.join('no', 'z'),))
    assert status == 1 and b'can not be written: No such file' in err


@pytest_twisted.inlineCallbacks
def test_an_import_is_in_the_audit_trail_and_a_trial_of_it_is_not(  # noqa: F811
        bench, redis_port, tmpdir):  # noqa: F811
    dump = tmpdir.join('dump.json')
    dump.write(json.dumps([{'model': 'snappybouncer.ticket', 'pk': 7, 'fields': {
        'conversation': 1, 'msisdn': '+27820001001', 'message': 'Hello',
        'support_nonce': 'k3jd82hs7ahq92m1'}}]))
    asked = ('import-bouncer', '-c', written(tmpdir, bench, redis_port), '--to-addr', '12345',
             '%s' % (dump,))
    status, out, _ = yield run(*asked + ('--dry-run',))
    assert status == 0 and b'tickets taken over: 1' in out
    assert (yield bench.store.operators.audits()) == []
    status, _, _ = yield run(*asked)
    [entry] = yield bench.store.operators.audits()
    assert status == 0 and entry['what'] == "import of the Django bouncer's tickets"
    assert entry['who'].startswith('command line (')


@pytest_twisted.inlineCallbacks
def test_a_person_is_forgotten_with_a_receipt(bench, redis_port, tmpdir):  # noqa: F811
    yield bench.opens('Hello', nonce='k3jd82hs7ahq92m1')
    config = written(tmpdir, bench, redis_port)
    status, _, err = yield run('forget', '-c', config, '+27820001001')
    assert status == 2 and b'--yes' in err
    status, out, _ = yield run('forget', '-c', config, '--yes', '--json', '+27820001001')
    assert status == 0
    assert as_the_api_says('Receipt', out)['tickets'] == [
        {'ticket': '1', 'nonce': 'k3jd82hs7ahq92m1', 'snappy_id': ''}]
    assert (yield bench.store.recent_tickets()) == []
    status, _, err = yield run('forget', '-c', config, '--yes', '+27820001001')
    assert status == 1 and b'nothing is known' in err
    [entry] = yield bench.store.operators.audits()
    assert entry['what'] == 'forgot a person' and '+27820001001' not in entry['detail']
