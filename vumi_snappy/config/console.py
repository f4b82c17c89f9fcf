"""Options of the console, the operator's pages on a listener of their own."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
from typing import Any, Dict, Text  # noqa: F401

import yaml
from vumi.config import ConfigDict, ConfigText

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange, as_text
from vumi_snappy.console.users import Role, User, is_hash

_MAKE = "make one with: vumi-snappy hash-password"


class ConsoleOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about the console."""

    console_endpoint = ConfigText(
        "Twisted endpoint on which the console is served. Without it there is none.", static=True)
    console_users = ConfigDict(
        "Who may log in to the console: names, each with a password's hash (as vumi-snappy"
        " hash-password makes it), or with {password: HASH, role: read} for one who may change"
        " nothing.", default={}, static=True)
    console_users_file = ConfigText(
        "A YAML file that holds what console_users would: Vumi writes all options into the log"
        " at start.", static=True)
    console_session_hours = ConfigRange(
        "Hours after which one has to log in to the console again.", 0.1, 720, default=12,
        static=True)
    console_ticket_url = ConfigText(
        "The address of a ticket on Snappy's own pages, with {nonce} or {id} (Snappy's number,"
        " known once an agent has answered). Without it the console has no links to Snappy.",
        static=True)

    def _cross_check(self):
        # type: () -> None
        super(ConsoleOptions, self)._cross_check()
        self._endpoint('console_endpoint', 'tcp:8021:interface=127.0.0.1')
        self.users = self._users()
        self._check(not self._valid('console_endpoint') or self._known.get('console_users')
                    or self._known.get('console_users_file'),
                    "Field 'console_endpoint' needs 'console_users' or 'console_users_file':"
                    " nobody could log in.")
        url = self._valid('console_ticket_url')
        self._check(url is None or (url.startswith(('https://', 'http://'))
                                    and ('{nonce}' in url or '{id}' in url)),
                    "Field 'console_ticket_url' must begin with https:// and hold {nonce} or"
                    " {id}.")

    def _given_users(self):
        # type: () -> Dict[Any, Any]
        path = self._valid('console_users_file')
        if path is None:
            return self._valid('console_users') or {}
        self._check(not self._known.get('console_users'),
                    "Give one of the fields 'console_users' and 'console_users_file', not both.")
        try:
            with io.open(path, encoding='utf-8') as source:
                found = yaml.safe_load(source)
        except (EnvironmentError, UnicodeDecodeError, yaml.YAMLError):
            found = None
        if not isinstance(found, dict):
            self._errors.append("Field 'console_users_file' names a file that can not be read, or"
                                " is not YAML with names and hashes.")
            return {}
        return found

    def _users(self):
        # type: () -> Dict[Text, User]
        found = {}
        for given, value in self._given_users().items():
            name = '%s' % (as_text(given),)
            how = value if isinstance(value, dict) else {'password': value}
            hashed, role = as_text(how.get('password')), as_text(how.get('role', 'operate'))
            if set(how) - {'password', 'role'}:
                self._errors.append("Field 'console_users': %s takes password and role." % (name,))
            elif role not in [each.value for each in Role]:
                self._errors.append("Field 'console_users': the role of %s must be read or"
                                    " operate." % (name,))
            elif not isinstance(hashed, type('')) or not is_hash(hashed):
                # Not quoted: it may be the password itself.
                self._errors.append("Field 'console_users': what %s has is no password's hash;"
                                    " %s." % (name, _MAKE))
            else:
                found[name] = User(name=name, hashed=hashed, role=Role(role))
        return found
