"""HTML made ready for the parser: nothing in it but whole tags, entities and text.

Python's own parser takes minutes over tags that never end, and stumbles over declarations.  Pure;
`vumi_snappy.content.html` uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Any, List, Text  # noqa: F401

from bs4.dammit import EntitySubstitution

#: Characters that are read: no text message is ever near it.
LONGEST = 100000
#: Tags that are read; what follows them is shown without its markup.
MOST_TAGS = 5000

_ELEMENTS = frozenset(
    'a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas'
    ' caption center cite code col colgroup dd del details dfn dialog dir div dl dt em embed'
    ' fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i'
    ' iframe img input ins kbd label legend li link main map mark menu meta nav nobr noscript'
    ' object ol optgroup option p param picture pre q s samp script section select small source'
    ' span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead'
    ' time title tr tt u ul var video wbr'.split())

_ENTITIES = frozenset(EntitySubstitution.HTML_ENTITY_TO_CHARACTER) | {'quot', 'apos'}
_CONTROLS = re.compile('[\x00-\x08\x0b\x0e-\x1f\x7f]')
# Pictures inside the markup, longer than all else together.
_DATA = re.compile(r'\bdata:[^"\'<>\s]{64,}')
_ENTITY = r'&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|(?P<word>[a-zA-Z][a-zA-Z0-9]{1,31}));'
_TAG_START = r'</?(?P<%s>[a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])'
# Every alternative ends at the next "<" at the latest, or at a quote: so the time is linear.
_PIECE = re.compile(
    _TAG_START % 'name' + r'(?:[^"\'<>]|"[^"]*"|\'[^\']*\')*>|'
    + _TAG_START % 'odd' + r'[^<>]*>|'  # with a quote that is never closed
    + r'(?P<declaration><[!?][a-zA-Z\[/][^<>]*>)|'
    + r'(?P<entity>' + _ENTITY + r')|[<&]')


def is_html(text):
    # type: (Text) -> bool
    """Whether `text` holds a tag of HTML, or a comment.

    ``<3``, ``a <b`` and ``<a@example.org>`` are none.
    """
    if _without_comments(text) != text:
        return True
    return any(_name(piece).lower() in _ELEMENTS for piece in _PIECE.finditer(text))


def readable(text):
    # type: (Text) -> Text
    """`text` within its bounds, and without characters that nobody can see or send."""
    text = _DATA.sub('data:', text)
    if len(text) > LONGEST:
        text = text[:LONGEST]
        if text.rfind('<') > text.rfind('>'):
            text = text[:text.rfind('<')]
    return _CONTROLS.sub('', text)


def escaped(text):
    # type: (Text) -> Text
    """Plain text as HTML; the entities that it holds are left to the parser."""
    return _PIECE.sub(_as_text, text)


def parseable(html):
    # type: (Text) -> Text
    """`html` as the parser reads it at once, and without comments and declarations."""
    count = [0]

    def settle(piece):
        # type: (Any) -> Text
        name = _name(piece)
        if piece.group('declaration'):
            return ''
        if not name or name.endswith(':'):  # <http://...> is an address between brackets
            return _as_text(piece)
        count[0] += 1
        if count[0] > MOST_TAGS:
            return ' '
        if piece.group('name'):
            return piece.group()
        return '<%s%s>' % ('/' if piece.group()[1] == '/' else '', name)
    return _PIECE.sub(settle, _without_comments(html))


def _name(piece):
    # type: (Any) -> Text
    """The name of the element that a piece opens or closes, or nothing."""
    return piece.group('name') or piece.group('odd') or ''


def _as_text(piece):
    # type: (Any) -> Text
    """A piece as the text that it is to a reader."""
    word = piece.group('word')
    if piece.group('entity') and (word is None or word in _ENTITIES):
        return piece.group()
    return piece.group().replace('&', '&amp;').replace('<', '&lt;')


def _without_comments(html):
    # type: (Text) -> Text
    """One that never ends is none: what follows it is somebody's words."""
    kept, at = [], 0  # type: List[Text], int
    while True:
        start = html.find('<!--', at)
        end = html.find('-->', start + 2) if start >= 0 else -1
        if end < 0:
            return ''.join(kept) + html[at:]
        kept.append(html[at:start])
        at = end + 3
