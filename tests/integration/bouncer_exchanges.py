"""What is asked of the released Django bouncer and of ours alike, and what is looked at.

An exchange is named by its method and address; `EXCHANGES` are sent in their order, and those that
post are sent with a number of their own, since ours keeps one live ticket a person.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import re
from datetime import datetime

import attr
import requests

from tools.django_bouncer import DjangoBouncer

ROOT = '/api/v1/snappybouncer/'
KEY = 'username=%s&api_key=%s' % (DjangoBouncer.username, DjangoBouncer.api_key)
JSON = {'Content-Type': 'application/json'}
FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
HEADERS = ('Content-Type', 'Location', 'Allow', 'WWW-Authenticate')
_TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\Z')

NOTE = {'id': 7, 'scope': 'public', 'created_by_staff_id': 5, 'created_by_contact_id': None,
        'content': '<p>Hi &amp; bye</p>\n', 'ticket': {'id': 33, 'nonce': 'n1'}}
TICKET = {'contact_key': 'contact', 'conversation': ROOT + 'conversation/1/',
          'message': 'My c\xe4rd is lost\n\U0001f600'}


@attr.s(frozen=True)
class Exchange(object):
    """A request below the API's root; `query` goes behind the user's key."""

    method = attr.ib()
    path = attr.ib()
    query = attr.ib(default='')
    headers = attr.ib(factory=dict)
    body = attr.ib(default=b'')
    key = attr.ib(default=KEY)
    says = attr.ib(default='')

    @property
    def name(self):
        name = '%s %s%s' % (self.method, self.path, '?' + self.query if self.query else '')
        return '%s: %s' % (name, self.says) if self.says else name

    def seen_at(self, root):
        """What the API at `root` answers, as a flat dict."""
        query = '&'.join(part for part in (self.key, self.query) if part)
        with requests.Session() as session:
            session.trust_env = False
            session.headers.clear()
            said = session.request(
                self.method, '%s%s%s' % (root, self.path, '?' + query if query else ''),
                headers=self.headers, data=self.body, timeout=30, allow_redirects=False)
        seen = {name: re.sub(r'127\.0\.0\.1:\d+', 'HOST', said.headers[name])
                for name in HEADERS if name in said.headers}
        seen['status'] = said.status_code
        try:
            found = json.loads(said.text)
        except ValueError:
            seen['error' if said.status_code >= 400 else 'body'] = (
                said.text if said.status_code >= 400 else said.text[:40])
            return seen
        if said.status_code >= 400:
            [seen['error']] = found.values()
            return seen
        seen.update(_flat(found))
        if said.status_code == 201 and found.get('id') != self.asks_for:
            # A new ticket has the next number, wherever that is.
            new = '%s' % (found['id'],)
            seen = {name: '%s' % (value,) if name == 'json.id' else value
                    for name, value in seen.items()}
            for name in ('json.id', 'json.resource_uri', 'Location'):
                seen[name] = seen[name].replace(new, 'NEW')
        return seen

    @property
    def asks_for(self):
        try:
            return json.loads(self.body.decode('utf-8')).get('id')
        except (ValueError, AttributeError):
            return None


def _flat(value, path='json'):
    """The leaves of a JSON value by their paths."""
    if isinstance(value, dict) and value:
        return {name: leaf for key, each in value.items()
                for name, leaf in _flat(each, '%s.%s' % (path, key)).items()}
    if isinstance(value, list) and value:
        return {name: leaf for n, each in enumerate(value)
                for name, leaf in _flat(each, '%s.%d' % (path, n)).items()}
    return {path: value}


def differences(theirs, ours):
    """The fields that differ: by name, theirs and ours; ABSENT for what is not there."""
    names = set(theirs) | set(ours)
    if any(name.startswith('json.') for name in theirs) != any(
            name.startswith('json.') for name in ours):
        # The one is an object, and the other none: that is the difference.
        names = {name for name in names if not name.startswith('json.')}
    return {name: (_shown(theirs.get(name, 'ABSENT')), _shown(ours.get(name, 'ABSENT')))
            for name in names
            if not _same(name, theirs.get(name, 'ABSENT'), ours.get(name, 'ABSENT'))}


def _same(name, theirs, ours):
    if name in ('json.meta.next', 'json.meta.previous') and theirs and ours:
        # The order of a query's parts is that of a Python dict there.
        return sorted(re.split('[?&]', theirs)) == sorted(re.split('[?&]', ours))
    if _TIME.match('%s' % (theirs,)) and _TIME.match('%s' % (ours,)):
        # What is posted to both is posted within moments; what was there before has one time.
        return abs((_time(theirs) - _time(ours)).total_seconds()) < 60
    return theirs == ours


def _shown(value):
    return 'TIME' if _TIME.match('%s' % (value,)) else value


def _time(text):
    return datetime.strptime(str(text.partition('.')[0]), str('%Y-%m-%dT%H:%M:%S'))


def get(path, query='', **more):
    return Exchange('GET', path, query, **more)


_numbers = iter(range(100, 1000))


def post(says, headers=JSON, body=None, path='ticket/', query='', key=KEY, **fields):
    """A ticket is posted, with those `fields` put over `TICKET` (a None takes one out)."""
    given = dict(dict(TICKET, msisdn='+27820003%03d' % (next(_numbers),)), **fields)
    given = {name: value for name, value in given.items() if value is not None}
    return Exchange('POST', path, query, headers, json.dumps(given).encode('ascii')
                    if body is None else body, key, says)


def hook(says, event='message.outgoing', data=None, key=KEY, headers=FORM, body=None):
    """Snappy's hook is called."""
    data = data if data is not None else json.dumps({'note': NOTE})
    form = requests.Request('POST', 'http://x/', data={'event': event, 'data': data}).prepare()
    return Exchange('POST', 'listener/', '', headers,
                    form.body.encode('ascii') if body is None else body, key, says)


