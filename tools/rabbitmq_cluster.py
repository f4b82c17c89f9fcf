"""A private cluster of three RabbitMQ nodes, whose queues are quorum queues (see `tools.servers`).

The nodes share an epmd and a cookie of their own, and all listen on 127.0.0.1, each on ports of
its own.  A node is partitioned from the others by giving it another cookie for them, so that
neither side accepts the other; that needs no root.  A node without a majority pauses, and recovers
by itself.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import time
import uuid
from typing import Any, Dict, List, Text  # noqa: F401

from tools.ports import HOST, answers
from tools.processes import ProcessFailed
from tools.rabbitmq_server import Broker, Epmd, RabbitMQ

#: Seconds until a node that was frozen or partitioned notices, and pauses.
_SEEN = 3.0

_OPTIONS = 'cluster_partition_handling = pause_minority\n'


class RabbitMQCluster(Broker):
    """Three nodes that are one broker; faults are injected into its `nodes`.  Calls block."""

    vhost = '/cluster'
    patience = 120.0

    def __init__(self, folder, guard, size=3):
        # type: (Text, Any, int) -> None
        os.mkdir(os.path.join(folder, 'cluster'))
        self._cookie = '%s' % (uuid.uuid4().hex,)
        epmd = Epmd(folder, guard)
        self.nodes = []  # type: List[RabbitMQ]
        for n in range(size):
            home = os.path.join(folder, 'cluster', '%d' % (n,))
            os.mkdir(home)
            self.nodes.append(RabbitMQ(home, guard, epmd, self._cookie))
        first = self.nodes[0]
        self.username, self.password = first.username, first.password
        for node in self.nodes:
            node.add_options(_OPTIONS)
        self.port, self.process = first.port, first.process

    @property
    def ports(self):
        # type: () -> List[int]
        """The ports for clients, in the order to try them."""
        return [node.port for node in self.nodes]

    @property
    def endpoints(self):
        # type: () -> List[Text]
        """The same, as Twisted's client endpoints."""
        return ['tcp:%s:%d' % (HOST, port) for port in self.ports]

    def begin(self):
        # type: () -> None
        """Start the nodes, not yet as a cluster."""
        for node in self.nodes:
            node.begin()

    def wait(self):
        # type: () -> None
        """Return when all nodes are one cluster.  Errors: `ProcessFailed`."""
        first = self.nodes[0]
        for node in self.nodes:
            node.wait()
        for node in self.nodes[1:]:
            for step in (['stop_app'], ['reset'], ['join_cluster', first.name], ['start_app']):
                node.ctl(*step)
        first.ctl('add_vhost', self.vhost, '--default-queue-type', 'quorum')
        first.ctl('set_permissions', '-p', self.vhost, self.username, '.*', '.*', '.*')

    def end(self):
        # type: () -> None
        for node in self.nodes:
            node.end()

    def cut_off(self, node):
        # type: (RabbitMQ) -> None
        """Partition `node` from the others."""
        node.ctl('eval', '[begin erlang:set_cookie(N, cut_off), erlang:disconnect_node(N) end'
                         ' || N <- %s].' % (self._others(node),))

    def join_again(self, node):
        # type: (RabbitMQ) -> None
        """Undo `cut_off`; returns when the node has rejoined."""
        node.ctl('eval', "[erlang:set_cookie(N, '%s') || N <- %s]." % (
            self._cookie, self._others(node)))
        self.wait_for(node)

    def wait_for(self, node):
        # type: (RabbitMQ) -> None
        """Return when a node that had lost the others has rejoined the cluster.

        Errors: `ProcessFailed`.
        """
        end = time.time() + self.patience
        time.sleep(_SEEN)
        while True:
            try:
                running = node.ctl('eval', 'length(rabbit_mnesia:cluster_nodes(running)).')
                if running.strip() == '%d' % (len(self.nodes),) and answers(node.port):
                    return
            except ProcessFailed:
                pass
            if time.time() > end:
                raise ProcessFailed('%s did not come back:\n%s' % (node.name, node.process.tail()))
            time.sleep(0.5)

    def vumi_options(self):
        # type: () -> Dict[Text, Any]
        """As `RabbitMQ.vumi_options`, of the first node."""
        return dict(self.nodes[0].vumi_options(), vhost=self.vhost)

    def ctl(self, *arguments):
        # type: (*Text) -> Text
        """As `RabbitMQ.ctl`, by the first node that answers."""
        for node in self.nodes[:-1]:
            try:
                return node.ctl(*arguments)
            except ProcessFailed:
                pass
        return self.nodes[-1].ctl(*arguments)

    def _others(self, node):
        # type: (RabbitMQ) -> Text
        return '[%s]' % (', '.join("'%s'" % each.name for each in self.nodes if each is not node))
