"""Options of the private note with more about the person who opens a ticket."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Text, Tuple  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import (
    ConfigField, ConfigParsed, ConfigRange, ConfigTemplate, ConfigText, as_text, shown, texts)
from vumi_snappy.content.templates import Template, check_url_template
from vumi_snappy.inbound.extras import LookupRules


def _extras(value):
    # type: (Any) -> List[Tuple[Text, Template]]
    return [(name, Template.parse('{%s}' % (name,))) for name in texts(value)]


def _paths(value):
    # type: (Any) -> List[Tuple[Text, Tuple[Text, ...]]]
    if not isinstance(value, list):
        raise ValueError('must be a list of paths')
    paths = []
    for each in value:
        label, path = [as_text(part) for part in (
            list(each.items())[0] if isinstance(each, dict) and len(each) == 1 else (each, each))]
        if (not isinstance(label, type('')) or not isinstance(path, type(''))
                or not label.strip() or not all(path.split('.'))):
            raise ValueError("must list paths such as clinic.name, or labels with a path such as"
                             " 'Clinic: clinic.name'; '%s' is neither" % (shown(each),))
        paths.append((label, tuple(path.split('.'))))
    return paths


class ExtrasOptions(CheckedConfig):
    """Extras: a private note that tells the agent more about the person who opens a ticket."""

    extras = ConfigParsed(
        "Fields of the message (helper_metadata..., transport_metadata...) that the private note"
        " contains. Needs snappy_staff_id.", _extras, kind='list', default=[])
    extras_url = ConfigTemplate(
        "The URL at which more about the person is looked up for that note, with fields of the"
        " message; the response is a JSON object. Needs extras_fields and snappy_staff_id.",
        check=check_url_template)
    extras_fields = ConfigParsed(
        "Fields of that response which the note contains: dotted paths, or 'label: path'.",
        _paths, kind='list', default=[])
    extras_timeout = ConfigRange(
        "How long one look-up may take.", 0.1, 60, unit='seconds', default=5)
    extras_token = ConfigField(
        "The value of the look-up's Authorization header, such as 'Bearer ...' or 'Token ...'."
        " Give this, extras_token_file, or neither.", kind='text')
    extras_token_file = ConfigText("A file that holds the value of extras_token.")

    def _cross_check(self):
        # type: () -> None
        super(ExtrasOptions, self)._cross_check()
        for name in ('extras', 'extras_url'):
            self._needs_staff(name)
        self._check(bool(self._known.get('extras_url')) == bool(self._known.get('extras_fields')),
                    "Fields 'extras_url' and 'extras_fields' need each other.")
        token = None
        if {'extras_token', 'extras_token_file'} & set(self._known):
            token = self._secret('extras_token', 1)[0]
            self._check(token is None or all(' ' <= each <= '~' for each in token),
                        "Field 'extras_token' must be of printable ASCII.")
        self.lookup_rules = LookupRules(
            fields=self._valid('extras_fields') or [],
            timeout=self._valid('extras_timeout') or 5.0, token=token or '')
