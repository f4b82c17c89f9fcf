"""The people of an account: its staff, and the contacts, who are keyed by address.

Shapes are those of recorded traffic.  Used by the model alone.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time
from typing import Any, Callable, Dict, List, Optional, Text  # noqa: F401

#: Fields of a staff member that Snappy leaks in its webhooks, with harmless values.
LEAKS = {'remember_token': 'leaked-remember-token', 'verification_token': 'leaked-verification',
         'ios_device_token': 'leaked-device-token'}


def date(seconds):
    # type: (float) -> Text
    """How Snappy writes the dates of contacts, staff and accounts, and each `updated_at`."""
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(seconds)),)


def new_staff(now, staff_id):
    # type: (float, int) -> List[Dict[Text, Any]]
    """Two members: an agent with the id `staff_id`, and a second one after it."""
    return [{'id': staff_id + n, 'email': '%s@example.org' % (username,), 'username': username,
             'first_name': first, 'last_name': last, 'created_at': date(now),
             'updated_at': date(now)}
            for n, (username, first, last) in enumerate([
                ('agent', 'Thandi', 'Agent'), ('second', 'Sipho', 'Second')])]


class Contacts(object):
    """The contacts; `clock()` gives seconds since the epoch."""

    def __init__(self, clock, account_id):
        # type: (Callable[[], float], int) -> None
        self._clock = clock
        self._account_id = account_id
        self._by_address = {}  # type: Dict[Text, Dict[Text, Any]]
        self._by_id = {}  # type: Dict[Text, Dict[Text, Any]]

    def __len__(self):
        # type: () -> int
        return len(self._by_address)

    def of(self, name, address):
        # type: (Text, Text) -> Dict[Text, Any]
        """The contact of an address, made when it is new: "John Smith" is split in two."""
        contact = self._by_address.get(address)
        if contact is None:
            first, _, last = name.partition(' ')
            number, now = len(self) + 1, date(self._clock())
            contact = self._by_address[address] = self._by_id['%d' % (number,)] = {
                'id': number, 'first_name': first, 'last_name': last, 'value': address,
                'provider': 'email', 'account_id': self._account_id,
                'created_at': now, 'updated_at': now}
        return contact

    def find(self, wanted):
        # type: (Text) -> Optional[Dict[Text, Any]]
        """The contact of an address or an id, if there is one."""
        return self._by_address.get(wanted) or self._by_id.get(wanted)


def in_note(contact, kind):
    # type: (Dict[Text, Any], Text) -> Dict[Text, Any]
    """A contact as a note lists it; `kind` is ``from`` or ``to``."""
    return {'first_name': contact['first_name'], 'last_name': contact['last_name'],
            'value': contact['value'], 'provider': contact['provider'],
            'address': contact['value'], 'type': kind,
            'pivot': {'contact_id': contact['id'], 'type': kind}}
