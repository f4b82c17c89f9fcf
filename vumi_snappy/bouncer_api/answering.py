"""How the API answers: JSON as django-tastypie sends it, and errors that say what to do.

Owns headers and addresses.  `resources` calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from collections import OrderedDict
from typing import Any, Sequence, Text  # noqa: F401

from vumi_snappy.web import Answer

_HOST = re.compile(br'[0-9A-Za-z.:\[\]_-]+\Z')


def answer_object(request, status, value):
    # type: (Any, int, Any) -> bytes
    """Answer with a JSON value; its fields in the order of their names, as ever."""
    said = Answer.of(status, OrderedDict(sorted(value.items()))).put(request)
    request.setHeader(b'Content-Type', b'application/json')
    return said


def answer_error(request, status, why):
    # type: (Any, int, Text) -> bytes
    """Answer that it was not done, and why."""
    if status == 503:
        return Answer.later(why).put(request)
    return answer_object(request, status, {'error': why})


def answer_text(request, status, text=''):
    # type: (Any, int, Text) -> bytes
    """Answer with a word, or with nothing."""
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'text/html; charset=utf-8')
    request.setHeader(b'Content-Length', ('%d' % (len(text),)).encode('ascii'))
    request.setHeader(b'Cache-Control', b'no-store')
    return text.encode('ascii')


def answer_method(request, allowed):
    # type: (Any, Sequence[Text]) -> bytes
    """Answer which methods there are: 200 where that was asked (OPTIONS), and 405 otherwise."""
    names = ','.join(allowed)
    request.setHeader(b'Allow', names.encode('ascii'))
    if request.method != b'OPTIONS':
        return answer_error(request, 405, 'only %s is taken here' % (names,))
    return answer_text(request, 200, names)


def set_location(request, path, by_tls):
    # type: (Any, Text, bool) -> None
    """Tell where to look: whole, as Django does, where the caller has named the host."""
    host = request.getHeader(b'host') or b''
    before = b''
    if _HOST.match(host):
        before = (b'https://' if by_tls else b'http://') + host
    request.setHeader(b'Location', before + path.encode('ascii'))
