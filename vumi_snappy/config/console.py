"""Options of the console, the operator's pages on a listener of their own."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Callable, Dict, Text  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig, listening_endpoint, url
from vumi_snappy.config.fields import (
    ConfigDict, ConfigParsed, ConfigRange, ConfigText, as_text, is_text, shown)
from vumi_snappy.operations.tokens import Token, is_token_hash
from vumi_snappy.operations.users import Role, User, is_hash

_MAKE = {'password': 'make one with: vumi-snappy hash-password',
         'token': 'make one with: vumi-snappy make-token'}
_ROLES = tuple(role.value for role in Role)


def _ticket_url(value):
    # type: (Any) -> Text
    if '{nonce}' not in url(value) and '{id}' not in value:
        raise ValueError('must contain {nonce} or {id}')
    return as_text(value)


class ConsoleOptions(CheckedConfig):
    """Console: the operators' pages and their JSON API, on a listener of their own."""

    console_endpoint = ConfigParsed(
        "The Twisted endpoint on which the console is served. Without it there is no console.",
        listening_endpoint, kind='text')
    console_users = ConfigDict(
        "Who may log in to the console: user names, each with a password hash made by vumi-snappy"
        " hash-password, or with {password: HASH, role: read} for a user who may change"
        " nothing.",
        default={})
    console_users_file = ConfigText(
        "A YAML file with the content of console_users. Use it to keep hashes out of the log: Vumi"
        " logs all options at the start.")
    console_tokens = ConfigDict(
        "Which programs may use the console's API: names, each with {token: HASH, role: ROLE} as"
        " vumi-snappy make-token prints it. The role is read (the default) or operate.",
        default={})
    console_tokens_file = ConfigText("A YAML file with the content of console_tokens.")
    console_session_hours = ConfigRange(
        "How long a log-in to the console lasts.", 0.1, 720, unit='hours', default=12)
    console_ticket_url = ConfigParsed(
        "The URL of a ticket on Snappy's own pages, with {id} (Snappy's number, known once an"
        " agent has answered) or {nonce}; Snappy's own ends with #ticket/{id}. Without it"
        " the console does not link to Snappy.", _ticket_url, kind='text')

    def _cross_check(self):
        # type: () -> None
        super(ConsoleOptions, self)._cross_check()
        self.users = self._identities('console_users', 'password', 'operate', is_hash, User)
        self.tokens = self._identities('console_tokens', 'token', 'read', is_token_hash, Token)
        by_hash = {}  # type: Dict[Text, Text]
        for name, token in sorted(self.tokens.items()):
            known = by_hash.setdefault(token.hashed, name)
            self._check(known == name, "Field 'console_tokens': %s and %s have the same token; %s."
                        % (known, name, _MAKE['token']))
        given = [name for name in ('console_users', 'console_tokens')
                 if self._known.get(name) or self._known.get(name + '_file')]
        self._check(not self._valid('console_endpoint') or given,
                    "Field 'console_endpoint' needs 'console_users' or 'console_users_file':"
                    " nobody could log in; or 'console_tokens' or 'console_tokens_file'.")

    def _identities(self, field, secret, role, is_valid, make):
        # type: (Text, Text, Text, Callable, Callable) -> Dict[Text, Any]
        """What `make` returns for each name, hash and role that the option `field` has.

        `secret` is what is hashed, and `role` the default; ``is_valid(hash)`` checks a hash.
        """
        identities = {}
        for given, value in self._mapping(field).items():
            name = shown(given)
            values = value if isinstance(value, dict) else {secret: value}
            hashed, role_name = as_text(values.get(secret)), as_text(values.get('role', role))
            trouble = ''
            if set(values) - {secret, 'role'}:
                trouble = '%s takes %s and role' % (name, secret)
            elif role_name not in _ROLES:
                trouble = 'the role of %s must be read or operate' % (name,)
            elif not is_text(hashed) or not is_valid(hashed):
                # Not quoted: it may be the secret itself.
                trouble = "what %s has is not the hash of a %s; %s" % (name, secret, _MAKE[secret])
            else:
                identities[name] = make(name, hashed, Role(role_name))
            self._check(not trouble, "Field '%s': %s." % (field, trouble))
        return identities
