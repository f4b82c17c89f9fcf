"""The address of a link, as a person with a phone can use it.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Text  # noqa: F401

from six.moves.urllib.parse import unquote_to_bytes as _unquote

from vumi_snappy.content.unseen import without_unseen

#: Schemes of addresses that people write without them.
_ADDRESS_ALONE = frozenset(['mailto', 'tel', 'sms', 'smsto', 'callto'])
_WHOLE = frozenset(['http', 'https', 'ftp', 'whatsapp', 'geo'])
#: A host or a mailbox, as people write links that lack a scheme.
_HOST = re.compile(r'(?:[^\s/?#@:]+@)?(?:[^\s/?#@:.]+\.)+[^\W\d_]{2,}(?=[:/?#]|\Z)', re.UNICODE)


def link_address(href):
    # type: (Text) -> Text
    """A link's address as a person can use it; empty if it is of no use on a phone."""
    scheme, colon, rest = href.partition(':')
    scheme = scheme.lower()
    if colon and scheme in _ADDRESS_ALONE:
        coded = rest.lstrip('/').partition('?')[0].encode('utf-8')
        return ' '.join(without_unseen(_unquote(coded).decode('utf-8', 'replace')).split())
    if colon and scheme in _WHOLE:
        return href
    if href.startswith('//'):
        return 'https:' + href
    return href if _HOST.match(href) else ''


def same_address(one, other):
    # type: (Text, Text) -> bool
    """Whether both are ways to write one address."""
    return _plain(one) == _plain(other)


def _plain(address):
    # type: (Text) -> Text
    address = re.sub(r'^(https?://)?(www\.)?', '', address.strip().lower()).rstrip('/')
    return re.sub(r'[\s().-]+', '', address) if re.match(r'[+0-9]', address) else address
