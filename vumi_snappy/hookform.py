"""Reading what Snappy's hook sends: a form, a JSON text in it, and the fields of that.

Pure.  What is not as it should be is `BadHook`, whose text names the field and quotes nothing: it
is answered, and logged.  `hooks` uses it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import binascii
import calendar
import json
import re
import time
from typing import Any, Dict, Text  # noqa: F401

try:
    from urllib.parse import unquote_to_bytes as _unquote
except ImportError:  # Python 2
    from urllib import unquote as _unquote

#: Fields that a form may have; Snappy's has two.
_MOST_FIELDS = 20
#: Characters of an id; a nonce had 16, but nothing promises that.
_LONGEST_ID = 100
_DATE = re.compile(r'[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\Z')
_DATE_FORM = '%Y-%m-%d %H:%M:%S'
_MOST_DIGITS = 20
#: A "%" that begins no escape.
_NO_ESCAPE = re.compile(br'%(?![0-9A-Fa-f]{2})')
#: Half of a character beyond U+FFFF: in bytes no UTF-8 (but Python 2 decodes it), in a text of
#: JSON no character.
_HALF_IN_BYTES = re.compile(br'\xed[\xa0-\xbf]')
_HALF_IN_TEXT = re.compile(
    '[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]')


class BadHook(ValueError):
    """A body that can't be understood; its text names the field, and quotes nothing."""


def read_form(body):
    # type: (bytes) -> Dict[Text, Text]
    """The form's fields.  By hand: the standard library's parser takes ";" for a separator and
    bytes that are no UTF-8 for text."""
    pairs = [pair for pair in body.split(b'&', _MOST_FIELDS + 1) if pair]
    if len(pairs) > _MOST_FIELDS:
        raise BadHook('the form has more than %d fields' % (_MOST_FIELDS,))
    fields = {}  # type: Dict[Text, Text]
    for pair in pairs:
        name, _, value = (_unescape(part) for part in pair.partition(b'='))
        if name in fields:
            raise BadHook('a field of the form is given twice')
        fields[name] = value
    return fields


def _unescape(raw):
    # type: (bytes) -> Text
    plain = _unquoted(raw.replace(b'+', b' '))
    try:
        if _HALF_IN_BYTES.search(plain):
            raise UnicodeError
        return plain.decode('utf-8')
    except UnicodeError:
        raise BadHook('the form is not UTF-8')


def _unquoted(raw):
    # type: (bytes) -> bytes
    if b'%' not in raw:
        return raw
    if _NO_ESCAPE.search(raw):
        return _unquote(raw)
    # The library's way goes from escape to escape, and a JSON text has hundreds.  Quoted-printable
    # differs from this in its sign alone, and is decoded by C.
    return binascii.a2b_qp(raw.replace(b'=', b'=3D').replace(b'%', b'='))


def field(fields, name):
    # type: (Dict[Text, Text], Text) -> Text
    """The field `name` of a form, which must be there."""
    if not fields.get(name):
        raise BadHook('the field "%s" is missing' % (name,))
    return fields[name]


def read_json(text):
    # type: (Text) -> Dict[Text, Any]
    """The object that a JSON text holds."""
    try:
        data = _JSON.decode(text)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than Python goes
        raise BadHook('the field "data" is not JSON')
    if not isinstance(data, dict):
        raise BadHook('the field "data" is no JSON object')
    return data


def bounded_integer(digits):
    # type: (Text) -> int
    """An integer of JSON.  Errors: `ValueError` where it has more digits than anything of ours."""
    # The time that Python takes grows with the square of the length.
    if len(digits) > _MOST_DIGITS:
        raise ValueError('a number is too long')
    return int(digits)


def _no_number(_name):
    # type: (Text) -> Any
    raise ValueError('NaN and Infinity are no JSON')


#: strict: raw line feeds were seen inside strings, and are part of what the agent wrote.
_JSON = json.JSONDecoder(strict=False, parse_int=bounded_integer, parse_constant=_no_number)


def object_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Dict[Text, Any]
    """The object `name` in `parent`, which is at `path`."""
    found = parent.get(name)
    if not isinstance(found, dict):
        raise BadHook('%s.%s is missing or no object' % (path, name))
    return found


def id_in(parent, name, path):
    # type: (Dict[Text, Any], Text, Text) -> Text
    """An id, which comes as a number or as a text; empty where there is none."""
    value = parent.get(name)
    if value is None:
        return ''
    if isinstance(value, Text) and len(value) <= _LONGEST_ID:
        return whole(value)
    # A bool is an int, but no id.
    if isinstance(value, (bool, float)) or not hasattr(value, 'bit_length'):
        raise BadHook('%s.%s is missing or no id' % (path, name))
    return '%d' % (value,)


def seconds(value):
    # type: (Any) -> float
    """Epoch seconds, as a number or as digits; 0 where it is neither: it decides nothing."""
    text = '%s' % (value,)
    return float(text) if re.match(r'\A[0-9]{1,12}\Z', text) else 0.0


def date(value):
    # type: (Any) -> float
    """A time as `seconds` takes it, or ``YYYY-MM-DD HH:MM:SS`` in UTC; 0 where it is neither."""
    if isinstance(value, Text) and _DATE.match(value):
        try:
            return max(float(calendar.timegm(time.strptime(str(value), str(_DATE_FORM)))), 0.0)
        except ValueError:
            return 0.0
    return seconds(value)


def whole(text):
    # type: (Text) -> Text
    """The text without halves of characters, which can't be sent on."""
    return _HALF_IN_TEXT.sub('\ufffd', text)
