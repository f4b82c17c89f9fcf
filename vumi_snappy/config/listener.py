"""Options of the public listener: the webhook and the health page."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from twisted.internet.endpoints import serverFromString
from vumi.config import ConfigError, ConfigField, ConfigText

from vumi_snappy.config.checking import CheckedConfig


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
    health_path = ConfigText(
        "Path of the health page, on the same listener.", default='/health/', static=True)

    def _cross_check(self):
        # type: () -> None
        super(ListenerOptions, self)._cross_check()
        self.webhook_secrets = self._secret('webhook_secret', 2)
        for name in ('web_path', 'health_path'):
            path = self._valid(name)
            self._check(path is None or (path.startswith('/') and '?' not in path
                                         and ' ' not in path),
                        "Field '%s' must be a path that begins with a slash." % (name,))
        self._check(
            self._valid('web_path') is None
            or self.web_path.rstrip('/') != (self._valid('health_path') or '').rstrip('/'),
            "Fields 'web_path' and 'health_path' must differ.")
        endpoint = self._valid('web_endpoint')
        if endpoint is not None:
            self._try(lambda: self._parse_endpoint(endpoint))

    def _parse_endpoint(self, endpoint):
        from twisted.internet import reactor
        try:
            serverFromString(reactor, str(endpoint))
        except Exception:
            raise ConfigError("Field 'web_endpoint' is not a Twisted endpoint: write for example"
                              " tcp:8020:interface=127.0.0.1.")
