"""Makes foreign text safe to store and to send on.  Pure.

`foreign_json` uses it for all that it reads; replies pass it before they are stored, and texts
for Snappy before they are sent.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import sys
from typing import Any, Text  # noqa: F401

#: A lone surrogate: an SMS that was cut inside an emoji ends with one.
_LONE = '[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]'
#: Controls other than white space, and what never is a character: NUL ends a text for many
#: programs, and XML allows none of them.
_UNSAFE = re.compile('[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff]|' + _LONE)
_LONE_SURROGATE = re.compile(_LONE)
#: Python 2 decodes surrogates in UTF-8, Python 3 only by this handler.
_SURROGATES = 'strict' if sys.version_info[0] == 2 else 'surrogatepass'
_LINE_ENDS = re.compile('[\x0b\x0c]')
#: Controls that hardly anybody means: Windows has quotes and dashes there.
_WINDOWS = re.compile('[\x80-\x9f]')


def safe_text(text):
    # type: (Text) -> Text
    """`text` with U+FFFD for each character that can not be sent on."""
    return _WINDOWS.sub(_from_windows, _LINE_ENDS.sub('\n', _UNSAFE.sub('\ufffd', text)))


def whole_text(text):
    # type: (Text) -> Text
    """`text` without lone surrogates, which can't even be stored; all else stays."""
    return _LONE_SURROGATE.sub('\ufffd', text)


def utf8_text(raw):
    # type: (bytes) -> Text
    """The text in bytes of UTF-8, as `whole_text` makes it.  Older programs encode each surrogate
    of an emoji by itself: a pair is one character.  Errors: `UnicodeDecodeError`."""
    text = raw.decode('utf-8', _SURROGATES)
    if b'\xed' not in raw:
        return text
    return text.encode('utf-16-le', 'surrogatepass').decode('utf-16-le', 'replace')


def _from_windows(match):
    # type: (Any) -> Text
    return match.group().encode('latin-1').decode('cp1252', 'replace')
