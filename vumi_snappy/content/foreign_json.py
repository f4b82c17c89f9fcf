"""Reads JSON from outside: the bus, webhooks, Snappy's responses, lookups, the APIs, dumps.

A test sees to it that all of it is read here.  Its size and depth are bounded, and the digits of
its numbers: the time that Python takes for a number grows with their square.  NaN and infinities
are not JSON.  Lone surrogates, which no database stores, are replaced (`whole_text`).  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Callable, Dict, Optional, Text, Tuple, Union  # noqa: F401

from vumi_snappy.content.foreign_text import utf8_text, whole_text

#: Bytes (or characters) of a text, where its reader sets no other bound.
LONGEST = 16 * 2 ** 20
#: How deep values may be nested.
DEEPEST = 100
#: Digits of a whole number, and characters of any other.
_MOST_DIGITS, _LONGEST_FLOAT = 20, 60
_INFINITE = float('inf')


class BadJson(ValueError):
    """A text that is not JSON, or exceeds the bounds; its message quotes nothing."""


def read(raw, longest=LONGEST, line_feeds=False, pairs_hook=None):
    # type: (Union[bytes, Text], int, bool, Optional[Callable[[Any], Any]]) -> Any
    """The value in `raw`: a text, or bytes of UTF-8.  Errors: `BadJson`.

    `line_feeds`: raw ones (and other controls) may stand inside strings, as was seen of Snappy.
    `pairs_hook` makes an object of its pairs; its `ValueError` is a `BadJson`.
    """
    if len(raw) > longest:
        raise BadJson('it is larger than %d bytes' % (longest,))
    try:
        text = utf8_text(raw) if isinstance(raw, bytes) else raw
        value = decoder(line_feeds, pairs_hook).decode(text)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python recurses
        raise BadJson('it is not JSON in UTF-8, or has a number that is too long')
    # Brackets in strings count too: only texts with many have to be checked.
    if text.count('[') + text.count('{') > DEEPEST and _is_deeper(value, DEEPEST):
        raise BadJson('it is nested deeper than %d' % (DEEPEST,))
    return _whole(value) if _may_have_lone_surrogates(text) else value


def object_at(text, start):
    # type: (Text, int) -> Optional[Tuple[Dict[Text, Any], int]]
    """The object of a JSON text that begins at `start`, and where it ends; None where no whole one
    begins there.  Raw line feeds may stand inside its strings."""
    if text[start:start + 1] != '{':
        return None
    try:
        value, end = _LOOSE.raw_decode(text, start)
    except (ValueError, RuntimeError):
        return None
    if _is_deeper(value, DEEPEST):
        return None
    return _whole(value) if _may_have_lone_surrogates(text[start:end]) else value, end


def text_of(value):
    # type: (Any) -> Text
    """A text, which may have been written as an integer.  Errors: ValueError."""
    # A bool is an int, but not a text.
    if hasattr(value, 'bit_length') and not isinstance(value, bool):
        return '%d' % (value,)
    if not isinstance(value, Text):
        raise ValueError('it is not a text')
    return value


def decoder(line_feeds=False, pairs_hook=None):
    # type: (bool, Optional[Callable[[Any], Any]]) -> json.JSONDecoder
    """A decoder with the bounds on numbers alone, for what is read piece by piece: its caller
    bounds size and depth, and makes texts whole."""
    if pairs_hook is None:
        return _LOOSE if line_feeds else _STRICT
    return _decoder(strict=not line_feeds, object_pairs_hook=pairs_hook)


def _decoder(**options):
    # type: (**Any) -> json.JSONDecoder
    return json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=_no_number,
                            **options)


def _integer(digits):
    # type: (Text) -> int
    if len(digits) > _MOST_DIGITS:
        raise BadJson('a number is too long')
    return int(digits)


def _float(digits):
    # type: (Text) -> float
    number = float(digits) if len(digits) <= _LONGEST_FLOAT else _INFINITE
    if abs(number) == _INFINITE:
        raise BadJson('a number is too long, or too large')
    return number


def _no_number(_name):
    # type: (Text) -> Any
    raise BadJson('NaN and Infinity are not JSON')


_STRICT, _LOOSE = _decoder(), _decoder(strict=False)


def _may_have_lone_surrogates(text):
    # type: (Text) -> bool
    # To check each string takes longer than to decode all of them.
    return '\\ud' in text or '\\uD' in text or b'\xed' in text.encode('utf-8', 'surrogatepass')


def _whole(value):
    # type: (Any) -> Any
    if isinstance(value, dict):
        return type(value)((_whole(name), _whole(each)) for name, each in value.items())
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return whole_text(value) if isinstance(value, Text) else value


def _is_deeper(value, levels):
    # type: (Any, int) -> bool
    level = [value]
    while level and levels >= 0:
        level = [inner for each in level if isinstance(each, (list, dict))
                 for inner in (each.values() if isinstance(each, dict) else each)]
        levels -= 1
    return any(isinstance(each, (list, dict)) for each in level)
