"""Messages to Snappy at 200 ms latency, to the released django-snappy-vumi-bouncer 0.2.0.

It runs as its documents say, with a Celery worker: as many processes as there are cores, which is
Celery's default, on the same RabbitMQ.  Its tickets are posted to its HTTP API beforehand, so that
they wait in Celery's queue as ours do on the bus; the database is SQLite.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os

import requests

from benchmarks import draining, figures
from benchmarks.measure import Measure, Result, at_least
from tools.django_bouncer import DjangoBouncer, NotInstallable
from tools.processes import ProcessFailed

CONCURRENCY, LATENCY = 60, 0.2


def bouncer_rate(stage, bouncer, count):
    """`count` tickets wait for a Celery worker, which is started.  Calls a second."""
    session = requests.Session()
    session.trust_env = False
    before = stage.reset_standin()
    for number in range(count):
        session.post(bouncer.url + 'ticket/', timeout=30, json={
            'conversation': '/api/v1/snappybouncer/conversation/1/', 'contact_key': 'contact',
            'msisdn': '+2782%07d' % (number,), 'message': 'Number %d. %s' % (number, 'x' * 80)},
            headers={'Authorization': 'ApiKey %s:%s' % (bouncer.username, bouncer.api_key)}
        ).raise_for_status()
    worker = bouncer.start_celery()
    opened = stage.await_tickets(before, count, within=300)
    worker.stop()
    return figures.rate([call['at'] for call in opened], LATENCY)


def run(stage, options):
    """Alternately 2,500 messages by a worker and 100 by the bouncer."""
    standin = stage.start_standin(latency=LATENCY)
    amqp = stage.amqp()
    try:
        bouncer = DjangoBouncer(
            stage.folder, stage.servers.guard, snappy_url=standin.api_url,
            snappy_key=standin.api_key, mailbox_id=standin.mailbox_id,
            broker_url='amqp://%s:%s@%s:%d/%s' % (
                amqp['username'], amqp['password'], amqp['hostname'], amqp['port'],
                amqp['vhost']))
    except NotInstallable as why:
        raise ProcessFailed('%s' % (why,))
    bouncer.start()
    ours, peer = [], []
    try:
        bouncer.load([
            ('UserAccount', [dict(id=1, key='useraccountkey', name='Account')]),
            ('Conversation', [dict(id=1, user_account_id=1, key='line', name='Line')])])
        for _ in range(options.repeats):
            ours.append(draining.ours(stage, options.size(2500, 100), CONCURRENCY, LATENCY).rate)
            peer.append(bouncer_rate(stage, bouncer, options.size(100, 10)))
            options.say('ours %.1f/s, the bouncer %.2f/s' % (ours[-1], peer[-1]))
    finally:
        bouncer.end()
    found = Result(ours, peer)
    found.extra['calls at once, ours'] = CONCURRENCY
    found.extra['processes of the Celery worker'] = os.sysconf(str('SC_NPROCESSORS_ONLN'))
    return found


MEASURE = Measure(
    'forwarding-django', 'the same with 60 calls at once, to the Django bouncer 0.2.0',
    at_least(20), 'messages/s', run, peer='Django bouncer')
