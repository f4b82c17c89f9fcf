"""A configuration that says all that is wrong with it at once.

Groups of options are subclasses of `CheckedConfig`, each with the checks of its own fields in
`_cross_check`; `SnappyBouncerConfig` is made of all of them.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import difflib
import re
from typing import Any, Callable, Dict, List, Text  # noqa: F401

import six
import yaml
from six.moves.urllib.parse import urlsplit
from twisted.internet.endpoints import serverFromString

from vumi_snappy.config.fields import (
    ApplicationConfig, ConfigError, as_text, is_text, printable, read_text, shown, text)


#: The warning about an option that does not exist.
UNKNOWN_OPTION = 'Unknown option %s: fix its name or remove it.'


#: What the sample has where a secret goes, and the fewest characters of one.
_PLACEHOLDER = re.compile(r'put-[a-z-]+-here|the-api-key-that-|\.\.\.$')
_SHORTEST_SECRET = 8


@six.python_2_unicode_compatible
class WrongConfig(ConfigError):
    """A configuration with these `errors`."""

    def __init__(self, errors):
        # type: (List[Text]) -> None
        ConfigError.__init__(self, 'The configuration can not be used')
        self.errors = errors

    def __str__(self):
        # In UTF-8 where it has to be bytes: what is wrong can be a letter that is not ASCII.
        return 'The configuration can not be used:\n%s' % (
            '\n'.join('  - %s' % (error,) for error in self.errors),)


def secret_trouble(value):
    # type: (Any) -> Text
    """What is wrong with `value` as a secret, or empty; it is not quoted."""
    if not is_text(value):
        return 'must be a text: quote it if it is only digits'
    if _PLACEHOLDER.search(as_text(value)):
        return "still has the sample's words: put the real one in their place"
    if not value.strip():
        return 'must not be empty'
    if len(value.strip()) < _SHORTEST_SECRET:
        return 'must have at least %d characters, so that nobody can guess it' % (
            _SHORTEST_SECRET,)
    return ''


def url(value):
    # type: (Any) -> Text
    """`value`, which has to be the URL of a server.  Errors: `ValueError`."""
    try:
        parts = urlsplit(text(value))
        fine = (parts.scheme in ('http', 'https') and bool(parts.hostname) and parts.port != 0
                and parts.username is None and all('!' <= each <= '~' for each in as_text(value)))
    except ValueError:
        fine = False
    if not fine:
        raise ValueError('must begin with https:// (or http:// for one on this machine) and a'
                         ' host, be of printable ASCII, and have no user name')
    return as_text(value)


def listening_endpoint(value):
    # type: (Any) -> Text
    """`value`, which has to be a Twisted endpoint to listen on.  Errors: `ValueError`."""
    from twisted.internet import reactor
    try:
        serverFromString(reactor, str(printable(value)))
    except Exception:  # of the endpoint's own parser
        raise ValueError('is not a Twisted endpoint: write for example'
                         ' tcp:PORT:interface=127.0.0.1')
    return as_text(value)


class CheckedConfig(ApplicationConfig):
    """What the groups of options have in common."""

    def __init__(self, config_data, static=False):
        # confmodel stops at the first error; an operator wants to see all of them.
        self._errors = []  # type: List[Text]
        self._known = dict(config_data)
        fields = super(CheckedConfig, self)._get_fields
        setattr(self, str('_get_fields'), lambda: ())
        try:
            super(CheckedConfig, self).__init__(config_data, static=static)
        finally:
            del self._get_fields
        for field in fields():
            try:
                field.validate(self)
            except ConfigError as error:
                self._errors.append(shown(error.args[0]) if error.args else shown(error))
        self._cross_check()
        if self._errors:
            raise WrongConfig(self._errors + [
                UNKNOWN_OPTION % (each,) for each in self.unknown_options()])

    def _check(self, fine, text):
        if not fine:
            self._errors.append(text)

    def _valid(self, name):
        """The value of a field, or None where it is not valid (an error of its own)."""
        try:
            return getattr(self, name)
        except ConfigError:
            return None

    def unknown_options(self):
        # type: () -> List[Text]
        """The given options that do not exist, each with the likeliest name that was meant."""
        known = sorted(self._field_names)
        unknown = []
        for name in sorted(shown(name) for name in set(self._known) - set(known)):
            near = difflib.get_close_matches(name, known, 1)
            unknown.append('%s%s' % (name, ' (did you mean %s?)' % (near[0],) if near else ''))
        return unknown

    def _cross_check(self):
        # type: () -> None
        """Check what fields mean together, and read files; for groups to extend."""

    def _needs_staff(self, name):
        # type: (Text) -> None
        """Check that there is a staff member, where the option `name` has private notes."""
        self._check(not self._valid(name) or self._known.get('snappy_staff_id') is not None,
                    "Field '%s' needs 'snappy_staff_id': a private note is written in a staff"
                    " member's name." % (name,))

    def _mapping(self, name):
        # type: (Text) -> Dict[Any, Any]
        """What the option `name`, or the file that `name`_file names, has by names."""
        path = self._valid(name + '_file')
        if path is None:
            return self._valid(name) or {}
        self._check(not self._known.get(name),
                    "Give one of the fields '%s' and '%s_file', not both." % (name, name))
        try:
            mapping = yaml.safe_load(read_text(path))
        except (EnvironmentError, UnicodeDecodeError, yaml.YAMLError):
            mapping = None
        if not mapping or not isinstance(mapping, dict):
            self._errors.append("Field '%s_file' names a file that can not be read, is empty or is"
                                " not YAML as %s has it." % (name, name))
            return {}
        return mapping

    def _secret(self, name, most):
        # type: (Text, int) -> List[Text]
        """The secrets given by the option `name` or in the file that `name`_file names."""
        given = self._known.get(name)
        path = self._known.get(name + '_file')
        if (given is None) == (path is None):
            self._errors.append(
                "Give one of the fields '%s' and '%s_file'%s." % (
                    name, name, '' if given is None else ', not both'))
            return ['']
        if path is not None:
            try:
                given = [line.strip() for line in read_text(path).splitlines() if line.strip()]
            except (EnvironmentError, UnicodeDecodeError, TypeError) as error:
                self._errors.append("Field '%s_file' names a file that can not be read: %s" % (
                    name, getattr(error, 'strerror', None) or 'it is not a text'))
                return ['']
        values = given if isinstance(given, list) else [given]
        field = name if path is None else name + '_file'
        if not 1 <= len(values) <= most:
            self._errors.append("Field '%s' must hold %s, and no empty one." % (
                field, 'one text' if most == 1 else 'one text, or a list of two'))
            return ['']
        for trouble in sorted(set(map(secret_trouble, values)) - {''}):
            self._errors.append("Field '%s' %s." % (field, trouble))
        return [as_text(value) for value in values]
