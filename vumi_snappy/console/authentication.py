"""Console authentication: log-in, sessions, and protection against forged forms (CSRF).

Owns the cookies (HttpOnly, SameSite, and Secure where the browser came by TLS), the CSRF tokens,
and the throttling of failed log-ins: per client address and per user name, in every worker by
itself.  A log-in that is throttled is rejected before any password is hashed.  User names that
exist and those that do not are treated alike.  The console's pages call it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import binascii
import hashlib
import hmac
import os
from collections import OrderedDict
from typing import Any, Optional, Text  # noqa: F401

import attr
from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.http.throttle import SecretThrottle
from vumi_snappy.operations.users import Role, TooBusy, User  # noqa: F401
from vumi_snappy.runtime.ports import Clock  # noqa: F401

log = Logger()

_SESSION, _FORM = b'vumi_snappy_session', b'vumi_snappy_form'
#: Characters that a user's name or a password may have.
LONGEST = 200
#: Counters of failed log-ins by name.  None is ever dropped for another, which would show which
#: names exist.
_NUMBERS = 4096
#: Remembered pairs of a user and an address that logged in: no guesser elsewhere keeps those out.
_MOST_WELCOME = 1000


class TooSoon(Exception):
    """Too many log-ins have failed: none is checked for this many seconds."""


def _random():
    # type: () -> Text
    return binascii.hexlify(os.urandom(24)).decode('ascii')


def same(one, other):
    # type: (Text, Text) -> bool
    """Whether two secrets are the same, in constant time."""
    return hmac.compare_digest(one.encode('utf-8'), other.encode('utf-8'))


@attr.s(frozen=True, slots=True)
class Visitor(object):
    """Who is logged in; `csrf` is the token of their forms."""

    name = attr.ib()  # type: Text
    role = attr.ib()  # type: Role
    csrf = attr.ib(repr=False)  # type: Text

    @property
    def may_operate(self):
        # type: () -> bool
        return self.role is Role.OPERATE


class Authentication(object):
    """Lets `users` in, with sessions of at most `hours` among the store's `operators`.

    `callers` finds clients' addresses; `clock` is the reactor.
    """

    def __init__(self, clock, operators, users, callers, hours):
        # type: (Clock, Any, Any, Any, float) -> None
        self._operators = operators
        self._users = users
        self._callers = callers
        self._seconds = hours * 3600.0
        self._by_caller = SecretThrottle(clock)
        self._by_name = SecretThrottle(clock, _NUMBERS)
        self._salt = os.urandom(16)
        self._welcome = OrderedDict()  # type: OrderedDict

    @defer.inlineCallbacks
    def visitor(self, request):
        """Fires with the `Visitor` that `request` comes from, or None."""
        token = _cookie(request, _SESSION)
        session = (yield self._operators.get(token)) if token else None
        user = self._users.get(session['user']) if session else None
        # One whose password was changed, or who was taken off the list, is out at once.
        if user is None or session['mark'] != user.mark:
            defer.returnValue(None)
        defer.returnValue(Visitor(user.name, user.role, session['csrf']))

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

        Errors: `TooSoon`, `TooBusy`.
        """
        caller = self._callers.caller(request)
        guesses = [(self._by_caller, caller)]
        if (name, caller) not in self._welcome:
            guesses.append((self._by_name, self._number(name)))
        wait = max(throttle.seconds_left(key) for throttle, key in guesses)
        if wait:
            raise TooSoon(wait)
        if self._users.is_busy:
            raise TooBusy()
        # Counted before it is known: many that come at once are not one.
        count = max([throttle.count_wrong(key) for throttle, key in guesses])
        user = None  # type: Any
        if len(name) <= LONGEST and len(password) <= LONGEST:
            user = yield self._users.check(name, password)
        if user is None:
            if not count & (count - 1):  # the first, the second, the fourth ...
                log.warn('A log-in to the console failed, from {caller}, the {count}. in a row.',
                         caller=caller, count=count)
            known = self._users.get(name) is not None
            yield self._operators.note_failure(name if known else '', '%s' % (caller,))
            yield self._by_caller.delayed(count)
            defer.returnValue(None)
        for throttle, key in guesses:
            throttle.forgive(key)
        self._welcome.pop((name, caller), None)
        self._welcome[name, caller] = True
        if len(self._welcome) > _MOST_WELCOME:
            self._welcome.popitem(last=False)
        token = _random()
        yield self._operators.open(
            token, {'user': user.name, 'mark': user.mark, 'csrf': _random()}, self._seconds)
        yield self._operators.note(user.name, 'logged in', '', '%s' % (caller,))
        self._set(request, _SESSION, token)
        defer.returnValue(user)

    def _number(self, name):
        # type: (Text) -> int
        hashed = hmac.new(self._salt, name.encode('utf-8'), hashlib.sha256).hexdigest()
        return int(hashed[:8], 16) % _NUMBERS

    @defer.inlineCallbacks
    def log_out(self, request):
        token = _cookie(request, _SESSION)
        if token:
            yield self._operators.close(token)
        self._set(request, _SESSION, '', max_age=b'0')

    def _set(self, request, name, value, max_age=None):
        # type: (Any, bytes, Text, Optional[bytes]) -> None
        request.addCookie(name, value.encode('ascii'), path=b'/', httpOnly=True, max_age=max_age,
                          sameSite=b'lax', secure=self._callers.came_by_tls(request))


def _cookie(request, name):
    # type: (Any, bytes) -> Text
    value = request.getCookie(name) or b''
    return value.decode('ascii') if value.isalnum() and len(value) == 48 else ''
