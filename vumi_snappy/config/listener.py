"""Options of the public listener: the webhook and the health page."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, List, Text  # noqa: F401

from vumi_snappy.config.checking import CheckedConfig, listening_endpoint
from vumi_snappy.config.fields import (
    ConfigField, ConfigParsed, ConfigText, ConfigWhole, as_text, shown, text)
from vumi_snappy.django_bouncer.api import ROOT
from vumi_snappy.http.callers import Callers


def _path(value):
    # type: (Any) -> Text
    if not text(value).startswith('/') or '?' in value or ' ' in value:
        raise ValueError('must be a path that begins with a slash')
    if ('%s/' % (value,)).startswith(ROOT):
        raise ValueError("is where the Django bouncer's API is")
    return as_text(value)


def networks(value):
    # type: (Any) -> List[Text]
    """`value`, which has to be a list that `Callers` takes.  Errors: `ValueError`."""
    if not isinstance(value, list):
        raise ValueError('is not a list')
    for each in value:
        try:
            # A bare number is an address, too, but hardly one that somebody meant.
            Callers([text(each)])
        except ValueError:
            raise ValueError("must list addresses and networks, such as 192.0.2.7 or 10.0.0.0/8;"
                             " '%s' is none" % (shown(each),))
    return [as_text(each) for each in value]


class ListenerOptions(CheckedConfig):
    """Webhook: the public listener, which also serves the health page."""

    web_endpoint = ConfigParsed(
        "The Twisted endpoint on which the webhook and the health page are served.",
        listening_endpoint, kind='text', default='tcp:8020:interface=127.0.0.1')
    web_path = ConfigParsed("The path of the webhook.", _path, kind='text', default='/snappy')
    web_body_limit = ConfigWhole(
        "The largest webhook request that is read, if it has the secret. Of a larger one only the"
        " ticket of its note is read, so that the agent is told. Without the secret the limit is"
        " 1048576.", 1048576, 16 * 1048576, unit='bytes', default=10 * 1048576)
    webhook_secret = ConfigField(
        "The secret of Snappy's hook, sent as the password of HTTP Basic or as the last segment of"
        " the path. A list of two while you change it. Give this or webhook_secret_file.",
        kind='text, or a list of two')
    webhook_secret_file = ConfigText(
        "A file that holds the webhook's secret; a second one on its second line while you change"
        " it.")
    allowed_networks = ConfigParsed(
        "Addresses and networks that may call the webhook. Empty: all.", networks, kind='list',
        default=[])
    trusted_proxies = ConfigParsed(
        "Addresses and networks of your own proxies, whose X-Forwarded-For is trusted.", networks,
        kind='list', default=[])
    health_path = ConfigParsed(
        "The path of the health page, on the same listener.", _path, kind='text',
        default='/health/')

    def _cross_check(self):
        # type: () -> None
        super(ListenerOptions, self)._cross_check()
        self.webhook_secrets = self._secret('webhook_secret', 2)
        path = self._valid('web_path')
        self._check(
            path is None or path.rstrip('/') != (self._valid('health_path') or '').rstrip('/'),
            "Fields 'web_path' and 'health_path' must differ.")
