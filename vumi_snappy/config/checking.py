"""A configuration that says all that is wrong with it at once.

Groups of options are subclasses of `CheckedConfig`, each with the checks of its own fields in
`_cross_check`; `SnappyBouncerConfig` is made of all of them.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import difflib
import io
from typing import Any, Callable, List, Optional, Text  # noqa: F401

from twisted.internet.endpoints import serverFromString
from vumi.application.base import ApplicationConfig
from vumi.config import ConfigError

from vumi_snappy.config.fields import as_text


#: Options that Vumi reads without declaring them as fields.
_OF_VUMI = ('worker_name', 'middleware')
#: What is said of an option that is none.
NOBODY_READS = 'Nobody reads the option %s: mend its name, or remove it.'


class WrongConfig(ConfigError):
    """A configuration with these `errors`."""

    def __init__(self, errors):
        # type: (List[Text]) -> None
        ConfigError.__init__(self, 'The configuration can not be used:\n%s' % (
            '\n'.join('  - %s' % (error,) for error in errors),))
        self.errors = errors


class CheckedConfig(ApplicationConfig):
    """What the groups of options have in common."""

    def __init__(self, config_data, static=False):
        # confmodel stops at the first error; an operator wants to see all of them.
        self._errors = []  # type: List[Text]
        self._known = dict(config_data)
        fields = self._get_fields
        self._get_fields = lambda: ()
        try:
            super(CheckedConfig, self).__init__(config_data, static=static)
        finally:
            self._get_fields = fields
        for field in fields():
            self._try(lambda: field.validate(self))
        self._cross_check()
        if self._errors:
            raise WrongConfig(self._errors + [
                NOBODY_READS % (each,) for each in self.unknown_options()])

    def _try(self, check):
        try:
            return check()
        except ConfigError as error:
            self._errors.append('%s' % (error,))
            return None

    def _check(self, fine, text):
        if not fine:
            self._errors.append(text)

    def _valid(self, name):
        """The value of a field, or None where it is not valid (which is said elsewhere)."""
        try:
            return getattr(self, name)
        except ConfigError:
            return None

    def unknown_options(self):
        # type: () -> List[Text]
        """Options that nobody reads, in words, each with the likeliest name that was meant."""
        known = sorted(self._field_names) + list(_OF_VUMI)
        said = []
        for name in sorted(set(self._known) - set(known)):
            near = difflib.get_close_matches('%s' % (name,), known, 1)
            said.append('%s%s' % (name, ' (did you mean %s?)' % (near[0],) if near else ''))
        return said

    def _cross_check(self):
        # type: () -> None
        """Check what fields mean together, and read files; for groups to extend."""

    def _endpoint(self, name, example):
        # type: (Text, Text) -> None
        """Check that the field `name` is a Twisted endpoint, where it is given."""
        from twisted.internet import reactor
        endpoint = self._valid(name)
        try:
            if endpoint is not None:
                serverFromString(reactor, str(endpoint))
        except Exception:
            self._errors.append("Field '%s' is not a Twisted endpoint: write for example %s."
                                % (name, example))

    def _secret(self, name, most):
        # type: (Text, int) -> List[Optional[Text]]
        """The secrets given by the option `name` or in the file that `name`_file names."""
        given = self._known.get(name)
        path = self._known.get(name + '_file')
        if (given is None) == (path is None):
            self._errors.append(
                "Give one of the fields '%s' and '%s_file'%s." % (
                    name, name, '' if given is None else ', not both'))
            return [None]
        if path is not None:
            try:
                with io.open(path, encoding='utf-8') as lines:
                    given = [line.strip() for line in lines if line.strip()]
            except (EnvironmentError, UnicodeDecodeError, TypeError) as error:
                self._errors.append("Field '%s_file' names a file that can not be read: %s" % (
                    name, getattr(error, 'strerror', None) or 'it is not a text'))
                return [None]
        values = given if isinstance(given, list) else [given]
        values = [as_text(value) for value in values]
        if (not 1 <= len(values) <= most
                or not all(isinstance(value, type('')) and value.strip() for value in values)):
            self._errors.append("Field '%s%s' must hold %s, and no empty one." % (
                name, '' if path is None else '_file',
                'one text' if most == 1 else 'one text, or a list of two'))
            return [None]
        return values