EXCHANGES = [
    # What there is.
    get('', key=''), get('nothing/'), get('ticket/schema/'), get('conversation/schema/'),
    get('useraccount/schema/'), get('listener/schema/'),
    # Lists and their pages.
    get('ticket/'), get('ticket/', 'limit=2'), get('ticket/', 'limit=2&offset=2'),
    get('ticket/', 'limit=0'), get('ticket/', 'limit=5000&offset=99'), get('ticket/', 'limit=x'),
    get('ticket/', 'limit='), get('ticket/', 'limit=-1'), get('ticket/', 'offset=x'),
    get('ticket/', 'offset=-1'), get('conversation/'), get('conversation/', 'limit=1'),
    get('useraccount/'), get('useraccount/', 'limit=1&offset=1'),
    # Filters and orders.
    get('ticket/', 'msisdn=%2B27820001003'), get('ticket/', 'msisdn=%2B27820001009'),
    get('ticket/', 'contact_key=c1&limit=1'), get('ticket/', 'contact_key__in=c1,c0&limit=3'),
    get('ticket/', 'msisdn__exact=%2B27820001002'), get('ticket/', 'contact_key__in=c1&msisdn='
                                                                   '%2B27820001003'),
    get('ticket/', 'msisdn__endswith=3'), get('ticket/', 'user_account=1&limit=1'),
    get('ticket/', 'conversation=1'), get('ticket/', 'support_nonce=n1'),
    get('ticket/', 'msisdn__key=1'), get('ticket/', 'unknown=n1&limit=1'),
    get('ticket/', 'order_by=-id'), get('ticket/', 'order_by=unknown'),
    get('conversation/', 'key=conv2'), get('conversation/', 'key=none'),
    get('conversation/', 'key__startswith=conv'), get('conversation/', 'user_account=2'),
    get('conversation/', 'name=L2'), get('useraccount/', 'key=acc2'),
    # Objects.
    get('ticket/1/'), get('ticket/3/'), get('ticket/99/'), get('ticket/abc/'),
    get('ticket/1/2/'), get('ticket/set/1;2;77/'), get('ticket/set/1;x/'),
    get('conversation/1/'), get('conversation/2/'), get('conversation/9/'),
    get('conversation/set/1;2/'), get('conversation/key/conv2/'), get('conversation/key/none/'),
    get('useraccount/1/'), get('useraccount/9/'), get('listener/1/'),
    # Without the slash at the end.
    get('ticket/1'), get('ticket', 'limit=1'),
    # Methods.
    Exchange('POST', 'conversation/', headers=JSON, body=b'{}'),
    Exchange('PUT', 'ticket/', headers=JSON, body=b'{}'), Exchange('DELETE', 'ticket/'),
    Exchange('HEAD', 'ticket/'), Exchange('OPTIONS', 'ticket/', key=''),
    Exchange('OPTIONS', 'ticket/1/', key=''), Exchange('OPTIONS', 'listener/', key=''),
    get('listener/'), Exchange('POST', 'ticket/1/', headers=JSON, body=b'{}'),
    Exchange('POST', 'ticket/schema/', headers=JSON, body=b'{}'),
    Exchange('DELETE', 'conversation/9/'),
    Exchange('PATCH', 'ticket/99/', headers=JSON, body=b'{}'),
    # Who may.
    # More wrong ones, ours would hold back for long.
    get('ticket/', key='', says='no key'),
    get('ticket/', 'username=nobody&api_key=%s' % (DjangoBouncer.api_key,), key=''),
    get('ticket/', 'limit=1', key='', says='by header', headers={
        'Authorization': 'ApiKey %s:%s' % (DjangoBouncer.username, DjangoBouncer.api_key)}),
    get('ticket/', 'limit=1', key='', says='by header in small letters', headers={
        'Authorization': 'apikey %s:%s' % (DjangoBouncer.username, DjangoBouncer.api_key)}),
    get('ticket/', 'limit=1', says='and a wrong header', headers={
        'Authorization': 'ApiKey %s:wrong' % (DjangoBouncer.username,)}),
    get('ticket/', 'limit=1', says='and another header', headers={'Authorization': 'Basic abc'}),
    # Formats.
    get('ticket/1/', 'format=json'), get('ticket/1/', 'format=unknown'),
    get('ticket/1/', 'format=xml'), get('ticket/1/', 'callback=run'),
    get('ticket/1/', says='as a browser asks', headers={
        'Accept': 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'}),
    get('ticket/1/', says='as jQuery asks', headers={
        'Accept': 'application/json, text/javascript, */*; q=0.01'}),
    get('ticket/1/', says='with a broken Accept', headers={'Accept': 'nonsense'}),
    # The hook.
    hook('a reply'), get('ticket/1/', says='after a reply'), hook('a reply again'),
    hook('a private note', data=json.dumps(
        {'note': dict(NOTE, id=9, scope='private', content='Between us')})),
    get('ticket/1/', says='after a private note'),
    hook('a second reply', data=json.dumps({'note': dict(NOTE, id=10, content='<p>More</p>')})),
    get('ticket/1/', says='after a second reply'),
    hook('a wrong key', key='username=%s&api_key=wrong' % (DjangoBouncer.username,)),
    hook('an unknown ticket', data=json.dumps(
        {'note': dict(NOTE, id=8, ticket={'id': 34, 'nonce': 'unknown'})})),
    hook('something else', event='message.incoming'), hook('an event of nobody', event='new'),
    hook('a reply as JSON', headers=JSON, body=json.dumps(
        {'event': 'message.outgoing', 'data': json.dumps({'note': NOTE})}).encode('ascii')),
    hook('no JSON', data='{bad'), hook('no ticket', data='{"note": {}}'),
    hook('nothing', body=b''), hook('text', headers={'Content-Type': 'text/plain'}, body=b'x'),
    # Tickets.
    post('as sandbox apps do'), post('a first message', msisdn='+27820004000', message='Hello'),
    post('a second message', msisdn='+27820004000', message='Are you there?'),
    post('without the slash', path='ticket'), post('with a charset', headers={
        'Content-Type': 'application/json; charset=utf-8'}),
    post('with fields of a fork', tag='urgent', operator=3, faccode=4, facility_code='F4'),
    post('with fields of nobody', colour={'name': 'blue'}),
    post('with what the desk decides', support_nonce='mine', support_id=9, response='r'),
    post('with an id', id=5000), post('a number', message=5), post('no contact', contact_key=None),
    post('the conversation by key', conversation=ROOT + 'conversation/key/conv2/'),
    post('the conversation with its host',
         conversation='http://localhost' + ROOT + 'conversation/1/'),
    post('the conversation as an object', conversation={'pk': 2}),
    post('the answer as XML', query='format=xml'),
    post('no message', message=None), post('an empty message', message=''),
    post('a list for a message', message=['a']), post('no number', msisdn=''),
    post('no conversation', conversation=None), post('null for a conversation', body=json.dumps(
        dict(TICKET, msisdn='+27820003001', conversation=None)).encode('ascii')),
    post('a number for a conversation', conversation=1), post('nonsense', conversation='nonsense'),
    post('an unknown conversation', conversation=ROOT + 'conversation/99/'),
    post('something else', conversation=ROOT + 'useraccount/1/'),
    post('the conversation without slash', conversation=ROOT + 'conversation/1'),
    post('no JSON', body=b'{bad'), post('nothing', body=b''), post('a list', body=b'[]'),
    post('no UTF-8', body=b'"\xff"'), post('a form', headers=FORM, body=b'msisdn=1'),
]
