"""The AMQP side, with what stock Vumi lacks: guards, recovery and confirmed publishing.

A worker class derives from `GuardedWorker` and codes against its hooks; everything else in this
package serves that class.  Handlers say what they want by the exception they raise: one with a
true `temporary` attribute (try this message again, in its place, until it works), `Malformed` (to
the failures queue, at once) or any other (a bug: a few tries, then to the failures queue).  One of
inbound messages may fire with a `Prepared`, so that many are finished together.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from vumi_snappy.bus.announcer import Announcer  # noqa: F401
from vumi_snappy.bus.consumer import Prepared  # noqa: F401
from vumi_snappy.bus.errors import BusUnavailable, Malformed, PublishUnknown  # noqa: F401
from vumi_snappy.bus.probe import probe  # noqa: F401
from vumi_snappy.bus.worker import GuardedWorker  # noqa: F401
