"""What every test may ask for: servers, ports, and what Twisted logged.

A test fails when an error was logged through Twisted that it did not expect: an exception in a
callback or a handler would else pass unseen.  A test that expects one asks for `logged_errors` and
flushes it.

RabbitMQ and Redis are private, and started once a session, when first asked for.  To save that
time over many runs, start them in another terminal with ``python -m tools.servers run`` and export
the variables that it prints.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import gc
import os
import sys

import attr
import hypothesis
import pytest
from twisted.python import log

from tools import ports
from tools.processes import vumi_python
from tools.servers import Servers

#: What needs Python 2.7 itself: it holds our part of Vumi against Vumi's own, runs Vumi's own
#: workers or the Django bouncer, or is of the benchmarks, which are made on 2.7 beside them.
_ON_PYTHON_2 = [
    'benchmarks/test_command.py', 'benchmarks/test_document.py', 'bus/test_worker.py', 'vumi']
_ON_PYTHON_2 += ['integration/test_%s.py' % (name,) for name in (
    'answers', 'bouncer_conformance', 'django_bouncer', 'metrics', 'spellings',
    'stock_transports', 'taking_over', 'vumi_readers')]

#: Of the tests on real servers, these would only try once more on 3 what they try on 2.7: they run
#: on 3 where there is no 2.7.  The others are the core, which runs on both, and what speaks to
#: servers by libraries that differ.
_ON_ONE_PYTHON = ['integration/test_%s.py' % (name,) for name in (
    'amqp_versions', 'behind_nginx', 'demo', 'extras', 'faults', 'guard', 'listening', 'logs',
    'redis_ways', 'servers', 'smoke', 'standin_process', 'stopping_an_import',
    'store_connection', 'wire')]

if sys.version_info[0] > 2:
    collect_ignore = _ON_PYTHON_2 + (_ON_ONE_PYTHON if vumi_python() else [])

#: A browser and a caller of the API see a worker from outside, where it is the same on both
#: Pythons, and of the databases' drivers those of 3 are the ones that still change: `make test`
#: runs these on 3 alone.
_ON_3 = ('tests/browser/', 'tests/integration/test_api.py',
         'tests/integration/test_reading_databases.py')

# How long an example takes, or its making, says how busy the machine is.
# A fixture that all examples of a test share is meant to be: each makes what it needs of it.
hypothesis.settings.register_profile(
    'vumi-snappy', deadline=None, suppress_health_check=[
        check for check in hypothesis.HealthCheck
        if check.name in ('too_slow', 'function_scoped_fixture')])
hypothesis.settings.load_profile('vumi-snappy')


def pytest_collection_modifyitems(items):
    """What a test needs shows in its folder."""
    for item in items:
        for needs in ('integration', 'browser'):
            if 'tests/%s/' % (needs,) in item.nodeid:
                item.add_marker(needs)
        if any(each in item.nodeid for each in _ON_3):
            item.add_marker('on3')
        if item.get_closest_marker('vumi') and vumi_python() is None:
            item.add_marker(pytest.mark.skip(
                reason='needs Vumi, and so a Python 2.7, which there is not'))


class LoggedErrors(object):
    """The failures that were logged through Twisted and not expected yet."""

    def __init__(self):
        self._failures = []

    def __call__(self, event):
        if event.get('isError') and event.get('failure') is not None:
            self._failures.append(event['failure'])

    def flush(self, *types):
        """Take out, and return, the failures of these exception types; without any, all."""
        taken = [failure for failure in self._failures if not types or failure.check(*types)]
        self._failures = [failure for failure in self._failures if failure not in taken]
        return taken

    def fail(self, when):
        """Fail if one is left."""
        left = self.flush()
        if left:
            pytest.fail('%d errors were logged %s:\n%s' % (
                len(left), when, '\n'.join(failure.getTraceback() for failure in left)),
                pytrace=False)


@pytest.fixture(autouse=True)
def logged_errors():
    """What the test expects to be logged as an error, it takes out with `.flush(*types)`."""
    errors = LoggedErrors()
    log.addObserver(errors)
    yield errors
    log.removeObserver(errors)
    errors.fail('that the test did not flush')


@pytest.fixture(autouse=True, scope='module')
def _forgotten_errors():
    """A Deferred tells of a failure that nobody handled only when it is forgotten."""
    yield
    errors = LoggedErrors()
    log.addObserver(errors)
    gc.collect()
    log.removeObserver(errors)
    errors.fail('when what the tests of this module left was collected')


@attr.s(frozen=True, slots=True)
class Broker(object):
    """Where RabbitMQ is, and who may enter."""

    port = attr.ib()
    vhost = attr.ib()
    username = attr.ib()
    password = attr.ib()


class _Given(object):
    """A server that runs already, and is not the tests' own to stop, freeze or look into."""

    def __init__(self, **where):
        self.__dict__.update(where)

    def __getattr__(self, name):
        pytest.fail('this needs a server of its own: unset the VUMI_SNAPPY_ variables')


class _GivenServers(object):
    def __init__(self, environ):
        def value(name):
            return environ['VUMI_SNAPPY_' + name]

        self.redis = _Given(port=int(value('REDIS_PORT')))
        self.rabbitmq = _Given(
            port=int(value('AMQP_PORT')), vhost=value('AMQP_VHOST'),
            username=value('AMQP_USERNAME'), password=value('AMQP_PASSWORD'))


@pytest.fixture(scope='session')
def _private_servers():
    """Not started: many tests need Redis alone, which is up at once."""
    if 'VUMI_SNAPPY_REDIS_PORT' in os.environ:
        yield None
        return
    # What a test did before Redis is killed is not lost with it; a machine's crash nobody tests.
    servers = Servers(fsync='no')
    yield servers
    servers.stop()


@pytest.fixture(scope='session')
def servers(_private_servers):
    """A running Redis and RabbitMQ, see `tools.servers.Servers`.

    Whoever stops, kills or freezes one of them starts or thaws it again.
    """
    return _private_servers.start() if _private_servers else _GivenServers(os.environ)


@pytest.fixture(scope='session')
def redis_port(_private_servers):
    """The port of a running Redis on 127.0.0.1."""
    if _private_servers is None:
        return _GivenServers(os.environ).redis.port
    _private_servers.redis.start()
    return _private_servers.redis.port


@pytest.fixture(scope='session')
def amqp(servers):
    """A running RabbitMQ on 127.0.0.1, as a `Broker`."""
    rabbitmq = servers.rabbitmq
    return Broker(port=rabbitmq.port, vhost=rabbitmq.vhost, username=rabbitmq.username,
                  password=rabbitmq.password)


@pytest.fixture
def free_port():
    """A function that gives ports of 127.0.0.1 on which nothing listens."""
    return ports.free_port
