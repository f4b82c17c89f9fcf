"""The store's words for people: states, events, reasons and times.  Pure."""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from typing import Any, Dict, Text, Tuple  # noqa: F401

from vumi_snappy.records import ParkReason

#: The name of each state, and how grave it is (the class of the style sheet).
STATES = {
    'stored': ('waiting', 'waits'),
    'sending': ('being sent to Snappy', 'waits'),
    'forwarded': ('at Snappy', 'fine'),
    'publishing': ('being sent', 'waits'),
    'published': ('on the bus', 'fine'),
    'unconfirmed': ('sent, not confirmed', 'waits'),
    'acked': ('accepted by the network', 'fine'),
    'delivered': ('delivered', 'fine'),
    'failed': ('not delivered', 'bad'),
    'refused': ('not sent', 'bad'),
    'parked': ('parked', 'bad'),
    'dropped': ('dropped', 'quiet'),
    'expired': ('too late to be sent', 'quiet'),
    'waiting': ('waiting', 'waits'),
    'undelivered': ('undelivered', 'bad'),
    'settled': ('settled', 'fine'),
}  # type: Dict[Text, Tuple[Text, Text]]

#: The names of a history's entries.
EVENTS = {
    'stored': 'message stored', 'forwarded': 'message at Snappy', 'reply stored': 'reply stored',
    'published': 'on the bus', 'acked': 'accepted by the network', 'failed': 'not delivered',
    'refused': 'not sent', 'notice sent': 'private note about it at Snappy',
    'private sent': 'private note at Snappy', 'tags sent': 'tag set at Snappy',
    'status sent': 'status set at Snappy', 'status left out': 'status not set at Snappy',
    'answer stored': 'answered automatically', 'sent again': 'sent again by an operator',
    'let be': 'settled by an operator', 'put back': 'put back by an operator',
    'dropped': 'dropped by an operator', 'ticket gone': 'no longer known at Snappy',
}

#: What an operator can do about an attempt that is parked for this reason.
ADVICE = {
    ParkReason.TICKET_NOT_OPEN: 'The message that opens the ticket is parked, too: retry that one'
    ' first.',
    ParkReason.NO_STAFF_ID: 'Private notes need a staff member: set snappy_staff_id, then retry.',
    ParkReason.REFUSED: 'Snappy does not accept it as it is. Fix what it complains about, then'
    ' retry; else drop it.',
    ParkReason.TEXT_REFUSED: 'Snappy, or a firewall in front of it, does not accept this text.'
    ' Allow it there, then retry; else drop it.',
    ParkReason.STILL_FAILED: 'Snappy could not be reached for too long. Retry when it is back.',
    ParkReason.OWN_FAULT: 'This is a bug in the worker. Look into its log, and report it.',
}


def state_name(state):
    # type: (Text) -> Text
    return STATES.get(state, (state, ''))[0]


def state_class(state):
    # type: (Text) -> Text
    """How grave a state is: fine, waits, bad or quiet."""
    return STATES.get(state, ('', 'quiet'))[1]


def event_name(what):
    # type: (Text) -> Text
    return EVENTS.get(what, what)


def advice(text):
    # type: (Text) -> Text
    """What an operator can do about what is parked for the reason `text`; empty: it is unknown."""
    reason = ParkReason.of(text)
    return ADVICE[reason] if reason else ''


def age(seconds):
    # type: (float) -> Text
    """A span of time, roughly: 42 s, 5 min, 3 h, 2 days."""
    for size, name in ((86400, 'days'), (3600, 'h'), (60, 'min')):
        if seconds >= 2 * size:
            return '%d %s' % (seconds // size, name)
    return '%d s' % (seconds,)


def when(seconds):
    # type: (Any) -> Text
    """A time in UTC, to the second."""
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(float(seconds))),)
