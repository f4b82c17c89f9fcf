"""The help desk itself: one account with its mailbox, staff, contacts, tickets and notes.

In memory, and pure but for its clock and its source of nonces.  Shapes, defaults and formats are
those of recorded traffic; what is our own choice is named so in ``docs/standin.md``.  To add a
note, or to read a ticket's, takes the same time whatever the number of tickets.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import heapq
import random
import re
import string
import time
from collections import OrderedDict
from itertools import islice
from typing import Any, Callable, Dict, List, Optional, Set, Text, Tuple  # noqa: F401

import attr

from vumi_snappy.standin.drafts import SCOPES, STATUSES, Draft, Invalid  # noqa: F401
from vumi_snappy.standin.people import Contacts, date, in_note, new_staff

_NONCE = string.digits + string.ascii_lowercase
_NUMBER = re.compile(r'[0-9]{1,18}\Z')
_FIRST_TICKET = 1001
#: Characters of a ticket's summary.
_SUMMARY = 200


class NoSuchTicket(KeyError):
    """There is no ticket of that id or nonce."""


@attr.s(frozen=True, slots=True)
class Added(object):
    """A note that was added, and what came with it."""

    note = attr.ib()  # type: Dict[Text, Any]
    ticket = attr.ib()  # type: Dict[Text, Any]
    opened = attr.ib(default=False)  # type: bool
    waits_again = attr.ib(default=False)  # type: bool
    newcomers = attr.ib(default=())  # type: Tuple[Dict[Text, Any], ...]


class Desk(object):
    """`clock()` gives seconds since the epoch; `seed` repeats the same nonces; `reopens` says
    whether a customer's note puts its ticket back to waiting (not known of Snappy)."""

    account_id = 1

    def __init__(self, clock=time.time, mailbox_id=1, staff_id=1, seed=None, reopens=True):
        # type: (Callable[[], float], int, int, Any, bool) -> None
        self._clock = clock
        self._random = random.Random(seed)
        self.reopens = reopens
        now = date(clock())
        self.accounts = [{'id': self.account_id, 'organization': 'Stand-in', 'domain': 'standin',
                          'created_at': now, 'updated_at': now}]
        self.mailboxes = [{'id': mailbox_id, 'account_id': self.account_id, 'display': 'Help',
                           'address': 'help@example.org', 'active': 1}]
        self.staff = new_staff(clock(), staff_id)
        self._next_ticket, self._next_note = _FIRST_TICKET, 1
        self.reset()

    def reset(self):
        # type: () -> None
        """Forget tickets, notes and contacts.  The numbers of tickets and notes go on."""
        self.contacts = Contacts(self._clock, self.account_id)
        self._tickets = OrderedDict()  # type: OrderedDict
        self._by_nonce = {}  # type: Dict[Text, int]
        self._by_status = {status: set() for status in STATUSES}  # type: Dict[Text, Set[int]]
        self._notes = {}  # type: Dict[int, List[Dict[Text, Any]]]
        # What search looks through: in small letters, with the number of its ticket.
        self._texts = []  # type: List[Tuple[int, Text]]

    # What is read.

    def ticket(self, name):
        # type: (Any) -> Dict[Text, Any]
        """The ticket of an id or nonce.  Errors: `NoSuchTicket`."""
        name = '%s' % (name,)
        number = self._by_nonce.get(name)
        if number is None and _NUMBER.match(name):
            number = int(name)
        if number not in self._tickets:
            raise NoSuchTicket(name)
        return self._tickets[number]

    def tickets(self, status=None, limit=1000):
        # type: (Optional[Text], int) -> List[Dict[Text, Any]]
        """Tickets, newest first; of one status, or all."""
        if status is not None:
            return [self._tickets[number]
                    for number in heapq.nlargest(limit, self._by_status[status])]
        return [self._tickets[number] for number in islice(reversed(self._tickets), limit)]

    def other_nonce(self, nonce):
        # type: (Text) -> Text
        """The nonce of another ticket than that of `nonce`; `nonce` where there is no other."""
        nonces = (self._tickets[number]['nonce'] for number in reversed(self._tickets))
        return next((other for other in nonces if other != nonce), nonce)

    def assigned(self, limit=1000):
        # type: (int) -> List[Dict[Text, Any]]
        """Tickets that are assigned, by a tag, to the first member of the staff."""
        tag = '@%s' % (self.staff[0]['username'],)
        return [ticket for ticket in self.tickets(limit=len(self._tickets))
                if tag in ticket['tags']][:limit]

    def notes(self, ticket):
        # type: (Dict[Text, Any]) -> List[Dict[Text, Any]]
        """A ticket's notes, newest first."""
        return self._notes[ticket['id']][::-1]

    def search(self, query):
        # type: (Text) -> List[Dict[Text, Any]]
        """Tickets whose subject, contacts or notes hold `query`, newest first."""
        wanted = query.lower()
        numbers = {number for number, text in self._texts if wanted in text}
        return [self._tickets[number] for number in sorted(numbers, reverse=True)
                if number in self._tickets]

    # What is changed.

    def add_note(self, draft):
        # type: (Draft) -> Added
        """Carry out POST /note.  Errors: `Invalid`, `NoSuchTicket`; nothing is done then."""
        if draft.mailbox_id not in ['%s' % (each['id'],) for each in self.mailboxes]:
            raise Invalid('this account has no such mailbox_id')
        staff = self._member(draft.staff_id) if draft.staff_id else None
        ticket = self.ticket(draft.ticket) if draft.ticket else None
        known = len(self.contacts)
        contacts = [self.contacts.of(name, address) for name, address in draft.people]
        newcomers = tuple({each['id']: each for each in contacts
                           if each['id'] > known}.values())
        opened = ticket is None
        if ticket is None:
            ticket = self._open(draft.subject, contacts, staff)
        before = ticket['status']
        note = self._note(
            ticket, '<p>%s</p>\n' % (draft.message,) if staff else draft.message, draft.scope,
            staff, contacts, draft.system)
        ticket['summary'] = draft.message[:_SUMMARY]
        if draft.tags is not None:
            self.set_tags(ticket, draft.tags)
        status = draft.status or ('waiting' if staff is None and self.reopens else before)
        self.set_status(ticket, status)
        return Added(note, ticket, opened, before != 'waiting' == status, newcomers)

    def reply(self, name, html, scope='public', staff_id=None):
        # type: (Any, Text, Text, Any) -> Dict[Text, Any]
        """An agent's note, written in Snappy's own pages.  Errors: `Invalid`, `NoSuchTicket`."""
        ticket = self.ticket(name)
        if scope not in SCOPES or not html:
            raise Invalid('content is required, and scope is public or private')
        staff = self._member(staff_id or self.staff[0]['id'])
        content = html if html.startswith('<') else '<p>%s</p>' % (html,)
        note = self._note(ticket, content if content.endswith('\n') else content + '\n', scope,
                          staff, ticket['contacts'][:1])
        if scope == 'public':
            self.set_status(ticket, 'replied')
            ticket['first_staff_reply_at'] = ticket['first_staff_reply_at'] or note['created_at']
        return note

    def set_status(self, ticket, status):
        # type: (Dict[Text, Any], Text) -> None
        """Errors: `Invalid`."""
        if status not in STATUSES:
            raise Invalid('status is %s' % (' or '.join(STATUSES),))
        self._by_status[ticket['status']].discard(ticket['id'])
        self._by_status[status].add(ticket['id'])
        ticket['status'] = status

    def set_tags(self, ticket, tags):
        # type: (Dict[Text, Any], List[Text]) -> Dict[Text, List[Text]]
        """Replace the tags; tells which were added and removed."""
        before, ticket['tags'] = ticket['tags'], list(tags)
        return {'added': [tag for tag in tags if tag not in before],
                'removed': [tag for tag in before if tag not in tags]}

    def delete(self, ticket):
        # type: (Dict[Text, Any]) -> None
        self._by_status[ticket['status']].discard(ticket['id'])
        del self._tickets[ticket['id']], self._by_nonce[ticket['nonce']]
        del self._notes[ticket['id']]

    def _member(self, staff_id):
        # type: (Any) -> Dict[Text, Any]
        for member in self.staff:
            if '%s' % (member['id'],) == '%s' % (staff_id,):
                return member
        raise Invalid('this account has no such staff_id')

    def _open(self, subject, contacts, staff):
        now = int(self._clock())
        number, self._next_ticket = self._next_ticket, self._next_ticket + 1
        nonce = ''.join(self._random.choice(_NONCE) for _ in range(16))
        ticket = {
            'id': number, 'account_id': self.account_id, 'mailbox_id': self.mailboxes[0]['id'],
            'created_via': 'api', 'last_reply_by': 'staff' if staff else 'customer',
            'last_reply_at': now, 'opened_by_staff_id': staff['id'] if staff else None,
            'opened_by_contact_id': None if staff else contacts[0]['id'], 'opened_at': now,
            'status': 'waiting', 'first_staff_reply_at': None, 'default_subject': subject,
            'summary': '', 'next_recipients': {'cc': [], 'bcc': [], 'to': [
                {'name': ('%s %s' % (each['first_name'], each['last_name'])).strip(),
                 'address': each['value']} for each in contacts]},
            'nonce': nonce, 'created_at': now, 'updated_at': date(now), 'unread': 1, 'tags': [],
            'contacts': contacts, 'mailbox': self.mailboxes[0], 'opener': staff or contacts[0]}
        self._tickets[number] = ticket
        self._by_nonce[nonce] = number
        self._by_status['waiting'].add(number)
        self._notes[number] = []
        self._texts.append((number, subject.lower()))
        self._texts.extend((number, each['value'].lower()) for each in contacts)
        return ticket

    def _note(self, ticket, content, scope, staff, contacts, system=0):
        now = int(self._clock())
        number, self._next_note = self._next_note, self._next_note + 1
        contact = None if staff else contacts[0]  # type: Any
        note = {
            'id': number, 'account_id': self.account_id, 'ticket_id': ticket['id'],
            'created_by_staff_id': staff['id'] if staff else None,
            'created_by_contact_id': None if staff else contact['id'], 'scope': scope,
            'created_at': now, 'updated_at': date(now), 'content': content, 'system': system,
            'using_html': 0, 'raw_headers': '',
            'contacts': [in_note(each, 'to' if staff else 'from') for each in contacts],
            'staff_creator': staff, 'contact_creator': contact, 'attachments': [],
            'creator': staff or contact}
        self._notes[ticket['id']].append(note)
        self._texts.append((ticket['id'], content.lower()))
        if scope == 'public':
            ticket['last_reply_by'] = 'staff' if staff else 'customer'
            ticket['last_reply_at'] = now
        ticket['updated_at'] = date(now)
        return note
