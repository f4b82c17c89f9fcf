"""Measures, their options, results and goals."""
from __future__ import absolute_import, division, print_function, unicode_literals

from collections import OrderedDict
from typing import Any, Callable, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr

from benchmarks import figures


@attr.s(frozen=True, slots=True)
class Goal(object):
    """The goal for the judged figure; made by `at_least`, `at_most` and `reported`."""

    least = attr.ib(default=None)  # type: Optional[float]
    most = attr.ib(default=None)  # type: Optional[float]

    def met(self, value):
        # type: (float) -> Optional[bool]
        """Whether `value` meets it; None if there is no bound."""
        if self.least is not None:
            return value >= self.least
        if self.most is not None:
            return value <= self.most
        return None

    def share(self, value):
        # type: (float) -> float
        """How many times better than the goal `value` is; 1 if there is no bound."""
        if self.least is not None:
            return value / self.least
        if self.most is not None:
            return self.most / value
        return 1.0

    @property
    def words(self):
        # type: () -> Text
        """The text for a table."""
        if self.least is not None:
            return '\u2265 %g' % (self.least,)
        if self.most is not None:
            return '\u2264 %g' % (self.most,)
        return 'reported'


def at_least(bound):
    # type: (float) -> Goal
    """The judged figure must be no less."""
    return Goal(least=bound)


def at_most(bound):
    # type: (float) -> Goal
    """The judged figure must be no more."""
    return Goal(most=bound)


def reported():
    # type: () -> Goal
    """No bound: the figure is only reported."""
    return Goal()


@attr.s(frozen=True, slots=True)
class Options(object):
    """Options of all measures: `repeats` of ours and the peer in turn; `quick` for a small run, to
    see that it works; `fsync`, Redis's ``appendfsync``; `messages` of the measures of a million;
    `soak_minutes`; `say` prints a line of progress."""

    repeats = attr.ib(default=3)  # type: int
    quick = attr.ib(default=False)  # type: bool
    fsync = attr.ib(default='everysec')  # type: Text
    messages = attr.ib(default=1000000)  # type: int
    soak_minutes = attr.ib(default=2.0)  # type: float
    say = attr.ib(default=lambda line: None)  # type: Callable[[Text], None]

    def size(self, whole, quick):
        # type: (int, int) -> int
        """The size of something: `whole`, or `quick` in a quick run."""
        return quick if self.quick else whole


@attr.s(frozen=True, slots=True)
class Chart(object):
    """A chart of a result, for the document: `lines` are (label, [(x, y), ...])."""

    title = attr.ib()  # type: Text
    x_label = attr.ib()  # type: Text
    y_label = attr.ib()  # type: Text
    lines = attr.ib()  # type: List[Tuple[Text, List[Tuple[float, float]]]]


@attr.s(slots=True)
class Result(object):
    """The result of a measure.

    `ours` and `peer` have a sample each for every repeat, in the measure's unit; `ratios` those of
    ours to the peer's.  Without a peer, the samples of ours themselves are judged.  `extra` has
    further numbers and texts by name, `notes` are sentences for the reader, `charts` are drawn in
    the document.
    """

    ours = attr.ib(factory=list)  # type: List[float]
    peer = attr.ib(factory=list)  # type: List[float]
    ratios = attr.ib(default=None)  # type: Any
    extra = attr.ib(factory=OrderedDict)  # type: Dict[Text, Any]
    notes = attr.ib(factory=list)  # type: List[Text]
    charts = attr.ib(factory=list)  # type: List[Chart]

    def __attrs_post_init__(self):
        # type: () -> None
        if self.ratios is None:
            self.ratios = figures.ratios(self.ours, self.peer) if self.peer else []

    @property
    def judged(self):
        # type: () -> List[float]
        """The samples that the goal is about; empty if there is only `extra`."""
        return self.ratios or self.ours


@attr.s(frozen=True, slots=True)
class Measure(object):
    """`run(stage, options)` returns a `Result`.

    `name` is for the command line, `title` for tables; `unit` is that of the samples; `peer`
    is the name of the alternative that is compared, if any.
    """

    name = attr.ib()  # type: Text
    title = attr.ib()  # type: Text
    goal = attr.ib()  # type: Goal
    unit = attr.ib()  # type: Text
    run = attr.ib()  # type: Callable[[Any, Options], Result]
    peer = attr.ib(default='')  # type: Text
