"""Small strict templates over the fields of a message: ``Support for {from_addr}``.

Pure.  A template is parsed once, where a mistake in it can be told to the operator; rendering one
never fails.  The configuration parses them, the intake renders them.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import hashlib
import re
from typing import Any, Dict, List, Text, Tuple  # noqa: F401

import attr

_PLAIN = ('from_addr', 'to_addr', 'transport_name', 'transport_type', 'provider', 'content')
_NESTED = ('helper_metadata', 'transport_metadata')
_PIECE = re.compile(r'\{\{|\}\}|\{([^{}]*)\}|[{}]')
#: Characters that a local part may have (RFC 5321).
_LOCAL_PART = 64


class TemplateError(ValueError):
    """A template that can't be used; its text names the placeholder and what is allowed."""


@attr.s(frozen=True, slots=True)
class Template(object):
    """Literal texts and paths of fields, in turn."""

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
        """The fields that the template uses."""
        return [path[0] for _, path in self.pieces if path]

    def render(self, fields):
        # type: (Dict[Text, Any]) -> Text
        """The text for a message's fields; what is missing is left empty."""
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
    if not path:
        return ''
    for step in path:
        fields = fields.get(step) if isinstance(fields, dict) else None
    return '' if fields is None or isinstance(fields, (dict, list)) else '%s' % (fields,)


def local_part(address):
    # type: (Text) -> Text
    """A person's address as the local part of an e-mail address: different for each person.

    A leading plus is dropped, as integrations with Snappy do (``27820001001@sms.example.org``);
    an address that begins with a digit of its own keeps apart from it by an underscore.  Every
    other character that a local part can't hold is written as ``=`` and its code.
    """
    if re.match(r'^\+[0-9]+$', address):
        return address[1:][:_LOCAL_PART] if len(address) <= _LOCAL_PART else _hashed(address)
    escaped = ''.join(
        each if re.match(r'[0-9a-z_-]', each) else '=%02x=' % (ord(each),) for each in address)
    if re.match(r'^[0-9]+$', escaped):
        escaped = '_' + escaped
    elif escaped.startswith('_'):
        escaped = '=5f=' + escaped[1:]
    return escaped if len(escaped) <= _LOCAL_PART else _hashed(address)


def _hashed(address):
    # type: (Text) -> Text
    return '=h=%s' % (hashlib.sha256(address.encode('utf-8')).hexdigest()[:48],)


def contact_address(template, fields):
    # type: (Template, Dict[Text, Any]) -> Text
    """The e-mail address that stands for the sender of a message at Snappy."""
    fields = dict(fields, from_addr=local_part(fields['from_addr']))
    return template.render(fields)
