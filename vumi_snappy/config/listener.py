"""Options of the public listener: the webhook and the health page."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import List, Text  # noqa: F401

from vumi.config import ConfigField, ConfigList, ConfigText

from vumi_snappy.bouncer_api import ROOT
from vumi_snappy.callers import Origins
from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import as_text


class ListenerOptions(CheckedConfig):
    """The part of `SnappyBouncerConfig` that is about the public listener."""

    web_endpoint = ConfigText(
        "Twisted endpoint on which the webhook and the health page are served.",
        default='tcp:8020:interface=127.0.0.1', static=True)
    web_path = ConfigText(
        "Path of the webhook.", default='/snappy', static=True)
    webhook_secret = ConfigField(
        "What Snappy's hook must bring, as HTTP Basic password or as the last segment of the"
        " path. A list of two while it is being changed. Either this or webhook_secret_file.",
        static=True)
    webhook_secret_file = ConfigText(
        "A file that holds the webhook's secret; one more on a second line while it is being"
        " changed.", static=True)
    allowed_networks = ConfigList(
        "Addresses and networks that the webhook takes calls from. Empty: from anywhere.",
        default=[], static=True)
    trusted_proxies = ConfigList(
        "Addresses and networks of your own proxies, whose X-Forwarded-For is believed.",
        default=[], static=True)
    health_path = ConfigText(
        "Path of the health page, on the same listener.", default='/health/', static=True)

    def _cross_check(self):
        # type: () -> None
        super(ListenerOptions, self)._cross_check()
        self.webhook_secrets = self._secret('webhook_secret', 2)
        self.allowed = self._networks('allowed_networks')
        self.proxies = self._networks('trusted_proxies')
        for name in ('web_path', 'health_path'):
            path = self._valid(name)
            self._check(path is None or (path.startswith('/') and '?' not in path
                                         and ' ' not in path),
                        "Field '%s' must be a path that begins with a slash." % (name,))
        self._check(
            self._valid('web_path') is None
            or self.web_path.rstrip('/') != (self._valid('health_path') or '').rstrip('/'),
            "Fields 'web_path' and 'health_path' must differ.")
        for name in ('web_path', 'health_path'):
            self._check(not ('%s/' % (self._valid(name) or '',)).startswith(ROOT),
                        "Field '%s' is where the Django bouncer's API is." % (name,))
        self._endpoint('web_endpoint', 'tcp:8020:interface=127.0.0.1')

    def _networks(self, name):
        # type: (Text) -> List[Text]
        """What `Origins` takes, from the field `name`."""
        found = []
        for given in self._valid(name) or []:
            network = as_text(given)
            try:
                # A bare number is an address, too, but hardly one that somebody meant.
                if not isinstance(network, type('')):
                    raise ValueError
                Origins([network])
            except ValueError:
                self._errors.append(
                    "Field '%s' must list addresses and networks, such as 192.0.2.7 or"
                    " 10.0.0.0/8; '%s' is none." % (name, given))
            else:
                found.append(network)
        return found
