"""What HTML and CSS say of how an element is shown, as far as a plain text can follow.

Owns the few properties that change what a person reads: whether something is shown, struck out,
raised or lowered, and what becomes of its line ends.  Of style sheets inside a note, as word
processors write them, only rules for an element, a class, or both are followed, outside of
``@media`` and its kind, and only where a whole text can depend on them.  Nothing is hidden by a
sheet: what it is for is not known.  Pure; `vumi_snappy.content.html` uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, Optional, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.content.positions import LEFT_OUT, LOWERED, RAISED

#: The position of an element, besides RAISED and LOWERED: on lines of its own, in a box of its
#: own, or below a fraction bar.
BLOCK, APART, BELOW = 'block', LEFT_OUT, 'below'

#: What becomes of white space: it is folded, or its line ends are kept, or all of it is.
FOLDED, LINES, KEPT = 'folded', 'lines', 'kept'

_NOT_SHOWN = frozenset(['script', 'style', 'head', 'title', 'template', 'noscript', 'svg',
                        'canvas', 'datalist', 'noembed', 'noframes', 'annotation',
                        'annotation-xml'])
_STRUCK = frozenset(['s', 'strike', 'del'])
_PREFORMATTED = frozenset(['pre', 'textarea', 'listing', 'xmp', 'plaintext'])
_POSITIONS = {'sup': RAISED, 'sub': LOWERED}
_BY_STYLE = {'super': RAISED, 'sub': LOWERED}
_WHITE_SPACE = {
    'normal': FOLDED, 'nowrap': FOLDED, 'initial': FOLDED, 'collapse': FOLDED, 'pre': KEPT,
    'pre-wrap': KEPT, 'break-spaces': KEPT, 'preserve': KEPT, 'preserve-spaces': FOLDED,
    'pre-line': LINES, 'preserve-breaks': LINES}

_COMMENT = re.compile(r'/\*.*?(?:\*/|\Z)', re.DOTALL)
_MATTERS = re.compile(r'display|visib|opacity|line-through|decoration|white-space|align'
                      r'|variant-position|float|position|margin|padding|border', re.IGNORECASE)
_BRACES = re.compile('([{}])')
_FOLLOWED = ('text-decoration', 'vertical-align', 'white-space')
_SELECTOR = re.compile(r'[a-z][a-z0-9]*(?:\.[\w-]+)?\Z|\.[\w-]+\Z', re.UNICODE)
_ZERO = re.compile(r'0*\.?0+%?\Z')
_NO_STYLE = {}  # type: Dict[Text, Text]
_MATH = frozenset(['mn', 'mi', 'mo', 'ms', 'mtext', 'mrow', 'mstyle', 'mpadded', 'mfenced',
                   'msqrt', 'mroot', 'mfrac', 'msup', 'msub', 'msubsup'])
#: In MathML: how the second child stands, and the third.
_SECOND = {'msup': RAISED, 'msub': LOWERED, 'msubsup': LOWERED, 'mfrac': BELOW}
_THIRD = {'msubsup': RAISED}
_SPECIAL = _STRUCK | _PREFORMATTED | _MATH | frozenset(_POSITIONS) | {'dialog'}
#: Decorations are not passed on to boxes that stand in the line like a character, or beside it.
_OWN_BOXES = frozenset(['inline-block', 'inline-table', 'inline-flex', 'inline-grid'])
_BLOCKS = frozenset(['block', 'flex', 'grid', 'table', 'list-item', 'table-row', 'flow-root'])


def apply_sheets(soup):
    # type: (Any) -> None
    """Put what the style sheets in `soup` say of its elements into their own styles."""
    rules = {}  # type: Dict[Text, Text]
    for sheet in soup.find_all('style'):
        _read_sheet(_COMMENT.sub(' ', sheet.string or '').lower(), rules)
    if not rules:
        return
    for tag in soup.find_all(True):
        names = [tag.name] + ['.' + each.lower() for each in tag.get('class', ())]
        names += [tag.name + each for each in names[1:]]
        styles = [rules[name] for name in names if name in rules]
        if styles:
            tag['style'] = ';'.join(styles + [tag.get('style', '')])


def _read_sheet(text, rules):
    # type: (Text, Dict[Text, Text]) -> None
    depth, selectors = 0, ''
    for piece in _BRACES.split(text):
        if piece == '{':
            depth += 1
        elif piece == '}':
            depth = max(depth - 1, 0)
        elif not depth:
            selectors = piece.rpartition(';')[2]
        elif depth == 1 and '@' not in selectors:
            style = ';'.join(each for each in piece.split(';')
                             if each.strip().startswith(_FOLLOWED))
            for selector in map(Text.strip, selectors.split(',') if style else ()):
                if _SELECTOR.match(selector):
                    rules[selector] = rules.get(selector, '') + ';' + style


@attr.s(frozen=True, slots=True)
class Look(object):
    """How the text in an element looks: `space` is one of FOLDED, LINES and KEPT."""

    space = attr.ib(default=FOLDED)  # type: Text
    visible = attr.ib(default=True)  # type: bool
    struck = attr.ib(default=False)  # type: bool

    @property
    def read(self):
        # type: () -> bool
        """Whether a person can read it as valid."""
        return self.visible and not self.struck

    def within(self, tag):
        # type: (Any) -> Tuple[Optional[Look], Text]
        """How text in `tag` looks, which stands in text of this look (None: it is not shown); and
        the position of `tag`: RAISED, LOWERED, BLOCK, APART, BELOW, or nothing."""
        name = tag.name
        if name in _NOT_SHOWN:
            return None, ''
        style = _style(tag) if tag.attrs else _NO_STYLE
        if not style and name not in _SPECIAL and not tag.has_attr('hidden'):
            return self, ''
        if (tag.has_attr('hidden') or style.get('display') == 'none'
                or _ZERO.match(style.get('opacity', ''))
                or (name == 'dialog' and not tag.has_attr('open'))):
            return None, ''
        visible = style.get('visibility', '')
        return Look(
            space=_white_space(style, KEPT if name in _PREFORMATTED else self.space),
            visible=(self.visible if visible in ('', 'inherit', 'unset')
                     else visible not in ('hidden', 'collapse')),
            struck=(self.struck and not _has_own_box(style)) or _strikes(name, style),
        ), _stance(tag, style)


def _style(tag):
    # type: (Any) -> Dict[Text, Text]
    """The properties that an element's own style sets, in lower case."""
    style = tag.get('style')
    if not isinstance(style, type('')) or not _MATTERS.search(style):
        return _NO_STYLE
    properties, important = {}, set()  # type: Dict[Text, Text], set
    for declaration in _COMMENT.sub(' ', style).lower().split(';'):
        name, _, value = declaration.partition(':')
        name = name.strip().replace('-webkit-text', 'text')
        value, bang, _ = value.partition('!')
        if bang:
            important.add(name)
        if bang or name not in important:
            # The shorthand sets the line as well, whichever of them is the later one.
            name = 'text-decoration' if name == 'text-decoration-line' else name
            properties[name] = ' '.join(value.split())
    return properties


