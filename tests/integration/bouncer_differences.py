"""Where our API answers otherwise than the released Django bouncer, and why.

By reason: the names of exchanges (`bouncer_exchanges`), and of each the fields that differ, theirs
and ours.  docs/moving-from-the-django-bouncer.md tells the reasons.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

ABSENT = 'ABSENT'
HTML, JSON = 'text/html; charset=utf-8', 'application/json'
CANNED = 'Sorry, this request could not be processed. Please try again later.'
NO_ADDRESS = ("The 'conversation' field must be the address of a conversation, such as"
              " /api/v1/snappybouncer/conversation/1/.")
NONE = 'http://HOST/api/v1/snappybouncer/listener/None/'
NEW = 'http://HOST/api/v1/snappybouncer/ticket/NEW/'
WITH_SLASH = ('http://HOST/api/v1/snappybouncer/ticket/?username=sandbox&api_key=a-key-for-the-'
              'sandbox')
NO_DATA = "The '%s' field has no data and doesn't allow a default or null value."
NULL = ("The 'conversation' field was given data that was not a URI, not a dictionary-alike and"
        " does not have a 'pk' attribute: null.")
NOT_JSON = 'Only JSON is served: leave out format and callback.'
NOT_FOUND = ('<h1>Not Found</h1><p>The requested URL /api/v1/snappybouncer/nothing/ was not found'
             ' on this server.</p>')
BAD_HOOK = 'The webhook can not be understood: %s.'
WAY_IN = {
    'Content-Type': (HTML, JSON), 'WWW-Authenticate': (ABSENT, 'ApiKey realm="snappybouncer"'),
    'error': ('', 'username and api_key are missing or wrong.')}
WRITERS = {'json.allowed_detail_http_methods.%d' % (n,): (name, ABSENT)
           for n, name in enumerate(('post', 'put', 'delete', 'patch'), 1)}


def undated(*places):
    return {'%s.%s' % (place, name): ('TIME', None)
            for place in places for name in ('created_at', 'updated_at')}


DIFFERENCES = [
    ('Objects are only read: the rest is in the configuration', {
        'DELETE conversation/9/': {
            'Allow': (ABSENT, 'GET'), 'Content-Type': (HTML, JSON),
            'error': ('', 'Use one of these methods: GET.'), 'status': (404, 405)},
        'GET conversation/schema/': WRITERS,
        'GET ticket/schema/': WRITERS,
        'GET useraccount/schema/': WRITERS,
        'OPTIONS ticket/1/': {
            'Allow': ('GET,POST,PUT,DELETE,PATCH', 'GET'),
            'body': ('GET,POST,PUT,DELETE,PATCH', 'GET')},
        'PATCH ticket/99/': {
            'Allow': (ABSENT, 'GET'), 'Content-Type': (HTML, JSON),
            'error': ('', 'Use one of these methods: GET.'), 'status': (404, 405)},
        'POST ticket/1/': {
            'Allow': (ABSENT, 'GET'), 'Content-Type': (HTML, JSON),
            'error': ('', 'Use one of these methods: GET.'), 'status': (501, 405)},
    }),
    ('Accounts and conversations have no dates: a configuration has none', {
        'GET conversation/': undated('json.objects.0', 'json.objects.1'),
        'GET conversation/1/': undated('json'),
        'GET conversation/2/': undated('json'),
        'GET conversation/?key=conv2': undated('json.objects.0'),
        'GET conversation/?key__startswith=conv': undated('json.objects.0', 'json.objects.1'),
        'GET conversation/?limit=1': undated('json.objects.0'),
        'GET conversation/?user_account=2': undated('json.objects.0'),
        'GET conversation/key/conv2/': undated('json'),
        'GET conversation/set/1;2/': undated('json.objects.0', 'json.objects.1'),
        'GET useraccount/': undated('json.objects.0', 'json.objects.1'),
        'GET useraccount/1/': undated('json'),
        'GET useraccount/?key=acc2': undated('json.objects.0'),
        'GET useraccount/?limit=1&offset=1': undated('json.objects.0'),
    }),
    ('Only JSON is served, and no JSONP', {
        'GET ticket/1/: as a browser asks': {
            'Content-Type': (HTML, JSON),
            'body': ('Sorry, not implemented yet. Please appen', ABSENT)},
        'GET ticket/1/: with a broken Accept': {
            'error': ('Invalid Accept header', ABSENT), 'status': (400, 200)},
        'GET ticket/1/?callback=run': {
            'Content-Type': ('text/javascript', JSON),
            'body': ('run({"contact_key": "c1", "conversation"', ABSENT),
            'error': (ABSENT, NOT_JSON), 'status': (200, 400)},
        'GET ticket/1/?format=xml': {
            'Content-Type': ('text/html', JSON),
            'error': ('<h1>Server Error (500)</h1>', NOT_JSON), 'status': (500, 400)},
        'POST ticket/?format=xml: the answer as XML': {
            'Content-Type': ('text/html', JSON), 'Location': (ABSENT, NEW),
            'error': ('<h1>Server Error (500)</h1>', ABSENT), 'status': (500, 201)},
    }),
    ('Look-ups that would have to read every ticket are refused', {
        'GET ticket/?msisdn__endswith=3': {
            'error': (ABSENT, "'endswith' is not an allowed filter on the 'msisdn' field."),
            'status': (200, 400)},
    }),
    ('A ticket needs a number and words', {
        'POST ticket/: a list for a message': {
            'Location': (NEW, ABSENT), 'error': (ABSENT, "The 'message' field must be a text."),
            'status': (201, 400)},
        'POST ticket/: an empty message': {
            'Location': (NEW, ABSENT), 'error': (ABSENT, NO_DATA % 'message'),
            'status': (201, 400)},
        'POST ticket/: no message': {
            'Location': (NEW, ABSENT), 'error': (ABSENT, NO_DATA % 'message'),
            'status': (201, 400)},
        'POST ticket/: no number': {
            'Location': (NEW, ABSENT), 'error': (ABSENT, NO_DATA % 'msisdn'),
            'status': (201, 400)},
    }),
    ('Numbers, nonces and responses come from us and from Snappy, not from who posts', {
        'POST ticket/: with an id': {
            'Location': ('http://HOST/api/v1/snappybouncer/ticket/5000/', NEW),
            'json.id': (5000, 'NEW'),
            'json.resource_uri': ('/api/v1/snappybouncer/ticket/5000/',
                                  '/api/v1/snappybouncer/ticket/NEW/')},
        'POST ticket/: with what the desk decides': {
            'json.response': ('r', ''), 'json.support_id': (9, None),
            'json.support_nonce': ('mine', None)},
    }),
    ('A POST without the slash at the end is accepted, where it was lost', {
        'POST ticket: without the slash': {
            'Content-Type': (HTML, JSON), 'Location': (WITH_SLASH, NEW), 'body': ('', ABSENT),
            'status': (301, 201)},
    }),
    ('The hook is told of no address where nothing is', {
        'POST listener/: a private note': {'Location': (NONE, ABSENT)},
        'POST listener/: a reply': {'Location': (NONE, ABSENT)},
        'POST listener/: a reply again': {'Location': (NONE, ABSENT)},
        'POST listener/: a reply as JSON': {'Location': (NONE, ABSENT)},
        'POST listener/: a second reply': {'Location': (NONE, ABSENT)},
        'POST listener/: an event of nobody': {'Location': (NONE, ABSENT)},
        'POST listener/: something else': {'Location': (NONE, ABSENT)},
    }),
    ('A response is what was sent: whole, of all replies, and of no private note', {
        'GET ticket/1/: after a private note': {'json.response': ('Between us', 'Hi & bye')},
        'GET ticket/1/: after a reply': {'json.response': ('Hi  bye\n', 'Hi & bye')},
        'GET ticket/1/: after a second reply': {'json.response': ('More', 'Hi & bye\n\nMore')},
    }),
    ("A second message joins the person's live ticket", {
        'POST ticket/: a second message': {
            'json.message': ('Are you there?', 'Hello\n\nAre you there?')},
    }),
    ('A 401 says how to come in', {
        'GET ticket/: no key': WAY_IN,
        'GET ticket/?limit=1: and a wrong header': WAY_IN,
        'GET ticket/?username=nobody&api_key=a-key-for-the-sandbox': WAY_IN,
        'POST listener/: a wrong key': WAY_IN,
    }),
    ('What made the bouncer fail, or was ignored, is an error', {
        'GET listener/1/': {'error': (CANNED, 'There is nothing here.'), 'status': (500, 404)},
        'GET listener/schema/': {
            'error': (CANNED, 'There is nothing here.'), 'status': (500, 404)},
        'POST listener/: no JSON': {
            'error': (CANNED, BAD_HOOK % 'the field "data" is not JSON'), 'status': (500, 400)},
        'POST listener/: no ticket': {
            'error': (CANNED, BAD_HOOK % 'data.note.scope is missing or not a text'),
            'status': (500, 400)},
        'POST listener/: nothing': {
            'Content-Type': (HTML, JSON), 'Location': (NONE, ABSENT), 'body': ('', ABSENT),
            'error': (ABSENT, BAD_HOOK % 'the field "event" is missing'), 'status': (201, 400)},
        'POST listener/: text': {
            'error': (CANNED, 'The body must be application/x-www-form-urlencoded.'),
            'status': (500, 415)},
        'POST ticket/: a form': {
            'error': (CANNED, 'The Content-Type must be application/json.'), 'status': (500, 400)},
        'POST ticket/: a list': {
            'error': (CANNED, 'The body is not a JSON object.'), 'status': (500, 400)},
        'POST ticket/: no UTF-8': {
            'error': (CANNED, 'The body is not JSON.'), 'status': (500, 400)},
        'POST ticket/: null for a conversation': {'error': (CANNED, NULL), 'status': (500, 400)},
    }),
    ('Errors are JSON, and say what is wrong', {
        'DELETE ticket/': {
            'Content-Type': (HTML, JSON),
            'error': ('GET,POST', 'Use one of these methods: GET,POST.')},
        'GET conversation/9/': {
            'Content-Type': (HTML, JSON), 'error': ('', 'There is no conversation 9.')},
        'GET conversation/key/none/': {
            'Content-Type': (HTML, JSON),
            'error': ('', 'There is no conversation with this key.')},
        'GET listener/': {
            'Content-Type': (HTML, JSON), 'error': ('POST', 'Use one of these methods: POST.')},
        'GET nothing/': {
            'Content-Type': ('text/html', JSON), 'error': (NOT_FOUND, 'There is nothing here.')},
        'GET ticket/1/2/': {'error': (CANNED, 'There is no object with this number.')},
        'GET ticket/99/': {'Content-Type': (HTML, JSON), 'error': ('', 'There is no ticket 99.')},
        'GET ticket/abc/': {'error': (CANNED, 'There is no object with this number.')},
        'GET ticket/set/1;x/': {'error': (CANNED, 'There is no object with this number.')},
        'GET useraccount/9/': {
            'Content-Type': (HTML, JSON), 'error': ('', 'There is no useraccount 9.')},
        'HEAD ticket/': {'Content-Type': (HTML, JSON)},
        'POST conversation/': {
            'Content-Type': (HTML, JSON), 'error': ('GET', 'Use one of these methods: GET.')},
        'POST listener/: an unknown ticket': {
            'error': (CANNED, 'No ticket of that nonce is known here.')},
        'POST ticket/: no JSON': {'error': ('', 'The body is not JSON.')},
        'POST ticket/: no conversation': {'error': (CANNED, NO_ADDRESS)},
        'POST ticket/: nonsense': {'error': (CANNED, NO_ADDRESS)},
        'POST ticket/: nothing': {'error': ('', 'The body is not JSON.')},
        'POST ticket/: something else': {'error': (CANNED, NO_ADDRESS)},
        'POST ticket/: the conversation without slash': {'error': (CANNED, NO_ADDRESS)},
        'POST ticket/schema/': {
            'Content-Type': (HTML, JSON), 'error': ('GET', 'Use one of these methods: GET.')},
        'PUT ticket/': {
            'Content-Type': (HTML, JSON),
            'error': ('GET,POST', 'Use one of these methods: GET,POST.')},
    }),
]
