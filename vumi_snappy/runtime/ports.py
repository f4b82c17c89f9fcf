"""What parts ask of a clock and of the metrics, as types: of the real ones and of a test's.

For mypy alone: nothing of this is looked at when the worker runs.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Text  # noqa: F401

MYPY = False
if MYPY:
    from typing_extensions import Protocol
else:
    Protocol = object


class Clock(Protocol):
    """A reactor, or `twisted.internet.task.Clock`."""

    def seconds(self):
        # type: () -> float
        """Seconds, for intervals (see `clocks`)."""

    def callLater(self, delay, call, *args):
        # type: (float, Callable, *Any) -> Any
        """Call `call(*args)` in `delay` seconds, which `cancel()` of the result prevents."""


class Meter(Protocol):
    """Counts what happens (`bus.metrics.Metrics`)."""

    def count(self, name):
        # type: (Text) -> None
        """One more of `name`."""

    def took(self, name, seconds):
        # type: (Text, float) -> None
        """`name` took so many seconds."""

    def gauge(self, name, value):
        # type: (Text, float) -> None
        """`name` stands at `value` now."""
