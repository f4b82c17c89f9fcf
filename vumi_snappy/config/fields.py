"""Kinds of fields that Vumi does not have."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Callable, Dict, Text  # noqa: F401

from vumi.config import ConfigField, ConfigFloat

from vumi_snappy.templates import Template, TemplateError


def as_text(value):
    # type: (Any) -> Text
    return value.decode('utf-8') if isinstance(value, bytes) else value


class ConfigTemplate(ConfigField):
    """A text with placeholders for the message's fields, such as ``{from_addr}``."""

    field_type = str('template')

    def clean(self, value):
        if not isinstance(value, (bytes, type(''))):
            self.raise_config_error('must be a text.')
        try:
            return Template.parse(as_text(value))
        except TemplateError as error:
            self.raise_config_error('%s' % (error,))


class ConfigRange(ConfigFloat):
    """A number between `least` and `most`, both allowed."""

    def __init__(self, doc, least, most, **kwargs):
        super(ConfigRange, self).__init__(doc, **kwargs)
        self.least, self.most = least, most

    def clean(self, value):
        if isinstance(value, bool):
            self.raise_config_error('must be a number.')
        number = super(ConfigRange, self).clean(value)
        if not self.least <= number <= self.most:
            self.raise_config_error('must be from %g to %g, not %g.'
                                    % (self.least, self.most, number))
        return number


class ConfigByTransport(ConfigField):
    """A value, or a dict of values by transport type, in which ``default`` is for all others.

    It becomes a dict that has ``default``.  `clean_one` cleans one value; its `ValueError`'s text
    ends the sentence "... must be".
    """

    field_type = str('value or dict')

    def __init__(self, doc, clean_one, **kwargs):
        # type: (Text, Callable[[Any], Any], **Any) -> None
        super(ConfigByTransport, self).__init__(doc, **kwargs)
        self._clean_one = clean_one

    def clean(self, value):
        # type: (Any) -> Dict[Text, Any]
        given, cleaned = {'default': value}, {}  # type: Dict[Any, Any], Dict[Text, Any]
        try:
            if isinstance(value, dict):
                given = (dict(self.default) if isinstance(self.default, dict)
                         else {'default': self.default})
                given.update(value)
            for name, each in given.items():
                if not isinstance(name, (bytes, type(''))):
                    raise ValueError('by names of transport types')
                cleaned[as_text(name)] = self._clean_one(each)
        except ValueError as error:
            self.raise_config_error('must be %s.' % (error,))
        return cleaned
