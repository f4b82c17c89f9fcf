"""Who may use the API: tokens in the header Authorization, and roles.

Cookies are not looked at, so that no page can have a browser ask in its user's name; the pages, in
turn, look at no token.  Wrong tokens are answered ever later, for each caller, as the console's
door does.  The API's site calls it.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Optional  # noqa: F401

from twisted.internet import defer
from twisted.logger import Logger

from vumi_snappy.callers import Guessers
from vumi_snappy.console.api.refusals import Refusal
from vumi_snappy.console.users import Role

log = Logger()

_SCHEME = b'bearer '
_NO_TOKEN, _BAD_TOKEN, _BAD_ROLE = tuple(
    ((b'WWW-Authenticate', b'Bearer realm="vumi-snappy"' + more),)
    for more in (b'', b', error="invalid_token"', b', error="insufficient_scope"'))


class Gate(object):
    """Lets `tokens` (a `tokens.Tokens`) in; `origins` tells who calls, `clock` is the reactor."""

    def __init__(self, clock, tokens, origins):
        # type: (Any, Any, Any) -> None
        self._tokens = tokens
        self._origins = origins
        self._guessers = Guessers(clock)

    @defer.inlineCallbacks
    def let_in(self, request, role):
        """Fires with the `Token` that `request` brings, if it has the `role`.  Errors: `Refusal`.
        """
        given = request.requestHeaders.getRawHeaders(b'authorization', [])
        if not given:
            raise Refusal(401, 'This needs a token: send it as "Authorization: Bearer TOKEN".',
                          headers=_NO_TOKEN)
        token = None
        if len(given) == 1 and given[0][:len(_SCHEME)].lower() == _SCHEME:
            token = self._tokens.find(given[0][len(_SCHEME):].strip().decode('latin-1'))
        if token is None:
            caller = self._origins.caller(request)
            yield self._guessers.turned_away(caller, lambda: log.warn(
                'A token that is none of ours was brought to the API, from {caller}.',
                caller=caller))
            raise Refusal(401, 'The token is none of ours: it must be in console_tokens, and'
                          ' brought as "Authorization: Bearer TOKEN".', headers=_BAD_TOKEN)
        if role is Role.OPERATE and token.role is not Role.OPERATE:
            raise Refusal(403, 'This token may look at everything, but change nothing.',
                          headers=_BAD_ROLE)
        defer.returnValue(token)
