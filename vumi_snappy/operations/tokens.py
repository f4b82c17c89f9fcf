"""Tokens by which programs use the API: how they are made and checked.

A token holds 256 random bits, which nobody can guess however fast a try is.  So a fast hash,
SHA-256, is enough, where a password needs a slow one.  The configuration keeps only the hash.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import hashlib
import hmac
import os
import re
from typing import Dict, Optional, Text  # noqa: F401

from vumi_snappy.operations.users import Identity

#: Scanners that look for secrets in public places know a token by this.
_BEGINS = 'vumisnappy_'
_TOKEN = re.compile(r'\A' + _BEGINS + r'[A-Za-z0-9_-]{43}\Z')
_HASH = re.compile(r'\Asha256\$[0-9a-f]{64}\Z')


def make_token():
    # type: () -> Text
    return _BEGINS + base64.urlsafe_b64encode(os.urandom(32)).decode('ascii').rstrip('=')


def hash_token(token):
    # type: (Text) -> Text
    """The hash to write into `console_tokens`."""
    return 'sha256$%s' % (hashlib.sha256(token.encode('utf-8')).hexdigest(),)


def is_token_hash(text):
    # type: (Text) -> bool
    """Whether `text` is a hash as `hash_token` makes it."""
    return _HASH.match(text) is not None


class Token(Identity):
    """A program that may use the API."""

    @property
    def who(self):
        # type: () -> Text
        """Its name in the audit trail, which no user can have."""
        return 'token (%s)' % (self.name,)


class Tokens(object):
    """The tokens `by_name`."""

    def __init__(self, by_name):
        # type: (Dict[Text, Token]) -> None
        self._all = list(by_name.values())

    def find(self, given):
        # type: (Text) -> Optional[Token]
        """The `Token` that was given, or None, in a time that says nothing of the token."""
        if not _TOKEN.match(given):
            return None
        hashed = hash_token(given).encode('ascii')
        matching = [token for token in self._all
                    if hmac.compare_digest(hashed, token.hashed.encode('ascii'))]
        return matching[0] if matching else None
