"""Kinds of values in a query or a body: each has its JSON schema for the OpenAPI description, and
checks what came by it, so that the two can not differ.  Pure.

``check(value)`` returns a value of JSON as it is used, ``parse(text)`` that of a text in a query.
Errors: `Wrong`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, Dict, List, Optional, Sequence, Text  # noqa: F401

from vumi_snappy.operations.tickets import day


class Wrong(ValueError):
    """A value that is not valid: its `field`, and what it must be."""

    def __init__(self, must, field=''):
        # type: (Text, Text) -> None
        ValueError.__init__(self, must, field)
        self.must, self.field = must, field


def _check_inside(field, kind, value):
    # type: (Text, Any, Any) -> Any
    """As ``kind.check(value)``, of a value that is inside `field`."""
    try:
        return kind.check(value)
    except Wrong as wrong:
        between = '.' if wrong.field and wrong.field[0] != '[' else ''
        raise Wrong(wrong.must, field + between + wrong.field)


class TextOf(object):
    """A text of `least` to `most` characters; with `pattern`, as that says (in words: `must`)."""

    def __init__(self, most, least=1, pattern='', must='', example='', form=''):
        # type: (int, int, Text, Text, Text, Text) -> None
        self._most, self._least = most, least
        self._pattern, self._must = re.compile(pattern + r'\Z'), must
        self.schema = {'type': 'string', 'minLength': least, 'maxLength': most}  # type: Dict
        self.schema.update((name, value) for name, value in (
            ('pattern', pattern and '^(?:%s)$' % (pattern,)), ('example', example),
            ('format', form)) if value)

    def check(self, value):
        # type: (Any) -> Text
        if not isinstance(value, type('')):
            raise Wrong('must be a text')
        # A Python may count some characters twice.
        if not self._least <= len(value.encode('utf-32-le')) // 4 <= self._most:
            raise Wrong('must have %d to %d characters' % (self._least, self._most))
        if self._must and not self._pattern.match(value):
            raise Wrong(self._must)
        return value

    parse = check


class Day(TextOf):
    """A day, as 2026-01-31."""

    def __init__(self):
        # type: () -> None
        super(Day, self).__init__(10, 10, r'[0-9]{4}-[0-9]{2}-[0-9]{2}',
                                  'must be a day, such as 2026-01-31', '2026-01-31', 'date')

    def check(self, value):
        # type: (Any) -> Text
        if day(super(Day, self).check(value)) is None:
            raise Wrong(self._must)
        return value

    parse = check


class Whole(object):
    """A whole number from `least` to `most`, `default` where none is given."""

    def __init__(self, least, most, default=None):
        # type: (int, int, Optional[int]) -> None
        self._least, self._most = least, most
        self.schema = {'type': 'integer', 'minimum': least, 'maximum': most}
        if default is not None:
            self.schema['default'] = default

    def parse(self, text):
        # type: (Text) -> int
        if not re.match(r'0*[0-9]{1,9}\Z', text) or not self._least <= int(text) <= self._most:
            raise Wrong('must be a whole number from %d to %d' % (self._least, self._most))
        return int(text)


class Choice(object):
    """One of the texts `among`."""

    def __init__(self, *among):
        # type: (*Text) -> None
        self._among = among
        self.schema = {'type': 'string', 'enum': list(among)}

    def check(self, value):
        # type: (Any) -> Text
        if value not in self._among:
            raise Wrong('must be %s' % (' or '.join(self._among),))
        return value

    parse = check


class Flag(object):
    """True or false; with `yes`, true alone."""

    def __init__(self, yes=False):
        # type: (bool) -> None
        self._yes = yes
        self.schema = {'type': 'boolean'}  # type: Dict[Text, Any]
        if yes:
            self.schema['enum'] = [True]

    def check(self, value):
        # type: (Any) -> bool
        if value is not True and (self._yes or value is not False):
            raise Wrong('must be true' if self._yes else 'must be true or false')
        return value


class Many(object):
    """A list of one to `most` values `of` a kind."""

    def __init__(self, of, most):
        # type: (Any, int) -> None
        self._of, self._most = of, most
        self.schema = {'type': 'array', 'minItems': 1, 'maxItems': most, 'items': of.schema}

    def check(self, value):
        # type: (Any) -> List[Any]
        if not isinstance(value, list) or not 1 <= len(value) <= self._most:
            raise Wrong('must be a list of 1 to %d' % (self._most,))
        return [_check_inside('[%d]' % (n,), self._of, each) for n, each in enumerate(value)]


class Fields(object):
    """An object with the fields `needed` and perhaps those in `more`, and no others."""

    def __init__(self, needed=None, more=None):
        # type: (Optional[Dict[Text, Any]], Optional[Dict[Text, Any]]) -> None
        self._needed = needed or {}
        self._all = dict(self._needed, **(more or {}))
        self.schema = {'type': 'object', 'additionalProperties': False, 'properties': {
            name: value.schema for name, value in self._all.items()}}  # type: Dict[Text, Any]
        if self._needed:
            self.schema['required'] = sorted(self._needed)

    def check(self, value):
        # type: (Any) -> Dict[Text, Any]
        if not isinstance(value, dict):
            raise Wrong('must be an object')
        for name in sorted(value):
            if name not in self._all:
                raise Wrong('is unknown: fix its name or remove it. Known are: %s' % (
                    ', '.join(sorted(self._all)) or 'none',), name)
        for name in sorted(self._needed):
            if name not in value:
                raise Wrong('is required', name)
        return {name: _check_inside(name, self._all[name], value[name]) for name in sorted(value)}
