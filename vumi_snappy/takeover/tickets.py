"""What a row of the Django bouncer's ticket table means.  Pure.

Its fields are those of the release 0.2.0; what forks have added to them is passed over.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import calendar
import numbers
import re
from datetime import datetime
from typing import Any, Dict, Text  # noqa: F401

import attr

from vumi_snappy.hookform import whole

#: Characters of a nonce: its column has room for 43.
_LONGEST_NONCE = 100
#: Of an address: its column has room for 100.
_LONGEST_ADDRESS = 100
#: Of a contact's key: its column has room for 43.
LONGEST_CONTACT_KEY = 100
# As Django and the databases write times; without a zone they are in UTC.
_TIME = re.compile(
    r'(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?\Z')


@attr.s(frozen=True, slots=True)
class OldTicket(object):
    """A ticket of the Django bouncer.

    `place` says where it was read, for people; `key` is its number there.  `nonce` is empty where
    it was never relayed, `support_id` where no agent has answered.  `conversation` is the
    conversation's key, empty where the source does not tell.  Times are epoch seconds, 0 unknown.
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
    #: Vumi's key of the contact; empty where the source does not tell.
    contact_key = attr.ib(default='')  # type: Text


@attr.s(frozen=True, slots=True)
class BadRow(object):
    """A row that can't be taken over: where it is, and why.  Holds nothing personal."""

    place = attr.ib()  # type: Text
    why = attr.ib()  # type: Text


class Unusable(Exception):
    """Why a row can't be taken over; its text does not quote it."""


def old_ticket(place, fields, conversation=''):
    # type: (Text, Dict[Text, Any], Text) -> OldTicket
    """The ticket in a row of its `fields`, by the columns' names.  Errors: `Unusable`."""
    msisdn = _text(fields, 'msisdn').strip()
    if not msisdn:
        raise Unusable('it has no msisdn: nobody could be answered')
    nonce, message = _text(fields, 'support_nonce').strip(), _text(fields, 'message')
    if len(msisdn) > _LONGEST_ADDRESS or len(nonce) > _LONGEST_NONCE:
        raise Unusable('its msisdn or its support_nonce is longer than any')
    if not nonce and not message.strip():
        raise Unusable('it was never relayed, and has no message to forward')
    key = _text(fields, 'id').strip()
    if not key:
        raise Unusable('it has no id')
    return OldTicket(
        place=place, key=key, conversation=conversation, msisdn=msisdn, nonce=nonce,
        support_id=_text(fields, 'support_id').strip(), message=message,
        response=_text(fields, 'response'), created_at=epoch(_text(fields, 'created_at')),
        updated_at=epoch(_text(fields, 'updated_at')),
        contact_key=_text(fields, 'contact_key')[:LONGEST_CONTACT_KEY])


def _text(fields, name):
    # type: (Dict[Text, Any], Text) -> Text
    value = fields.get(name)
    if value is None:
        return ''
    if isinstance(value, bytes):
        try:
            return value.decode('utf-8')
        except UnicodeDecodeError:
            raise Unusable('its %s is no text in UTF-8' % (name,))
    if not isinstance(value, (type(''), numbers.Real)):
        raise Unusable('its %s is neither a text nor a number' % (name,))
    return whole('%s' % (value,))


def epoch(text):
    # type: (Text) -> float
    """The time that Django wrote as `text`, in epoch seconds; 0 for what is none."""
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
