"""Texts: an agent's HTML as a readable text, and addresses as a log may show them.

Pure.  Promises that no input raises, that nothing of a person's script or emoji is changed, and
that what a browser would not show (scripts, styles, comments) is not sent either.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import re
from typing import Any, Dict, List, Text  # noqa: F401

from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString

#: Characters of HTML that are read; a text message is never near it.
_LONGEST = 100000

_HIDDEN = frozenset(['script', 'style', 'head', 'title', 'template', 'noscript', 'object'])
_PARAGRAPHS = frozenset(['p', 'blockquote', 'ul', 'ol', 'table', 'pre', 'h1', 'h2', 'h3', 'h4',
                         'h5', 'h6', 'dl', 'form', 'figure'])
_LINES = frozenset(['div', 'li', 'tr', 'dt', 'dd', 'section', 'article', 'header', 'footer',
                    'address', 'hr'])
# A tag as HTML has it; "a < b", "<3" and what is never closed are a person's own characters (and
# the parser takes quadratic time over tags that are never closed).
_TAG = re.compile(r'<(/?[a-zA-Z][^<>]*|!--)', re.DOTALL)
_STRAY = re.compile(r'<(?![a-zA-Z/!])|<(?!!--)(?=[^<>]*(?:<|\Z))')
_ENTITY = re.compile(r'&(#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);')
# What HTML folds: not the no-break space, nor the joiners that scripts and emoji need.
_SPACE = re.compile(r'[ \t\r\n\f]+')


class _Writer(object):
    """Lines under construction, with the blank ones that paragraphs need."""

    def __init__(self):
        self._lines = ['']  # type: List[Text]
        self._gap = 0
        self._quoted = 0
        #: Items so far of the numbered lists, by the list's identity.
        self.numbers = {}  # type: Dict[int, int]

    def text(self, text):
        # type: (Text) -> None
        line = self._lines[-1]
        if not line or line.endswith(' '):
            text = text.lstrip(' ')
        if not text:
            return
        if self._gap and any(self._lines):
            if line:
                self._lines.append('')
            self._lines.extend([''] * (self._gap - 1))
            text = text.lstrip(' ')
        self._gap = 0
        if not self._lines[-1] and self._quoted:
            self._lines[-1] = '> ' * self._quoted
        self._lines[-1] += text

    def preformatted(self, text):
        # type: (Text) -> None
        for n, line in enumerate(text.replace('\r\n', '\n').split('\n')):
            if n:
                self._lines.append('')
            if line:
                self.text(line if line.strip(' ') else '')
                if line.startswith(' ') and self._lines[-1] == line.lstrip(' '):
                    self._lines[-1] = line

    def line_break(self):
        # type: () -> None
        self._lines.append('')

    def block(self, lines):
        # type: (int) -> None
        """What follows begins on a new line, after `lines` - 1 blank ones."""
        self._gap = max(self._gap, lines)

    def quote(self, change):
        # type: (int) -> None
        self._quoted += change

    def whole(self):
        # type: () -> Text
        text = '\n'.join(line.rstrip(' ') for line in self._lines).strip('\n ')
        return re.sub(r'\n{3,}', '\n\n', text)


def html_to_text(html):
    # type: (Text) -> Text
    """The text of a note as a person reads it in a browser, for a text message.

    Links are shown with their address where their text is another; images and attachments by
    their description.  A note that is no HTML at all is kept with its own lines.
    """
    html = html[:_LONGEST].replace('\x00', '')
    if not _TAG.search(html):
        if not _ENTITY.search(html):
            return html.replace('\r\n', '\n').strip()
        html = '<pre>%s</pre>' % (html,)
    soup = BeautifulSoup(_STRAY.sub('&lt;', _close_comments(html)), 'html.parser')
    writer = _Writer()
    # A walk with a stack of its own: markup may nest deeper than Python recurses.
    todo = [('open', child, False) for child in reversed(soup.contents)]  # type: List[Any]
    while todo:
        what, node, preformatted = todo.pop()
        if what == 'close':
            _close(writer, node)
        elif isinstance(node, NavigableString):
            if isinstance(node, PreformattedString):
                continue  # comments, declarations
            if preformatted:
                writer.preformatted('%s' % (node,))
            else:
                writer.text(_SPACE.sub(' ', '%s' % (node,)))
        elif node.name not in _HIDDEN:
            _open(writer, node)
            todo.append(('close', node, False))
            todo.extend(('open', child, preformatted or node.name == 'pre')
                        for child in reversed(node.contents))
    return writer.whole()


def _close_comments(html):
    # type: (Text) -> Text
    """A comment that never ends is no comment: what follows it is somebody's words."""
    end = html.rfind('-->') + 3 if '-->' in html else 0
    return html[:end] + html[end:].replace('<!--', '&lt;!--')


def _open(writer, tag):
    # type: (_Writer, Any) -> None
    if tag.name == 'br':
        writer.line_break()
    elif tag.name in _PARAGRAPHS:
        writer.block(1 if tag.parent is not None and tag.parent.name == 'li' else 2)
    elif tag.name in _LINES:
        writer.block(1)
    elif tag.name in ('td', 'th'):
        writer.text(' ')
    elif tag.name == 'img':
        writer.text('[%s]' % (_attribute(tag, 'alt') or 'image',))
    if tag.name == 'blockquote':
        writer.quote(1)
    elif tag.name == 'li':
        writer.text(_bullet(writer, tag))


def _close(writer, tag):
    # type: (_Writer, Any) -> None
    if tag.name == 'a':
        _link(writer, tag)
    elif tag.name == 'blockquote':
        writer.quote(-1)
    if tag.name in _PARAGRAPHS:
        writer.block(2)
    elif tag.name in _LINES:
        writer.block(1)


def _attribute(tag, name):
    # type: (Any, Text) -> Text
    value = tag.get(name)
    return _SPACE.sub(' ', value).strip() if isinstance(value, type('')) else ''


def _bullet(writer, tag):
    # type: (_Writer, Any) -> Text
    if tag.parent is None or tag.parent.name != 'ol':
        return '- '
    number = writer.numbers.get(id(tag.parent), 0) + 1
    writer.numbers[id(tag.parent)] = number
    return '%d. ' % (number,)


def _link(writer, tag):
    # type: (_Writer, Any) -> None
    """The address behind a link's text, where the text does not say it."""
    href = _attribute(tag, 'href')
    shown = ''.join(tag.stripped_strings)
    bare = href
    for scheme in ('mailto:', 'tel:'):
        if href.lower().startswith(scheme):
            bare = href[len(scheme):].partition('?')[0]
    if not bare or href.startswith(('#', 'javascript:')):
        return
    said = {shown.rstrip('/'), 'http://' + shown.rstrip('/'), 'https://' + shown.rstrip('/')}
    if bare.rstrip('/') in said:
        return
    writer.text(' (%s)' % (bare,) if shown else bare)


def mask_address(address):
    # type: (Text) -> Text
    """A person's address as a log may show it: ``+27...001``."""
    name, at, domain = address.partition('@')
    if at:
        return '%s\u2026@%s' % (name[:1] if len(name) > 3 else '', domain)
    if len(address) < 8:
        return '\u2026'
    return '%s\u2026%s' % (address[:3], address[-3:])
