"""An agent's HTML as a person reads it on a phone.

Promises that no input raises or takes longer than its length allows, that nothing of a person's
script or emoji is changed, and that what a browser would not show (scripts, styles, comments) is
not sent either.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, Iterator, List, Optional, Text, Tuple  # noqa: F401

from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString

from vumi_snappy.content.layout import Layout
from vumi_snappy.content.links import link_address, same_address
from vumi_snappy.content.markup import escaped, is_html, parseable, readable
from vumi_snappy.content.positions import END, LEFT_OUT, spell, without_marks
from vumi_snappy.content.styles import (
    APART, BELOW, BLOCK, FOLDED, LINES, Look, apply_sheets)
from vumi_snappy.content.unseen import settled, without_unseen

_PARAGRAPHS = frozenset(['p', 'blockquote', 'ul', 'ol', 'table', 'pre', 'h1', 'h2', 'h3', 'h4',
                         'h5', 'h6', 'dl', 'form', 'figure', 'hr'])
_LINES = frozenset(['div', 'li', 'tr', 'dt', 'dd', 'section', 'article', 'header', 'footer', 'nav',
                    'main', 'aside', 'address', 'caption', 'figcaption', 'center', 'option',
                    'fieldset', 'legend', 'details', 'summary'])
# What a text message can't contain, and the word for it.
_OBJECTS = {'img': 'image', 'video': 'video', 'audio': 'audio', 'object': 'attachment',
            'embed': 'attachment', 'iframe': 'attachment'}
# An emoji as an editor writes it: it stands for itself.
_PICTOGRAM = re.compile('(?:[0-9#*]\ufe0f?\u20e3|[^\x00-\x7f]{1,16})\\Z')
_NUMBER = re.compile(r'-?[0-9]{1,6}\Z')


def html_to_text(html, cut_marker=''):
    # type: (Text, Text) -> Text
    """The text of a note as a person reads it in a browser, for a text message.

    Links are shown with their address where it differs from their text; images and attachments by
    their description or a word; no-break spaces as spaces.  A note that is not HTML keeps its
    lines.  It is cut at the first line that is `cut_marker`, white space around it aside (empty:
    at none): below it are signatures and earlier messages.
    """
    html = readable(html)
    # In an element of its own: Beautiful Soup checks whether a bare text names a file.
    whole = '<div>%s</div>' % (parseable(html),) if is_html(html) else '<pre>%s</pre>' % (
        escaped(html),)
    layout = Layout()
    soup = BeautifulSoup(whole, 'html.parser')
    if '</style' in whole.lower():
        apply_sheets(soup)
    _Walk(layout).through(soup)
    # Some editors write an emoji as two references, one for each surrogate.
    text = layout.text().encode('utf-16-le', 'surrogatepass').decode('utf-16-le', 'replace')
    lines = [line.rstrip(' \t\f') for line in settled(spell(text)).split('\n')]
    if cut_marker.strip():
        marker = cut_marker.strip()
        lines = lines[:next((number for number, line in enumerate(lines)
                             if line.strip() == marker), None)]
    return '\n'.join(lines).strip('\n ')


class _List(object):
    """A list under way: the next item's `number` (None: bullets), the open item's `mark`."""

    def __init__(self, number=None):
        # type: (Optional[int]) -> None
        self.number = number
        self.mark = None  # type: Optional[Iterator[Text]]

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
        self._marks = {}  # type: Dict[int, Iterator[Text]]
        self._link = None  # type: Any
        self._linked = []  # type: List[Text]
        self._left_out = False  # whether something in the link was left out

    def through(self, soup):
        # type: (Any) -> None
        """Lay out a tree of any depth: the stack is not Python's."""
        todo = []  # type: List[Tuple[Any, Look, Optional[Text]]]
        todo.extend((child, Look(), None) for child in reversed(soup.contents))
        while todo:
            node, look, end = todo.pop()
            if isinstance(node, NavigableString):
                self._text(node, look)
            elif end is not None:
                self._close(node, look, end)
            elif node.name in _OBJECTS:
                if look.read:
                    self._object(node)
            else:
                inside, stance = look.within(node)
                if inside is not None:
                    todo.append((node, inside, self._open(node, inside, stance)))
                    todo.extend((child, inside, None) for child in reversed(node.contents))

    def _text(self, node, look):
        # type: (Any, Look) -> None
        if isinstance(node, PreformattedString):
            return  # comments, declarations
        text = without_unseen('%s' % (node,))
        if not look.read:
            self._left_out = True
            if text.strip():
                self._layout.mark(LEFT_OUT)
        elif not text:
            self._layout.hold_line()
        elif look.space == FOLDED:
            self._layout.words(text)
        elif look.space == LINES:
            self._layout.lines_of_words(text)
        else:
            self._layout.verbatim(text)

    def _open(self, tag, look, stance):
        # type: (Any, Look, Text) -> Text
        """Begin an element; returns what ends with it: a mark, BLOCK, APART, or nothing."""
        layout = self._layout
        self._block(tag)
        if tag.name == 'br':
            layout.line_break()
        elif tag.name in ('td', 'th'):
            layout.words(' ')
        elif tag.name == 'q' and look.read:
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
        elif tag.name == 'a' and look.read:
            self._end_link()
            self._link, self._linked, self._left_out = tag, layout.copy(), False
        if stance == BLOCK:
            layout.block(1)
        elif stance == BELOW and look.read:
            layout.words('/')
        elif stance and look.read:
            return stance if layout.mark(stance) or stance == APART else ''
        return stance if stance == BLOCK else ''

    def _close(self, tag, look, mark):
        # type: (Any, Look, Text) -> None
        if mark == BLOCK:
            self._layout.block(1)
        elif mark == APART:
            self._layout.mark(APART)
        elif mark:
            self._layout.end_mark(mark, END)
        if tag is self._link:
            self._end_link()
        elif tag.name == 'q' and look.read:
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
        if _PICTOGRAM.match(described) and not any(each.isalpha() for each in described):
            self._layout.words(described)
        elif described:
            self._layout.words('[%s]' % (described,))
        elif not (tag.has_attr('alt') or {tag.get('width'), tag.get('height')} & {'0', '1'}):
            # Those of one pixel are decorations, and dots that track whether a mail is read.
            self._layout.words('[%s]' % (_OBJECTS[tag.name],))

    def _end_link(self):
        # type: () -> None
        """Write the address behind a link's text, where that does not contain it."""
        if self._link is None:
            return
        shown = without_marks(''.join(self._linked)).strip()
        address = link_address(_attribute(self._link, 'href'))
        self._link, self._linked = None, []
        if address and not shown and not self._left_out:
            self._layout.words(address)
        elif address and shown and not same_address(address, shown):
            self._layout.behind(' (%s)' % (address,))


def _attribute(tag, name):
    # type: (Any, Text) -> Text
    value = tag.get(name)
    return ' '.join(without_unseen(value).split()) if isinstance(value, type('')) else ''


def _number(tag, name, otherwise):
    # type: (Any, Text, int) -> int
    value = _attribute(tag, name)
    return int(value) if _NUMBER.match(value) else otherwise
