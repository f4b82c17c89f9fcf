"""Masks people's addresses for the log, and finds the spellings that one may have.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import List, Text  # noqa: F401

#: What groups the digits of a number.
_BETWEEN = re.compile(r'[\s()./-]')

#: Characters below which an address is hidden whole: its ends would reveal it.
_SHORT = 10


def mask_address(address):
    # type: (Text) -> Text
    """A person's address as a log may show it: its first and last three characters.

    ``+27820001001`` becomes ``+27...001``, with an ellipsis for the dots.  Short ones, such as
    short codes, are hidden whole.  Of an e-mail address the first character and the domain are
    shown.
    """
    name, at, domain = address.rpartition('@')
    if at:
        return '%s\u2026@%s' % (name[:1] if len(name) > 3 else '', domain)
    if len(address) < _SHORT:
        return '\u2026'
    return '%s\u2026%s' % (address[:3], address[-3:])


def spellings(typed):
    # type: (Text) -> List[Text]
    """The addresses that `typed` may stand for: with and without the plus of a number, and without
    what groups its digits."""
    digits = _BETWEEN.sub('', typed)
    addresses = {typed, digits}
    if digits.isdigit():
        addresses.add('+' + digits)
    elif digits.startswith('+'):
        addresses.add(digits[1:])
    return sorted(addresses)
