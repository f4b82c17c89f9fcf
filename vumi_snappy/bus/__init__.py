"""The AMQP side, with what stock Vumi lacks: guards, recovery and confirmed publishing.

A worker class derives from `worker.GuardedWorker` and codes against its hooks; everything else in
this package serves that class.  What is imported here is what other rooms need, nothing of AMQP.

Handlers say what they want by the exception they raise: one with a true `temporary` attribute (try
this message again, in its place, until it works), `Malformed` (to the failures queue, at once) or
any other (a bug: a few tries, then to the failures queue).  One of inbound messages may fire with
a `Prepared`, so that many are finished together.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.bus.errors import (  # noqa: F401
    BusUnavailable, Malformed, PublishUnknown, VersionRefused)
from vumi_snappy.bus.in_hand import Prepared  # noqa: F401
from vumi_snappy.bus.status_publisher import StatusPublisher  # noqa: F401
# What `handle_inbound` is given, and what is published.
from vumi_snappy.vumi.message import TransportUserMessage  # noqa: F401
