"""Small strict templates over the fields of a message: ``Support for {from_addr}``.

Pure.  A template is parsed by the configuration, which can report a mistake in it; rendering one
never fails.

One of them makes the e-mail address of a person at Snappy, which identifies its contacts by
address: two people with one address would be one contact, and a reply to one could go to the
other.  So values are written into an address such that no two give the same one, in any case of
letters:

* ``+`` and digits alone, as Vumi writes a phone's number, lose the plus, as is the custom with
  Snappy: ``+27820001001`` becomes ``27820001001``.
* In all else, small letters of ASCII, digits and ``-`` stand for themselves, and every other
  character is written as ``_`` and two hexadecimal digits for each byte of its UTF-8.
* Digits without a plus begin with such an escape too: ``12345`` becomes ``_312345``.  Without it
  they would be those of a phone's number.
* What is too long keeps its beginning, and ends with ``_h`` and a hash of the whole; what is empty
  is ``_``.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import hashlib
import json
import numbers
import re
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import attr
from six.moves.urllib.parse import quote


_PLAIN = ('from_addr', 'to_addr', 'transport_name', 'transport_type', 'provider', 'content')
#: Those by which the store distinguishes people in any case.
_OF_CHANNEL = ('from_addr', 'transport_name', 'transport_type')
_NESTED = ('helper_metadata', 'transport_metadata')
_PIECE = re.compile(r'\{\{|\}\}|\{([^{}]*)\}|[{}]')

#: Characters that a local part may have (RFC 5321).
LOCAL_PART = 64
#: Characters of the hash of what is too long, with its mark: 130 bits.
_HASH = 28

_MSISDN = re.compile(r'\+[0-9]+\Z')
_DIGITS = re.compile(r'[0-9]+\Z')
_SAFE = re.compile(r'[0-9a-z-]\Z')
# What mail servers and their readers agree upon, and what no value can hold to separate values.
_LITERAL = re.compile(r'[0-9A-Za-z.+=_-]*\Z')
_SEPARATOR = re.compile(r'[.+=]')
_DOMAIN = re.compile(r'([0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z][0-9A-Za-z-]+\Z')


class TemplateError(ValueError):
    """A template that can't be used; its message names the placeholder and what is allowed."""


@attr.s(frozen=True, slots=True)
class Template(object):
    """Literal texts and paths of fields, in turn: each path behind its literal, the last empty."""

    pieces = attr.ib()  # type: Tuple[Tuple[Text, Tuple[Text, ...]], ...]

    @classmethod
    def parse(cls, text):
        # type: (Text) -> Template
        """Errors: `TemplateError`.  ``{{`` and ``}}`` stand for single braces."""
        pieces, literal, at = [], '', 0  # type: List[Tuple[Text, Tuple[Text, ...]]], Text, int
        for match in _PIECE.finditer(text):
            literal += text[at:match.start()]
            at = match.end()
            if match.group() in ('{{', '}}'):
                literal += match.group()[0]
            elif match.group(1) is None:
                raise TemplateError('has a single "%s": write it twice for the character itself'
                                    % (match.group(),))
            else:
                pieces.append((literal, _path(match.group(1))))
                literal = ''
        pieces.append((literal + text[at:], ()))
        return cls(pieces=tuple(pieces))

    @property
    def names(self):
        # type: () -> List[Text]
        return [path[0] for _, path in self.pieces if path]

    def render(self, fields):
        # type: (Dict[Text, Any]) -> Text
        """The text for a message's fields (its payload); what is missing is left empty."""
        return ''.join(literal + _value(fields, path) for literal, path in self.pieces)


def _path(name):
    # type: (Text) -> Tuple[Text, ...]
    path = tuple(name.split('.'))
    if (path[0] in _PLAIN and len(path) == 1) or (
            path[0] in _NESTED and len(path) > 1 and all(path)):
        return path
    raise TemplateError('has {%s}, which no message has: it may hold {%s} and {%s}' % (
        name, '}, {'.join(_PLAIN), '}, {'.join('%s....' % (each,) for each in _NESTED)))


def _value(fields, path):
    # type: (Any, Tuple[Text, ...]) -> Text
    """The field at `path`, through dicts alone; empty for what is missing or is no single value.
    """
    if not path:
        return ''
    for step in path:
        fields = fields.get(step) if isinstance(fields, dict) else None
    if isinstance(fields, bytes):
        return fields.decode('utf-8', 'replace')
    if isinstance(fields, (type(''), numbers.Real)):
        return '%s' % (fields,)
    return ''


