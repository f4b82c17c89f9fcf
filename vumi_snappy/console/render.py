"""Pages as HTML, from the templates beside this module, and the headers that go with them.

Promises that whatever a person, an agent or Snappy wrote is text on a page and nothing else:
everything is escaped, and the browser may run and load only our own files.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

from jinja2 import Environment, PackageLoader, StrictUndefined
from twisted.python.filepath import FilePath

from vumi_snappy.operations import words

_STATIC = FilePath(__file__).sibling('static')
_POLICY = (b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
           b" connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
#: The files that pages load: their types by their names.
FILES = {'style.css': b'text/css; charset=utf-8',
         'script.js': b'application/javascript; charset=utf-8',
         'icon.svg': b'image/svg+xml'}


_ENVIRONMENT = Environment(loader=PackageLoader(str('vumi_snappy.console')), autoescape=True,
                           undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters.update(
    state_name=words.state_name, state_class=words.state_class, event_name=words.event_name,
    age=words.age, when=words.when)


def set_headers(request):
    # type: (Any) -> None
    """The headers of everything that the console answers."""
    for name, value in (
            (b'Content-Security-Policy', _POLICY), (b'X-Content-Type-Options', b'nosniff'),
            (b'X-Frame-Options', b'DENY'), (b'Referrer-Policy', b'same-origin'),
            (b'Cross-Origin-Opener-Policy', b'same-origin'), (b'Cache-Control', b'no-store')):
        request.setHeader(name, value)


def page(request, template, status=200, **values):
    # type: (Any, Text, int, **Any) -> bytes
    """Answer `request` with a page; returns the bytes to send."""
    body = _ENVIRONMENT.get_template(template).render(**values).encode('utf-8')
    request.setResponseCode(status)
    request.setHeader(b'Content-Type', b'text/html; charset=utf-8')
    request.setHeader(b'Content-Length', ('%d' % (len(body),)).encode('ascii'))
    return body


def redirect(request, where):
    # type: (Any, Text) -> bytes
    """Send the browser to another page of ours (303)."""
    request.setResponseCode(303)
    request.setHeader(b'Location', where.encode('utf-8'))
    request.setHeader(b'Content-Length', b'0')
    return b''


def static_file(request, name):
    # type: (Any, Text) -> bytes
    """Answer with one of `FILES`."""
    body = _STATIC.child(name).getContent()
    request.setHeader(b'Content-Type', FILES[name])
    request.setHeader(b'Content-Length', ('%d' % (len(body),)).encode('ascii'))
    request.setHeader(b'Cache-Control', b'max-age=300')
    return body
