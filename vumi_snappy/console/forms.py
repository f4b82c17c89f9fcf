"""What browsers bring: a form's fields, and the filters in a page's address.  Pure."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import calendar
import re
import time
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import attr
from six.moves.urllib.parse import parse_qsl, urlencode

from vumi_snappy.store.lists import Filter

_TYPE = b'application/x-www-form-urlencoded'
#: Where a page of a list begins, as text: Redis writes times with up to 17 digits.
CURSOR = r'[0-9]{1,12}(?:\.[0-9]{1,16})?,[0-9]{1,15}'
_CURSOR = re.compile(CURSOR + r'\Z')
_NUMBER = re.compile(r'\A[0-9]{1,9}\Z')
#: Half a character: Python 2 lets it pass, Redis does not.
LONE = re.compile('[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]')
#: Characters of anything that is typed into a filter.
_LONGEST = 200


class BadForm(ValueError):
    """A form that no page of ours has sent."""


def form_fields(request):
    # type: (Any) -> Dict[Text, List[Text]]
    """The fields of the form in the body of `request`.  Errors: `BadForm`."""
    kind = (request.getHeader(b'content-type') or b'').partition(b';')[0].strip().lower()
    if kind != _TYPE:
        raise BadForm('the body is no form')
    return _fields(request.content.read())


def _text(given):
    # type: (bytes) -> Text
    text = given.decode('utf-8')
    if LONE.search(text):
        raise BadForm('the form is no UTF-8')
    return text


def _fields(encoded):
    # type: (bytes) -> Dict[Text, List[Text]]
    found = {}  # type: Dict[Text, List[Text]]
    try:
        for name, value in parse_qsl(encoded, keep_blank_values=True):
            found.setdefault(_text(name), []).append(_text(value))
    except UnicodeDecodeError:
        raise BadForm('the form is no UTF-8')
    return found


def query_values(request):
    # type: (Any) -> Dict[Text, List[Text]]
    """The values of each field in the address of `request`.  Errors: `BadForm`."""
    return _fields(request.uri.partition(b'?')[2])


def query_fields(request):
    # type: (Any) -> Dict[Text, Text]
    """The last value of each, no longer than anybody types.  Errors: `BadForm`."""
    return {name: values[-1].strip()[:_LONGEST]
            for name, values in query_values(request).items()}


def day(text):
    # type: (Text) -> Optional[float]
    """When a day (UTC) begins that is written as 2026-01-31; None: it is none."""
    try:
        return float(calendar.timegm(time.strptime(str(text), str('%Y-%m-%d'))))
    except (UnicodeError, ValueError):
        return None


def _valid_day(text):
    # type: (Text) -> Text
    return '' if day(text) is None else text


@attr.s(frozen=True, slots=True)
class TicketFilter(object):
    """Which tickets are shown: the fields of the form above the list, as they were typed."""

    state = attr.ib(default='')  # type: Text
    tag = attr.ib(default='')  # type: Text
    since = attr.ib(default='')  # type: Text
    until = attr.ib(default='')  # type: Text
    q = attr.ib(default='')  # type: Text

    @classmethod
    def of(cls, fields):
        # type: (Dict[Text, Text]) -> TicketFilter
        """Out of a page's address; what can't be understood is left out."""
        state = fields.get('state', '')
        return cls(state=state if state in Filter.STATES else '', tag=fields.get('tag', ''),
                   since=_valid_day(fields.get('since', '')),
                   until=_valid_day(fields.get('until', '')),
                   q=fields.get('q', ''))

    @property
    def lists(self):
        # type: () -> List[Text]
        """The lists of the store that a ticket has to be in."""
        return ([self.state] if self.state else []) + ([Filter.tag(self.tag)] if self.tag else [])

    @property
    def bounds(self):
        # type: () -> Tuple[Optional[float], Optional[float]]
        """Seconds between which the last activity lies; the last day is meant whole."""
        until = day(self.until)
        return day(self.since), None if until is None else until + 86399.999

    @property
    def words(self):
        # type: () -> List[Text]
        """What is searched for, as a name of a ticket."""
        return [self.q.lstrip('#')]

    @property
    def addresses(self):
        # type: () -> List[Text]
        """What is searched for, as the addresses that a person may have."""
        digits = re.sub(r'[\s()./-]', '', self.q)
        found = [self.q, digits]
        if digits.isdigit():
            found.append('+' + digits)
        elif digits.startswith('+'):
            found.append(digits[1:])
        return sorted(set(found))

    @property
    def said(self):
        # type: () -> Text
        """The same in words, for the audit trail: not what was searched for, which is personal."""
        return ', '.join('%s %s' % (name, getattr(self, name))
                         for name in ('state', 'tag', 'since', 'until')
                         if getattr(self, name)) + (', a search' if self.q else '') or 'all'

    def query(self, **more):
        # type: (**Any) -> Text
        """The address's query that shows the same, with `more` fields."""
        fields = [(name, getattr(self, name))
                  for name in ('state', 'tag', 'since', 'until', 'q')] + sorted(more.items())
        said = urlencode([(name.encode('utf-8'), value.encode('utf-8'))
                          for name, value in fields if value])
        return said.decode('ascii') if isinstance(said, bytes) else said


def cursor_of(text):
    # type: (Text) -> Optional[Tuple[Text, Text]]
    """Where a page of a list begins; None: with the first."""
    if not _CURSOR.match(text):
        return None
    at, _, number = text.partition(',')
    return at, number


def number_of(text, most=1000000):
    # type: (Text, int) -> int
    """A number in a page's address, or 0."""
    return min(int(text), most) if _NUMBER.match(text) else 0
