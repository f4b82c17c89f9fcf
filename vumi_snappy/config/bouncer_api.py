"""Options of the Django bouncer's HTTP API, served beside the webhook."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, List, Sequence, Text  # noqa: F401

from vumi_snappy.config.checking import secret_trouble
from vumi_snappy.config.fields import (
    ConfigDict, ConfigList, ConfigParsed, ConfigText, as_text, shown)
from vumi_snappy.config.listener import ListenerOptions, networks
from vumi_snappy.django_bouncer.api import Account, ApiKeys, Conversation, Directory

#: Keys of an account and of a conversation, and those that must be there.
_ACCOUNT = {'id', 'key', 'name', 'notes'}
_CONVERSATION = _ACCOUNT | {'account', 'endpoint', 'transport_name', 'transport_type', 'to_addr'}
_NEEDED = {'id', 'key'}
_METADATA = ('transport_metadata', 'helper_metadata')


class BouncerApiOptions(ListenerOptions):
    """Django bouncer's API: served beside the webhook, for programs that used the bouncer."""

    bouncer_api_users = ConfigDict(
        "Who may use the API, at /api/v1/snappybouncer/ of web_endpoint: user names, each with an"
        " API key, or with a list of two keys while you change it. Without users the API is not"
        " served.", default={})
    bouncer_api_users_file = ConfigText(
        "A YAML file with the content of bouncer_api_users. Use it to keep keys out of the log:"
        " Vumi logs all options at the start.")
    bouncer_api_accounts = ConfigList(
        "The user accounts that the API shows, each with id and key as in the bouncer, and"
        " optionally name and notes.", default=[])
    bouncer_api_conversations = ConfigList(
        "The conversations that tickets are posted for, each with id and key as in the bouncer,"
        " and optionally name, notes and account (the id of an account). How people are reached:"
        " endpoint (default: default), transport_type (sms), transport_name (the worker's) and"
        " to_addr, your own number; without these, as send_to has it for the endpoint.",
        default=[])
    bouncer_api_networks = ConfigParsed(
        "Addresses and networks that may call the API. Empty: all. For Snappy's hook, at the API's"
        " listener/, allowed_networks counts instead.", networks, kind='list', default=[])

    def _cross_check(self):
        # type: () -> None
        super(BouncerApiOptions, self)._cross_check()
        users = self._api_users()
        #: Who may use the API; None where it is not served.
        self.bouncer_keys = ApiKeys(users) if users else None
        accounts = self._listed('bouncer_api_accounts', _ACCOUNT)
        conversations = self._listed('bouncer_api_conversations', _CONVERSATION)
        self._check(not users or conversations,
                    "Field 'bouncer_api_users' needs 'bouncer_api_conversations': tickets are"
                    " posted for one of them.")
        #: The accounts and conversations of the API.
        self.bouncer_directory = Directory(
            {each['id']: Account(each['id'], each['key'], each['name'], each['notes'])
             for each in accounts},
            {each['id']: self._conversation(each, accounts) for each in conversations})

    def _api_users(self):
        # type: () -> Dict[Text, Sequence[Text]]
        users = {}  # type: Dict[Text, Sequence[Text]]
        for given, value in self._mapping('bouncer_api_users').items():
            name = shown(given)
            keys = [as_text(key) for key in (value if isinstance(value, list) else [value])]
            trouble = ''.join(map(secret_trouble, keys[:1])) or ''.join(
                map(secret_trouble, keys[1:]))
            if not 1 <= len(keys) <= 2 or not all(
                    isinstance(key, type('')) and key.strip() for key in keys):
                # Not quoted: it may be most of a key.
                self._errors.append("Field 'bouncer_api_users': %s must have a key, or a list of"
                                    " two; put one of digits alone in quotes." % (name,))
            elif trouble:
                self._errors.append("Field 'bouncer_api_users': the key of %s %s." % (
                    name, trouble))
            else:
                users[name] = keys
        return users

    def _listed(self, field, names):
        # type: (Text, Any) -> List[Dict[Text, Any]]
        """What the list `field` holds, each with all that it may have."""
        listed = []  # type: List[Dict[Text, Any]]
        for given in self._valid(field) or []:
            values = {as_text(name): as_text(value) for name, value in given.items()
                      if value is not None} if isinstance(given, dict) else {}
            wrong = (set(values) - set(names)) or (_NEEDED - set(values))
            if wrong or not isinstance(given, dict):
                self._errors.append("Field '%s' must list what has id and key, and may have %s."
                                    % (field, ', '.join(sorted(set(names) - _NEEDED))))
            elif not _is_id(values['id']) or not _is_id(values.get('account', 1)):
                self._errors.append("Field '%s': an id must be a whole number from 1." % (field,))
            else:
                values = {name: value if name in ('id', 'account') else '%s' % (value,)
                          for name, value in values.items()}
                listed.append(dict({'name': '', 'notes': ''}, **values))
        for name in ('id', 'key'):
            self._check(len({each[name] for each in listed}) == len(listed),
                        "Field '%s' has one %s twice." % (field, name))
        return listed

    def _conversation(self, given, accounts):
        # type: (Dict[Text, Any], List[Dict[Text, Any]]) -> Conversation
        account = given.get('account', accounts[0]['id'] if accounts else 0)
        self._check(account in [each['id'] for each in accounts],
                    "Field 'bouncer_api_conversations': the account of %s is none of"
                    " 'bouncer_api_accounts'." % (given['key'],))
        endpoint = given.get('endpoint', 'default')
        sent = (self._known.get('send_to') or {}).get(endpoint)
        new = {as_text(key): value for key, value in sent.items()} if isinstance(
            sent, dict) else {}
        line = dict(
            {name: new.get(name) or {} for name in _METADATA}, provider=new.get('provider'),
            group=new.get('group'),
            transport_name=(given.get('transport_name') or new.get('transport_name')
                            or self._known.get('transport_name')),
            transport_type=given.get('transport_type') or new.get('transport_type') or 'sms',
            to_addr=given.get('to_addr') or new.get('from_addr'))
        self._check(line['to_addr'] is not None,
                    "Field 'bouncer_api_conversations': %s needs to_addr, your own number, from"
                    " which people are answered." % (given['key'],))
        return Conversation(
            id=given['id'], key=given['key'], account=account, endpoint=endpoint,
            line={name: as_text(value) for name, value in line.items()}, name=given['name'],
            notes=given['notes'])


def _is_id(value):
    # type: (Any) -> bool
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 10 ** 9
