"""HTML made ready for the parser: nothing in it but whole tags, entities and text.

Python's own parser takes minutes for tags that never end, and fails at declarations.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, List, Text  # noqa: F401

import six
from html5lib.constants import entities

#: Characters that are read: no text message is that long.
LONGEST = 100000
#: Tags that are read; what follows them is shown without its markup.
MOST_TAGS = 5000

_ELEMENTS = frozenset(
    'a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas'
    ' caption center cite code col colgroup dd del details dfn dialog dir div dl dt em embed'
    ' fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i'
    ' iframe img input ins kbd label legend li link main map mark math menu meta nav nobr noscript'
    ' object ol optgroup option p param picture pre q s samp script section select small source'
    ' span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead'
    ' time title tr tt u ul var video wbr'.split())

_CONTROLS = re.compile('[\x00-\x08\x0b\x0e-\x1f\x7f]')
# Pictures inside the markup, longer than all else together; between quotes they may have lines.
_DATA = re.compile(r'(?<=")\s*data:[\w/+.;=-]{0,100},[^"<>]{64,}|'
                   r"(?<=')\s*data:[\w/+.;=-]{0,100},[^'<>]{64,}|"
                   r'\bdata:[^"\'<>\s]{64,}', re.IGNORECASE)
_ENTITY = (r'&(?:#(?P<decimal>[0-9]{1,7})(?![0-9])|#[xX](?P<hex>[0-9a-fA-F]{1,6})(?![0-9a-fA-F])|'
           r'(?P<word>[a-zA-Z][a-zA-Z0-9]{1,31}));?')
_IN_TAG = re.compile(_ENTITY)
_TAG_START = r'</?(?P<%s>[a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])'
# Every alternative ends at the next "<" at the latest, or at a quote: so the time is linear.
_PIECE = re.compile(
    _TAG_START % 'name' + r'(?:[^"\'<>]|"[^"]*"|\'[^\']*\')*>|'
    + _TAG_START % 'odd' + r'[^<>]*>|'  # with a quote that is never closed
    + r'(?P<declaration><[!?][a-zA-Z\[/][^<>]*>)|'
    + r'(?P<entity>' + _ENTITY + r')|[<&]')


def is_html(text):
    # type: (Text) -> bool
    """Whether `text` has a tag of HTML or a comment: ``<3``, ``a <b``, ``<a@example.org>`` are none.
    """
    if _without_comments(text) != text:
        return True
    return any(_name(piece).lower() in _ELEMENTS for piece in _PIECE.finditer(text))


def readable(text):
    # type: (Text) -> Text
    """`text` within its bounds, and without control characters."""
    text = without_pictures(text)
    if len(text) > LONGEST:
        text = text[:LONGEST]
        if text.rfind('<') > text.rfind('>'):
            text = text[:text.rfind('<')]
    return _CONTROLS.sub('', text)


def without_pictures(html):
    # type: (Text) -> Text
    """`html` as it is stored: without embedded pictures, and not much longer than it is read."""
    return _DATA.sub('data:', html)[:2 * LONGEST]


def escaped(text):
    # type: (Text) -> Text
    """Plain text as HTML; its entities are left to the parser."""
    return _PIECE.sub(_as_text, text)


def parseable(html):
    # type: (Text) -> Text
    """`html` as the parser reads it at once, and without comments and declarations."""
    count = [0]

    def repaired(piece):
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
            return _IN_TAG.sub(_entity, piece.group())
        return '<%s%s>' % ('/' if piece.group()[1] == '/' else '', name)
    return _PIECE.sub(repaired, _without_comments(html))


def _name(piece):
    # type: (Any) -> Text
    """The name of the element that a piece opens or closes, or nothing."""
    return piece.group('name') or piece.group('odd') or ''


def _as_text(piece):
    # type: (Any) -> Text
    """A piece as text for a reader."""
    if piece.group('entity'):
        return _entity(piece)
    return piece.group().replace('&', '&amp;').replace('<', '&lt;')


def _entity(piece):
    # type: (Any) -> Text
    """A reference for the parser, which knows the names of HTML 4 alone.

    As in an attribute, a name without its semicolon must end its word: else parts of addresses
    would be taken for one.
    """
    number, word = piece.group('decimal'), piece.group('word')
    if piece.group('hex'):
        number = '%d' % (int(piece.group('hex'), 16),)
    if number:
        # Python 3's parser reads no surrogates, by which some write emoji.
        return (six.unichr(int(number)) if 0xd800 <= int(number) <= 0xdfff
                else '&#%s;' % (number,))
    ended = piece.group().endswith(';')
    characters = entities.get(word + ';' if ended else word)
    if characters is None or (not ended and piece.string[piece.end():piece.end() + 1] == '='):
        return piece.group().replace('&', '&amp;')
    return ''.join('&#%d;' % (ord(each),) for each in characters)


def _without_comments(html):
    # type: (Text) -> Text
    """A comment that never ends is none: what follows it is text."""
    kept, at = [], 0  # type: List[Text], int
    while True:
        start = html.find('<!--', at)
        end = html.find('-->', start + 2) if start >= 0 else -1
        if end < 0:
            return ''.join(kept) + html[at:]
        kept.append(html[at:start])
        at = end + 3
