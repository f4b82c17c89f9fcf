"""Reading requests and writing answers, for the API and the admin calls alike.  No state."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Text  # noqa: F401

from vumi_snappy.http.forms import BadForm, read_form
from vumi_snappy.standin.drafts import Invalid


def read_body(request):
    # type: (Any) -> Any
    """The parsed body: JSON, a form as a dict of its first values, or None."""
    raw = request.content.read()
    if not raw:
        return None
    try:
        return json.loads(raw.decode('utf-8'))
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python goes
        pass
    try:
        return dict(reversed(read_form(raw))) or None
    except BadForm:
        return None


def read_query(request, name):
    # type: (Any, bytes) -> Text
    """A parameter of the query, empty where there is none."""
    return request.args.get(name, [b''])[0].decode('utf-8', 'replace')


def read_number(request, name, default, least=0):
    # type: (Any, bytes, Any, int) -> Any
    """A whole number of the query, or `default`.  Errors: `Invalid`."""
    text = read_query(request, name)
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise Invalid('%s must be a whole number from %d' % (name.decode('ascii'), least))
    return number


def as_json(request, value, status=200):
    # type: (Any, Any, int) -> bytes
    """The body of a JSON answer, whose status and type are set."""
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'application/json')
    return json.dumps(value).encode('utf-8')
