"""How commands reach the worker's configuration and store: by the worker's own YAML file."""
from __future__ import absolute_import, division, print_function, unicode_literals

import functools
import getpass
import os
from typing import Any, Callable, Dict, Text  # noqa: F401

import yaml
from twisted.internet import defer, reactor, task

from vumi_snappy.cli.grammar import Trouble
from vumi_snappy.config import SnappyBouncerConfig
from vumi_snappy.config.fields import as_text, read_text, shown
from vumi_snappy.operations.operations import Operations
from vumi_snappy.store import Store

#: Seconds to wait for Redis before giving up.
_PATIENCE = 5.0


def read_config(path):
    # type: (Text) -> SnappyBouncerConfig
    """The worker's configuration in the file `path`.  Errors: `Trouble`, `ConfigError`."""
    return SnappyBouncerConfig(read_options(path), static=True)


def read_options(path):
    # type: (Text) -> Dict[Text, Any]
    """The options in the YAML file `path`, as they are.  Errors: `Trouble`."""
    name = shown(path)
    try:
        data = yaml.safe_load(read_text(path))
    except EnvironmentError as failed:
        raise Trouble('%s can not be read: %s' % (name, failed.strerror))
    except UnicodeDecodeError:
        raise Trouble('%s is not a text in UTF-8' % (name,))
    except yaml.YAMLError as failed:
        mark = getattr(failed, 'problem_mark', None)
        raise Trouble('%s is not YAML%s: %s' % (
            name, ' (line %d)' % (mark.line + 1,) if mark else '',
            getattr(failed, 'problem', None) or 'unknown error'))
    if not isinstance(data, dict):
        raise Trouble('%s must hold options, as "name: value" lines' % (name,))
    return data


@defer.inlineCallbacks
def open_store(config, of_any_bridge=False):
    """Fires with the connected store of `config`, with `of_any_bridge` also if it belongs to another
    bridge.  Errors: `Trouble`."""
    store = Store(reactor, config.redis, key_prefix=config.key_prefix,
                  new_ticket_after=config.new_ticket_after * 3600.0,
                  rate_limit=config.snappy_rate_limit, call_timeout=config.snappy_timeout,
                  owner='' if of_any_bridge else config.transport_name,
                  numbers=config.numbers)
    store.start()
    until = reactor.seconds() + _PATIENCE
    while store.trouble and reactor.seconds() < until:
        yield task.deferLater(reactor, 0.02, lambda: None)
    trouble = store.trouble
    if trouble:
        yield store.stop()
        raise Trouble('Redis at %s can not be used: %s' % (config.redis, trouble))
    defer.returnValue(store)


def operator():
    # type: () -> Text
    """Who is at the command line, for the audit trail."""
    try:
        return 'command line (%s)' % (as_text(getpass.getuser()),)
    except (ImportError, KeyError):  # as in a container whose user has no name
        return 'command line (%d)' % (os.getuid(),)


def with_operations(command):
    # type: (Callable) -> Callable
    """Make ``command(operations, options)`` a command that takes only the options, and closes the
    store after it."""
    @functools.wraps(command)
    @defer.inlineCallbacks
    def run(options):
        config = read_config(options.config)
        store = yield open_store(config)
        try:
            yield command(Operations(store, config.snappy_rate_limit, config.console_ticket_url),
                          options)
        finally:
            yield store.stop()
    return run
