"""``twistd vumi_snappy --config FILE``: the worker, without having to name its class."""
from __future__ import absolute_import, division, print_function

import sys

from vumi.config import ConfigError
from vumi.servicemaker import StartWorkerOptions, VumiWorkerServiceMaker


class BouncerOptions(StartWorkerOptions):
    """The options of ``vumi_worker``, with a worker class that is known."""

    longdesc = """Bounce messages between Vumi and the Snappy help desk."""

    def get_worker_class(self):
        if not self.opts.get('worker-class') and not self.opts.get('worker_class'):
            self.opts['worker-class'] = 'vumi_snappy.SnappyBouncerWorker'
        return StartWorkerOptions.get_worker_class(self)


class BouncerServiceMaker(VumiWorkerServiceMaker):
    """Starts the worker; a configuration that can't be used is told without a traceback."""

    tapname = 'vumi_snappy'
    description = 'Start the bridge between Vumi and the Snappy help desk'
    options = BouncerOptions

    def makeService(self, options):
        try:
            return VumiWorkerServiceMaker.makeService(self, options)
        except ConfigError as error:
            sys.exit('%s' % (error,))


serviceMaker = BouncerServiceMaker()
