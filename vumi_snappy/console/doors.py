"""Who is let in: log-in, sessions, and whether a form is one of ours.

Owns the cookies (out of scripts' reach, for this site alone, and over TLS alone where the browser
came by TLS), the tokens against forged forms, and how long a guesser waits: for each caller and
for each name that is guessed at, in every worker by itself.  The console's pages call it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import binascii
import hmac
import os
from typing import Any, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.callers import Guessers
from vumi_snappy.console.users import Role, User  # noqa: F401

log = Logger()

_SESSION, _FORM = b'vumi_snappy_session', b'vumi_snappy_form'
#: Characters of a user's name or a password that are looked at.
LONGEST = 200


def _random():
    # type: () -> Text
    return binascii.hexlify(os.urandom(24)).decode('ascii')


def same(one, other):
    # type: (Text, Text) -> bool
    """Whether two secrets are the same; how long it takes does not tell how much of them."""
    return hmac.compare_digest(one.encode('utf-8'), other.encode('utf-8'))


def by_tls(request):
    # type: (Any) -> bool
    """Whether the browser came by TLS, to us or to a proxy in front."""
    return bool(request.isSecure()) or (
        request.getHeader(b'x-forwarded-proto') or b'').strip().lower() == b'https'


@attr.s(frozen=True, slots=True)
class Visitor(object):
    """Who is logged in; `csrf` is what the forms that are shown to them bring back."""

    name = attr.ib()  # type: Text
    role = attr.ib()  # type: Role
    csrf = attr.ib(repr=False)  # type: Text

    @property
    def may_operate(self):
        # type: () -> bool
        return self.role is Role.OPERATE


class Doors(object):
    """Lets `users` in, with sessions of at most `hours` in `sessions` (of the store).

    `origins` tells who calls; `clock` is the reactor.
    """

    def __init__(self, clock, sessions, users, origins, hours):
        # type: (Any, Any, Any, Any, float) -> None
        self._sessions = sessions
        self._users = users
        self._origins = origins
        self._seconds = hours * 3600.0
        self._callers, self._names = Guessers(clock), Guessers(clock)

    @defer.inlineCallbacks
    def visitor(self, request):
        """Fires with the `Visitor` that `request` comes from, or None."""
        token = _cookie(request, _SESSION)
        found = (yield self._sessions.get(token)) if token else None
        user = self._users.get(found['user']) if found else None
        # One whose password was changed, or who was taken off the list, is out at once.
        if user is None or found['mark'] != user.mark:
            defer.returnValue(None)
        defer.returnValue(Visitor(user.name, user.role, found['csrf']))

    def form_token(self, request):
        # type: (Any) -> Text
        """What the log-in form has to bring back; its cookie is set."""
        token = _cookie(request, _FORM) or _random()
        self._set(request, _FORM, token)
        return token

    def is_our_form(self, request, token):
        # type: (Any, Text) -> bool
        """Whether the log-in form that brought `token` was shown to this browser."""
        kept = _cookie(request, _FORM)
        return bool(kept) and same(kept, token)

    @defer.inlineCallbacks
    def log_in(self, request, name, password):
        """Open a session and set its cookie.  Fires with the `User`, or None.

        Errors: `TooBusy`.
        """
        caller = self._origins.caller(request)
        user = None
        if len(name) <= LONGEST and len(password) <= LONGEST:
            user = yield self._users.check(name, password)
        if user is None:
            known = self._users.get(name) is not None
            count = max(self._callers.wrong(caller), self._names.wrong(name) if known else 0)
            log.warn('A log-in to the console failed, from {caller}.', caller=caller)
            if known:
                yield self._sessions.note(name, 'failed to log in', '', '%s' % (caller,))
            yield self._callers.patience(count)
            defer.returnValue(None)
        token = _random()
        yield self._sessions.open(
            token, {'user': user.name, 'mark': user.mark, 'csrf': _random()}, self._seconds)
        yield self._sessions.note(user.name, 'logged in', '', '%s' % (caller,))
        self._set(request, _SESSION, token)
        defer.returnValue(user)

    @defer.inlineCallbacks
    def log_out(self, request):
        """End the session of `request`."""
        token = _cookie(request, _SESSION)
        if token:
            yield self._sessions.close(token)
        self._set(request, _SESSION, '', max_age=b'0')

    def _set(self, request, name, value, max_age=None):
        # type: (Any, bytes, Text, Optional[bytes]) -> None
        request.addCookie(name, value.encode('ascii'), path=b'/', httpOnly=True, max_age=max_age,
                          sameSite=b'lax', secure=by_tls(request))


def _cookie(request, name):
    # type: (Any, bytes) -> Text
    value = request.getCookie(name) or b''
    return value.decode('ascii') if value.isalnum() and len(value) == 48 else ''
