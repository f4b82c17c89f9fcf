"""The faults: how each is injected, for how long, and how it is repaired.

Each begins and ends by blocking calls (in a thread); it lasts `seconds`.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import time
from typing import Any, Callable, List, Text  # noqa: F401

import attr

from tools.rabbitmq_cluster import RabbitMQCluster

#: Seconds between the beginnings, and the ends, of two simultaneous faults.
_OVERLAP = 1.0
#: Somebody else's ticket, of the usual size, for long lists.
_OTHERS_TICKET = json.dumps({
    'id': 7, 'account_id': 1, 'mailbox_id': 1, 'nonce': 'somebodyelses001', 'status': 'waiting',
    'default_subject': 'Support', 'summary': 'My card is lost. ' * 12, 'tags': [], 'unread': 1,
    'opened_at': 1411045202, 'opener': {'id': 7, 'value': 'somebody@example.org'},
    'contacts': [{'id': 7, 'first_name': 'Somebody', 'value': 'somebody@example.org'}]})
#: Matches only the texts of people who write once.
_ONE_TEXT = r'p1[0-9]{6} m0\.'


def _nothing():
    # type: () -> None
    """Nothing to repair."""


@attr.s(frozen=True)
class Injury(object):
    """A fault: `begin()`, `seconds` of it, `end()`.

    `one_text`: it affects somebody who writes once while it lasts.
    """

    name = attr.ib()  # type: Text
    begin = attr.ib()  # type: Callable[[], Any]
    end = attr.ib(default=_nothing)  # type: Callable[[], Any]
    seconds = attr.ib(default=3.0)  # type: float
    one_text = attr.ib(default=False)  # type: bool

    def along_with(self, other):
        # type: (Injury) -> Injury
        """Both at once; `other` begins a little earlier and ends a little later, so that it also
        affects calls on its own."""
        def begin():
            other.begin()
            time.sleep(_OVERLAP)
            self.begin()

        def end():
            self.end()
            time.sleep(_OVERLAP)
            other.end()
        return Injury('%s + %s' % (self.name, other.name), begin, end,
                      max(self.seconds, other.seconds))


def fail_overs(stack):
    # type: (Any) -> List[Injury]
    """The Redis master fails, a replica takes over, and the old master comes back."""
    redis = stack.servers.redis

    def after(mended):
        def end():
            redis.fail_over()
            mended()
        return end
    return [Injury('Redis master killed', redis.kill, after(redis.start)),
            Injury('Redis master frozen', redis.freeze, after(redis.thaw))]


def all_injuries(stack):
    # type: (Any) -> List[Injury]
    """Every fault of the parts of `stack` (a `tools.stack.Stack`), and some combinations."""
    if isinstance(stack.servers.rabbitmq, RabbitMQCluster):
        return _of_cluster(stack.servers.rabbitmq)
    singly = _of_servers(stack) + _of_snappy(stack.standin) + [_of_webhooks(stack.standin)]
    named = {injury.name: injury for injury in singly}
    return singly + [named[one].along_with(named[other]) for one, other in [
        ('Redis frozen', 'Snappy failing (500)'),
        ('Redis killed', 'Snappy cut off after the work'),
        ('Redis killed', 'webhooks doubled, late, out of order'),
        ('Redis killed', 'RabbitMQ killed'),
        ('RabbitMQ frozen', 'Snappy hanging after the work'),
        ("RabbitMQ's connections closed", 'webhooks doubled, late, out of order')]]


def _of_cluster(cluster):
    # type: (RabbitMQCluster) -> List[Injury]
    """The faults of each node while the others are the majority."""
    def node_injuries(node):
        def thaw():
            node.thaw()
            cluster.wait_for(node)

        return [
            Injury('a node restarted', node.stop, node.start, seconds=0.5),
            Injury('a node killed', node.kill, node.start, seconds=0.5),
            Injury('a node frozen', node.freeze, thaw, seconds=15.0),
            Injury('a node cut off', lambda: cluster.cut_off(node),
                   lambda: cluster.join_again(node), seconds=10.0)]

    return [injury for node in cluster.nodes for injury in node_injuries(node)] + [
        Injury("all connections closed", cluster.close_all_connections, seconds=0.5)]


def _of_servers(stack):
    # type: (Any) -> List[Injury]
    rabbitmq, redis = stack.servers.rabbitmq, stack.servers.redis
    return [
        Injury('RabbitMQ restarted', rabbitmq.stop, rabbitmq.start, seconds=0.5),
        Injury('RabbitMQ killed', rabbitmq.kill, rabbitmq.start, seconds=0.5),
        Injury("RabbitMQ's connections closed", rabbitmq.close_all_connections, seconds=0.5),
        Injury('RabbitMQ frozen', rabbitmq.freeze, rabbitmq.thaw, seconds=8.0),
        Injury('Redis restarted', redis.stop, redis.start, seconds=0.5),
        Injury('Redis killed', redis.kill, redis.start, seconds=4.0),
        Injury('Redis frozen', redis.freeze, redis.thaw, seconds=8.0)]


def _of_snappy(standin):
    # type: (Any) -> List[Injury]
    def snappy(name, *first, **rule):
        def begin():
            for each in first + (rule,):
                standin.add_fault(**each)
        return Injury('Snappy ' + name, begin, standin.clear_faults)

    def note(name, **rule):
        return snappy(name, method='POST', path='^/note', chance=0.5, **rule)

    return [
        snappy('away', effect='reset_before'),
        snappy('slow', effect='latency', seconds=6.0, chance=0.3),
        snappy('hanging', effect='hang', chance=0.5),
        snappy('hanging after the work', effect='hang_after', chance=0.5),
        snappy('failing (500)', effect='status', status=500),
        snappy('failing (503, Retry-After)', effect='status', status=503, retry_after='1'),
        snappy('failing (503, Retry-After) after the work', effect='status_after', status=503,
               retry_after='1', chance=0.5),
        snappy('failing (500) after the work', effect='status_after', chance=0.5),
        snappy('overrun (429)', effect='status', status=429, chance=0.3),
        snappy('overrun (429, Retry-After)', effect='status', status=429, chance=0.3,
               retry_after='1'),
        snappy('cut off before the work', effect='reset_before', chance=0.5),
        snappy('cut off after the work', effect='reset_after', chance=0.5),
        snappy('answering garbage', effect='garbage', chance=0.5),
        snappy('behind a page (200)', effect='garbage_before'),
        snappy('behind a proxy that answers 404', effect='status', status=404),
        note('answering a word', effect='garbage_before', body='Unauthorized'),
        note('answering a word after the work', effect='garbage', body='Maintenance'),
        note("answering another ticket's nonce", effect='wrong_nonce_before'),
        note("answering another ticket's nonce after the work", effect='wrong_nonce'),
        snappy('failing after the work, with 4000 tickets waiting',
               dict(effect='longer', path='/(waiting|inbox)$', body=_OTHERS_TICKET, repeat=4000),
               method='POST', path='^/note', effect='status_after', chance=0.5),
        attr.evolve(snappy('behind a filter of one text (401)', effect='status', status=401,
                           text=_ONE_TEXT), one_text=True),
        snappy('refusing the key', effect='status', status=401)]


def _of_webhooks(standin):
    # type: (Any) -> Injury
    return Injury(
        'webhooks doubled, late, out of order',
        lambda: standin.post('hook', {'duplicate': 0.5, 'delay': 2.0}),
        lambda: standin.post('hook', {'duplicate': 0.0, 'delay': 0.0}), seconds=4.0)
