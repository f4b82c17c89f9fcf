"""The people of an account: its staff, and the contacts, who are keyed by address.

Shapes are those of recorded traffic.  Used by the model alone.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import time
from typing import Any, Callable, Dict, List, Optional, Text  # noqa: F401

from vumi_snappy.standin.drafts import Invalid

#: Fields of a staff member that Snappy leaks in its webhooks, with harmless values.
LEAKS = {'remember_token': 'leaked-remember-token', 'verification_token': 'leaked-verification',
         'ios_device_token': 'leaked-device-token'}


def date(seconds):
    # type: (float) -> Text
    """How Snappy writes the dates of contacts, staff and accounts, and each `updated_at`."""
    return '%s' % (time.strftime(str('%Y-%m-%d %H:%M:%S'), time.gmtime(seconds)),)


class Staff(object):
    """Two members: an agent with the id `staff_id`, and a second one after it."""

    def __init__(self, now, staff_id):
        # type: (float, int) -> None
        self.members = [
            {'id': staff_id + n, 'email': '%s@example.org' % (username,), 'username': username,
             'first_name': first, 'last_name': last,
             'created_at': date(now), 'updated_at': date(now)}
            for n, (username, first, last) in enumerate([
                ('agent', 'Thandi', 'Agent'), ('second', 'Sipho', 'Second')])]

    def member(self, staff_id):
        # type: (Any) -> Dict[Text, Any]
        """Errors: `Invalid`."""
        for member in self.members:
            if '%s' % (member['id'],) == '%s' % (staff_id,):
                return member
        raise Invalid('staff_id is nobody of this account')


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
        found = self._by_address.get(address)
        if found is None:
            first, _, last = name.partition(' ')
            number, now = len(self) + 1, date(self._clock())
            found = self._by_address[address] = self._by_id['%d' % (number,)] = {
                'id': number, 'first_name': first, 'last_name': last, 'value': address,
                'provider': 'email', 'account_id': self._account_id,
                'created_at': now, 'updated_at': now}
        return found

    def find(self, wanted):
        # type: (Text) -> Optional[Dict[Text, Any]]
        """The contact of an address or an id, if there is one."""
        return self._by_address.get(wanted) or self._by_id.get(wanted)

    def clear(self):
        # type: () -> None
        """Forget everybody."""
        self._by_address.clear()
        self._by_id.clear()


def in_note(contact, kind):
    # type: (Dict[Text, Any], Text) -> Dict[Text, Any]
    """A contact as a note lists it; `kind` is ``from`` or ``to``."""
    return {'first_name': contact['first_name'], 'last_name': contact['last_name'],
            'value': contact['value'], 'provider': contact['provider'],
            'address': contact['value'], 'type': kind,
            'pivot': {'contact_id': contact['id'], 'type': kind}}
