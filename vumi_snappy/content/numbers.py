"""One spelling for telephone numbers, however a transport writes them.  Pure.

Transports write one number as ``+27820001001``, ``27820001001``, ``0027820001001``, ``0820001001``
or ``whatsapp:+27820001001``.  `Numbers` turns these into the first.  Promises: an address stays as
it is unless it is a valid number in one of these spellings, and unambiguous.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
from typing import Any, FrozenSet, List, Optional, Text, Tuple  # noqa: F401

import attr
import phonenumbers

#: Types of transports whose addresses are telephone numbers.
TRANSPORT_TYPES = ('sms', 'ussd', 'voice', 'whatsapp')
#: Schemes of addresses that are numbers.
_SCHEMES = ('whatsapp:', 'tel:')
_DIGITS = re.compile(r'\+?[0-9]{3,20}\Z')
#: Digits of a number with its country's code: one of fewer may be a short code.
_FEWEST = 9


@attr.s(frozen=True, slots=True)
class Numbers(object):
    """The rules of one deployment.

    `region` is the country (ISO 3166) whose numbers may come without its code; empty: every
    address stays as it is.  `transport_types` are those whose addresses are numbers.
    """

    region = attr.ib(default='')  # type: Text
    transport_types = attr.ib(default=frozenset(TRANSPORT_TYPES))  # type: FrozenSet[Text]

    def spellings(self, address):
        # type: (Text) -> List[Text]
        """The spellings of the number that `address` is, E.164 first; else the address alone."""
        digits = address.partition(':')[2] if address.startswith(_SCHEMES) else address
        number = self._number(digits) if self.region else None
        if number is None:
            return [address]
        written = [each for each in self._written(number)
                   if each.startswith(('+', '0')) or self._number(each) == number]
        return [scheme + each for scheme in ('',) + _SCHEMES for each in written]

    def of_message(self, address, transport_type):
        # type: (Text, Text) -> List[Text]
        """As `spellings`, of the sender of a message."""
        if transport_type in self.transport_types or address.startswith(_SCHEMES):
            return self.spellings(address)
        return [address]

    def _number(self, digits):
        # type: (Text) -> Optional[Text]
        """The number (E.164) that is written as `digits`; None where there is none, or one in this
        region and another abroad."""
        if not _DIGITS.match(digits):
            return None
        numbers = set()
        readings = {digits, '+' + digits.lstrip('+')} | {
            '+' + digits[len(each):] for each in self._abroad() if digits.startswith(each)}
        for each in readings:
            if each.startswith('+0'):  # not a country's code, and slow to be parsed
                continue
            try:
                parsed = phonenumbers.parse(each, self.region)
            except phonenumbers.NumberParseException:
                continue
            number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            if (phonenumbers.is_valid_number(parsed) and len(number) > _FEWEST
                    and digits in self._written(number, parsed)):
                numbers.add(number)
        return numbers.pop() if len(numbers) == 1 else None

    def _abroad(self):
        # type: () -> List[Text]
        """The international prefixes of the region: what is dialled instead of the plus."""
        own = phonenumbers.PhoneMetadata.metadata_for_region(self.region).international_prefix
        return sorted(each for each in {'00', own or ''} if each.isdigit())

    def _written(self, number, parsed=None):
        # type: (Text, Any) -> List[Text]
        """How a `number` (E.164) is written, itself first."""
        parsed = parsed or phonenumbers.parse(number)
        home = phonenumbers.PhoneMetadata.metadata_for_region(self.region)
        spellings = [number, number[1:]] + [each + number[1:] for each in self._abroad()]
        if parsed.country_code == home.country_code:
            spellings.append(re.sub('[^0-9]', '', phonenumbers.format_number(
                parsed, phonenumbers.PhoneNumberFormat.NATIONAL)))
        return sorted(set(spellings), key=spellings.index)
