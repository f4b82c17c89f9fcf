"""What the integration tests share; the servers are those of tests/conftest.py."""
from __future__ import absolute_import, division, print_function, unicode_literals

import itertools
import os
import subprocess
import sys

import pytest
import pytest_twisted

from tests.integration.bus_stage import Stage
from tests.integration.looking import deaf_to_ctrl_c
from tests.integration.one_worker import Worker
from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.processes import ROOT
from tools.ussd import UssdNetwork

_PEOPLE = itertools.count(1)


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


@pytest.fixture(scope='module')
def ussd(stack):
    """The USSD network of the test's own `stack`."""
    return UssdNetwork(stack).start()


@pytest.fixture
def person():
    """A number that nobody has used yet."""
    return '+2782100%04d' % (next(_PEOPLE),)


@pytest.fixture
def begin_tool(tmpdir):
    """Starts a module of tools/ as a script does in its background, on the interpreter `python`
    if one is given; it must leave nothing."""
    def begin(module, *arguments, **on):
        with deaf_to_ctrl_c():
            return subprocess.Popen(
                [on.get('python', sys.executable), '-u', '-W', 'ignore', '-m', module]
                + list(arguments), cwd=ROOT, env=dict(os.environ, TMPDIR=str(tmpdir)),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    yield begin
    assert tmpdir.listdir() == []


@pytest.fixture
def run_tool(begin_tool):
    """Runs a module of tools/ to its end; gives its exit status and output."""
    def run(*command, **on):
        running = begin_tool(*command, **on)
        output = running.communicate()[0].decode('utf-8')
        return running.returncode, output
    return run


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
