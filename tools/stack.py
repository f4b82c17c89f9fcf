"""All processes of the loop: RabbitMQ, Redis, a stand-in Snappy, one of Vumi's own transports and
any number of workers, on free ports of 127.0.0.1.

`Stack` starts and stops it all; the demo, the smoke test, the end-to-end tests and the fault
driver share it.  Its calls block, each with a timeout.  However the calling process ends, also by
SIGKILL, the processes end and the private folder is removed (`tools.guard`).

The transport is `vumi.transports.vumi_bridge.GoConversationTransport`, unmodified: it takes
messages by HTTP POST, sends them by HTTP PUT to the phone network (`tools.network`), and publishes
acks and delivery reports.  Vumi's HTTP transports always listen on every interface, so its path
has a random part that only this process knows.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import sys
import uuid
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Sequence, Text, Union  # noqa: F401

import redis
import requests

from tools.network import PhoneNetwork, TextMessage  # noqa: F401
from tools.ports import answers, free_port
from tools.processes import TWISTD, Process, environment, vumi_python, worker_of
from tools.servers import Servers
from tools.standin_client import StandinClient
from tools.waiting import until

#: Seconds that a process may take to be ready, on a busy machine.
READY_WITHIN = 40.0
#: Seconds that an HTTP call to one of the parts may take.
PATIENCE = 10.0
#: The number that customers send to.
SHORT_CODE = '12345'
#: Hops that can be broken on purpose, and what is wrong then.
BREAKS = {
    'bus': 'the transport uses other queues than the worker',
    'snappy': 'the worker calls Snappy at an address where nothing listens',
    'webhook': "Snappy's webhook has a wrong secret",
    'transport': 'the phone network rejects messages'}


class Stack(object):
    """The whole loop on real parts.

    `workers` is the number of workers; `worker_config` overrides options of each of them;
    `log_dir` is the folder for logs (by default in the private folder, which `stop()` removes);
    `say` is called with lines of progress; `breaks` are names of `BREAKS`, hops to be broken;
    `rate_limit` is the stand-in's, in requests per minute (0: none); without `transport` the
    caller is the transport, and with ``plain`` it is `tools.plain_transport`, as where there is no
    Vumi; `cluster`: three nodes of RabbitMQ with quorum queues; the workers
    alone run on `pythons` (paths), in turn: by default on those of $VUMI_SNAPPY_WORKER_PYTHONS,
    parted as in $PATH, else on this one.  Errors: `ProcessFailed`, with the end of the log of
    what failed.
    """

    def __init__(self, workers=1, worker_config=None, log_dir=None, say=None, breaks=(),
                 rate_limit=200, worker_class='vumi_snappy.SnappyBouncerWorker', transport=True,
                 cluster=False, redis_group=None, pythons=None):
        # type: (int, Optional[Dict[Text, Any]], Optional[Text], Optional[Callable], Any, int, Text, Union[bool, Text], bool, Optional[Dict[Text, int]], Optional[Sequence[Text]]) -> None  # noqa: E501
        self.transport_name = 'sms'
        self.key_prefix = 'vumi_snappy'
        self.network = PhoneNetwork()
        self.servers = Servers(cluster=cluster, group=redis_group)
        self._cluster = cluster
        #: The help desk: the agent's calls, and its admin API.
        self.standin = None  # type: Any
        self.standin_process = None  # type: Any
        self.transport = None  # type: Any
        self.workers = []  # type: List[Process]
        self._beside = []  # type: List[Process]
        self._say = say or (lambda line: None)
        self._how_many = workers
        self._extra = dict(worker_config or {})
        self._breaks = frozenset(breaks)
        self._rate_limit, self._worker_class = rate_limit, worker_class
        self._with_transport = transport
        self._vumi_python = None if transport == 'plain' else vumi_python()
        named = os.environ.get(str('VUMI_SNAPPY_WORKER_PYTHONS'), sys.executable).split(os.pathsep)
        self._pythons = [os.path.abspath(python) for python in pythons or named]
        #: Where the logs of the processes are.
        self.log_dir = log_dir or os.path.join(self.servers.folder, 'logs')
        self._secret = uuid.uuid4().hex
        self._path = uuid.uuid4().hex
        self._web_ports = []  # type: List[int]
        self._transport_port = 0
        # A proxy from the environment must not see what goes over the loopback.
        self._http = requests.Session()
        self._http.trust_env = False

    # Starting and stopping.

    def start(self):
        # type: () -> Stack
        """Start everything; returns when messages can be sent.  Cleans up when it fails."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        # type: () -> None
        """Stop everything and remove the private folder."""
        for process in self._processes():
            process.ask_to_end()
        for process in self._processes():
            process.stop()
        self.network.stop()
        self.servers.stop()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_ignored):
        self.stop()

    def _start(self):
        if not os.path.isdir(self.log_dir):
            os.makedirs(self.log_dir)
        self.network.start()
        self._begin_standin()
        self._say('RabbitMQ and Redis ...')
        self.servers.start()
        self._write('vumi', dict(self.servers.rabbitmq.vumi_options(),
                                 heartbeat=3 if self._cluster else 10))
        self._say('the stand-in Snappy ...')
        self.standin_process.wait_until(self.standin.ready, READY_WITHIN)
        self._say('%s and the worker ...' % (
            "Vumi's transport" if self._vumi_python else 'a plain transport (in place of Vumi)',))
        if self._with_transport:
            self._start_transport()
        for n in range(self._how_many):
            self._web_ports.append(free_port())
            self.workers.append(self._worker(n))
            self.workers[n].start()
        if self.transport:
            self.transport.wait_until(lambda: answers(self._transport_port), READY_WITHIN)
        for n in range(self._how_many):
            self.wait_for_worker(n)
        self.set_hook(0)

    def _begin_standin(self):
        self.standin = StandinClient(free_port(), uuid.uuid4().hex, self._rate_limit)
        self.standin_process = self._process('standin', TWISTD + self.standin.arguments())
        self.standin_process.start()

    def _start_transport(self):
        self._transport_port = free_port()
        name = 'elsewhere' if 'bus' in self._breaks else self.transport_name
        self._write('transport', {
            'transport_name': name, 'worker_name': 'transport',
            'account_key': self.network.account, 'access_token': self.network.token,
            'conversation_key': self.network.conversation, 'base_url': self.network.base_url,
            'web_port': self._transport_port, 'web_path': self._path,
            'redis_manager': {'host': '127.0.0.1', 'port': self.servers.redis.port, 'db': 0,
                              'key_prefix': 'transport'}})
        if 'transport' in self._breaks:
            self.network.answer_with(503)
        if self._vumi_python:
            self.transport = self._vumi_worker(
                'transport', 'vumi.transports.vumi_bridge.GoConversationTransport',
                self._vumi_python)
        else:
            self.transport = self._process('transport', [
                sys.executable, '-m', 'tools.plain_transport'] + self._options('transport'))
        self.transport.start()

    def _worker(self, n):
        api_url = self.standin.api_url
        if 'snappy' in self._breaks:
            api_url = 'http://127.0.0.1:%d/api/v1' % (free_port(),)
        config = {
            'transport_name': self.transport_name, 'worker_name': 'worker_%d' % (n,),
            'redis_manager': dict(self.servers.redis.manager, key_prefix=self.key_prefix),
            'snappy_api_url': api_url, 'snappy_api_key': self.standin.api_key,
            'snappy_mailbox_id': self.standin.mailbox_id,
            'snappy_staff_id': self.standin.worker_staff_id,
            'contact_address': '{from_addr}@sms.example.org',
            'web_endpoint': 'tcp:%d:interface=127.0.0.1' % (self._web_ports[n],),
            'web_path': '/snappy', 'webhook_secret': self._secret,
            # Short enough for a person or a test to wait for.
            'snappy_timeout': 5, 'retry_max_delay': 5}
        if self._cluster:
            nodes = self.servers.rabbitmq.endpoints
            config['amqp_brokers'] = nodes[n % len(nodes):] + nodes[:n % len(nodes)]
        config.update(self._extra)
        self._write('worker-%d' % (n,), config)
        return self._vumi_worker('worker-%d' % (n,), self._worker_class,
                                 self._pythons[n % len(self._pythons)])

    def _vumi_worker(self, name, worker_class, python):
        return self._process(name, worker_of(python) + [
            '--worker-class', worker_class] + self._options(name))

    def _options(self, name):
        return ['--config', self._config(name), '--vumi-config', self._config('vumi')]

    def start_beside(self, name, worker_class, config):
        # type: (Text, Text, Dict[Text, Any]) -> Process
        """Start one more of Vumi's own workers on the same bus; it ends with the rest."""
        self._write(name, config)
        process = self._vumi_worker(name, worker_class, vumi_python())
        self._beside.append(process)
        process.start()
        return process

    def _process(self, name, command):
        log = os.path.join(self.log_dir, '%s.log' % (name,))
        return Process(name, command, log, self.servers.guard,
                       cwd=self.servers.folder, env=environment())

    def _config(self, name):
        return os.path.join(self.servers.folder, '%s.yaml' % (name,))

    def _write(self, name, values):
        with io.open(self._config(name), 'w', encoding='utf-8') as out:
            os.chmod(self._config(name), 0o600)
            out.write('%s\n' % (json.dumps(values, indent=2),))  # JSON is YAML, too.

    def _processes(self):
        return [each for each in self.workers + self._beside + [
            self.transport, self.standin_process] if each]

    # The workers.

    def wait_for_worker(self, n, within=READY_WITHIN):
        # type: (int, float) -> None
        """Return when worker `n` reports that it is healthy."""
        self.workers[n].wait_until(
            lambda: self._http.get(self.health_url(n), timeout=PATIENCE).status_code == 200,
            within, 'healthy')

    def start_worker(self, n):
        # type: (int) -> None
        """Start worker `n` (again, or one more: then `n` is how many there are)."""
        if n == len(self.workers):
            self._web_ports.append(free_port())
            self.workers.append(self._worker(n))
        self.workers[n].start()
        self.wait_for_worker(n)

    def stop_worker(self, n):
        # type: (int) -> None
        """Stop worker `n` as an operator would (SIGTERM)."""
        self.workers[n].stop()

    def kill_worker(self, n):
        # type: (int) -> None
        """Stop worker `n` as a crash would (SIGKILL)."""
        self.workers[n].kill()

    def worker_log(self, n):
        # type: (int) -> Text
        """The log of worker `n`."""
        return self.workers[n].log()

    def health_url(self, n=0):
        # type: (int) -> Text
        """The health page of worker `n`."""
        return 'http://127.0.0.1:%d/health/' % (self._web_ports[n],)

    def hook_url(self, n=0, secret=None):
        # type: (int, Optional[Text]) -> Text
        """The webhook URL of worker `n`, with its secret (or another one)."""
        return 'http://anyone:%s@127.0.0.1:%d/snappy' % (
            secret or self._secret, self._web_ports[n])

    def set_hook(self, n):
        # type: (int) -> None
        """Have Snappy send its webhooks to worker `n`."""
        self.standin.set_hook(self.hook_url(n, 'wrong' if 'webhook' in self._breaks else None))

    def store_options(self):
        # type: () -> Dict[Text, Any]
        """Keyword arguments of a `vumi_snappy.store.Store` that reads what the workers write."""
        return {str('server'): self.servers.redis.server,
                str('key_prefix'): self.key_prefix}

    # The phones.

    @staticmethod
    def new_message_id():
        # type: () -> Text
        """An id as Vumi makes them."""
        return uuid.uuid4().hex

    def send_message(self, from_addr, content, message_id=None, **fields):
        # type: (Text, Optional[Text], Optional[Text], **Any) -> Text
        """Send a message from a phone through the transport and return its message_id.

        `fields` are further fields of the Vumi message.  It is on the bus when this returns.
        Errors: `EnvironmentError` when the transport does not accept it.
        """
        message = {
            'message_id': message_id or self.new_message_id(), 'from_addr': from_addr,
            'to_addr': SHORT_CODE, 'content': content, 'transport_name': self.transport_name,
            'transport_type': 'sms'}  # type: Dict[Text, Any]
        message.update({'%s' % (name,): value for name, value in fields.items()})
        self._to_transport('messages', message)
        return message['message_id']

    def report_delivery(self, message, status='delivered'):
        # type: (TextMessage, Text) -> None
        """Have the phone network send a delivery report for a message, as soon as the transport knows
        the network's id of it."""
        report = partial(self._to_transport, 'events', {
            'user_message_id': message.network_id, 'event_type': 'delivery_report',
            'delivery_status': status, 'transport_name': self.transport_name})
        if self._vumi_python:
            # A report that comes before its answer is read, Vumi's forwards without our id.
            known = redis.StrictRedis(host='127.0.0.1', port=self.servers.redis.port)
            until(lambda: known.exists('transport:%s' % (message.network_id,)),
                  'the id of a message, at the transport')
            report()
        else:
            until(lambda: report() is None, 'the id of a message, at the transport',
                  ignored=requests.HTTPError)

    def outbound(self):
        # type: () -> List[TextMessage]
        """The messages that reached the phones, in the order of arrival."""
        return self.network.messages()

    def _to_transport(self, kind, body):
        self._http.post('http://127.0.0.1:%d/%s/%s.json' % (
            self._transport_port, self._path, kind), json=body, timeout=PATIENCE
        ).raise_for_status()

    # What runs, and its logs.

    def parts(self):
        # type: () -> List[Dict[Text, Any]]
        """The processes: name, address, and whether each is up."""
        rabbitmq, redis = self.servers.rabbitmq, self.servers.redis
        found = [
            ('RabbitMQ', '127.0.0.1:%d' % (rabbitmq.port,), rabbitmq.process),
            ('Redis', '127.0.0.1:%d' % (redis.port,), redis.process),
            ('Stand-in Snappy', self.standin.url, self.standin_process),
            ('Transport', '127.0.0.1:%d' % (self._transport_port,), self.transport)]
        for n, worker in enumerate(self.workers):
            found.append(('Worker' if len(self.workers) == 1 else 'Worker %d' % (n,),
                          self.health_url(n), worker))
        return [{'name': name, 'where': where, 'up': process.alive}
                for name, where, process in found]

    def log_tail(self, name):
        # type: (Text) -> Text
        """The end of the log of 'transport', 'standin' or 'worker-N', for a person."""
        for process in self._processes():
            if process.name == name:
                return process.tail()
        raise KeyError(name)
