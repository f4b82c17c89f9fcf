"""The Django bouncer's tickets as every source gives them: a `Reading` of tickets and bad rows.

The fields of a row are those of the release 0.2.0; fields that forks have added are ignored.
`sources` makes a `Reading`, `importing` iterates over it.  Pure.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import calendar
import numbers
import re
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, Optional, Text, Union  # noqa: F401

import attr

from vumi_snappy.content import utf8_text, whole_text

#: Characters of an address, for which there is a column of 100, and of a nonce and a contact's
#: key, whose columns have room for 43.
_LONGEST = 100
# Times as Django and the databases write them; without a zone they are in UTC.
_TIME = re.compile(
    r'(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?\Z')


@attr.s(frozen=True, slots=True)
class OldTicket(object):
    """A ticket of the Django bouncer.

    `place` says where it was read, for people; `key` is its number there.  `nonce` is empty if it
    was never relayed, `support_id` if no agent has answered, `conversation` (the conversation's
    key) if the source lacks it.  Times are epoch seconds, 0 if unknown.
    """

    place = attr.ib()  # type: Text
    key = attr.ib()  # type: Text
    conversation = attr.ib()  # type: Text
    msisdn = attr.ib(repr=False)  # type: Text
    nonce = attr.ib()  # type: Text
    support_id = attr.ib()  # type: Text
    message = attr.ib(repr=False)  # type: Text
    response = attr.ib(repr=False)  # type: Text
    created_at = attr.ib()  # type: float
    updated_at = attr.ib()  # type: float
    #: Vumi's key of the contact; empty if the source lacks it.
    contact_key = attr.ib(default='')  # type: Text


@attr.s(frozen=True, slots=True)
class BadRow(object):
    """A row that can't be taken over: where it is, and why.  Holds nothing personal."""

    place = attr.ib()  # type: Text
    why = attr.ib()  # type: Text


class SourceError(Exception):
    """The source can't be read, or no further; its text is for the operator."""


class Reading(object):
    """The tickets of a source, to be iterated over once.

    `rows(reading)` is a generator of them, which keeps `reading.share` current.  Call `close()` if
    the iteration ends early.
    """

    def __init__(self, rows):
        # type: (Callable[[Reading], Iterator[Any]]) -> None
        #: How much of it has been read, from 0 to 1; None while unknown.
        self.share = None  # type: Optional[float]
        #: The number of rows when it was opened; None if unknown.
        self.total = None  # type: Optional[int]
        self._rows = rows(self)  # type: Any
        self.close = self._rows.close

    def __iter__(self):
        # type: () -> Iterator[Union[OldTicket, BadRow]]
        """Errors, also during the iteration: `SourceError`."""
        return self._rows


class _Unusable(Exception):
    """Why a row can't be taken over; its text does not quote it."""


def read_row(place, fields, conversation=''):
    # type: (Text, Dict[Text, Any], Text) -> Union[OldTicket, BadRow]
    """The ticket in a row of `fields`, by the columns' names, or why there is none."""
    try:
        return _old_ticket(place, fields, conversation)
    except _Unusable as why:
        return BadRow(place, '%s' % (why,))


def _old_ticket(place, fields, conversation):
    # type: (Text, Dict[Text, Any], Text) -> OldTicket
    msisdn = _text(fields, 'msisdn').strip()
    if not msisdn:
        raise _Unusable('it has no msisdn: nobody could be answered')
    nonce, message = _text(fields, 'support_nonce').strip(), _text(fields, 'message')
    if len(msisdn) > _LONGEST or len(nonce) > _LONGEST:
        raise _Unusable('its msisdn or support_nonce is too long')
    if not nonce and not message.strip():
        raise _Unusable('it was never relayed, and has no message to forward')
    key = _text(fields, 'id').strip()
    if not key:
        raise _Unusable('it has no id')
    return OldTicket(
        place=place, key=key, conversation=whole_text(conversation), msisdn=msisdn, nonce=nonce,
        support_id=_text(fields, 'support_id').strip(), message=message,
        response=_text(fields, 'response'), created_at=epoch(_text(fields, 'created_at')),
        updated_at=epoch(_text(fields, 'updated_at')),
        contact_key=_text(fields, 'contact_key')[:_LONGEST])


def _text(fields, name):
    # type: (Dict[Text, Any], Text) -> Text
    value = fields.get(name)
    if value is None:
        return ''
    if isinstance(value, bytes):
        try:
            value = utf8_text(value)
        except UnicodeDecodeError:
            raise _Unusable('its %s is not UTF-8 text' % (name,))
    if not isinstance(value, (type(''), numbers.Real)):
        raise _Unusable('its %s is neither a text nor a number' % (name,))
    return whole_text('%s' % (value,))


def epoch(text):
    # type: (Text) -> float
    """The time that Django wrote as `text`, in epoch seconds; 0 if it is not a time."""
    match = _TIME.match(text.strip())
    if not match:
        return 0.0
    day, clock, fraction, zone = match.groups()
    try:
        at = calendar.timegm(
            datetime.strptime(str('%s %s' % (day, clock)), str('%Y-%m-%d %H:%M:%S')).timetuple())
    except ValueError:
        return 0.0
    shift = 0
    if zone and zone != 'Z':
        minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(':') or 0)
        shift = minutes * (-60 if zone[0] == '-' else 60)
    return at - shift + float('0%s' % (fraction or '.0',))
