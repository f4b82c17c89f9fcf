"""Every option of the worker: its meaning, unit, default and checks.

Promises that a configuration is checked whole: `SnappyBouncerConfig(data)` raises one
`ConfigError` that names every field that is wrong and what to write instead, and secrets are in
none of its words.  The worker reads the options; nobody else does.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any, Dict, List, Text  # noqa: F401

from vumi.config import ConfigDict, ConfigError, ConfigInt, ConfigText

from vumi_snappy.config.answers import AnswerOptions
from vumi_snappy.config.bouncer_api import BouncerApiOptions
from vumi_snappy.config.checking import NOBODY_READS, WrongConfig
from vumi_snappy.config.console import ConsoleOptions
from vumi_snappy.config.extras import ExtrasOptions
from vumi_snappy.config.fields import ConfigRange, ConfigTemplate
from vumi_snappy.config.replies import ReplyOptions
from vumi_snappy.config.watching import WatchingOptions
from vumi_snappy.templates import TemplateError, check_contact_template

__all__ = ['NOBODY_READS', 'ConfigError', 'SnappyBouncerConfig', 'WrongConfig']

_REDIS_KEYS = {'host': '127.0.0.1', 'port': 6379, 'db': 0, 'password': None,
               'key_prefix': 'vumi_snappy'}  # type: Dict[Text, Any]


class SnappyBouncerConfig(BouncerApiOptions, AnswerOptions, ReplyOptions, WatchingOptions,
                          ConsoleOptions, ExtrasOptions):
    """The configuration of the worker between Vumi and the Snappy help desk."""

    redis_manager = ConfigDict(
        "How to reach the Redis that keeps all state: host, port, db, password and key_prefix.",
        required=True, static=True)

    snappy_api_url = ConfigText(
        "Where Snappy's HTTP API is.", default='https://app.besnappy.com/api/v1', static=True)
    snappy_api_key = ConfigText(
        "Snappy's API key. Either this or snappy_api_key_file.", static=True)
    snappy_api_key_file = ConfigText(
        "A file that holds nothing but Snappy's API key.", static=True)
    snappy_mailbox_id = ConfigInt(
        "The mailbox in which tickets are opened.", required=True, static=True)
    snappy_staff_id = ConfigInt(
        "The staff member in whose name private notes are written. Without it, none are.",
        static=True)
    snappy_rate_limit = ConfigRange(
        "Requests a minute that Snappy allows the account, all workers together. 0: no limit.",
        0, 100000, default=200, static=True)
    snappy_timeout = ConfigRange(
        "Seconds that a whole request to Snappy may take.", 0.1, 600, default=30, static=True)
    snappy_concurrency = ConfigInt(
        "Requests to Snappy at once, for each worker.", default=20, static=True)

    ticket_subject = ConfigTemplate(
        "The subject of a new ticket, over the fields of the message.",
        default='Support for {from_addr}', static=True)
    contact_address = ConfigTemplate(
        "The e-mail address that stands for a person at Snappy, which keeps its contacts by"
        " address. It must hold {from_addr}, so that each person is a contact of their own.",
        default='{from_addr}@vumi.invalid', static=True)
    new_ticket_after = ConfigRange(
        "Hours of silence after which a person's message opens a new ticket. 0: each message"
        " does.", 0, 87600, default=72, static=True)
    retry_initial_delay = ConfigRange(
        "Seconds before a failed request is tried again.", 0.01, 3600, default=1, static=True)
    retry_delay_factor = ConfigRange(
        "What that delay is multiplied by at each further try.", 1, 100, default=3, static=True)
    retry_max_delay = ConfigRange(
        "The longest delay between two tries, in seconds.", 0.01, 86400, default=3600,
        static=True)
    give_up_after = ConfigRange(
        "Hours after which what still fails is parked for the operator.", 0.001, 8760,
        default=72, static=True)

    ticket_retention = ConfigRange(
        "Days after the last activity on a ticket after which it is forgotten, if nothing of it"
        " waits or is parked.", 1, 36500, default=90, static=True)

    def _cross_check(self):
        # type: () -> None
        super(SnappyBouncerConfig, self)._cross_check()
        url = self._valid('snappy_api_url')
        self._check(url is None or url.startswith(('http://', 'https://')),
                    "Field 'snappy_api_url' must begin with https:// (or http:// for a stand-in).")
        self.api_key = self._secret('snappy_api_key', 1)[0]
        template = self._valid('contact_address')
        if template is not None:
            try:
                check_contact_template(template)
            except TemplateError as error:
                self._errors.append("Field 'contact_address' %s." % (error,))
        concurrency = self._valid('snappy_concurrency')
        self._check(concurrency is None or 1 <= concurrency <= 1000,
                    "Field 'snappy_concurrency' must be from 1 to 1000.")
        self.redis = self._redis()
        name = self._valid('transport_name')
        self._check(name is None or name == name.lower(),
                    "Field 'transport_name' must be lower case, as Vumi's routing keys are.")

    def _redis(self):
        # type: () -> Dict[Text, Any]
        given = self._valid('redis_manager')
        if given is None:
            return dict(_REDIS_KEYS)
        unknown = sorted(set(given) - set(_REDIS_KEYS))
        self._check(not unknown, "Field 'redis_manager' has unknown keys: %s. It takes %s." % (
            ', '.join('%s' % key for key in unknown), ', '.join(sorted(_REDIS_KEYS))))
        values = dict(_REDIS_KEYS, **{str(key): given[key] for key in given})
        for key in ('port', 'db'):
            try:
                values[key] = int('%s' % (values[key],))
            except ValueError:
                self._errors.append("Field 'redis_manager' must have a number as %s." % (key,))
        return values
