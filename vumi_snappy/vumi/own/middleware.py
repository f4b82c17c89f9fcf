"""Middlewares: what sees each message between a connector and the bus.

Those that come with Vumi exist for Python 2.7 alone, and are refused by name.  An operator's own
derive from `BaseMiddleware`, import nothing of Vumi, and run as they do there.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from importlib import import_module
from operator import attrgetter
from typing import Any, Dict, List, Text  # noqa: F401

from twisted.internet.defer import Deferred, inlineCallbacks, returnValue  # noqa: F401

from vumi_snappy.vumi.own.config import Config, ConfigError, ConfigInt


class MiddlewareError(Exception):
    """A middleware did what none may do."""


class BaseMiddlewareConfig(Config):
    """What every middleware can be told."""

    consume_priority = ConfigInt(
        'Those of lower priority see a consumed message first.', default=0, static=True)
    publish_priority = ConfigInt(
        'Those of lower priority see a published message first.', default=0, static=True)


class BaseMiddleware(object):
    """Sees a message of each kind by a method such as `handle_consume_inbound(message,
    connector_name)`, or for both ways by `handle_inbound`, and gives it back, or another one in
    its place, maybe by a Deferred."""

    CONFIG_CLASS = BaseMiddlewareConfig

    def __init__(self, name, config, worker):
        # type: (Text, Dict[Text, Any], Any) -> None
        self.name, self.worker = name, worker
        self.config = self.CONFIG_CLASS(config, static=True)
        self.consume_priority = self.config.consume_priority
        self.publish_priority = self.config.publish_priority

    def setup_middleware(self):
        # type: () -> Any
        """For subclasses: called once, may give a Deferred."""

    def teardown_middleware(self):
        # type: () -> Any
        """For subclasses: called when the worker stops, may give a Deferred."""


def _give_back(self, message, connector_name):
    # type: (Any, Any, Text) -> Any
    return message


def _both_ways(kind):
    # type: (Text) -> Any
    def handle(self, message, connector_name):
        return getattr(self, 'handle_%s' % (kind,))(message, connector_name)
    return handle


# What a subclass does not override.
for _kind in ('inbound', 'outbound', 'event', 'failure', 'status'):
    setattr(BaseMiddleware, 'handle_%s' % (_kind,), _give_back)
    for _way in ('consume', 'publish'):
        setattr(BaseMiddleware, 'handle_%s_%s' % (_way, _kind), _both_ways(_kind))


@inlineCallbacks
def setup_middlewares_from_config(worker, config):
    # type: (Any, Dict[Text, Any]) -> Deferred
    """Fires with the middlewares of `config`, which are set up.  Errors: `ConfigError`, and what
    importing and setting up raise."""
    middlewares = []
    items = config.get('middleware') or []
    for reason in refused(items):
        raise ConfigError(reason)
    for number, item in enumerate(items, 1):
        # Not the item itself: a token may be in it.
        if not isinstance(item, dict) or len(item) != 1:
            raise ConfigError('Middleware %d is not a name with the name of a class.' % (number,))
        [(name, path)] = item.items()
        form = path if isinstance(path, dict) else {'class': path}
        settings = dict(config.get(name, {}), **{
            str(option): form.get(option, 0)
            for option in ('consume_priority', 'publish_priority')})
        path = form.get('class')
        if not isinstance(path, Text):
            raise ConfigError('Middleware %d (%s) has no class.' % (number, name))
        module, _, class_name = path.rpartition('.')
        middlewares.append(getattr(import_module(module), class_name)(name, settings, worker))
    for middleware in middlewares:
        yield middleware.setup_middleware()
    returnValue(middlewares)


def refused(items):
    # type: (List[Any]) -> List[Text]
    """Of the option `middleware`: why those that come with Vumi can not be used."""
    classes = [path['class'] if isinstance(path, dict) and 'class' in path else path
               for item in items if isinstance(item, dict) for path in item.values()]
    return [
        'The middleware %s comes with Vumi, which exists for Python 2.7 alone: give it to the'
        ' transport, which runs there and handles the same messages, or run this worker on Python'
        ' 2.7.' % (path,) for path in classes if ('%s' % (path,)).startswith('vumi.')]


class MiddlewareStack(object):
    """Middlewares in the order in which they see a message."""

    def __init__(self, middlewares):
        # type: (List[Any]) -> None
        self._consuming = sorted(middlewares, key=attrgetter(str('consume_priority')))
        self._publishing = sorted(middlewares[::-1], key=attrgetter(str('publish_priority')))

    def apply_consume(self, kind, message, connector_name):
        # type: (Text, Any, Text) -> Deferred
        """Fires with what they make of a message that was consumed."""
        return self._apply(self._consuming, 'consume', kind, message, connector_name)

    def apply_publish(self, kind, message, connector_name):
        # type: (Text, Any, Text) -> Deferred
        """Fires with what they make of a message to be published."""
        return self._apply(self._publishing, 'publish', kind, message, connector_name)

    @inlineCallbacks
    def _apply(self, middlewares, way, kind, message, connector_name):
        # type: (List[Any], Text, Text, Any, Text) -> Deferred
        for middleware in middlewares:
            message = yield getattr(middleware, 'handle_%s_%s' % (way, kind))(
                message, connector_name)
            if message is None:
                raise MiddlewareError('%s gave no message back' % (middleware.name,))
        returnValue(message)

    @inlineCallbacks
    def teardown(self):
        # type: () -> Deferred
        """Ends them, in the order of publishing."""
        for middleware in self._publishing:
            yield middleware.teardown_middleware()
