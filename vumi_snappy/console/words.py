"""What the store's words mean, for people.  Pure."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import time
from typing import Any, Dict, Text, Tuple  # noqa: F401

#: Of each state: what it is called, and how grave it is (the class of the style sheet).
STATES = {
    'stored': ('waiting', 'waits'),
    'sending': ('being sent to Snappy', 'waits'),
    'forwarded': ('at Snappy', 'fine'),
    'publishing': ('being sent', 'waits'),
    'published': ('on the bus', 'fine'),
    'unconfirmed': ('sent, not confirmed', 'waits'),
    'acked': ('taken by the network', 'fine'),
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

#: What a ticket's history calls things.
EVENTS = {
    'stored': 'message stored', 'forwarded': 'message at Snappy', 'reply stored': 'reply stored',
    'published': 'handed to the bus', 'acked': 'taken by the network', 'failed': 'not delivered',
    'refused': 'not sent', 'notice sent': 'private note about it at Snappy',
    'private sent': 'private note at Snappy', 'tags sent': 'tag set at Snappy',
    'status sent': 'status set at Snappy', 'status left out': 'status not set at Snappy',
    'answer stored': 'answered automatically', 'sent again': 'sent again by an operator',
    'let be': 'let be by an operator', 'put back': 'put back by an operator',
    'dropped': 'dropped by an operator', 'ticket gone': 'no longer known at Snappy',
}

#: What to make of a reason for parking, by how it begins.
ADVICE = (
    ('Snappy refused it', 'Snappy does not take it as it is. Retry when what it complains of has'
     ' been mended there, else drop it.'),
    ('it still failed after', 'Snappy could not be reached for so long. Retry when it is back.'),
    ('snappy_staff_id', 'Private notes need a staff member: set snappy_staff_id, then retry.'),
    ('its ticket is not open', 'The message that opens the ticket is parked, too: retry that one'
     ' first.'),
    ('an error in vumi-snappy', 'A fault of the worker itself. Look into its log, and report it.'),
    ('message too long', 'It is longer than may be sent.'))


def state_name(state):
    # type: (Text) -> Text
    """What a state is called."""
    return STATES.get(state, (state, ''))[0]


def state_class(state):
    # type: (Text) -> Text
    """How grave a state is: fine, waits, bad or quiet."""
    return STATES.get(state, ('', 'quiet'))[1]


def event_name(what):
    # type: (Text) -> Text
    """What an entry of a history is called."""
    return EVENTS.get(what, what)


def advice(reason):
    # type: (Text) -> Text
    """What an operator can do about what was parked for `reason`; empty where nobody knows."""
    return next((said for begins, said in ADVICE if reason.startswith(begins)), '')


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
