"""The released Django bouncer and our API, asked the same side by side."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import os

import pytest

from tests.integration.bouncer_differences import DIFFERENCES
from tests.integration.bouncer_exchanges import EXCHANGES, ROOT, differences
from tests.integration.looking import run_command
from tests.integration.one_worker import Worker
from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.processes import ROOT as TREE

pytestmark = pytest.mark.integration

ROWS = [
    ('UserAccount', [dict(id=1, key='acc1', name='Account', notes='n'),
                     dict(id=2, key='acc2', name='Other')]),
    ('Conversation', [dict(id=1, user_account_id=1, key='conv1', name='Line', notes=''),
                      dict(id=2, user_account_id=2, key='conv2', name='L2', notes='x')]),
    ('Ticket', [dict(id=n, conversation_id=1 + n % 2, support_nonce='n%d' % (n,),
                     message='h\xe9y %d' % (n,), contact_key='c%d' % (n % 2,),
                     msisdn='+2782000100%d' % (n,), support_id=n if n > 2 else None,
                     response='Yes & no' if n > 2 else None) for n in range(1, 6)])]
OPTIONS = {
    'bouncer_api_users': {DjangoBouncer.username: DjangoBouncer.api_key},
    'bouncer_api_accounts': ROWS[0][1],
    'bouncer_api_conversations': [
        dict({name: value for name, value in row.items() if name != 'user_account_id'},
             account=row['user_account_id'], to_addr='12345') for row in ROWS[1][1]]}


@pytest.fixture(scope='module')
def both(servers, amqp, tmpdir_factory):
    """The roots of the released bouncer's API and of ours, with the same tickets."""
    folder = '%s' % (tmpdir_factory.mktemp('conformance'),)
    try:
        theirs = DjangoBouncer(folder, servers.guard)
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    worker = Worker(folder, servers.redis.port, amqp)
    try:
        theirs.start()
        theirs.load(ROWS)
        worker.start(redis_manager={'host': '127.0.0.1', 'port': servers.redis.port,
                                    'key_prefix': 'conformance'}, **OPTIONS)
        worker.until(lambda: worker.health().json()['checks']['store']['status'] == 'ok')
        status, said = run_command('import-bouncer', '--config', worker.config_path,
                                   '--to-addr', '12345', theirs.database)
        assert status == 0, said
        yield theirs.url, 'http://127.0.0.1:%d%s' % (worker.port, ROOT)
    finally:
        worker.stop()
        theirs.end()


def test_ours_answers_as_the_released_bouncer_but_where_it_is_told(both):
    found = {}
    for exchange in EXCHANGES:
        theirs, ours = [exchange.seen_at(root) for root in both]
        differ = differences(theirs, ours)
        if differ:
            found[exchange.name] = differ
    told = {}
    for _, exchanges in DIFFERENCES:
        assert not set(told) & set(exchanges)
        told.update(exchanges)
    new = {name: fields for name, fields in found.items() if fields != told.get(name)}
    assert new == {}, 'not told, or differs otherwise'
    assert set(told) - set(found) == set(), 'told, but does not differ any more'


def test_the_guide_tells_each_reason_why_they_differ():
    with io.open(os.path.join(TREE, 'docs', 'moving-from-the-django-bouncer.md'),
                 encoding='utf-8') as guide:
        text = ' '.join(guide.read().split())
    assert [reason for reason, _ in DIFFERENCES if reason not in text] == []
