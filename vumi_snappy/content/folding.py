"""Typographic characters as their plain forms, where that makes a text cheaper.  Pure.

One curly quote makes a whole SMS travel as UCS-2, 70 characters to a message instead of 160.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Dict, Text  # noqa: F401

from vumi_snappy.content.lengths import Encoding, segments

#: For `translate`: quotes, dashes, the ellipsis, spaces that do not break.
_PLAIN = {}  # type: Dict[int, Text]
for _plain, _typographic in (
        ("'", '\u2018\u2019\u201a\u201b\u2039\u203a\u2032'),
        ('"', '\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033'),
        ('-', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212'),
        ('...', '\u2026'),
        (' ', '\u00a0\u202f\u2007\u2009')):
    _PLAIN.update((ord(each), _plain) for each in _typographic)


def fold_typography(text):
    # type: (Text) -> Text
    """`text` with plain quotes, dashes and spaces if the GSM alphabet then suffices for it;
    else as it is."""
    folded = text.translate(_PLAIN)
    return folded if segments(folded).encoding is Encoding.GSM_7 else text
