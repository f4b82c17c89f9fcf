"""An agent's HTML as a person reads it on a phone.

Promises that no input raises or takes longer than its length allows, that nothing of a person's
script or emoji is changed, and that what a browser would not show (scripts, styles, comments) is
not sent either.  Pure.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Any, Dict, List, Optional, Text  # noqa: F401

from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString

from vumi_snappy.content.layout import Layout, Prefix  # noqa: F401
from vumi_snappy.content.markup import escaped, is_html, parseable, readable

_HIDDEN = frozenset(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg', 'canvas'])
_INVISIBLE = re.compile(r'display\s*:\s*none|visibility\s*:\s*hidden', re.IGNORECASE)
_PARAGRAPHS = frozenset(['p', 'blockquote', 'ul', 'ol', 'table', 'pre', 'h1', 'h2', 'h3', 'h4',
                         'h5', 'h6', 'dl', 'form', 'figure', 'hr'])
_LINES = frozenset(['div', 'li', 'tr', 'dt', 'dd', 'section', 'article', 'header', 'footer', 'nav',
                    'main', 'aside', 'address', 'caption', 'figcaption', 'center', 'option',
                    'fieldset', 'legend', 'details', 'summary'])
_PREFORMATTED = frozenset(['pre', 'textarea'])
# What a text message can't carry, and the word for it.
_OBJECTS = {'img': 'image', 'video': 'video', 'audio': 'audio', 'object': 'attachment',
            'embed': 'attachment', 'iframe': 'attachment'}
# An emoji as an editor writes it: it stands for itself.
_PICTOGRAM = re.compile('[^\x00-\x7f]{1,12}\\Z')
_NUMBER = re.compile(r'-?[0-9]{1,6}\Z')


def html_to_text(html, cut_marker=''):
    # type: (Text, Text) -> Text
    """The text of a note as a person reads it in a browser, for a text message.

    Links are shown with their address where their text is another; images and attachments by
    their description or a word; no-break spaces as spaces.  A note that is no HTML at all is kept
    with its own lines.  Everything is left out from the first line on that is `cut_marker`, white
    space around it aside (empty: nothing is): below it are signatures and what was said before.
    """
    html = readable(html)
    # In an element of its own: Beautiful Soup looks whether a bare text names a file.
    whole = '<div>%s</div>' % (parseable(html),) if is_html(html) else '<pre>%s</pre>' % (
        escaped(html),)
    layout = Layout()
    _Walk(layout).through(BeautifulSoup(whole, 'html.parser'))
    lines = layout.lines()
    if cut_marker.strip():
        marker = cut_marker.strip()
        lines = lines[:next((number for number, line in enumerate(lines)
                             if line.strip() == marker), None)]
    # Some editors write an emoji as the references of its two surrogates.
    return '\n'.join(lines).strip('\n ').encode('utf-16-le', 'surrogatepass').decode(
        'utf-16-le', 'replace')


class _List(object):
    """A list under way: the next item's `number` (None: bullets), the open item's `mark`."""

    def __init__(self, number=None):
        # type: (Optional[int]) -> None
        self.number = number
        self.mark = None  # type: Optional[Prefix]

    def marker(self, item):
        # type: (Any) -> Text
        """What begins `item`, which is counted."""
        if self.number is None:
            return '- '
        number = _number(item, 'value', self.number)
        self.number = number + 1
        return '%d. ' % (number,)


class _Walk(object):
    """Goes through a tree and lays out what it meets."""

    def __init__(self, layout):
        # type: (Layout) -> None
        self._layout = layout
        self._lists = [_List()]  # the first is for items that are in none
        self._marks = {}  # type: Dict[int, Prefix]
        self._link = None  # type: Any
        self._linked = []  # type: List[Text]

    def through(self, soup):
        # type: (Any) -> None
        """Lay out a tree.  Its depth is no matter: the stack is our own, not Python's."""
        todo = [(child, False, False) for child in reversed(soup.contents)]
        while todo:
            node, preformatted, done = todo.pop()
            if isinstance(node, NavigableString):
                self._text(node, preformatted)
            elif done:
                self._close(node)
            elif node.name in _OBJECTS:
                self._object(node)
            elif not self._is_hidden(node):
                self._open(node)
                inside = preformatted or node.name in _PREFORMATTED
                todo.append((node, preformatted, True))
                todo.extend((child, inside, False) for child in reversed(node.contents))

    def _is_hidden(self, tag):
        # type: (Any) -> bool
        return (tag.name in _HIDDEN or tag.has_attr('hidden')
                or _INVISIBLE.search(_attribute(tag, 'style')) is not None)

    def _text(self, node, preformatted):
        # type: (Any, bool) -> None
        if isinstance(node, PreformattedString):
            return  # comments, declarations
        text = '%s' % (node,)
        if not preformatted:
            self._layout.words(text)
        else:
            self._layout.verbatim(text)

    def _open(self, tag):
        # type: (Any) -> None
        layout = self._layout
        self._block(tag)
        if tag.name == 'br':
            layout.line_break()
        elif tag.name in ('td', 'th'):
            layout.words(' ')
        elif tag.name == 'q':
            layout.words('"')
        elif tag.name == 'blockquote':
            self._marks[id(tag)] = layout.push('> ', '> ')
        elif tag.name == 'ol':
            self._lists.append(_List(_number(tag, 'start', 1)))
        elif tag.name == 'ul':
            self._lists.append(_List())
        elif tag.name == 'li':
            items = self._lists[-1]
            if items.mark is not None:  # an item that was not closed ends where the next begins
                layout.drop(items.mark)
            marker = items.marker(tag)
            items.mark = self._marks[id(tag)] = layout.push(marker, ' ' * len(marker))
        elif tag.name == 'a':
            self._end_link()
            self._link, self._linked = tag, layout.listen()

    def _close(self, tag):
        # type: (Any) -> None
        if tag is self._link:
            self._end_link()
        elif tag.name == 'q':
            self._layout.behind('"')
        elif tag.name in ('blockquote', 'li'):
            self._layout.drop(self._marks.pop(id(tag)))
        elif tag.name in ('ul', 'ol'):
            self._lists.pop()
        self._block(tag)

    def _block(self, tag):
        # type: (Any) -> None
        """The blank lines before and after an element; none around a list within a list."""
        if tag.name in _PARAGRAPHS:
            nested = tag.name in ('ul', 'ol') and len(self._lists) > 1
            self._layout.block(1 if nested else 2)
        elif tag.name in _LINES:
            self._layout.block(1)

    def _object(self, tag):
        # type: (Any) -> None
        described = _attribute(tag, 'alt') or _attribute(tag, 'title')
        if _PICTOGRAM.match(described):
            self._layout.words(described)
        elif described:
            self._layout.words('[%s]' % (described,))
        elif not (tag.has_attr('alt') or {tag.get('width'), tag.get('height')} & {'0', '1'}):
            # Without words of their own: decorations, and dots that tell when a mail is read.
            self._layout.words('[%s]' % (_OBJECTS[tag.name],))

    def _end_link(self):
        # type: () -> None
        """Write the address behind a link's text, where the text does not say it."""
        if self._link is None:
            return
        shown = ''.join(self._linked).strip()
        address = _address(_attribute(self._link, 'href'))
        self._link, self._linked = None, []
        if address and not shown:
            self._layout.words(address)
        elif address and _plain(address) != _plain(shown):
            self._layout.behind(' (%s)' % (address,))


def _address(href):
    # type: (Text) -> Text
    """A link's address as a person can use it; empty for what leads nowhere on a phone."""
    scheme, colon, rest = href.partition(':')
    if scheme.lower() in ('mailto', 'tel', 'sms'):
        return rest.partition('?')[0]
    if scheme.lower() in ('http', 'https', 'ftp') and colon:
        return href
    return 'https:' + href if href.startswith('//') else ''


def _plain(address):
    # type: (Text) -> Text
    """What two ways to write one address have in common."""
    address = re.sub(r'^(https?://)?(www\.)?', '', address.strip().lower()).rstrip('/')
    return re.sub(r'[\s().-]+', '', address) if re.match(r'[+0-9]', address) else address


def _attribute(tag, name):
    # type: (Any, Text) -> Text
    value = tag.get(name)
    return ' '.join(value.split()) if isinstance(value, type('')) else ''


def _number(tag, name, otherwise):
    # type: (Any, Text, int) -> int
    value = _attribute(tag, name)
    return int(value) if _NUMBER.match(value) else otherwise
