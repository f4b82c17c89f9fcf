"""Faults on demand: rules that match calls and say what goes wrong with them.

Only the rules; `serving` makes what they say happen.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import enum
import random
import re
from typing import Any, Dict, List, Optional, Text  # noqa: F401

import attr

from vumi_snappy.standin.drafts import Invalid

#: Rules that may be in force at a time.
MOST_RULES = 1000
#: Bytes that a garbage answer may have.
MOST_BYTES = 64 * 1024 * 1024


class Effect(enum.Enum):
    """What a fault does to a call."""

    LATENCY = 'latency'                # answer after `seconds`; who hangs up before undoes it
    STATUS = 'status'                  # answer `status`, nothing done
    STATUS_AFTER = 'status_after'      # the work is done, the answer is `status`
    RESET_BEFORE = 'reset_before'      # the connection is cut, nothing done
    RESET_AFTER = 'reset_after'        # the work is done, the connection is cut
    RESET_LATE = 'reset_late'          # the connection is cut, the work done `seconds` later
    HANG = 'hang'                      # nothing done, no answer ever
    HANG_AFTER = 'hang_after'          # the work is done, no answer ever
    GARBAGE = 'garbage'                # the work is done, the answer is `body`
    GARBAGE_BEFORE = 'garbage_before'  # nothing done, the answer is `body`
    TRUNCATED = 'truncated'            # the work is done, the connection is cut amid the answer
    WRONG_NONCE = 'wrong_nonce'        # the work is done, the answer is another ticket's nonce
    WRONG_NONCE_BEFORE = 'wrong_nonce_before'  # nothing done, the answer is such a nonce
    LONGER = 'longer'                  # a list in the answer begins with `body`, `repeat` times


def _number(least, most=float('inf'), whole=False):
    def check(_fault, attribute, value):
        if (isinstance(value, bool) or not isinstance(value, (int, float))
                or not least <= value <= most or whole and value != int(value)):
            raise Invalid('%s is out of range or not a number' % (attribute.name,))
    return check


def _pattern(_fault, attribute, value):
    try:
        re.compile(value)
    except (re.error, TypeError):
        raise Invalid('%s is not a regular expression' % (attribute.name,))


def _header(_fault, attribute, value):
    # A header ends where its line does.
    if not isinstance(value, type('')) or re.search('[^ -~]', value):
        raise Invalid('%s can not be sent in a header' % (attribute.name,))


_optional = attr.validators.optional


@attr.s(slots=True)
class Fault(object):
    """A rule: `method`, `path` (a regular expression, searched in the path after the base) and
    `text` (another, searched in a note's message) select the calls; `times` is how many of them
    (None: all), `chance` the probability of each (0 to 1).

    The answer's `status` is by default 500, or 200 for garbage.  `retry_after` is in seconds, or
    a text that is sent as it is; with `as_date` the seconds are sent as a date.  `location` makes
    an answer with a 3xx a redirect.  `body` is sent `repeat` times.
    """

    effect = attr.ib(converter=Effect)  # type: Effect
    method = attr.ib(default='', validator=_header)  # type: Text
    path = attr.ib(default='', validator=_pattern)  # type: Text
    text = attr.ib(default='', validator=_pattern)  # type: Text
    times = attr.ib(default=None, validator=_optional(_number(1, whole=True)))  # type: Any
    chance = attr.ib(default=1.0, validator=_number(0, 1))  # type: float
    seconds = attr.ib(default=0.0, validator=_number(0, 86400))  # type: float
    status = attr.ib(default=None, validator=_optional(
        _number(200, 599, whole=True)))  # type: Optional[int]
    retry_after = attr.ib(default=None)  # type: Any
    as_date = attr.ib(default=False)  # type: bool
    location = attr.ib(default='', validator=_header)  # type: Text
    body = attr.ib(default='<html>oops</html>')  # type: Text
    repeat = attr.ib(default=1, validator=_number(1, whole=True))  # type: int
    content_type = attr.ib(default='text/html; charset=UTF-8', validator=_header)  # type: Text
    number = attr.ib(default=0, init=False)  # type: int
    met = attr.ib(default=0, init=False)  # type: int

    @retry_after.validator
    def _retry_after_makes_sense(self, attribute, value):
        if isinstance(value, type('')):
            _header(self, attribute, value)
        elif value is not None:
            _number(0, 86400 * 365)(self, attribute, value)

    @body.validator
    def _body_is_bounded(self, attribute, value):
        if not isinstance(value, type('')):
            raise Invalid('body must be a text')

    def __attrs_post_init__(self):
        # type: () -> None
        if len(self.body.encode('utf-8')) * self.repeat > MOST_BYTES:
            raise Invalid('body is more than %d bytes' % (MOST_BYTES,))
        if self.as_date and not isinstance(self.retry_after, (int, float)):
            raise Invalid('as_date needs a retry_after in seconds')

    def matches(self, method, path, text):
        # type: (Text, Text, Text) -> bool
        """Whether the rule is about such a call."""
        return (self.method in ('', method) and (self.times is None or self.met < self.times)
                and re.search(self.path, path) is not None
                and re.search(self.text, text) is not None)


class Faults(object):
    """The rules in force, in the order in which they were set; `seed` makes chance repeatable."""

    def __init__(self, seed=None):
        # type: (Any) -> None
        self._rules = []  # type: List[Fault]
        self._random = random.Random(seed)
        self._count = 0

    def add(self, rule):
        # type: (Dict[Text, Any]) -> Fault
        """Put a rule, the fields of a `Fault`, in force.  Errors: `ValueError` (`Invalid`)."""
        unknown = set(rule) - {str(each.name) for each in attr.fields(Fault) if each.init}
        if unknown:
            raise Invalid('unknown: %s' % (', '.join(sorted(unknown)),))
        if 'effect' not in rule:
            raise Invalid('effect is required')
        if len(self._rules) >= MOST_RULES:
            raise Invalid('%d rules are in force already' % (MOST_RULES,))
        fault = Fault(**{str(name): value for name, value in rule.items()})
        self._count += 1
        fault.number = self._count
        self._rules.append(fault)
        return fault

    def clear(self, number=None):
        # type: (Optional[int]) -> None
        """End the rule of a number, or all of them."""
        self._rules = [rule for rule in self._rules
                       if number is not None and rule.number != number]

    def listed(self):
        # type: () -> List[Any]
        """The rules as JSON-ready dicts; `met` is the number of calls that met each of them."""
        return [dict(attr.asdict(rule), effect=rule.effect.value) for rule in self._rules]

    def for_call(self, method, path, text=''):
        # type: (Text, Text, Text) -> List[Fault]
        """The faults that a call meets, `text` being its note's: any latency, and at most one
        other."""
        met = []  # type: List[Fault]
        for rule in self._rules:
            if not rule.matches(method, path, text) or self._random.random() >= rule.chance:
                continue
            if rule.effect is not Effect.LATENCY and any(
                    each.effect is not Effect.LATENCY for each in met):
                continue
            rule.met += 1
            met.append(rule)
        self._rules = [rule for rule in self._rules if rule.times != rule.met]
        return met
