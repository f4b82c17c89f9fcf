"""Who may use the console, and whether a password is theirs.

Owns how passwords are hashed: PBKDF2 with SHA-256, made by `hash_password`.  A check takes a tenth
of a second of a processor, so it is made in a thread, and few at once: `Users.check` never holds
up the worker.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
import hashlib
import hmac
import os
from typing import Any, Dict, Optional, Text  # noqa: F401

import attr
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from passlib.hash import pbkdf2_sha256
from twisted.internet import defer
from twisted.internet.threads import deferToThreadPool

_ROUNDS = 200000
#: Bytes of a password that are looked at: hashing a novel would take long.
_LONGEST = 1024
#: Passwords that are checked at once, and that may wait for it.
_AT_ONCE, _MOST_WAITING = 2, 50


class Role(enum.Enum):
    """What a user may do."""

    #: Look at everything, change nothing.
    READ = 'read'
    OPERATE = 'operate'


@attr.s(frozen=True)
class Identity(object):
    """Somebody who may use the console: a user, or a program with a token."""

    name = attr.ib()  # type: Text
    #: Of the password, or of the token.
    hashed = attr.ib(repr=False)  # type: Text
    role = attr.ib()  # type: Role


class User(Identity):
    """A person who may log in."""

    @property
    def mark(self):
        # type: () -> Text
        """Changes with the password, which can not be told from it."""
        return hashlib.sha256(self.hashed.encode('utf-8')).hexdigest()[:32]


class TooBusy(Exception):
    """So many passwords wait to be checked that no more are taken now."""


def _derive(password, salt, rounds):
    # type: (Text, bytes, int) -> bytes
    # By OpenSSL: in Python it would hold up all other threads, and take ten times as long.
    return PBKDF2HMAC(SHA256(), 32, salt, rounds, default_backend()).derive(
        password.encode('utf-8'))


def hash_password(password):
    # type: (Text) -> Text
    """The hash to write into `console_users`."""
    salt = os.urandom(16)
    made = pbkdf2_sha256(rounds=_ROUNDS, salt=salt,
                         checksum=_derive(password, salt, _ROUNDS))
    return '%s' % (made.to_string(),)


def is_hash(text):
    # type: (Text) -> bool
    """Whether `text` is a hash as `hash_password` makes it."""
    try:
        return pbkdf2_sha256.from_string(text).checksum is not None
    except (TypeError, ValueError):
        return False


def _matches(password, hashed):
    # type: (Text, Text) -> bool
    kept = pbkdf2_sha256.from_string(hashed)
    # To HMAC, a NUL at the end is none.
    return (len(password.encode('utf-8')) <= _LONGEST and '\0' not in password
            and hmac.compare_digest(_derive(password, kept.salt, kept.rounds), kept.checksum))


class Users(object):
    """The users `by_name`; hashing is done in the threads of `reactor`."""

    def __init__(self, reactor, by_name):
        # type: (Any, Dict[Text, User]) -> None
        self._reactor = reactor
        self._by_name = by_name
        self._turns = defer.DeferredSemaphore(_AT_ONCE)
        #: What a password is checked against where there is no such user: it takes as long.
        self._nobody = next(iter(by_name.values())).hashed if by_name else ''

    def get(self, name):
        # type: (Text) -> Optional[User]
        return self._by_name.get(name)

    @property
    def is_busy(self):
        # type: () -> bool
        """Whether `check` would be too busy."""
        return len(self._turns.waiting) >= _MOST_WAITING

    @defer.inlineCallbacks
    def check(self, name, password):
        """Fires with the `User`, or None.  Errors: `TooBusy`."""
        if self.is_busy:
            raise TooBusy()
        user = self._by_name.get(name)
        hashed = user.hashed if user else self._nobody
        fine = bool(hashed) and (yield self._turns.run(
            deferToThreadPool, self._reactor, self._reactor.getThreadPool(), _matches, password,
            hashed))
        defer.returnValue(user if fine else None)
