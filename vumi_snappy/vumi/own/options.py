"""What is said to twistd on the command line, and the service that is made of it."""
from __future__ import absolute_import, division, print_function, unicode_literals

from importlib import import_module
from typing import Any, Dict, Text  # noqa: F401

import yaml
from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from twisted.python import usage
from zope.interface import implementer

from vumi_snappy.vumi.own.worker import WorkerCreator


class VumiError(Exception):
    """What was said on the command line is not enough."""


class VumiOptions(usage.Options):
    """Where the broker is; what the command line does not say is said by the file of
    --vumi-config, or has a default."""

    optParameters = [
        ['hostname', None, None, 'AMQP broker (*)'],
        ['port', None, None, 'AMQP port (*)', int],
        ['username', None, None, 'AMQP username (*)'],
        ['password', None, None, 'AMQP password (*)'],
        ['vhost', None, None, 'AMQP virtual host (*)'],
        ['specfile', None, None, 'AMQP spec file (*)'],
        ['sentry', None, None, 'not on Python 3 (*)'],
        ['vumi-config', None, None, 'YAML file of the options that are marked (*)'],
        ['system-id', None, None, 'name of the deployment, for heartbeats'],
    ]  # type: Any

    default_vumi_options = {
        'hostname': '127.0.0.1', 'port': 5672, 'username': 'vumi', 'password': 'vumi',
        'vhost': '/develop', 'specfile': 'amqp-spec-0-8.xml', 'sentry': None}  # type: Any

    def postOptions(self):
        # type: () -> None
        self.vumi_options = self.get_vumi_options()

    def get_vumi_options(self):
        # type: () -> Dict[Text, Any]
        """The options of the connection.  Errors: those of opening and reading the file."""
        options = dict(self.default_vumi_options)
        path = self.opts.pop('vumi-config', None)
        if path:
            options.update(_read(path))
        for name in [each[0] for each in VumiOptions.optParameters]:
            value = self.opts.pop(name, None)
            if value is not None:
                options[name] = value
        return options


class StartWorkerOptions(VumiOptions):
    """Which worker, and its configuration."""

    optFlags = [['worker-help', None, 'print what the worker can be told, and exit']]
    optParameters = [
        ['worker-class', None, None, 'class of the worker'],
        ['worker_class', None, None, 'as --worker-class'],
        ['config', None, None, "YAML file of the worker's configuration"],
        ['maxthreads', None, None, 'threads of the reactor, at most', int],
    ]  # type: Any

    def __init__(self):
        # type: () -> None
        super(StartWorkerOptions, self).__init__()
        self._set = {}  # type: Dict[Text, Any]

    def opt_set_option(self, keyvalue):
        """NAME:VALUE: an option of the worker's configuration, instead of the one in its file"""
        name, _, value = keyvalue.partition(':')
        self._set[name] = value

    def postOptions(self):
        # type: () -> None
        super(StartWorkerOptions, self).postOptions()
        self.worker_class = self.get_worker_class()
        if self.opts.pop('worker-help', None):
            print(_worker_help(self.worker_class))
            raise SystemExit(0)
        self.worker_config = self.get_worker_config()
        self.maxthreads = self.opts.pop('maxthreads', None)

    def get_worker_class(self):
        # type: () -> Text
        """The class's name, with its module's.  Errors: `VumiError`, where there is none."""
        names = [self.opts.pop(name, None) for name in ('worker-class', 'worker_class')]
        for name in names:
            if name:
                return name
        raise VumiError('please specify --worker-class')

    def get_worker_config(self):
        # type: () -> Dict[Text, Any]
        """The worker's configuration.  Errors: those of opening and reading the file."""
        path = self.opts.pop('config', None)
        config = {}  # type: Dict[Text, Any]
        if path:
            config.update(_read(path))
        config.update(self._set)
        return config


def _read(path):
    # type: (Text) -> Any
    with open(path, 'rb') as source:
        return yaml.safe_load(source)


def _class(name):
    # type: (Text) -> Any
    module, _, name = name.rpartition('.')
    return getattr(import_module(module), name)


def _worker_help(name):
    # type: (Text) -> Text
    fields = _class(name).CONFIG_CLASS._get_fields()
    return '\n\n'.join('%s (%s)\n    %s' % (
        field.name, field.field_type, field.doc) for field in fields)


@implementer(IServiceMaker, IPlugin)
class VumiWorkerServiceMaker(object):
    """Makes the worker."""

    def makeService(self, options):
        # type: (StartWorkerOptions) -> Any
        """Errors: `ConfigError`."""
        if options.vumi_options.get('sentry'):
            raise SystemExit('There is no Sentry on Python 3: leave out the option sentry')
        if options.maxthreads is not None:
            from twisted.internet import reactor  # which twistd chooses after it has read options
            reactor.suggestThreadPoolSize(options.maxthreads)
        return WorkerCreator(options.vumi_options).create_worker_by_class(
            _class(options.worker_class), options.worker_config)
