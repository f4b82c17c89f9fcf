"""What Graphite keeps is what happened: over Vumi's own metrics workers, into a real Carbon."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
import time
import warnings

import pytest
import pytest_twisted
import requests

from tests.integration.bus_stage import Outside
from tests.integration.looking import tickets_of
from tests.monitoring.test_alerts import RULES, parts
from tests.monitoring.test_dashboard import DASHBOARD
from tools.carbon_server import Carbon
from tools.installing import NotInstallable, install
from tools.stack import Stack
from tools.waiting import until
from vumi_snappy.bus.metrics import COUNTERS, GAUGES, published_names

pytestmark = pytest.mark.integration

WORKERS = 'vumi.blinkenlights.metrics_workers.'
PREFIX = 'vumi_snappy.'
OF_NO_CONCERN = ('message.incoming', 'message.private', 'contact.created')
THANDI, SIPHO, ZANELE, LINDIWE = ['+2782000200%d' % (n,) for n in range(4)]


@pytest.fixture(scope='module')
def stack():
    # Of two workers one is on Python 3, where that can be had: Vumi's own read both.
    pythons = [sys.executable]
    try:
        pythons.append(os.path.join(install('ve3'), 'bin', 'python'))
    except NotInstallable as why:
        warnings.warn('%s' % (why,))
    with Stack(workers=2, pythons=pythons, worker_config={
            'snappy_rate_limit': 0, 'retry_initial_delay': 0.2,
            'metrics_publish_interval': 0.5}) as running:
        running.start_beside('time-bucket', WORKERS + 'MetricTimeBucket', {
            'buckets': 1, 'bucket_size': 1})
        running.start_beside('aggregator', WORKERS + 'MetricAggregator', {
            'bucket': 0, 'bucket_size': 1, 'lag': 2})
        yield running


@pytest.fixture(scope='module')
def carbon(stack):
    """A Carbon to which metrics come."""
    server = Carbon(stack.servers.folder, stack.servers.guard)
    try:
        server.start()
        stack.start_beside('collector', WORKERS + 'UDPMetricsCollector', server.collector())
        server.process.wait_until(
            lambda: PREFIX + 'jobs.waiting.max' in server.names(), 30, 'reached by a metric')
        # What the workers asked at their start was told before anybody listened.
        server.since = stack.standin.ledger()[-1]['number']
        yield server
    finally:
        server.end()


def says(stack, number, text, message_id=None):
    stack.send_message(number, text, message_id=message_id)
    until(lambda: any(text in note['content'] for ticket in tickets_of(stack, number)
                      for note in ticket['notes']))


def answer(stack, number, text):
    [ticket] = tickets_of(stack, number)
    before = len(stack.outbound())
    stack.standin.reply(ticket['nonce'], '<p>%s</p>' % (text,))
    until(lambda: len(stack.outbound()) > before)
    return stack.outbound()[-1]


def kept(carbon):
    """All counters as Graphite has them, by their names here."""
    return {name: int(sum(carbon.values('%s%s.sum' % (PREFIX, name)))) for name in COUNTERS}


def accepted(stack):
    """The events of the webhooks that got their 200."""
    return [each['event'] for each in stack.standin.deliveries() if each['accepted']]


def happened(stack, carbon, **counts):
    """What the counters must say: `counts` of this test's own deeds, the rest as others saw it."""
    calls = stack.standin.ledger(carbon.since)
    made = [call for call in calls if call['path'].endswith('/note') and call['method'] == 'POST'
            and call['status'] == 200]
    opened = len(stack.standin.tickets())
    expected = dict.fromkeys(COUNTERS, 0)
    expected.update({
        'snappy.requests': len(calls),
        'snappy.errors': len([call for call in calls if call['status'] >= 400]),
        'tickets.opened': opened, 'notes.added': len(made) - opened,
        'replies.published': len(stack.outbound()), 'replies.acked': len(stack.outbound())})
    expected['webhooks.accepted'] = len(accepted(stack))
    expected.update({name.replace('_', '.'): count for name, count in counts.items()})
    return expected


def settle(stack, carbon, **counts):
    """Return when Graphite has what happened, or fail with the difference."""
    deadline = time.time() + 20
    while time.time() < deadline:
        # An event of a ticket that arrives before the ticket is known is ignored, else it is not.
        found, expected = kept(carbon), happened(stack, carbon, **counts)
        ignored = found.pop('webhooks.ignored')
        del expected['webhooks.ignored']
        if found == expected:
            break
        time.sleep(0.2)
    assert found == expected
    events = accepted(stack)
    assert len([each for each in events if each in OF_NO_CONCERN]) <= ignored < len(events)


