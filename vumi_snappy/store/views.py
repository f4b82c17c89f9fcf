"""Tickets as other rooms see them, made of what the scripts tell; long ones part by part.

The store alone uses it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
from typing import Any, Dict, Optional, Text  # noqa: F401

from twisted.internet import defer

#: Entries of a ticket's history that are told at once.
ENTRIES = 500
#: What an entry of the history is about, by the first letter of how it says so.
_REFS = {'m': 'message', 'r': 'reply', 'a': 'answer'}
#: The tag by which an agent is told of a reply that did not arrive: no topic of the ticket's.
_OUR_TAG = '#undelivered'


def view(raw):
    # type: (Dict[Text, Any]) -> Dict[Text, Any]
    """A ticket as other rooms see it, from what a script tells of it."""
    fields = raw['fields']
    history = []
    for at, what, ref, detail in raw['history'] or []:
        entry = {'at': float(at), 'what': what, 'detail': detail}
        if ref[:1] in _REFS and ref[1:].isdigit():
            entry[_REFS[ref[:1]]] = int(ref[1:])
        history.append(entry)
    parked, undone = int(fields.get('parked', 0)), int(fields.get('undone', 0))
    tags = json.loads(fields.get('tags', '[]'))
    return {
        # What Snappy's hooks told of it: '' and [] where they did not.
        'status': fields.get('status', ''), 'tags': tags,
        'topic': next((tag for tag in tags if tag[:1] == '#' and tag != _OUR_TAG), ''),
        'assigned_to': next((tag[1:] for tag in tags if tag[:1] == '@'), ''),
        'staff_id': fields.get('staff', ''), 'staff_name': fields.get('staff_name', ''),
        'ticket': raw['ticket'], 'nonce': fields.get('nonce', ''), 'from_addr': fields['addr'],
        'subject': fields['subject'], 'contact_address': fields['contact'],
        'state': 'parked' if parked else 'waiting' if undone else 'settled',
        'opened': float(fields['opened']), 'at': float(fields['at']),
        'snappy_id': fields.get('sid', ''),
        'messages': raw['messages'] or [],
        'replies': [dict(each, parts=each.get('parts') or []) for each in raw['replies'] or []],
        'answers': [dict(each, at=float(each['at'])) for each in raw['answers'] or []],
        'history': history, 'earlier': raw['from'] or None}


def ticket_part(scripts, number, before=None):
    # type: (Any, Text, Optional[int]) -> defer.Deferred
    """As `Store.ticket`."""
    return scripts.call_json(
        'recent_tickets', limit=1, ticket=number, entries=ENTRIES, before=before).addCallback(
        lambda rows: view(rows[0]) if rows else None)


@defer.inlineCallbacks
def complete(scripts, ticket):
    # type: (Any, Optional[Dict[Text, Any]]) -> Any
    """Add to a `ticket` all that is before it, a bounded part at a time, and fire with it."""
    parts = [ticket] if ticket else []
    while parts and parts[-1]['earlier'] is not None:
        before = yield ticket_part(scripts, parts[0]['ticket'], parts[-1]['earlier'])
        if before is None:  # forgotten meanwhile
            break
        parts.append(before)
    if ticket:
        for name in ('history', 'messages', 'replies', 'answers'):
            ticket[name] = [each for part in reversed(parts) for each in part[name]]
        ticket['earlier'] = None
    defer.returnValue(ticket)