def check_contact_template(template):
    # type: (Template) -> None
    """Errors: `TemplateError`, unless each person gets a valid address of their own."""
    if 'from_addr' not in template.names:
        raise TemplateError(
            'must hold {from_addr}: Snappy keeps contacts by address, and with one address for'
            ' all every person is the same contact')
    if 'content' in template.names:
        raise TemplateError('has {content}: a person would be another one with each message')
    last = template.pieces[-1][0]
    before, at, domain = last.partition('@')
    literals = [literal for literal, _ in template.pieces[:-1]] + [before]
    if not at or '@' in ''.join(literals) + domain:
        raise TemplateError('must hold one @, behind the fields')
    if not _DOMAIN.match(domain):
        raise TemplateError('must end with the name of a domain, not with "@%s"' % (domain,))
    local = ''.join(literals)
    if (not _LITERAL.match(local) or any('..' in literal for literal in literals)
            or literals[0].startswith('.') or before.endswith('.')):
        raise TemplateError('has "%s" before the @, which no mail address can have' % (local,))
    if any(_SEPARATOR.search(literal) is None for literal in literals[1:-1]):
        raise TemplateError('needs one of . + = between any two fields, or two people could get'
                            ' the same address')
    if _room(template) < _HASH + 1:
        raise TemplateError('is too long: an address has %d characters before the @'
                            % (LOCAL_PART,))


def contact_address(template, fields):
    # type: (Template, Dict[Text, Any]) -> Text
    """The address of a message's sender; `fields` is the message's payload."""
    room = _room(template)
    return ''.join(literal + (local_part(_value(fields, path), room) if path else '')
                   for literal, path in template.pieces)


def told_apart(template, fields):
    # type: (Template, Dict[Text, Any]) -> Text
    """What an address of `contact_address` contains of a person besides their own address and
    their transport, as one text; empty where that is nothing."""
    values = [_value(fields, path) for _, path in template.pieces
              if path and path[0] not in _OF_CHANNEL]
    return json.dumps(values) if values else ''


#: The scheme and the host must not depend on a value: anybody can write what a message has.
_URL = re.compile(r"https?://[0-9A-Za-z.-]+(:[0-9]+)?[/?][!-~]*\Z")
_URL_REST = re.compile(r'[!-~]*\Z')


def check_url_template(template):
    # type: (Template) -> None
    """Errors: `TemplateError`, unless `url_for` makes URLs whose host no message can name."""
    literals = [literal for literal, _ in template.pieces]
    if not _URL.match(literals[0]) or not all(map(_URL_REST.match, literals)):
        raise TemplateError('must begin with https:// (or http://), a host and a path, before any'
                            ' field, and be of printable ASCII without blanks')
    if '#' in ''.join(literals) or '@' in literals[0].split('/')[2]:
        raise TemplateError('must have neither a # nor a user name')


def url_for(template, fields):
    # type: (Template, Dict[Text, Any]) -> Text
    """The URL for a message's fields, each value escaped; empty where one of them has no value:
    without it, it could be the address of everybody."""
    parts = []
    for literal, path in template.pieces:
        value = _value(fields, path)
        if path and value in ('', '.', '..'):  # the last two are steps in a path
            return ''
        parts.append(literal + quote(value.encode('utf-8', 'replace'), safe=str('')))
    return ''.join(parts)


def local_part(value, most=LOCAL_PART):
    # type: (Text, int) -> Text
    """`value` as (a part of) the local part of an address, in at most `most` (28 or more) characters.
    """
    if not value:
        return '_'
    if _MSISDN.match(value):
        escaped = value[1:]
    elif _DIGITS.match(value):
        escaped = _escape(value[0]) + value[1:]
    else:
        escaped = ''.join(each if _SAFE.match(each) else _escape(each) for each in value)
    if len(escaped) <= most:
        return escaped
    digest = base64.b32encode(hashlib.sha256(
        value.encode('utf-8', 'surrogatepass')).digest()).decode('ascii')
    return '%s_h%s' % (escaped[:most - _HASH], digest[:_HASH - 2].lower())


def _escape(character):
    # type: (Text) -> Text
    return ''.join('_%02x' % (byte,) for byte in bytearray(
        character.encode('utf-8', 'surrogatepass')))


def _room(template):
    # type: (Template) -> int
    """Characters that each value of a template may have."""
    literals = ''.join(literal for literal, _ in template.pieces).partition('@')[0]
    return (LOCAL_PART - len(literals)) // max(len(template.names), 1)
