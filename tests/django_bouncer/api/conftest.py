"""The API on a real port, with a store and an intake that remember."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
from twisted.internet import defer
from twisted.internet.task import Clock

from tests.http.doubles import Counts, Listening, RecordingStore, request, served
from vumi_snappy.django_bouncer.api import (
    ROOT, Account, ApiKeys, BouncerApi, Conversation, Directory)
from vumi_snappy.http.server import GuardedSite
from vumi_snappy.outbound.webhook import WebhookResource
from vumi_snappy.store.posted import PostedTicket

KEY = b'?username=sandbox&api_key=the-key'
LINE = {'transport_name': 'sms_transport', 'transport_type': 'sms', 'to_addr': '12345'}
DIRECTORY = Directory(
    {1: Account(1, 'account')},
    {1: Conversation(1, 'line', 1, 'default', LINE), 2: Conversation(2, 'b\xe9', 1, 'x', LINE)})
TICKET = PostedTicket(
    number=17, contact_key='contact', conversation='line', from_addr='+27820001001', nonce='nonce',
    snappy_id='5', opened=1416000000.25, at=1416000001.0, messages=['One', 'Two'],
    replies=['<p>A &amp; b</p>', '<p>C</p>'])


class Api(object):
    """What it was asked of its parts, and what these say."""

    def __init__(self, **options):
        self.clock = Clock()
        self.asked, self.counted = [], []
        self.number = '17'
        self.fails = None
        self.store = RecordingStore()
        hook = WebhookResource(self.store, ['secret'], '/snappy', Counts(), self.clock)
        api = BouncerApi(self, self._take, hook.receive, DIRECTORY,
                         ApiKeys({'sandbox': ['the-key']}), self.counted.append, self.clock,
                         **options)
        self._listening = Listening(GuardedSite(served(api), Clock()))
        self.stop = self._listening.stop

    def _said(self, asked, value):
        self.asked.append(asked)
        return defer.fail(self.fails) if self.fails else defer.succeed(value)

    def tickets(self, numbers):
        return self._said(('tickets', numbers), [TICKET] if TICKET.number in numbers else [])

    def page(self, *arguments):
        return self._said(('page',) + arguments, (41, [TICKET]))

    def _take(self, *arguments):
        return self._said(arguments, self.number)

    def ask(self, method, path, body=b'', headers=(), key=KEY):
        """Fires with the answer; a query in `path` goes behind the key."""
        path, _, query = path.partition('?')
        whole = ROOT.encode('ascii') + path.encode('ascii') + key
        if query:
            whole += (b'&' if key else b'?') + query.encode('ascii')
        return self._listening.ask(request(method, whole, body, list(headers)))

    def post(self, **fields):
        """Post a ticket."""
        given = dict(contact_key='contact', conversation=ROOT + 'conversation/1/',
                     msisdn='+27820001001', message='Help')
        given.update(fields)
        return self.ask(b'POST', 'ticket/', json.dumps(given).encode('ascii'),
                        [b'Content-Type: application/json'])


@pytest.fixture
def make_api():
    made = []

    def make(**options):
        made.append(Api(**options))
        return made[-1]
    yield make
    for each in made:
        pytest_twisted.blockon(each.stop())


@pytest.fixture
def api(make_api):
    return make_api()
