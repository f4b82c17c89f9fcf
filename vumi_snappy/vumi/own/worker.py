"""The base of an application's worker, and how one is made of its options and configuration."""
from __future__ import absolute_import, division, print_function, unicode_literals

from typing import Any, Dict, Optional, Text, Type  # noqa: F401

from twisted.application.internet import TCPClient
from twisted.application.service import MultiService
from twisted.internet.defer import (  # noqa: F401
    Deferred, inlineCallbacks, maybeDeferred, returnValue)

from vumi_snappy.vumi.own.config import ApplicationConfig
from vumi_snappy.vumi.own.connectors import PublishStatusConnector
from vumi_snappy.vumi.own.middleware import MiddlewareStack, setup_middlewares_from_config


class RoutingKeyError(Exception):
    """A name that cannot be a queue's."""


class AmqpFactory(object):
    """What a worker that is made here has for its connections, until it puts its own there."""


class ApplicationWorker(MultiService, object):
    """What all workers have: configuration, middlewares and connectors.  Errors: `ConfigError`."""

    CONFIG_CLASS = ApplicationConfig  # type: Any
    transport_name = None  # type: Any

    def __init__(self, options, config=None):
        # type: (Dict[Text, Any], Optional[Dict[Text, Any]]) -> None
        MultiService.__init__(self)
        self.options, self.config = options, config if config is not None else {}
        self.connectors = {}  # type: Dict[Text, Any]
        self.middlewares = []  # type: Any
        self._amqp_client = None  # type: Any
        self._static_config = self.CONFIG_CLASS(self.config, static=True)

    def get_static_config(self):
        # type: () -> Any
        return self._static_config

    # Hooks.

    def validate_config(self):
        # type: () -> Any
        """Hook: check what the fields of the configuration do not."""

    def setup_application(self):
        # type: () -> Any
        """Hook: the connectors are there; messages come when this has fired."""

    def teardown_application(self):
        # type: () -> Any
        """Hook: the worker stops."""

    # Steps of a set-up, and back.

    def _validate_config(self):
        # type: () -> Any
        self.transport_name = self.get_static_config().transport_name
        return self.validate_config()

    @inlineCallbacks
    def setup_middleware(self):
        # type: () -> Deferred
        self.middlewares = yield setup_middlewares_from_config(self, self.config)

    def teardown_middleware(self):
        # type: () -> Deferred
        return MiddlewareStack(self.middlewares).teardown()

    def setup_worker(self):
        # type: () -> Deferred
        return maybeDeferred(self.setup_application)

    @inlineCallbacks
    def setup_connector(self, connector_class, name, middleware=False):
        # type: (Type[Any], Text, bool) -> Deferred
        """Fires with the connector, set up."""
        connector = self.connectors[name] = connector_class(
            self, name, prefetch_count=self.get_static_config().amqp_prefetch_count,
            middlewares=self.middlewares if middleware else [])
        yield connector.setup()
        returnValue(connector)

    def setup_publish_status_connector(self, name, middleware=True):
        # type: (Text, bool) -> Deferred
        return self.setup_connector(PublishStatusConnector, name, middleware=middleware)

    def start_publisher(self, publisher_class, *args):
        # type: (Any, *Any) -> Deferred
        """Fires with a publisher on the present connection."""
        return self._amqp_client.start_publisher(publisher_class, *args)


class WorkerCreator(object):
    """Makes workers that connect by `options`."""

    def __init__(self, options):
        # type: (Dict[Text, Any]) -> None
        self._options = options

    def create_worker_by_class(self, worker_class, config, timeout=30):
        # type: (Any, Dict[Text, Any], float) -> Any
        """A worker, not started.  Errors: `ConfigError`."""
        worker = worker_class(self._options, config)
        TCPClient(self._options['hostname'], self._options['port'], AmqpFactory(), timeout,
                  None).setServiceParent(worker)
        return worker
