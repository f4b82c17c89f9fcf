"""A worker of Vumi 2.7 that reads statuses, by Vumi's own connector, and logs them."""
from __future__ import absolute_import, division, print_function, unicode_literals

from twisted.python import log
from vumi.worker import BaseWorker


class StatusReader(BaseWorker):
    def setup_connectors(self):
        return self.setup_receive_status_connector(
            '%s.status' % (self.config['transport_name'],)).addCallback(
                lambda connector: connector.set_status_handler(self.read))

    def setup_worker(self):
        self.unpause_connectors()
        log.msg('reads statuses')

    def teardown_worker(self):
        pass

    def read(self, status):
        log.msg('read a %s: %s is %s, %s, of %s' % (
            type(status).__name__, status['component'], status['status'], status['type'],
            status['details']['worker_name']))
