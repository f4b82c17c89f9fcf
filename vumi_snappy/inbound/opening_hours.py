"""Opening hours: days, hours, a time zone and holidays; and whether a moment is within them.

Hours are what a clock on the wall shows there, so daylight saving needs no further rule: an hour
that is skipped never comes, one that comes twice is open (or closed) both times.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import re
from typing import Any, Dict, FrozenSet, List, Optional, Text, Tuple  # noqa: F401

import attr
import pytz

_DAYS = ('monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday')
_SPAN = re.compile(r'^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$')
_HOLIDAY = re.compile(r'^(?:(\d{4})-)?(\d{1,2})-(\d{1,2})$')
#: Minutes.
_DAY = 24 * 60
#: For holidays of every year: it has a 29th of February.
_LEAP_YEAR = 2000

Span = Tuple[int, int]
Holiday = Tuple[Optional[int], int, int]


@attr.s(frozen=True, slots=True)
class OpeningHours(object):
    """`days` has for each weekday, Monday first, the spans that begin on it, in minutes from its
    midnight; one that ends after midnight ends beyond 1440.  `holidays` are closed from midnight
    to midnight: (year or None for every year, month, day).
    """

    zone = attr.ib()  # type: Any
    days = attr.ib()  # type: Tuple[Tuple[Span, ...], ...]
    holidays = attr.ib(default=frozenset())  # type: FrozenSet[Holiday]

    def is_open(self, at):
        # type: (float) -> bool
        """Whether the moment `at` (seconds since the epoch) is within the hours."""
        there = datetime.datetime.fromtimestamp(at, self.zone)
        today, minute = there.date(), there.hour * 60 + there.minute
        if self._is_holiday(today):
            return False
        yesterday = today - datetime.timedelta(days=1)
        return (any(start <= minute < end for start, end in self.days[today.weekday()])
                or any(minute + _DAY < end for _, end in self.days[yesterday.weekday()]
                       if not self._is_holiday(yesterday)))

    def _is_holiday(self, date):
        return ((None, date.month, date.day) in self.holidays
                or (date.year, date.month, date.day) in self.holidays)

    @classmethod
    def parse(cls, options):
        # type: (Dict[Text, Any]) -> OpeningHours
        """From the configuration's form::

            time_zone: Africa/Johannesburg
            monday-friday: 08:00-17:00
            saturday: 09:00-12:00, 13:00-15:00
            holidays: [12-25, 2026-04-03]

        Errors: `ValueError`, whose text says what to write instead.
        """
        days = [[] for _ in _DAYS]  # type: List[List[Span]]
        zone, holidays = None, frozenset()  # type: Any, FrozenSet[Holiday]
        for key, value in options.items():
            name = ('%s' % (key,)).strip().lower()
            if name == 'time_zone':
                zone = _zone(value)
            elif name == 'holidays':
                holidays = _holidays(value)
            else:
                spans = _spans(value)
                for day in _weekdays(name):
                    days[day].extend(spans)
        if zone is None:
            raise ValueError("must have a time_zone, such as Africa/Johannesburg")
        if not any(days):
            raise ValueError("must have hours for a day, such as monday-friday: 08:00-17:00")
        return cls(zone=zone, days=tuple(tuple(spans) for spans in days), holidays=holidays)


def _zone(name):
    # type: (Any) -> Any
    try:
        return pytz.timezone('%s' % (name,))
    except (pytz.UnknownTimeZoneError, UnicodeError):
        raise ValueError("has an unknown time_zone; they are named like Africa/Johannesburg")


def _weekdays(name):
    # type: (Text) -> List[int]
    first, _, last = [part.strip() for part in name.partition('-')]
    if first not in _DAYS or (last or first) not in _DAYS:
        raise ValueError("has the key %s; it takes time_zone, holidays, days such as monday, and"
                         " ranges of them such as monday-friday" % (name,))
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    return [day % 7 for day in range(start, end + 1 if start <= end else end + 8)]


def _spans(value):
    # type: (Any) -> List[Span]
    spans = []
    for part in ('%s' % (value,)).split(','):
        match = _SPAN.match(part.strip())
        if not match:
            raise ValueError("has the hours %s; write them like 08:00-12:00, 13:00-17:00"
                             % (value,))
        hour, minute, until_hour, until_minute = [int(digits) for digits in match.groups()]
        start, end = hour * 60 + minute, until_hour * 60 + until_minute
        if minute > 59 or until_minute > 59 or start >= _DAY or end > _DAY or start == end:
            raise ValueError("has the hours %s, which no clock shows" % (value,))
        spans.append((start, end if start < end else end + _DAY))
    return spans


def _holidays(value):
    # type: (Any) -> FrozenSet[Holiday]
    if not isinstance(value, (list, tuple)):
        raise ValueError("must have a list as holidays")
    holidays = set()
    for each in value:  # YAML makes a date of 2026-04-03, whose text is the same
        parts = _HOLIDAY.match('%s' % (each,))
        year, month, day = [int(part) if part else None
                            for part in parts.groups()] if parts else (None, 0, 0)
        try:
            datetime.date(year or _LEAP_YEAR, month or 0, day or 0)
        except ValueError:
            raise ValueError("has the holiday %s; write 12-25 for every year, or 2026-04-03"
                             % (each,))
        holidays.add((year, month or 0, day or 0))
    return frozenset(holidays)
