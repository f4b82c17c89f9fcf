"""Options of the private note that tells an agent more of the person who opens a ticket."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, List, Text, Tuple  # noqa: F401

from vumi.config import ConfigField, ConfigList, ConfigText

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange, ConfigTemplate, as_text
from vumi_snappy.extras import LookupRules
from vumi_snappy.templates import Template, TemplateError, check_url_template


class ExtrasOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about a person's extras."""

    extras = ConfigList(
        "Fields of the message (helper_metadata...., transport_metadata....) that a private note"
        " tells the agent when a ticket is opened. Needs snappy_staff_id.",
        default=[], static=True)
    extras_url = ConfigTemplate(
        "Where more of the person is looked up for that note: an address over the fields of the"
        " message, whose answer is a JSON object. Needs extras_fields and snappy_staff_id.",
        static=True)
    extras_fields = ConfigList(
        "What of that answer is told: dotted paths of its fields, or 'label: path'.",
        default=[], static=True)
    extras_timeout = ConfigRange(
        "Seconds that one look-up may take.", 0.1, 60, default=5, static=True)
    extras_token = ConfigField(
        "The value of the look-up's Authorization header, such as 'Bearer ...' or 'Token ...'."
        " Either this or extras_token_file, or neither.", static=True)
    extras_token_file = ConfigText("A file that holds nothing but that.", static=True)

    def _cross_check(self):
        # type: () -> None
        super(ExtrasOptions, self)._cross_check()
        url = self._valid('extras_url')
        for name, given in (('extras', self._valid('extras')), ('extras_url', url)):
            self._check(not given or self._valid('snappy_staff_id') is not None,
                        "Field '%s' needs 'snappy_staff_id': a private note is written in a"
                        " staff member's name." % (name,))
        self.extras_templates = self._extras()
        fields = self._paths()
        self._check((url is None) == (not self._valid('extras_fields')),
                    "Fields 'extras_url' and 'extras_fields' need each other.")
        if url is not None:
            try:
                check_url_template(url)
            except TemplateError as error:
                self._errors.append("Field 'extras_url' %s." % (error,))
        token = None
        if {'extras_token', 'extras_token_file'} & set(self._known):
            token = self._secret('extras_token', 1)[0]
            self._check(token is None or all(' ' <= each <= '~' for each in token),
                        "Field 'extras_token' must be of printable ASCII.")
        self.lookup_rules = LookupRules(
            fields=fields, timeout=self._valid('extras_timeout') or 5.0, token=token or '')

    def _extras(self):
        # type: () -> List[Tuple[Text, Template]]
        found = []
        for name in self._valid('extras') or []:
            try:
                found.append((as_text(name), Template.parse('{%s}' % (as_text(name),))))
            except (TemplateError, TypeError, AttributeError) as error:
                self._errors.append("Field 'extras': %s" % (error,))
        return found

    def _paths(self):
        # type: () -> List[Tuple[Text, Tuple[Text, ...]]]
        found = []
        for given in self._valid('extras_fields') or []:
            pair = list(given.items())[0] if isinstance(given, dict) and len(given) == 1 else (
                given, given)
            label, path = as_text(pair[0]), as_text(pair[1])
            if (isinstance(label, type('')) and isinstance(path, type('')) and label.strip()
                    and all(path.split('.'))):
                found.append((label, tuple(path.split('.'))))
            else:
                self._errors.append(
                    "Field 'extras_fields' must list paths such as clinic.name, or labels with a"
                    " path such as 'Clinic: clinic.name'; '%s' is neither." % (given,))
        return found
