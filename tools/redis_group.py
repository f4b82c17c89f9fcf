"""A Redis, a replica and three Sentinels for the fail-over (see `tools.servers`)."""
from __future__ import absolute_import, division, print_function, unicode_literals

import re
import time
from typing import Any, Dict, List, Optional, Text  # noqa: F401

from tools.ports import HOST
from tools.processes import ProcessFailed
from tools.redis_server import Redis, Sentinel
from vumi_snappy.store import RedisServer

_SERVICE = 'bridge'
#: Seconds that a fail-over, or rejoining, may take.
_PATIENCE = 30.0


class RedisGroup(object):
    """Used like a `Redis`: its methods act on the current master.

    `min_replicas`: the master accepts no writes while it has fewer replicas; `wait_replicas`: as
    in redis_manager.
    """

    def __init__(self, folder, guard, fsync='always', min_replicas=0, wait_replicas=0):
        # type: (Text, object, Text, int, int) -> None
        settings = ['repl-diskless-sync-delay 0', 'min-replicas-to-write %d' % (min_replicas,),
                    'min-replicas-max-lag 2']
        first = Redis(folder, guard, fsync, 'redis-0', settings)
        self.nodes = [first, Redis(folder, guard, fsync, 'redis-1', settings + [
            'replicaof %s %d' % (HOST, first.port)])]
        self.sentinels = [Sentinel(folder, guard, 'sentinel-%d' % (n,), first, _SERVICE, 2)
                          for n in range(3)]
        self.wait_replicas = wait_replicas
        self._failed = first

    @property
    def manager(self):
        # type: () -> Dict[Text, Any]
        """A worker's `redis_manager` for it."""
        return {'sentinels': ['%s:%d' % (HOST, each.port) for each in self.sentinels],
                'service_name': _SERVICE, 'wait_replicas': self.wait_replicas}

    @property
    def server(self):
        # type: () -> RedisServer
        """The same for a `Store`, which waits for no replica."""
        return RedisServer(sentinels=[(HOST, each.port) for each in self.sentinels],
                           service_name=_SERVICE)

    @property
    def process(self):
        # type: () -> Any
        """The process of the master."""
        return self.master.process

    @property
    def port(self):
        # type: () -> int
        """The port of the master."""
        return self.master.port

    @property
    def master(self):
        # type: () -> Redis
        """The one that a Sentinel names."""
        for sentinel in self.sentinels:
            try:
                said = sentinel.command('SENTINEL', 'get-master-addr-by-name', _SERVICE)
            except EnvironmentError:
                continue
            port = int(re.findall(b'\\d+\r\n$', said)[0])
            return [each for each in self.nodes if each.port == port][0]
        raise ProcessFailed('no Sentinel responds')

    def begin(self):
        # type: () -> None
        """Start all without waiting."""
        for each in self._all():
            each.begin()

    def wait(self):
        # type: () -> None
        """Return when the Sentinels know each other and the replica is in sync."""
        for each in self._all():
            each.wait()
        self._until(lambda: all(self._knows(each) for each in self.sentinels), 'watched')
        self.wait_for_replica()

    def wait_for_replica(self):
        # type: () -> None
        """Return when a replica has what the master has written by now: one that has just joined
        reports that it is online before it has any of it."""
        written = int(self._replication(br'master_repl_offset:(\d+)') or 0)
        self._until(lambda: int(self._replication(br'state=online,offset=(\d+)') or 0)
                    >= max(written, 1), 'followed by its replica')

    def _replication(self, what):
        # type: (bytes) -> Optional[bytes]
        found = re.search(what, self.master.command('INFO', 'replication'))
        return found.group(1) if found else None

    def kill(self):
        # type: () -> None
        """The master crashes."""
        self._failed = self.master
        self._failed.kill()

    def freeze(self):
        # type: () -> None
        """The master hangs."""
        self._failed = self.master
        self._failed.freeze()

    def fail_over(self):
        # type: () -> None
        """Return when another one than the one that failed is the master."""
        self._until(lambda: self.master is not self._failed, 'replaced')

    def start(self):
        # type: () -> None
        """Start the one that crashed; it becomes a replica."""
        self._failed.start()
        self.wait_for_replica()

    def thaw(self):
        # type: () -> None
        """Let the one that hung go on; it becomes a replica."""
        self._failed.thaw()
        self.wait_for_replica()

    def end(self):
        # type: () -> None
        """End all, for good."""
        for each in self._all():
            each.end()

    def _all(self):
        # type: () -> List[Any]
        found = []  # type: List[Any]
        found.extend(self.nodes)
        found.extend(self.sentinels)
        return found

    @staticmethod
    def _knows(sentinel):
        # type: (Sentinel) -> bool
        reply = sentinel.command('SENTINEL', 'MASTER', _SERVICE)
        return (re.search(b'num-slaves\r\n\\$\\d+\r\n1\r\n', reply) is not None
                and re.search(b'num-other-sentinels\r\n\\$\\d+\r\n2\r\n', reply) is not None)

    def _until(self, check, what):
        # type: (Any, Text) -> None
        deadline = time.time() + _PATIENCE
        while time.time() < deadline:
            try:
                if check():
                    return
            except EnvironmentError:
                pass
            time.sleep(0.05)
        raise ProcessFailed('the Redis master was not %s in %g seconds' % (
            what, _PATIENCE))
