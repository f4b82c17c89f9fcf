"""Every option of the worker: its meaning, unit, default and checks.

Promises that a configuration is checked whole: `SnappyBouncerConfig(data)` raises one
`ConfigError` that names every field that is wrong and what to write instead, and secrets are in
none of its words.  The worker reads the options; nobody else does.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

from vumi_snappy.config.answers import AnswerOptions
from vumi_snappy.config.bouncer_api import BouncerApiOptions
from vumi_snappy.config.brokers import BrokerOptions
from vumi_snappy.config.checking import UNKNOWN_OPTION, WrongConfig
from vumi_snappy.config.console import ConsoleOptions
from vumi_snappy.config.extras import ExtrasOptions
from vumi_snappy.config.fields import ConfigError
from vumi_snappy.config.numbers import NumberOptions
from vumi_snappy.config.redis import RedisOptions
from vumi_snappy.config.replies import ReplyOptions
from vumi_snappy.config.snappy import SnappyOptions
from vumi_snappy.config.vumi import VumiOptions
from vumi_snappy.config.watching import WatchingOptions

__all__ = ['UNKNOWN_OPTION', 'ConfigError', 'SnappyBouncerConfig', 'WrongConfig']


class SnappyBouncerConfig(SnappyOptions, BouncerApiOptions, AnswerOptions, ReplyOptions,
                          WatchingOptions, ConsoleOptions, ExtrasOptions, NumberOptions,
                          BrokerOptions, RedisOptions, VumiOptions):
    """All options: each group has a module of its own."""
