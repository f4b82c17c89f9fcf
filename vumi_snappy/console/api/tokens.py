"""Tokens by which programs are let in: how they are made, and whether one is ours.

A token holds 256 random bits, which nobody finds by trying however fast a try is: so its hash may
be a fast one, SHA-256, where a password needs a slow one.  The configuration keeps the hash alone.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import base64
import hashlib
import hmac
import os
import re
from typing import Dict, Optional, Text  # noqa: F401

import attr

from vumi_snappy.console.users import Role

#: By this those who look for secrets in the wrong places know what they have found.
_BEGINS = 'vumisnappy_'
_TOKEN = re.compile(r'\A' + _BEGINS + r'[A-Za-z0-9_-]{43}\Z')
_HASH = re.compile(r'\Asha256\$[0-9a-f]{64}\Z')


def make_token():
    # type: () -> Text
    """A new token."""
    return _BEGINS + base64.urlsafe_b64encode(os.urandom(32)).decode('ascii').rstrip('=')


def hash_token(token):
    # type: (Text) -> Text
    """The hash to write into `console_tokens`."""
    return 'sha256$%s' % (hashlib.sha256(token.encode('utf-8')).hexdigest(),)


def is_token_hash(text):
    # type: (Text) -> bool
    """Whether `text` is a hash as `hash_token` makes it."""
    return _HASH.match(text) is not None


@attr.s(frozen=True, slots=True)
class Token(object):
    """A token that is let in, by its hash; `name` is how people speak of it."""

    name = attr.ib()  # type: Text
    hashed = attr.ib(repr=False)  # type: Text
    role = attr.ib()  # type: Role

    @property
    def who(self):
        # type: () -> Text
        """Who did it, for the audit trail: no user's name is like it."""
        return 'token (%s)' % (self.name,)


class Tokens(object):
    """The tokens `by_name`."""

    def __init__(self, by_name):
        # type: (Dict[Text, Token]) -> None
        self._all = list(by_name.values())

    def find(self, given):
        # type: (Text) -> Optional[Token]
        """The `Token` that was given, or None; how long it takes does not tell how near it was."""
        if not _TOKEN.match(given):
            return None
        hashed, found = hash_token(given), None
        for token in self._all:
            if hmac.compare_digest(hashed.encode('ascii'), token.hashed.encode('ascii')):
                found = token
        return found
