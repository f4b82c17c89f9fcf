"""How commands get at the worker's configuration and store.

Each reads the worker's own YAML file, so that it speaks of the same store.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import functools
import getpass
import io
import os
from typing import Any, Callable, Dict, Text  # noqa: F401

import yaml
from twisted.internet import defer, reactor, task

from vumi_snappy.cli.grammar import Trouble
from vumi_snappy.config import ConfigError, SnappyBouncerConfig
from vumi_snappy.config.fields import as_text
from vumi_snappy.console.desk import Desk
from vumi_snappy.store import Store

#: Seconds to wait for Redis before giving up.
_PATIENCE = 5.0


def read_config(path):
    # type: (Text) -> SnappyBouncerConfig
    """The worker's configuration in the file `path`.  Errors: `Trouble`."""
    try:
        return SnappyBouncerConfig(read_options(path), static=True)
    except ConfigError as failed:
        raise Trouble('%s' % (failed,))


def read_options(path):
    # type: (Text) -> Dict[Text, Any]
    """The options in the YAML file `path`, as they are.  Errors: `Trouble`."""
    try:
        with io.open(path, encoding='utf-8') as source:
            data = yaml.safe_load(source)
    except EnvironmentError as failed:
        raise Trouble('%s can not be read: %s' % (path, failed.strerror))
    except UnicodeDecodeError:
        raise Trouble('%s is not a text in UTF-8' % (path,))
    except yaml.YAMLError as failed:
        mark = getattr(failed, 'problem_mark', None)
        raise Trouble('%s is not YAML%s: %s' % (
            path, ' (line %d)' % (mark.line + 1,) if mark else '',
            getattr(failed, 'problem', None) or 'unknown error'))
    if not isinstance(data, dict):
        raise Trouble('%s must hold options, as "name: value" lines' % (path,))
    return data


@defer.inlineCallbacks
def open_store(config):
    """Fires with the connected store of `config`.  Errors: `Trouble`."""
    redis = config.redis
    store = Store(reactor, redis['host'], redis['port'], redis['db'], redis['password'],
                  key_prefix=redis['key_prefix'],
                  new_ticket_after=config.new_ticket_after * 3600.0,
                  rate_limit=config.snappy_rate_limit, call_timeout=config.snappy_timeout)
    store.start()
    until = reactor.seconds() + _PATIENCE
    while store.trouble and reactor.seconds() < until:
        yield task.deferLater(reactor, 0.02, lambda: None)
    trouble = store.trouble
    if trouble:
        yield store.stop()
        raise Trouble('Redis at %s:%s can not be used: %s' % (
            redis['host'], redis['port'], trouble))
    defer.returnValue(store)


def operator():
    # type: () -> Text
    """Who is at the command line, for the audit trail."""
    try:
        return 'command line (%s)' % (as_text(getpass.getuser()),)
    except (ImportError, KeyError):  # as in a container whose user has no name
        return 'command line (%d)' % (os.getuid(),)


def with_store(command):
    # type: (Callable) -> Callable
    """Make ``command(store, options)`` one of the options alone, and close the store behind it."""
    return _with(command, lambda store, _config: store)


def with_desk(command):
    # type: (Callable) -> Callable
    """As `with_store`, for a ``command(desk, options)`` over the `Desk` that the console has."""
    return _with(command, lambda store, config: Desk(
        store, config.snappy_rate_limit, config.console_ticket_url))


def _with(command, given):
    # type: (Callable, Callable) -> Callable
    @functools.wraps(command)
    @defer.inlineCallbacks
    def run(options):
        config = read_config(options.config)
        store = yield open_store(config)
        try:
            yield command(given(store, config), options)
        finally:
            yield store.stop()
    return run
