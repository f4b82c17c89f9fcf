"""API authentication: tokens in the Authorization header, and roles.

Cookies are ignored, so that no page of another site can make a browser call the API in its user's
name; the console's pages, in turn, ignore tokens.  Wrong tokens are throttled per client address.
The API's site calls it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Optional  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.http.responses import HttpError
from vumi_snappy.http.throttle import SecretThrottle
from vumi_snappy.operations.users import Role
from vumi_snappy.runtime.ports import Clock  # noqa: F401

log = Logger()

_SCHEME = b'bearer '
_NO_TOKEN, _BAD_TOKEN, _BAD_ROLE = tuple(
    ((b'WWW-Authenticate', b'Bearer realm="vumi-snappy"' + more),)
    for more in (b'', b', error="invalid_token"', b', error="insufficient_scope"'))


class Gate(object):
    """Accepts `tokens` (`Tokens`); `callers` finds clients' addresses, `clock` is the reactor."""

    def __init__(self, clock, tokens, callers):
        # type: (Clock, Any, Any) -> None
        self._tokens = tokens
        self._callers = callers
        self._throttle = SecretThrottle(clock)

    @defer.inlineCallbacks
    def let_in(self, request, role):
        """Fires with the `Token` of `request`, if it has the `role`.  Errors: `HttpError`."""
        given = request.requestHeaders.getRawHeaders(b'authorization', [])
        if not given:
            raise HttpError(401, 'This needs a token: send it as "Authorization: Bearer TOKEN".',
                            headers=_NO_TOKEN)
        token = None
        if len(given) == 1 and given[0][:len(_SCHEME)].lower() == _SCHEME:
            token = self._tokens.find(given[0][len(_SCHEME):].strip().decode('latin-1'))
        if token is None:
            caller = self._callers.caller(request)
            yield self._throttle.rejected(caller, lambda: log.warn(
                'An unknown API token was sent from {caller}.', caller=caller))
            raise HttpError(401, 'Unknown token: it must be in console_tokens, and sent as'
                            ' "Authorization: Bearer TOKEN".', headers=_BAD_TOKEN)
        if role is Role.OPERATE and token.role is not Role.OPERATE:
            raise HttpError(403, 'This token may look at everything, but change nothing.',
                            headers=_BAD_ROLE)
        defer.returnValue(token)
