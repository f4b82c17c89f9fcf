"""Options of the console, the operator's pages on a listener of their own."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import io
from typing import Any, Dict, Text  # noqa: F401

import yaml
from vumi.config import ConfigDict, ConfigText

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigRange, as_text
from vumi_snappy.console.api.tokens import Token, is_token_hash
from vumi_snappy.console.users import Role, User, is_hash

_MAKE = "make one with: vumi-snappy hash-password"
_MAKE_TOKEN = "make one with: vumi-snappy make-token"
_ROLES = tuple(role.value for role in Role)


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
    console_tokens = ConfigDict(
        "Which programs may use the console's API: names, each with {token: HASH, role: ROLE} as"
        " vumi-snappy make-token prints it. The role is read, the default, or operate.",
        default={}, static=True)
    console_tokens_file = ConfigText(
        "A YAML file that holds what console_tokens would.", static=True)
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
        self.tokens = self._tokens()
        given = [name for name in ('console_users', 'console_tokens')
                 if self._known.get(name) or self._known.get(name + '_file')]
        self._check(not self._valid('console_endpoint') or given,
                    "Field 'console_endpoint' needs 'console_users' or 'console_users_file':"
                    " nobody could log in; or 'console_tokens' or 'console_tokens_file'.")
        url = self._valid('console_ticket_url')
        self._check(url is None or (url.startswith(('https://', 'http://'))
                                    and ('{nonce}' in url or '{id}' in url)),
                    "Field 'console_ticket_url' must begin with https:// and hold {nonce} or"
                    " {id}.")

    def _named(self, name, what):
        # type: (Text, Text) -> Dict[Any, Any]
        """What the option `name`, or the file that `name`_file names, has by names."""
        path = self._valid(name + '_file')
        if path is None:
            return self._valid(name) or {}
        self._check(not self._known.get(name),
                    "Give one of the fields '%s' and '%s_file', not both." % (name, name))
        try:
            with io.open(path, encoding='utf-8') as source:
                found = yaml.safe_load(source)
        except (EnvironmentError, UnicodeDecodeError, yaml.YAMLError):
            found = None
        if not isinstance(found, dict):
            self._errors.append("Field '%s_file' names a file that can not be read, or is not YAML"
                                " with names and %s." % (name, what))
            return {}
        return found

    def _tokens(self):
        # type: () -> Dict[Text, Token]
        found, names = {}, {}  # type: Dict[Text, Token], Dict[Text, Text]
        for given, how in self._named('console_tokens', 'tokens').items():
            name = '%s' % (as_text(given),)
            how = how if isinstance(how, dict) else {'token': how}
            hashed, role = as_text(how.get('token')), as_text(how.get('role', 'read'))
            if set(how) - {'token', 'role'}:
                self._errors.append("Field 'console_tokens': %s takes token and role." % (name,))
            elif role not in _ROLES:
                self._errors.append("Field 'console_tokens': the role of %s must be read or"
                                    " operate." % (name,))
            elif not isinstance(hashed, type('')) or not is_token_hash(hashed):
                # Not quoted: it may be the token itself.
                self._errors.append("Field 'console_tokens': what %s has is no token's hash; %s."
                                    % (name, _MAKE_TOKEN))
            elif hashed in names:
                self._errors.append("Field 'console_tokens': %s and %s have the same token; %s."
                                    % (tuple(sorted([name, names[hashed]])) + (_MAKE_TOKEN,)))
            else:
                found[name], names[hashed] = Token(name, hashed, Role(role)), name
        return found

    def _users(self):
        # type: () -> Dict[Text, User]
        found = {}
        for given, value in self._named('console_users', 'hashes').items():
            name = '%s' % (as_text(given),)
            how = value if isinstance(value, dict) else {'password': value}
            hashed, role = as_text(how.get('password')), as_text(how.get('role', 'operate'))
            if set(how) - {'password', 'role'}:
                self._errors.append("Field 'console_users': %s takes password and role." % (name,))
            elif role not in _ROLES:
                self._errors.append("Field 'console_users': the role of %s must be read or"
                                    " operate." % (name,))
            elif not isinstance(hashed, type('')) or not is_hash(hashed):
                # Not quoted: it may be the password itself.
                self._errors.append("Field 'console_users': what %s has is no password's hash;"
                                    " %s." % (name, _MAKE))
            else:
                found[name] = User(name=name, hashed=hashed, role=Role(role))
        return found
