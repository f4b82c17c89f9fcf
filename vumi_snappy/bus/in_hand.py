"""A message in the hands of a consumer: how far it is, and what is left to do."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, List, Optional, Text, Tuple  # noqa: F401

import attr
import six
from twisted.internet.defer import Deferred  # noqa: F401
from twisted.python.failure import Failure

from vumi_snappy.bus.errors import Malformed, is_temporary
from vumi_snappy.bus.failure_message import summary


@attr.s(frozen=True, slots=True)
class Prepared(object):
    """What a handler fires with when all that is left to do may be done together with the same of
    other messages.

    `finish` is called with nothing, and again if it fails after the handler was called again.
    Messages are finished in the queue's order, without waiting for one another: whoever stores
    them keeps that order, also when one of them fails.
    """

    finish = attr.ib()  # type: Callable[[], Any]


class LetGo(Exception):
    """The messages in hand are not ours any more: no ack, no further attempt."""


@attr.s(slots=True, cmp=False)
class InHand(object):
    """A message that was delivered and is not acked yet."""

    delivery = attr.ib()  # type: Any
    #: While its handler is at it.
    under_way = attr.ib(default=None)  # type: Optional[Deferred]
    #: What is left to do: to finish what was prepared, or to park it.
    finish = attr.ib(default=None)  # type: Optional[Callable[[], Any]]
    is_done = attr.ib(default=False)  # type: bool
    #: That of the last try.
    failure = attr.ib(default=None)  # type: Optional[Failure]
    bugs = attr.ib(default=0)  # type: int
    #: Why it goes to the failures queue, with a trace.
    parked = attr.ib(default=None)  # type: Optional[Tuple[Text, List[Text]]]
    was_tried = attr.ib(default=False)  # type: bool

    @property
    def body(self):
        # type: () -> bytes
        """As it came."""
        return six.ensure_binary(self.delivery.content.body)

    def has_failed(self, error, tries):
        # type: (Exception, int) -> None
        """Note the exception that is being handled: the message is tried again, or, after `tries`
        with an error that is not temporary, parked."""
        failure = Failure()
        if self.parked is None and isinstance(error, Malformed):
            self.parked = (error.reason, [])
            return
        if self.parked is None and not is_temporary(error):
            self.bugs += 1
            if self.bugs >= tries:
                trace = summary(failure)
                self.parked = (
                    'the handler failed %d times: %s' % (self.bugs, trace[-1]), trace)
                return
        self.failure = failure
