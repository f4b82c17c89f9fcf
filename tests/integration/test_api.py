"""The API of a real worker, over a real socket and a real Redis, against its own description."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import re
import subprocess
import time

import pytest
import pytest_twisted
import requests
from twisted.internet import defer

from tests.console.api.described import Described
from tests.operations.conftest import parked
from tests.store.conftest import bench, make_bench  # noqa: F401
from tests.store.test_lists import failed_reply, settled
from tools.api_asker import ask
from tools.installing import NotInstallable
from tools.ports import free_port
from tools.processes import ROOT
from vumi_snappy.console.api.routes import ROUTES
from vumi_snappy.operations.tokens import hash_token, make_token

pytestmark = pytest.mark.integration

#: People of each kind: whoever asks at random uses some up.
MANY = 30
#: What the paths, queries and bodies of routes are filled with: each finds something.
NAMES = {'number': '1', 'id': '1'}
QUERIES = {'search': {'q': '+27820001001'}, 'opt_out': {'address': '+27820001001'},
           'tickets': {'limit': '1'}, 'tallies': {'hours': '1'}}
BODIES = {'drop_parked': {'reason': 'spam'}, 'drop_undelivered': {'reason': 'she came in'},
          'retry': {'items': [{'kind': 'parked', 'id': '2'}]},
          'drop': {'items': [{'kind': 'parked', 'id': '9'}], 'reason': 'spam'},
          'set_opt_out': {'address': '+27820001001', 'opted_out': True},
          'forget': {'address': '+27820001002', 'yes': True}}


class Api(object):
    """The API of the worker `worker`, whose store is that of `bench`."""

    def __init__(self, worker, bench, redis_port):  # noqa: F811
        self.token = make_token()
        port = free_port()
        #: Where the console is, without a slash at its end.
        self.address = 'http://127.0.0.1:%d' % (port,)
        self.worker = worker
        worker.start(
            redis_manager={'host': '127.0.0.1', 'port': redis_port, 'key_prefix': bench.prefix},
            console_endpoint='tcp:%d:interface=127.0.0.1' % (port,),
            console_tokens={'sync': {'token': hash_token(self.token), 'role': 'operate'}})
        self._http = requests.Session()
        self._http.trust_env = False
        worker.until(lambda: self.get('/overview').status_code == 200)
        self.described = Described(self.get('/openapi.json').json())

    def get(self, path):
        return self.ask('GET', path)

    def ask(self, method, path, **more):
        return self._http.request(
            method, self.address + '/api/v1' + path, timeout=10,
            headers={'Authorization': 'Bearer ' + self.token}, **more)


@defer.inlineCallbacks
def fill(bench):  # noqa: F811
    """Many people: of each a reply was not delivered, and of as many others a message is parked.
    """
    for n in range(1, MANY + 1):
        nonce = 'nonce%d' % (n,)
        yield bench.opens(who='+278200010%02d' % (n,), nonce=nonce)
        yield failed_reply(bench, nonce)
    yield settled(bench)
    for n in range(1, MANY + 1):
        yield parked(bench, who='+278200020%02d' % (n,))


@pytest.fixture
def api(bench, worker, redis_port):  # noqa: F811
    """The API of a worker, with something of everything to tell of."""
    # Else it would be forgotten at once, as very old.
    bench.clock.advance(time.time() - bench.clock.seconds())
    pytest_twisted.blockon(fill(bench))
    return Api(worker, bench, redis_port)


def test_every_route_answers_as_the_description_says(api):
    for route in ROUTES:
        path = route.path.format(**dict(NAMES, **(
            {'id': '1:1'} if 'undelivered' in route.path else {})))
        body = BODIES.get(route.name)
        answer = api.ask(route.method, path, params=QUERIES.get(route.name), json=body)
        api.described.check(route.method, '/api/v1' + path, answer.status_code,
                            {name.lower(): value for name, value in answer.headers.items()},
                            answer.json())
        # A second change of the same is of something that is there no more.
        assert answer.status_code == 200 or answer.status_code == 404 and (
            route.name.startswith('drop_')), (route.name, answer.text)
    assert api.token not in api.worker.log() and '+27820001001' not in api.worker.log()


def test_nothing_that_is_asked_of_it_brings_about_a_500_or_what_is_not_described(api, tmpdir):
    try:
        # A wrong token is answered ever later, which the unit tests see to.
        status, said = ask(api.address + '/api/v1/openapi.json', str(tmpdir), api.token,
                           but=('ignored_auth',))
    except NotInstallable as why:
        pytest.skip('%s' % (why,))
    assert status == 0, said
    # All but the description itself.
    assert '%d selected' % (len(ROUTES) - 1,) in said
    # It came to what is there, too.
    done = {each['what'] for each in api.get('/audit?limit=200').json()['entries']}
    assert {'put back', 'dropped', 'sent a reply again', 'let an undelivered reply be',
            'opted a person out', 'opted a person in'} <= done
    assert 'A request could not be served' not in api.worker.log()
    assert api.get('/health').status_code == 200


def examples():
    """The commands of docs/api.md, in their order."""
    with io.open(os.path.join(ROOT, 'docs', 'api.md'), encoding='utf-8') as source:
        return re.findall(r'^    (curl .*)$', source.read(), re.M)


def test_the_documentations_commands_do_what_it_says(api):
    found = examples()
    assert len(found) >= 15
    env = dict(os.environ, CONSOLE=api.address, AUTH='Authorization: Bearer ' + api.token,
               JSON='Content-Type: application/json', no_proxy='127.0.0.1')
    for command in found:
        out = subprocess.check_output(
            ['bash', '-c', 'curl() { command curl -sS --fail -m 10 "$@"; }\n' + command], env=env)
        assert json.loads(out.decode('utf-8')), command
