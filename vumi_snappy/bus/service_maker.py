"""``twistd vumi_snappy --config FILE``: the worker, without having to name its class."""
from __future__ import absolute_import, division, print_function

import sys

import six
import yaml

from vumi_snappy.bus.specification import DEFAULT, load
from vumi_snappy.vumi.config import ConfigError
from vumi_snappy.vumi.options import StartWorkerOptions, VumiWorkerServiceMaker


class BouncerOptions(StartWorkerOptions):
    """The options of ``vumi_worker``, with a worker class that is known, and AMQP 0-9-1."""

    longdesc = """Bounce messages between Vumi and the Snappy help desk."""

    default_vumi_options = dict(
        StartWorkerOptions.default_vumi_options, specfile=DEFAULT)

    def get_worker_class(self):
        if not self.opts.get('worker-class') and not self.opts.get('worker_class'):
            self.opts['worker-class'] = 'vumi_snappy.SnappyBouncerWorker'
        return StartWorkerOptions.get_worker_class(self)

    def get_worker_config(self):
        path = self.opts.get('config')
        try:
            return StartWorkerOptions.get_worker_config(self)
        except (EnvironmentError, ValueError, TypeError, yaml.YAMLError) as error:
            # Not a usage.UsageError, at which twistd ends as if all were well.
            sys.exit(_words(path, error))


def _words(path, error):
    """Why the file `path` could not be read, as `vumi-snappy check-config` says it."""
    from vumi_snappy.cli.access import read_options  # it imports the reactor, which is not chosen
    from vumi_snappy.cli.grammar import Trouble
    try:
        read_options(path)
    except Trouble as trouble:
        return six.ensure_str(u'%s' % (trouble,))
    return '%s can not be read (%s)' % (path, type(error).__name__)


class BouncerServiceMaker(VumiWorkerServiceMaker):
    """Starts the worker; a configuration that can't be used is told without a traceback."""

    tapname = 'vumi_snappy'
    description = 'Start the bridge between Vumi and the Snappy help desk'
    options = BouncerOptions

    def makeService(self, options):
        try:
            load(options.vumi_options['specfile'])  # Vumi would tell a wrong path with a traceback
            return VumiWorkerServiceMaker.makeService(self, options)
        except ConfigError as error:
            sys.exit('%s' % (error,))  # in Python 2, bytes in UTF-8
