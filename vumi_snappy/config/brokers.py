"""Options of the worker's own connection to RabbitMQ."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.internet import reactor
from twisted.internet.endpoints import clientFromString

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigList, shown, text


class BrokerOptions(CheckedConfig):
    """RabbitMQ: which brokers the worker connects to."""

    amqp_brokers = ConfigList(
        "The nodes of a RabbitMQ cluster as Twisted client endpoints, such as tcp:HOST:5672 or"
        " tls:HOST:5671:trustRoots=FOLDER. They are tried in turn. Empty: Vumi's hostname and"
        " port.",
        default=[])

    def _cross_check(self):
        # type: () -> None
        super(BrokerOptions, self)._cross_check()
        for given in self._valid('amqp_brokers') or []:
            try:
                clientFromString(reactor, str(text(given)))
            except Exception:  # of the endpoint's own parser, and of reading its files
                self._errors.append(
                    "Field 'amqp_brokers' must list Twisted client endpoints, such as"
                    " tcp:rabbit1:5672; '%s' is none, or a file that it names can not be read."
                    % (shown(given),))
