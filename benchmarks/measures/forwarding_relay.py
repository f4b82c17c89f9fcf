"""Messages from the bus to HTTP at 200 ms latency, to Vumi's own HTTPRelayApplication.

Its handler waits for each call, and a Vumi consumer handles one message at a time.  It posts to a
bare server (`benchmarks.processes.web_server`) that answers as late as the stand-in does.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import requests

from benchmarks import draining, figures
from benchmarks.measure import Measure, Result, at_least
from tools.ports import answers, free_port

CONCURRENCY, LATENCY = 60, 0.2


def relay(stage, count):
    """`count` messages wait on the bus; HTTPRelayApplication is started.  Messages a second."""
    name, port = stage.fresh_name(), free_port()
    server = stage.start_python('server-%s' % (name,), 'benchmarks.processes.web_server',
                                '--port', port, '--latency', LATENCY)
    server.wait_until(lambda: answers(port), 30)
    stage.fill(name, count)
    url = 'http://127.0.0.1:%d/' % (port,)
    peer = stage.start_vumi_worker(
        'relay-%s' % (name,), 'vumi.application.http_relay.HTTPRelayApplication',
        {'transport_name': name, 'worker_name': 'relay', 'url': url})
    session = requests.Session()
    session.trust_env = False
    times = stage.await_true(
        lambda: [found for found in [session.get(url + 'times', timeout=10).json()]
                 if len(found) >= count], 600, 0.5, '%d calls by the relay' % (count,))[0]
    peer.stop()
    server.stop()
    return figures.rate(times, LATENCY)


def run(stage, options):
    """Alternately 2,500 messages by a worker and 40 by the relay."""
    stage.start_standin(latency=LATENCY)
    ours, peer = [], []
    for _ in range(options.repeats):
        ours.append(draining.ours(stage, options.size(2500, 100), CONCURRENCY, LATENCY).rate)
        peer.append(relay(stage, options.size(40, 5)))
        options.say('ours %.1f/s, the relay %.2f/s' % (ours[-1], peer[-1]))
    found = Result(ours, peer)
    found.extra['calls at once, ours'] = CONCURRENCY
    return found


MEASURE = Measure(
    'forwarding-relay', "the same with 60 calls at once, to Vumi's HTTPRelayApplication",
    at_least(50), 'messages/s', run, peer='HTTPRelayApplication')
