"""Configurations as Vumi has them: the same values, and the same words of refusal.

A configuration is a class with fields; made of a dict, it is checked at once, and its attributes
are the values.  None is a value: it is neither checked nor replaced by the default.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import copy
import itertools
import re
from typing import Any, Dict, List, Sequence, Text  # noqa: F401

import six

#: A whole number, with the white space that Python 2 allows.
_WHOLE = re.compile(r'\A[ \t-\r]*([+-]?)[ \t-\r]*([0-9]+)[ \t-\r]*\Z')

_order = itertools.count()


class ConfigError(Exception):
    """What is wrong with a configuration, in words."""


class ConfigField(object):
    """A value of a configuration, for subclasses to `clean`: make it what it is used as."""

    field_type = None  # type: Any

    def __init__(self, doc, required=False, default=None, static=False):
        # type: (Text, bool, Any, bool) -> None
        self.doc, self.required, self.default, self.static = doc, required, default, static
        self.name = None  # type: Any
        self._order = next(_order)

    def __get__(self, config, _owner):
        # type: (Any, Any) -> Any
        if config is None:
            return self
        if config.static and not self.static:
            self.raise_config_error('is not marked as static.')
        return self.get_value(config)

    def __set__(self, config, value):
        # type: (Any, Any) -> None
        raise AttributeError('Config fields are read-only.')

    def get_value(self, config):
        # type: (Config) -> Any
        """The value.  Errors: `ConfigError`."""
        value = config._config_data.get(self.name, self.default)
        return None if value is None else self.clean(value)

    def validate(self, config):
        # type: (Config) -> None
        """Errors: `ConfigError`, where the value is missing or not valid."""
        if self.required and self.name not in config._config_data:
            raise ConfigError("Missing required config field '%s'" % (self.name,))
        self.get_value(config)

    def raise_config_error(self, words):
        # type: (Text) -> None
        """Refuse the value; `words` go on after the field's name."""
        raise ConfigError("Field '%s' %s" % (self.name, words))

    def clean(self, value):
        # type: (Any) -> Any
        return value


class ConfigText(ConfigField):
    """A text."""

    field_type = 'str'

    def clean(self, value):
        if not isinstance(value, (bytes, six.text_type)):
            self.raise_config_error('is not unicode.')
        return value


class ConfigInt(ConfigField):
    """A whole number, or a text of one."""

    field_type = 'int'

    def clean(self, value):
        if isinstance(value, six.integer_types) and not isinstance(value, bool):
            return value
        for sign, digits in _WHOLE.findall(_text(value)):
            return int(sign + digits)
        self.raise_config_error('could not be converted to int.')


class ConfigFloat(ConfigField):
    """A number, or a text of one."""

    field_type = 'float'

    def clean(self, value):
        try:
            # Python 3 would take 1_000 for a number.
            return float('' if '_' in _text(value) else value)
        except (ValueError, TypeError):
            self.raise_config_error('could not be converted to float.')


class ConfigBool(ConfigField):
    """True or false; of texts, "false", "0" and the empty one are false."""

    field_type = 'bool'

    def clean(self, value):
        if isinstance(value, (bytes, six.text_type)):
            return _text(value).strip().lower() not in ('false', '0', '')
        return bool(value)


class ConfigList(ConfigField):
    """A list; what is given is not shared with others."""

    field_type = 'list'

    def clean(self, value):
        if not isinstance(value, (list, tuple)):
            self.raise_config_error('is not a list.')
        return copy.deepcopy(list(value))


class ConfigDict(ConfigField):
    """A dict; what is given is not shared with others."""

    field_type = 'dict'

    def clean(self, value):
        if not isinstance(value, dict):
            self.raise_config_error('is not a dict.')
        return copy.deepcopy(value)


def _text(value):
    # type: (Any) -> Text
    """`value` where it is a text, and empty where it is none."""
    return value.decode('latin-1') if isinstance(value, bytes) else (
        value if isinstance(value, six.text_type) else '')


class _WithFields(type):
    """Tells fields their names; those of base classes come first, in the order of their making."""

    def __new__(mcs, name, bases, attributes):
        # type: (Any, Any, Any, Any) -> Any
        cls = super(_WithFields, mcs).__new__(mcs, name, bases, attributes)  # type: Any
        fields = {}  # type: Dict[Text, Any]
        for base in reversed(cls.__mro__):
            fields.update((each, field) for each, field in vars(base).items()
                          if isinstance(field, ConfigField))
        for each, field in fields.items():
            field.name = each
        cls._fields = sorted(fields.values(), key=lambda field: field._order)
        cls._field_names = tuple(field.name for field in cls._fields)
        return cls


@six.add_metaclass(_WithFields)
class Config(object):
    """The configuration `config_data`.  One that is `static` has but the fields that are."""

    _fields = ()  # type: Sequence[ConfigField]
    _field_names = ()  # type: Sequence[Text]

    def __init__(self, config_data, static=False):
        # type: (Dict[Text, Any], bool) -> None
        self._config_data = config_data
        self.static = static
        for field in self._get_fields():
            field.validate(self)

    @classmethod
    def _get_fields(cls):
        # type: () -> List[ConfigField]
        return list(cls._fields)


class ApplicationConfig(Config):
    """What every application of Vumi's can be told."""

    amqp_prefetch_count = ConfigInt(
        'How many messages of each queue a worker is given before it has acked the first.',
        default=20, static=True)  # type: Any
    transport_name = ConfigText(
        'The name by which the queues of this application begin.',
        required=True, static=True)  # type: Any
    send_to = ConfigDict(
        'Where messages of each endpoint go that are no replies.',
        default={}, static=True)  # type: Any
