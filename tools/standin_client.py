"""The stand-in Snappy from the outside: what the agent does, and its admin API.

`StandinClient`'s calls block, for at most `PATIENCE` seconds each; they raise `EnvironmentError`
(of `requests`) when the stand-in is down or refuses.  Used by `tools.stack` and by tests.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Optional, Text  # noqa: F401

import requests

#: Seconds that a call may take.
PATIENCE = 10.0


class StandinClient(object):
    """Controls the stand-in that listens on `port` and accepts `api_key`.

    The agent is the first member of staff; the worker writes its private notes as the second
    (`worker_staff_id`), so that it can tell its own notes from an agent's.
    """

    mailbox_id = 1
    agent_staff_id = 1
    worker_staff_id = 2

    def __init__(self, port, api_key, rate_limit=200):
        # type: (int, Text, int) -> None
        self.url = 'http://127.0.0.1:%d/' % (port,)
        self.api_url = self.url + 'api/v1'
        self.api_key = api_key
        self._port = port
        self._rate_limit = rate_limit
        # A proxy from the environment must not see what goes over the loopback.
        self._http = requests.Session()
        self._http.trust_env = False

    def arguments(self):
        # type: () -> List[Text]
        """The arguments with which twistd runs that stand-in."""
        return ['snappy_standin', '--endpoint', 'tcp:%d:interface=127.0.0.1' % (self._port,),
                '--api-key', self.api_key, '--mailbox-id', '%d' % (self.mailbox_id,),
                '--staff-id', '%d' % (self.agent_staff_id,),
                '--rate-limit', '%d' % (self._rate_limit,)]

    # As the agent.

    def tickets(self, limit=100):
        # type: (int) -> List[Dict[Text, Any]]
        """The tickets, newest first, as Snappy gives them, each with its `notes`, newest first."""
        return self.get('tickets?limit=%d' % (limit,))['tickets']

    def reply(self, nonce, html, scope='public', staff_id=None):
        # type: (Text, Text, Text, Optional[int]) -> Dict[Text, Any]
        """Add a note to a ticket as an agent, and return it as Snappy has it."""
        return self.post('tickets/%s/reply' % (nonce,), {
            'content': html, 'scope': scope,
            'staff_id': staff_id or self.agent_staff_id})['note']

    def agent_name(self):
        # type: () -> Text
        """First and last name of the agent."""
        staff = self.get('tickets?limit=1')['staff']
        return ' '.join('%s %s' % (each['first_name'], each['last_name']) for each in staff
                        if each['id'] == self.agent_staff_id)

    # As the operator of the stand-in.

    def set_hook(self, url, **options):
        # type: (Text, **Any) -> None
        """Send webhooks to `url`; `options` are those of the admin API's ``hook``."""
        self.post('hook', dict(options, url=url))

    def add_fault(self, effect, **rule):
        # type: (Text, **Any) -> None
        """Make calls fail; see `vumi_snappy.standin.faults.Fault`."""
        self.post('faults', dict(rule, effect=effect))

    def clear_faults(self):
        # type: () -> None
        """Remove all faults."""
        self.delete('faults')

    def ledger(self, since=0):
        # type: (int) -> List[Dict[Text, Any]]
        """The calls that the API received after number `since`, oldest first."""
        return self.get('ledger?since=%d' % (since,))['calls']

    def deliveries(self):
        # type: () -> List[Dict[Text, Any]]
        """The webhooks that were sent, oldest first, with the status codes of the responses."""
        return self.get('deliveries')['deliveries']

    def ready(self):
        # type: () -> bool
        """Whether it answers."""
        return bool(self.get('hook'))

    def get(self, path):
        # type: (Text) -> Any
        """The JSON response of the admin API to GET `path`."""
        return self._call('GET', path)

    def post(self, path, body):
        # type: (Text, Any) -> Any
        """The JSON response of the admin API to POST `path` with `body` as JSON."""
        return self._call('POST', path, body)

    def delete(self, path):
        # type: (Text) -> Any
        """The JSON response of the admin API to DELETE `path`."""
        return self._call('DELETE', path)

    def _call(self, method, path, body=None):
        response = self._http.request(
            method, '%s_standin/%s' % (self.url, path), json=body, timeout=PATIENCE)
        response.raise_for_status()
        return response.json()
