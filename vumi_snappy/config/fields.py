"""The kinds of fields that options have: Vumi's, and those that it lacks.

The only module of the options that reaches for Vumi: all others take Vumi's classes from here.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import sys
from typing import Any, Callable, Dict, List, Text  # noqa: F401

from vumi_snappy.content.templates import Template
from vumi_snappy.vumi import config
from vumi_snappy.vumi.config import ApplicationConfig, ConfigError  # noqa: F401


def as_text(value):
    # type: (Any) -> Text
    return value.decode('utf-8') if isinstance(value, bytes) else value


def is_text(value):
    # type: (Any) -> bool
    return isinstance(value, (bytes, type('')))


def text(value):
    # type: (Any) -> Text
    """`value`, which has to be a text.  Errors: `ValueError`."""
    if not is_text(value):
        raise ValueError('must be a text')
    return as_text(value)


def texts(value):
    # type: (Any) -> List[Text]
    """`value`, which has to be a list of texts.  Errors: `ValueError`."""
    if not isinstance(value, list) or not all(is_text(each) and each for each in value):
        raise ValueError('must be a list of texts')
    return [as_text(each) for each in value]


def printable(value):
    # type: (Any) -> Text
    """`value`, which has to be a text of printable ASCII.  Errors: `ValueError`."""
    if not all(' ' <= each <= '~' for each in text(value)):
        raise ValueError("must be of printable ASCII, but is '%s'" % (as_text(value),))
    return as_text(value)


def shown(value):
    # type: (Any) -> Text
    """`value` in a message for the operator, whatever it is."""
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else '%s' % (value,)


def read_text(path):
    # type: (Any) -> Text
    """What the file `path` holds, which is UTF-8, as the path itself is whatever the locale.

    Errors: EnvironmentError, UnicodeDecodeError, TypeError (`path` is none).
    """
    if sys.version_info[0] == 2 and isinstance(path, type('')):
        path = path.encode('utf-8')
    with io.open(path, encoding='utf-8') as source:
        return source.read()


class Option(config.ConfigField):
    """What the options of all kinds have: they are the same for every message.

    `field_type` is the kind of value in words, for people; a number can have a `unit`.
    """

    def __init__(self, doc, unit='', kind='', **kwargs):
        # type: (Text, Text, Text, **Any) -> None
        super(Option, self).__init__(doc, static=True, **kwargs)
        self.unit = unit
        if kind:
            self.field_type = str(kind)

    def get_value(self, config):
        # type: (Any) -> Any
        """The value; an option with nothing behind it in the YAML counts as left out."""
        value = super(Option, self).get_value(config)
        return self.clean(self.default) if value is None and self.default is not None else value


class ConfigField(Option):
    """Any value; the group of options checks it."""


class ConfigParsed(Option):
    """What ``parse(value)`` returns.  The text of its `ValueError` follows the field's name."""

    def __init__(self, doc, parse, **kwargs):
        # type: (Text, Callable[[Any], Any], **Any) -> None
        super(ConfigParsed, self).__init__(doc, **kwargs)
        self._parse = parse

    def clean(self, value):
        try:
            return self._parse(value)
        except ValueError as error:
            self.raise_config_error('%s.' % (error,))


class ConfigText(Option, config.ConfigText):
    field_type = str('text')


class ConfigBool(Option, config.ConfigBool):
    field_type = str('true or false')


class ConfigList(Option, config.ConfigList):
    field_type = str('list')


class ConfigDict(Option, config.ConfigDict):
    field_type = str('mapping')


class ConfigTemplate(ConfigParsed):
    """A text with placeholders for the message's fields, such as ``{from_addr}``.

    ``check(template)`` raises `TemplateError` for one that the option does not take.
    """

    field_type = str('text with fields in braces')

    def __init__(self, doc, check=lambda template: None, **kwargs):
        # type: (Text, Callable[[Template], None], **Any) -> None
        def parse(value):
            template = Template.parse(text(value))
            check(template)
            return template
        super(ConfigTemplate, self).__init__(doc, parse, **kwargs)


class ConfigRange(Option, config.ConfigFloat):
    """A number between `least` and `most`, both allowed."""

    field_type = str('number')

    def __init__(self, doc, least, most, **kwargs):
        # type: (Text, float, float, **Any) -> None
        super(ConfigRange, self).__init__(doc, **kwargs)
        self.least, self.most = least, most

    def clean(self, value):
        if isinstance(value, bool):
            self.raise_config_error('must be a number.')
        number = super(ConfigRange, self).clean(value)
        if not self.least <= number <= self.most:
            self.raise_config_error('must be from %.12g to %.12g, not %.12g.'
                                    % (self.least, self.most, number))
        return number


class ConfigWhole(ConfigRange):
    """A whole number between `least` and `most`, both allowed."""

    field_type = str('whole number')

    def clean(self, value):
        number = super(ConfigWhole, self).clean(value)
        if number != int(number):
            self.raise_config_error('must be a whole number.')
        return int(number)


class ConfigByTransport(ConfigParsed):
    """A value, or a dict of values by transport type, in which ``default`` is for all others.

    It becomes a dict that has ``default``; `parse` is for one value.
    """

    def clean(self, value):
        # type: (Any) -> Dict[Text, Any]
        given = {'default': value}  # type: Dict[Any, Any]
        if isinstance(value, dict):
            given = (dict(self.default) if isinstance(self.default, dict)
                     else {'default': self.default})
            given.update(value)
        if not all(map(is_text, given)):
            self.raise_config_error('must have names of transport types.')
        return {as_text(name): super(ConfigByTransport, self).clean(each)
                for name, each in given.items()}
