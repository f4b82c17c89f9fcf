"""What the integration tests share; the servers are those of tests/conftest.py."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import pytest
import pytest_twisted

from tests.integration.bus_stage import Stage
from tests.integration.one_worker import Worker
from tools.django_bouncer import DjangoBouncer, NotInstallable


@pytest.fixture
def stage(servers):
    """Guarded workers on the real RabbitMQ."""
    stage = Stage(servers.rabbitmq)
    with stage.log:
        yield stage
        pytest_twisted.blockon(stage.stop())


@pytest.fixture
def worker(tmpdir, redis_port, amqp):
    """A worker that the test starts with the options that it is about."""
    made = Worker(str(tmpdir), redis_port, amqp)
    yield made
    made.stop()


@pytest.fixture
def new_django_bouncer(servers, tmpdir):
    """Start the released Django bouncer; the test is skipped where it can't be installed."""
    made = []

    def start(**options):
        try:
            made.append(DjangoBouncer(str(tmpdir), servers.guard, **options))
        except NotInstallable as why:
            pytest.skip('%s' % (why,))
        made[0].start()
        return made[0]
    yield start
    for each in made:
        each.end()


@pytest.fixture
def django_bouncer(new_django_bouncer):
    """The released Django bouncer with one conversation and one ticket that was relayed."""
    bouncer = new_django_bouncer()
    bouncer.load([
        ('UserAccount', [dict(id=1, key='useraccountkey', name='Account')]),
        ('Conversation', [dict(id=1, user_account_id=1, key='conversationkey', name='Line')]),
        ('Ticket', [dict(id=1, conversation_id=1, support_nonce='n1', message='h\xe9y',
                         contact_key='contact', msisdn='+27820001001')])])
    return bouncer
