"""A stand-in on a real socket, who calls it, and who takes its webhooks."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import pytest_twisted
import treq
from klein import Klein
from twisted.internet import defer, reactor, task
from twisted.web.client import ResponseNeverReceived
from twisted.web.server import Site

from vumi_snappy.standin.service import StandIn

KEY = 'standin-key'
PERSON = [{'name': '+27820001001 Zulu', 'address': '27820001001@sms.example.org'}]


@defer.inlineCallbacks
def until(condition):
    """Waits until `condition()` is true, which takes milliseconds; fires with it."""
    for _ in range(1000):
        found = condition()
        if found:
            defer.returnValue(found)
        yield task.deferLater(reactor, 0.01, lambda: None)
    raise AssertionError('waited for too long')


class Caller(object):
    """Calls a stand-in as an integration with Snappy does, and steers it."""

    def __init__(self, standin):
        self.standin = standin

    @defer.inlineCallbacks
    def call(self, method, path, key=KEY, **kwargs):
        """Fires with the response and its body."""
        response = yield treq.request(
            method, (self.standin.url + path).encode('utf-8'), auth=(key, 'x'),
            persistent=False, allow_redirects=False, **kwargs)
        body = yield treq.content(response)
        defer.returnValue((response, body))

    @defer.inlineCallbacks
    def gets(self, status, method, path, **kwargs):
        """Checks the status of a call's response; fires with it and its body."""
        response, body = yield self.call(method, path, **kwargs)
        assert response.code == status, body
        defer.returnValue((response, body))

    @defer.inlineCallbacks
    def ask(self, method, path, **kwargs):
        """Fires with the JSON of a good answer."""
        _, body = yield self.gets(200, method, path, **kwargs)
        defer.returnValue(json.loads(body.decode('utf-8')))

    @defer.inlineCallbacks
    def note(self, message='My card is lost', **fields):
        """Adds a note.  Fires with the ticket's nonce."""
        _, nonce = yield self.gets(200, 'POST', '/note', json=draft(message=message, **fields))
        defer.returnValue(nonce.decode('ascii'))

    def fault(self, effect, **fields):
        """Puts a fault in force."""
        self.standin.faults.add(dict(fields, effect=effect))

    @defer.inlineCallbacks
    def note_fails(self, **fields):
        """Adds a note whose connection is cut before an answer."""
        with pytest.raises(ResponseNeverReceived):
            yield self.note(**fields)

    @defer.inlineCallbacks
    def hangs_up(self, note):
        """Gives up a note under way; fires when the stand-in knows."""
        note.addErrback(lambda _: None)
        note.cancel()
        yield note
        yield until(lambda: self.standin.ledger.calls()[0]['answered'] is False)

    @defer.inlineCallbacks
    def admin(self, method, path, body=None, headers=None):
        """Fires with the status, the JSON and the response of a call under /_standin/."""
        response = yield treq.request(
            method, 'http://127.0.0.1:%d/_standin/%s' % (self.standin.port, path),
            persistent=False, headers=headers, **({} if body is None else {'json': body}))
        content = yield treq.content(response)
        defer.returnValue((response.code, json.loads(content.decode('utf-8')), response))


def draft(**fields):
    """The body of POST /note."""
    return dict({'mailbox_id': 1, 'subject': 'Support', 'message': 'My card is lost',
                 'from': PERSON}, **fields)


@pytest.fixture
def make_caller():
    made = []

    def make(**options):
        standin = StandIn(reactor, **dict({'api_key': KEY}, **options))
        made.append(standin)
        return standin.start().addCallback(Caller)
    yield make
    for standin in made:
        pytest_twisted.blockon(standin.stop())


@pytest.fixture
def caller(make_caller):
    return pytest_twisted.blockon(make_caller())


class Receiver(object):
    """A webhook receiver that answers as a test says."""

    def __init__(self):
        self.got, self.statuses = [], []
        app = Klein()

        @app.route('/hook', methods=['POST'])
        def hook(request):
            self.got.append((
                request.getUser(), request.getPassword(),
                {name: values for name, values in request.args.items()}))
            request.setResponseCode(self.statuses.pop(0) if self.statuses else 200)
            return b''
        site = Site(app.resource())
        site.noisy = False
        site.log = lambda request: None
        self.port = reactor.listenTCP(0, site, interface='127.0.0.1')
        self.url = 'http://anyone:s3%%40cret@127.0.0.1:%d/hook' % self.port.getHost().port

    def events(self):
        """The names of the events that came."""
        return sorted(fields[b'event'][0].decode('ascii') for _, _, fields in self.got)

    def data(self, event):
        """What the one event of this name carried."""
        [found] = [fields for _, _, fields in self.got
                   if fields[b'event'] == [event.encode('ascii')]]
        return json.loads(found[b'data'][0].decode('utf-8'))

    def until(self, count):
        """Fires when so many deliveries have come."""
        return until(lambda: len(self.got) >= count)


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    pytest_twisted.blockon(defer.maybeDeferred(made.port.stopListening))
