"""Confirms errors by control calls: does Snappy itself respond, or a proxy in front of it?

A proxy, a filter or a maintenance page can respond with 404, 401 or any other 4xx, for seconds or
for one text.  Such an error is believed when Snappy takes our key and knows our mailbox, and then
gives the same error again.  Errors: those of the Snappy client.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable  # noqa: F401

from twisted.internet import defer

from vumi_snappy.http.call_errors import BadAnswer, BadCredentials, NotFound, Refused


class Control(object):
    """For one mailbox; `allowed()` fires when the rate limit allows one more call."""

    def __init__(self, snappy, mailbox_id, allowed):
        # type: (Any, int, Callable[[], defer.Deferred]) -> None
        self._snappy = snappy
        self._mailbox_id = mailbox_id
        self._allowed = allowed
        self._account = None  # type: Any

    @defer.inlineCallbacks
    def account(self):
        """Fires with the id of the account that the mailbox belongs to.

        Errors: `NotFound` when the API key reaches no such mailbox.
        """
        if self._account is None:
            self._account = yield self._ask()
        defer.returnValue(self._account)

    @defer.inlineCallbacks
    def sure(self, ask):
        # type: (Callable[[], defer.Deferred]) -> Any
        """Fires with the result of `ask()`, which is called again where its error needs a check.

        `NotFound` comes out of it when Snappy itself does not know what is asked for, `Refused`
        when it refuses this one call, and `BadCredentials` when it refuses the API key.
        """
        try:
            answer = yield ask()
        except (BadCredentials, NotFound, Refused):
            yield self._check()
            yield self._allowed()
            try:
                answer = yield ask()
            except BadCredentials as error:
                raise Refused('Snappy answered %s, though it takes the API key' % (error.status,),
                              error.status, error.answer)
        defer.returnValue(answer)

    @defer.inlineCallbacks
    def _check(self):
        try:
            yield self._ask()
        except (NotFound, Refused) as error:
            raise BadAnswer('the server does not know our mailbox: it may not be Snappy',
                            error.status, error.answer)

    @defer.inlineCallbacks
    def _ask(self):
        yield self._allowed()
        for account in (yield self._snappy.accounts()):
            yield self._allowed()
            for mailbox in (yield self._snappy.mailboxes(account['id'])):
                if int(mailbox['id']) == self._mailbox_id:
                    defer.returnValue(account['id'])
        raise NotFound('no account of this API key has the mailbox %d' % (self._mailbox_id,))
