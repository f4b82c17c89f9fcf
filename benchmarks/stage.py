"""The real parts that a measure is made on: RabbitMQ, Redis, a stand-in Snappy, workers, peers and
drivers, each a process of its own on loopback ports.

A `Stage` is used by one measure and ends with all that was started, however that goes
(`tools.guard`).  Its calls block, each with a bound.  Errors: `ProcessFailed`, with the end of the
log of what failed.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import itertools
import json
import os
import sys
import time
import uuid
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

import redis
import requests

from benchmarks.usage import group_usage
from tools.ports import free_port
from tools.processes import TWISTD, Process, ProcessFailed, environment, worker_of
from tools.servers import Servers
from tools.standin_client import StandinClient

#: Seconds that a process may take to be ready, on a busy machine.
READY_WITHIN = 60.0
#: Seconds that a driver may take.
DRIVEN_WITHIN = 900.0
#: More than the stand-in's ledger ever counts.
_NEVER = 10 ** 12


class Stage(object):
    """`fsync` is Redis's ``appendfsync``; the append-only file is always on, as the documents of
    the worker demand."""

    def __init__(self, fsync='everysec'):
        # type: (Text) -> None
        self.servers = Servers(fsync=fsync)
        self.folder = self.servers.folder
        self.log_dir = os.path.join(self.folder, 'logs')
        #: The stand-in, for whoever steers it; None before `start_standin`.
        self.standin = None  # type: Any
        self.standin_process = None  # type: Any
        self.secret = uuid.uuid4().hex
        self._latency = 0.0
        self._ports = {}  # type: Dict[Text, int]
        self._started = []  # type: List[Process]
        #: A fresh one each time.
        self.numbers = itertools.count()
        self._count = 0
        self._http = requests.Session()
        self._http.trust_env = False

    def __enter__(self):
        # type: () -> Stage
        os.makedirs(self.log_dir)
        try:
            self.servers.start()
        except BaseException:
            self.stop()
            raise
        self.write('vumi', self.amqp())
        return self

    def __exit__(self, *_ignored):
        # type: (*Any) -> None
        self.stop()

    def stop(self):
        # type: () -> None
        """End everything and remove its data."""
        for process in self._started:
            process.kill()
        self.servers.stop()

    # Where things are.

    def amqp(self):
        # type: () -> Dict[Text, Any]
        """The broker, as a Vumi configuration tells it."""
        return self.servers.rabbitmq.vumi_options()

    def redis(self):
        # type: () -> Any
        """A client of the Redis."""
        return redis.StrictRedis(host='127.0.0.1', port=self.servers.redis.port)

    def fresh_name(self):
        # type: () -> Text
        """A transport's name that was not used on this stage: its queues are empty."""
        self._count += 1
        return 'sms%d' % (self._count,)

    def web_url(self, process):
        # type: (Process) -> Text
        """Where a worker listens for webhooks, without its path."""
        return 'http://127.0.0.1:%d' % (self._ports[process.name],)

    def queued(self, queue):
        # type: (Text) -> int
        """Messages in a queue, unacknowledged ones too."""
        return self.servers.rabbitmq.list_queues().get(queue, 0)

    # The stand-in.

    def start_standin(self, latency=0.0, rate_limit=0):
        # type: (float, int) -> Any
        """Start the stand-in with so many seconds of latency and requests a minute (0: no limit);
        returns its `StandinClient`."""
        self.standin = StandinClient(free_port(), uuid.uuid4().hex, rate_limit)
        self.standin_process = self._process('standin', TWISTD + self.standin.arguments())
        self.standin_process.start()
        self.standin_process.wait_until(self.standin.ready, READY_WITHIN)
        self.set_latency(latency)
        return self.standin

    def set_latency(self, seconds):
        # type: (float) -> None
        """Have the stand-in answer each call after `seconds`."""
        self._latency = seconds
        self.standin.clear_faults()
        if seconds:
            self.standin.add_fault('latency', seconds=seconds)

    def reset_standin(self):
        # type: () -> int
        """Forget its tickets and calls; returns the number of calls so far, for `calls`."""
        self.standin.post('reset', {})
        self.set_latency(self._latency)
        return self.call_count()

    def call_count(self):
        # type: () -> int
        """Calls that the stand-in got in all; cheap."""
        return self.standin.get('ledger?since=%d' % (_NEVER,))['count']

    def await_calls(self, before, count, within=DRIVEN_WITHIN, pause=0.1):
        # type: (int, int, float, float) -> None
        """Return when the stand-in got `count` calls after number `before`."""
        self.await_true(lambda: self.call_count() - before >= count, within, pause,
                        '%d calls at the stand-in' % (count,))
        time.sleep(self._latency + 0.1)

    def await_tickets(self, before, count, within=DRIVEN_WITHIN):
        # type: (int, int, float) -> List[Dict[Text, Any]]
        """The calls after number `before` that opened `count` tickets, once they have; a worker makes
        others as well, to see how Snappy is."""
        self.await_calls(before, count, within)

        def opened():
            # type: () -> List[Dict[Text, Any]]
            found = [call for call in self.calls(before) if call['work'] == 'ticket opened']
            return found if len(found) >= count else []
        found = self.await_true(opened, 60.0, 0.3, '%d tickets' % (count,))
        if len(found) != count:
            raise ProcessFailed('%d tickets were opened, of %d' % (len(found), count))
        return found

    def calls(self, before, page=1000):
        # type: (int, int) -> List[Dict[Text, Any]]
        """The calls after number `before`, oldest first, from the stand-in's ledger."""
        found = []  # type: List[Dict[Text, Any]]
        while True:
            more = self.standin.get('ledger?since=%d&limit=%d' % (before, page))['calls']
            if not more:
                return found
            found.extend(more)
            before = more[-1]['number']

    # Processes.

    def start_worker(self, name, transport_name,
                     worker_class='vumi_snappy.SnappyBouncerWorker', python=sys.executable,
                     **options):
        # type: (Text, Text, Text, Text, **Any) -> Process
        """Start a worker of ours on the interpreter `python`, with configuration `options` over those
        that every measure has, and return when it says that it is well."""
        self._ports[name] = free_port()
        config = {
            'transport_name': transport_name, 'worker_name': name,
            'redis_manager': {'host': '127.0.0.1', 'port': self.servers.redis.port, 'db': 0,
                              'key_prefix': 'bench-%s' % (transport_name,)},
            'snappy_mailbox_id': StandinClient.mailbox_id,
            'snappy_staff_id': StandinClient.worker_staff_id,
            'contact_address': '{from_addr}@sms.example.org', 'snappy_rate_limit': 0,
            'web_endpoint': 'tcp:%d:interface=127.0.0.1' % (self._ports[name],),
            'web_path': '/snappy', 'webhook_secret': self.secret}  # type: Dict[Text, Any]
        if self.standin is not None:
            config.update(snappy_api_url=self.standin.api_url,
                          snappy_api_key=self.standin.api_key)
        config.update({'%s' % (key,): value for key, value in options.items()})
        process = self.start_vumi_worker(name, worker_class, config, python)
        health = '%s/health/' % (self.web_url(process),)
        process.wait_until(
            lambda: self._http.get(health, timeout=10).status_code in (200, 503), READY_WITHIN)
        return process

    def start_vumi_worker(self, name, worker_class, config, python=sys.executable):
        # type: (Text, Text, Dict[Text, Any], Text) -> Process
        """Start one of Vumi's workers on the bus; returns at once."""
        self.write(name, config)
        process = self._process(name, worker_of(python) + [
            '--worker-class', worker_class, '--config', self._config(name),
            '--vumi-config', self._config('vumi')])
        process.start()
        return process

    def start_python(self, name, module, *arguments):
        # type: (Text, Text, *Any) -> Process
        """Start ``python -m MODULE ARGUMENT ...`` of the checkout; returns at once."""
        return self.start(name, [sys.executable, '-m', module] + [
            '%s' % (each,) for each in arguments])

    def start(self, name, argv, env=None):
        # type: (Text, List[Text], Optional[Dict[str, str]]) -> Process
        """Start a command; it ends with the stage."""
        process = self._process(name, argv, env)
        process.start()
        return process

    def drive(self, module, *arguments):
        # type: (Text, *Any) -> Dict[Text, Any]
        """Run a driver, ``python -m MODULE ...``, to its end; returns the JSON object that it says
        in its last line."""
        self._count += 1
        return self.finish(self.start_python('driver%d' % (self._count,), module, *arguments))

    def finish(self, process, within=DRIVEN_WITHIN):
        # type: (Process, float) -> Dict[Text, Any]
        """Wait for the end of a driver; returns the JSON object that it says in its last line."""
        deadline = time.time() + within
        while process.alive:
            if time.time() > deadline:
                raise ProcessFailed('%s took more than %g seconds' % (process.name, within))
            time.sleep(0.02)
        if process.status:
            raise ProcessFailed('%s ended with status %s:\n%s' % (
                process.name, process.status, process.tail()))
        return json.loads(process.log().strip().splitlines()[-1])

    def fill(self, transport_name, count, people=None, **options):
        # type: (Text, int, Optional[int], **Any) -> Dict[Text, Any]
        """Publish `count` messages of so many `people` (else each of another one) as a transport
        does; returns what `benchmarks.processes.publish` tells.  `options` are further
        ones of it."""
        return self.finish(self.start_publishing(transport_name, count, people, **options))

    def start_publishing(self, transport_name, count, people=None, **options):
        # type: (Text, int, Optional[int], **Any) -> Process
        """As `fill`, without waiting."""
        self._count += 1
        told = []  # type: List[Any]
        for key in sorted(options):
            told += ['--%s' % (key.replace('_', '-'),), options[key]]
        return self.start_python(
            'publish%d' % (self._count,), 'benchmarks.processes.publish',
            '--amqp', json.dumps(self.amqp()), '--transport-name', transport_name,
            '--count', count, '--people', people or count, *told)

    @staticmethod
    def usage(process):
        # type: (Process) -> Tuple[float, int]
        """CPU seconds so far and resident bytes now, of a process and what it started."""
        return group_usage(process.pid or -1)

    @staticmethod
    def await_true(check, within, pause=0.1, what='it'):
        # type: (Any, float, float, Text) -> Any
        """Return the first true answer of `check()`."""
        deadline = time.time() + within
        while True:
            found = check()
            if found:
                return found
            if time.time() > deadline:
                raise ProcessFailed('%s: not in %g seconds' % (what, within))
            time.sleep(pause)

    def write(self, name, values):
        # type: (Text, Dict[Text, Any]) -> None
        """Write a configuration file."""
        with io.open(self._config(name), 'w', encoding='utf-8') as out:
            out.write('%s\n' % (json.dumps(values, indent=2),))  # JSON is YAML, too.

    def _config(self, name):
        return os.path.join(self.folder, '%s.yaml' % (name,))

    def _process(self, name, argv, env=None):
        process = Process(name, argv, os.path.join(self.log_dir, '%s.log' % (name,)),
                          self.servers.guard, cwd=self.folder, env=env or environment())
        self._started.append(process)
        return process
