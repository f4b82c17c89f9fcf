"""An agent sees what another system knows of a person, on the whole stack; or the ticket alone."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import threading

import pytest
from six.moves.BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer

from tests.integration.looking import opened, private_notes
from tools.stack import Stack
from tools.waiting import until

pytestmark = pytest.mark.integration


class People(BaseHTTPRequestHandler):
    """The other system: it knows one person, and fails at another."""

    asked = []

    def do_GET(self):
        self.asked.append((self.path, self.headers.get('Authorization')))
        body = json.dumps({'clinic': {'name': 'Zola'}}).encode('ascii')
        self.send_response(500 if self.path.endswith('9') else 200)
        self.send_header('Content-Length', '%d' % (len(body),))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_ignored):
        """Nothing."""


@pytest.fixture(scope='module')
def stack():
    server = HTTPServer(('127.0.0.1', 0), People)
    serving = threading.Thread(target=server.serve_forever)
    serving.daemon = True
    serving.start()
    with Stack(worker_config={
            'extras': ['transport_type'], 'extras_fields': [{'Clinic': 'clinic.name'}],
            'extras_url': 'http://127.0.0.1:%d/people/{from_addr}' % (server.server_port,),
            'extras_token': 'Token sesam'}) as running:
        yield running
    server.shutdown()
    server.server_close()


def test_what_another_system_knows_is_in_the_private_note(stack):
    opened(stack, '+27820002001')
    [note] = until(lambda: private_notes(stack, '+27820002001'))
    assert ('transport_type: ' in note, 'Clinic: Zola' in note) == (True, True)
    assert ('/people/%2B27820002001', 'Token sesam') in People.asked
    assert 'sesam' not in stack.worker_log(0)


def test_while_the_other_system_fails_the_ticket_is_there_and_the_note_has_the_rest(stack):
    opened(stack, '+27820002009')
    assert private_notes(stack, '+27820002009') == []
    [note] = until(lambda: private_notes(stack, '+27820002009'), within=40)
    assert ('transport_type: ' in note, 'Clinic' in note) == (True, False)
    assert len([path for path, _ in People.asked if path.endswith('2009')]) == 3
    assert '27820002009' not in stack.worker_log(0)
