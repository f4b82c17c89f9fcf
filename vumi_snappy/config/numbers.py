"""Options of how people's telephone numbers are told apart."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Text  # noqa: F401

import phonenumbers

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigParsed, as_text, is_text, texts
from vumi_snappy.content.numbers import TRANSPORT_TYPES, Numbers


def _country(value):
    # type: (Any) -> Text
    if not is_text(value) or as_text(value) not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError('must be the code of a country in capital letters, such as ZA; put NO,'
                         ' which YAML takes for something else, in quotes')
    return as_text(value)


class NumberOptions(CheckedConfig):
    """Telephone numbers: when two spellings of a number are the same person."""

    normalise_numbers = ConfigParsed(
        "The country (ISO 3166 code, such as ZA) whose telephone numbers may come without its"
        " calling code. All spellings of a number are then one person. Without it addresses are"
        " compared as they are.", _country, kind='text')
    number_transport_types = ConfigParsed(
        "The transport_types whose addresses are telephone numbers. An address that starts with"
        " whatsapp: or tel: is a number over any of them.", texts, kind='list of texts',
        default=list(TRANSPORT_TYPES))

    def _cross_check(self):
        # type: () -> None
        super(NumberOptions, self)._cross_check()
        #: How numbers are brought to one spelling.
        self.numbers = Numbers(self._valid('normalise_numbers') or '',
                               frozenset(self._valid('number_transport_types') or ()))
