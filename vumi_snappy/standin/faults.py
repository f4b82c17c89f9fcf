"""Faults on demand: rules that match calls and say what goes wrong with them."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import enum
import random
import re
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr


class Effect(enum.Enum):
    """What a fault does to a call."""

    LATENCY = 'latency'                # answer after `seconds`
    STATUS = 'status'                  # answer `status` (with `retry_after`), nothing done
    STATUS_AFTER = 'status_after'      # the work is done, the answer is `status`
    RESET_BEFORE = 'reset_before'      # the connection is cut, nothing done
    RESET_AFTER = 'reset_after'        # the work is done, the connection is cut
    HANG = 'hang'                      # nothing done, no answer ever
    HANG_AFTER = 'hang_after'          # the work is done, no answer ever
    GARBAGE = 'garbage'                # the work is done, the answer is `body`


@attr.s(slots=True)
class Fault(object):
    """A rule: `method` and `path` (a regular expression, searched in the path after the base) say
    which calls; `times` how many of them (None: all); `chance` how likely each (0 to 1)."""

    effect = attr.ib(converter=Effect)  # type: Effect
    method = attr.ib(default='')  # type: Text
    path = attr.ib(default='')  # type: Text
    times = attr.ib(default=None)  # type: Optional[int]
    chance = attr.ib(default=1.0)  # type: float
    seconds = attr.ib(default=0.0)  # type: float
    status = attr.ib(default=500)  # type: int
    retry_after = attr.ib(default=None)  # type: Optional[Text]
    body = attr.ib(default='<html>oops</html>')  # type: Text

    def matches(self, method, path):
        # type: (Text, Text) -> bool
        """Whether the rule is about such a call."""
        return (self.method in ('', method) and self.times != 0
                and re.search(self.path, path) is not None)


class Faults(object):
    """The rules in force, in the order in which they were set; `seed` makes chance repeatable."""

    def __init__(self, seed=None):
        # type: (Any) -> None
        self._rules = []  # type: List[Fault]
        self._random = random.Random(seed)

    def add(self, rule):
        # type: (Dict[Text, Any]) -> None
        """Errors: `ValueError` or `TypeError` for a rule that is none."""
        self._rules.append(Fault(**{str(name): value for name, value in rule.items()}))

    def clear(self):
        # type: () -> None
        """No faults any more."""
        self._rules = []

    def listed(self):
        # type: () -> List[Dict[Text, Any]]
        """The rules, as JSON-ready dicts."""
        listed = [attr.asdict(rule) for rule in self._rules]  # type: Any
        for rule in listed:
            rule['effect'] = rule['effect'].value
        return listed

    def for_call(self, method, path):
        # type: (Text, Text) -> List[Fault]
        """The faults that a call meets: any latency, and at most one other."""
        met = []  # type: List[Fault]
        for rule in self._rules:
            if not rule.matches(method, path) or self._random.random() >= rule.chance:
                continue
            if rule.effect is not Effect.LATENCY and any(
                    each.effect is not Effect.LATENCY for each in met):
                continue
            if rule.times is not None:
                rule.times -= 1
            met.append(rule)
        return met