def _strikes(name, style):
    # type: (Text, Dict[Text, Text]) -> bool
    # Word has its own property for it.
    decoration = style.get('text-decoration', style.get('text-line-through', ''))
    if decoration in ('', 'inherit', 'unset'):
        return name in _STRUCK
    if 'text-decoration' not in style:
        return decoration != 'none'
    return 'line-through' in decoration.split()


def _has_own_box(style):
    # type: (Dict[Text, Text]) -> bool
    return (style.get('display') in _OWN_BOXES or style.get('float', 'none') != 'none'
            or style.get('position') in ('absolute', 'fixed'))


def _white_space(style, inherited):
    # type: (Dict[Text, Text], Text) -> Text
    for name in ('white-space', 'white-space-collapse'):
        for word in style.get(name, '').split():
            if word in _WHITE_SPACE:
                return _WHITE_SPACE[word]
    return inherited


def _stance(tag, style):
    # type: (Any, Dict[Text, Text]) -> Text
    if tag.name in ('td', 'th'):
        return ''  # there it is about the cell
    for each in ('vertical-align', 'font-variant-position'):
        if style.get(each) in _BY_STYLE:
            return _BY_STYLE[style[each]]
    if tag.name in _POSITIONS:
        return _POSITIONS[tag.name]
    if tag.name in _MATH and tag.parent is not None and tag.parent.name in _SECOND:
        before = tag.find_previous_siblings(True, limit=2)
        if before:
            return (_THIRD if len(before) == 2 else _SECOND).get(tag.parent.name, '')
    if style.get('display') in _BLOCKS:
        return BLOCK
    aside = _has_own_box(style) or any(
        each.startswith(('margin', 'padding', 'border')) for each in style)
    return APART if aside or tag.name == 'mfrac' else ''
