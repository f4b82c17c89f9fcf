"""People's addresses as a log may show them.  Pure."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Text  # noqa: F401

#: Characters below which an address is hidden whole: the ends of a short one tell it all.
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