@pytest_twisted.inlineCallbacks
def test_what_graphite_keeps_is_what_happened(stack, carbon):
    for number in (THANDI, SIPHO):
        says(stack, number, 'Help me')
    says(stack, THANDI, 'Please', message_id='once-only')
    stack.send_message(THANDI, 'Please', message_id='once-only')
    stack.send_message(SIPHO, '')
    yield Outside(stack.servers.rabbitmq).publish('sms.inbound', b'{"half": ')
    message = answer(stack, THANDI, 'We are coming')
    # A report that overtakes its ack makes that old news.
    until(lambda: kept(carbon)['replies.acked'] == 1)
    stack.report_delivery(message)
    stack.network.answer_with(503)
    [ticket] = tickets_of(stack, SIPHO)
    stack.standin.reply(ticket['nonce'], '<p>To nobody</p>')
    until(lambda: any('To nobody' in note['content'] and note['scope'] == 'private'
                      for note in tickets_of(stack, SIPHO)[0]['notes']))
    stack.network.answer_with(200)
    assert requests.post(stack.hook_url(1, secret='wrong'), data={}).status_code == 401
    stack.standin.add_fault('status', path='^/note', method='POST', times=1, status=500)
    says(stack, ZANELE, 'In spite of it all')
    counts = {
        'inbound_received': 6, 'inbound_duplicate': 1, 'inbound_malformed': 1, 'inbound_empty': 1,
        'webhooks_rejected': 1, 'replies_delivered': 1, 'replies_failed': 1,
        'replies_published': 2}
    settle(stack, carbon, **counts)


def test_it_goes_on_after_the_connections_to_the_broker_were_lost(stack, carbon):
    before = kept(carbon)
    calls = len(stack.standin.ledger())
    rabbitmq = stack.servers.rabbitmq
    for line in rabbitmq.ctl('list_connections', 'pid', 'client_properties').splitlines():
        if '"worker_' in line:
            rabbitmq.ctl('close_connection', line.split('\t')[0], 'by a test')
    for n in range(2):
        until(lambda: stack.worker_log(n).count('everything is set up') == 2)
    says(stack, LINDIWE, 'Still there?')
    until(lambda: kept(carbon)['tickets.opened'] == before['tickets.opened'] + 1)
    until(lambda: kept(carbon)['snappy.requests'] - before['snappy.requests']
          == len(stack.standin.ledger()) - calls)
    assert kept(carbon)['inbound.received'] == before['inbound.received'] + 1


def test_what_is_parked_is_seen_and_gauges_are_those_of_the_store(stack, carbon):
    assert set(carbon.values(PREFIX + 'jobs.parked.max')) == {0}
    stack.standin.add_fault('status', path='^/note', method='POST', times=2, status=400)
    stack.send_message('+27820002009', 'Not this one')
    until(lambda: carbon.values(PREFIX + 'jobs.parked.max')[-1] == 1)
    until(lambda: carbon.values(PREFIX + 'jobs.waiting.max')[-1] == 0)


def test_times_are_those_that_were_taken(stack, carbon):
    stack.standin.add_fault('latency', path='^/note', method='POST', times=1, seconds=2)
    says(stack, THANDI, 'Slowly')
    for name in ('snappy.latency', 'inbound.to_ticket'):
        until(lambda: 2 < max(carbon.values('%s%s.max' % (PREFIX, name))) < 15)
        assert 0 < min(carbon.values('%s%s.avg' % (PREFIX, name))) < 2


def test_each_metric_and_nothing_else_is_there_by_its_published_name(stack, carbon):
    assert {name for name in carbon.names() if name.startswith(PREFIX)} == {
        PREFIX + name for name in published_names()}
    assert set(carbon.values(PREFIX + GAUGES[-1] + '.max')) == {0}


def test_graphite_answers_every_query_of_the_dashboard_with_what_it_keeps(stack, carbon):
    queries = [target['target'].replace('${prefix}', 'vumi_snappy')
               for panel in DASHBOARD['panels'] for target in panel['targets']]
    empty = {query: found for query, found in carbon.ask(queries, 3000).items()
             if len(found) != 1 or not any(value is not None for value in list(found.values())[0])}
    assert empty == {}


def raised(carbon, prefix=PREFIX):
    """The alarms that Grafana would raise of what Graphite has, by their titles."""
    found, asked = set(), {rule['uid']: parts(rule)[0]['target'].replace(PREFIX, prefix)
                           for rule in RULES}
    spans = {rule['uid']: rule['data'][0]['relativeTimeRange']['from'] for rule in RULES}
    answers = {span: carbon.ask(sorted(asked.values()), span) for span in set(spans.values())}
    for rule in RULES:
        series = list(answers[spans[rule['uid']]][asked[rule['uid']]].values())
        _, reduction, threshold = parts(rule)
        [condition] = threshold['conditions']
        [limit] = condition['evaluator']['params']
        if not series:
            is_raised = rule['noDataState'] == 'Alerting'
        else:
            value = {'max': max, 'sum': sum}[reduction['reducer']](series[0])
            is_raised = value > limit if condition['evaluator']['type'] == 'gt' else value < limit
        if is_raised:
            found.add(rule['title'])
    return found


def test_those_alarms_are_raised_that_should_be(stack, carbon):
    assert raised(carbon) == {'Something is parked', 'Malformed messages'}
    assert raised(carbon, 'elsewhere.') == {'The workers are silent'}
