"""The help desk itself: accounts, staff, contacts, tickets and notes, in memory.

Pure but for its clock and its source of nonces.  Shapes, defaults and formats are those of
recorded traffic; what is our own choice is named so in ``docs/standin.md``.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import random
import string
import time
from collections import OrderedDict
from typing import Any, Callable, Dict, List, Optional, Text  # noqa: F401

#: Fields of a staff member that Snappy leaks in its webhooks, with harmless values.
LEAKS = {'remember_token': 'leaked-remember-token', 'verification_token': 'leaked-verification',
         'ios_device_token': 'leaked-device-token'}
_NONCE = string.digits + string.ascii_lowercase


class NoSuchTicket(KeyError):
    """There is no ticket of that id or nonce."""


class Invalid(ValueError):
    """A note that Snappy would not take; the text names the field."""


def _date(seconds):
    # type: (float) -> Text
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(seconds)),)


class Desk(object):
    """One account with a mailbox and staff; `clock()` gives seconds since the epoch."""

    account_id, organisation = 1, 'Stand-in'

    def __init__(self, clock=time.time, mailbox_id=1, staff_id=1, seed=None):
        # type: (Callable[[], float], int, int, Any) -> None
        self._clock = clock
        self._random = random.Random(seed)
        self.mailboxes = [{'id': mailbox_id, 'account_id': self.account_id, 'display': 'Help',
                           'address': 'help@example.org', 'active': 1}]
        self.staff = [
            {'id': staff_id, 'email': 'agent@example.org', 'username': 'agent',
             'first_name': 'Thandi', 'last_name': 'Agent', 'photo': None},
            {'id': staff_id + 1, 'email': 'second@example.org', 'username': 'second',
             'first_name': 'Sipho', 'last_name': 'Second', 'photo': None}]
        self.contacts = OrderedDict()  # type: OrderedDict
        self._tickets = OrderedDict()  # type: OrderedDict
        self._by_nonce = {}  # type: Dict[Text, int]
        self._notes = {}  # type: Dict[int, List[Dict[Text, Any]]]
        self._last_note = 0

    def reset(self):
        # type: () -> None
        """Forget tickets, notes and contacts."""
        self.contacts.clear()
        self._tickets.clear()
        self._by_nonce.clear()
        self._notes.clear()

    # What is there.

    def ticket(self, name):
        # type: (Any) -> Dict[Text, Any]
        """The ticket of an id or nonce.  Errors: `NoSuchTicket`."""
        number = self._by_nonce.get('%s' % (name,))
        if number is None and ('%s' % (name,)).isdigit():
            number = int(name)
        if number not in self._tickets:
            raise NoSuchTicket(name)
        return self._tickets[number]

    def tickets(self, status=None, limit=1000):
        # type: (Optional[Text], int) -> List[Dict[Text, Any]]
        """Tickets, newest first."""
        found = []
        for ticket in reversed(self._tickets.values()):
            if status is None or ticket['status'] == status:
                found.append(ticket)
                if len(found) >= limit:
                    break
        return found

    def notes(self, ticket):
        # type: (Dict[Text, Any]) -> List[Dict[Text, Any]]
        """A ticket's notes, newest first."""
        return list(reversed(self._notes[ticket['id']]))

    def search(self, query):
        # type: (Text) -> List[Dict[Text, Any]]
        """Tickets whose subject, contacts or notes hold `query`, newest first."""
        wanted = query.lower()
        return [ticket for ticket in reversed(self._tickets.values())
                if wanted in ticket['default_subject'].lower()
                or any(wanted in contact['value'].lower() for contact in ticket['contacts'])
                or any(wanted in note['content'].lower() for note in self._notes[ticket['id']])]

    def staff_member(self, staff_id):
        # type: (Any) -> Dict[Text, Any]
        """Errors: `Invalid`."""
        for member in self.staff:
            if '%s' % (member['id'],) == '%s' % (staff_id,):
                return member
        raise Invalid('staff_id is nobody of this account')

    def contact(self, name, address):
        # type: (Text, Text) -> Dict[Text, Any]
        """The contact of an address, made when it is new."""
        if address not in self.contacts:
            first, _, last = name.partition(' ')
            now = _date(self._clock())
            self.contacts[address] = {
                'id': len(self.contacts) + 1, 'first_name': first, 'last_name': last,
                'value': address, 'provider': 'email', 'account_id': self.account_id,
                'created_at': now, 'updated_at': now}
        return self.contacts[address]

    # What is done.

    def add_note(self, body):
        # type: (Dict[Text, Any]) -> Dict[Text, Any]
        """Carry out POST /note.  Errors: `Invalid`, `NoSuchTicket`."""
        message = body.get('message')
        if not isinstance(message, type('')) or not message:
            raise Invalid('message is required')
        if body.get('mailbox_id') not in [each['id'] for each in self.mailboxes]:
            raise Invalid('mailbox_id is no mailbox of this account')
        staff = self.staff_member(body['staff_id']) if body.get('staff_id') else None
        people = body.get('to' if staff else 'from')
        if (not isinstance(people, list) or not people or not all(
                isinstance(each, dict) and '@' in '%s' % (each.get('address'),)
                for each in people)):
            raise Invalid('%s must be a list of {name, address}' % ('to' if staff else 'from',))
        contact = self.contact('%s' % (people[0].get('name') or '',), people[0]['address'])
        ticket = self.ticket(body['id']) if body.get('id') else self._open(
            body.get('subject') or '', message, contact, staff)
        content = '<p>%s</p>\n' % (message,) if staff else message
        note = self._note(ticket, content, body.get('scope') or 'public', staff, contact)
        if 'tags' in body and isinstance(body['tags'], list):
            ticket['tags'] = body['tags']
        ticket['summary'] = message[:200]
        if staff is None:
            ticket['status'] = 'waiting'
        return note

    def reply(self, name, html, scope='public', staff_id=None):
        # type: (Any, Text, Text, Any) -> Dict[Text, Any]
        """An agent's note in Snappy's own pages.  Errors: `Invalid`, `NoSuchTicket`."""
        ticket = self.ticket(name)
        staff = self.staff_member(staff_id or self.staff[0]['id'])
        contact = ticket['contacts'][0]
        note = self._note(ticket, html if html.startswith('<') else '<p>%s</p>\n' % (html,),
                          scope, staff, contact)
        if scope == 'public':
            ticket['status'] = 'replied'
            ticket['first_staff_reply_at'] = ticket['first_staff_reply_at'] or note['created_at']
        return note

    def set_tags(self, ticket, tags):
        # type: (Dict[Text, Any], List[Text]) -> Dict[Text, List[Text]]
        """Replace the tags; tells which were added and removed."""
        before, ticket['tags'] = ticket['tags'], list(tags)
        return {'added': [tag for tag in tags if tag not in before],
                'removed': [tag for tag in before if tag not in tags]}

    def delete(self, ticket):
        # type: (Dict[Text, Any]) -> None
        """Forget a ticket."""
        del self._tickets[ticket['id']], self._by_nonce[ticket['nonce']]
        del self._notes[ticket['id']]

    def _open(self, subject, message, contact, staff):
        now = int(self._clock())
        nonce = ''.join(self._random.choice(_NONCE) for _ in range(16))
        number = (next(reversed(self._tickets)) if self._tickets else 1000) + 1
        ticket = {
            'id': number, 'account_id': self.account_id, 'mailbox_id': self.mailboxes[0]['id'],
            'created_via': 'api', 'last_reply_by': 'customer', 'last_reply_at': now,
            'opened_by_staff_id': staff['id'] if staff else None,
            'opened_by_contact_id': None if staff else contact['id'], 'opened_at': now,
            'status': 'waiting', 'first_staff_reply_at': None, 'default_subject': subject,
            'summary': message[:200], 'next_recipients': {
                'cc': [], 'bcc': [],
                'to': [{'name': contact['first_name'], 'address': contact['value']}]},
            'nonce': nonce, 'created_at': now, 'updated_at': _date(now), 'unread': 1, 'tags': [],
            'contacts': [contact], 'mailbox': self.mailboxes[0], 'opener': contact}
        self._tickets[number] = ticket
        self._by_nonce[nonce] = number
        self._notes[number] = []
        return ticket

    def _note(self, ticket, content, scope, staff, contact):
        now = int(self._clock())
        self._last_note += 1
        note = {
            'id': self._last_note, 'account_id': self.account_id, 'ticket_id': ticket['id'],
            'created_by_staff_id': staff['id'] if staff else None,
            'created_by_contact_id': None if staff else contact['id'], 'scope': scope,
            'created_at': now, 'updated_at': now, 'content': content, 'system': 0,
            'using_html': 0, 'raw_headers': '',
            'contacts': [dict(contact, address=contact['value'],
                              type='to' if staff else 'from')],
            'staff_creator': staff, 'contact_creator': None if staff else contact,
            'attachments': [], 'creator': staff or contact}
        self._notes[ticket['id']].append(note)
        if scope == 'public':
            ticket['last_reply_by'] = 'staff' if staff else 'customer'
            ticket['last_reply_at'] = now
        ticket['updated_at'] = _date(now)
        return note

    def hook_note(self, note):
        # type: (Dict[Text, Any]) -> Dict[Text, Any]
        """A note as the ``message.*`` events carry it: its ticket nested, the creator leaking."""
        ticket = dict(self._tickets[note['ticket_id']], email_message_id=None)
        for name in ('mailbox', 'unread'):
            del ticket[name]
        told = {name: value for name, value in note.items() if name not in (
            'contacts', 'attachments', 'staff_creator', 'contact_creator')}
        told['ticket'] = ticket
        if note['created_by_staff_id']:
            told['creator'] = dict(note['creator'], **LEAKS)
        return told
