"""What the drivers and the stand-in can do by themselves, to show that they are not what is
measured: publishing with nobody consuming, posting to a server that does nothing, and notes to the
stand-in.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import base64
import io
import json
import os

from benchmarks import figures
from benchmarks.measure import Measure, Result, reported
from tools.ports import answers, free_port


def _write(stage, path, headers, bodies):
    name = os.path.join(stage.folder, 'requests.json')
    with io.open(name, 'w', encoding='utf-8') as out:
        out.write('%s' % (json.dumps({'path': path, 'headers': headers, 'bodies': bodies}),))
    return name


def run(stage, options):
    """Each once a repeat."""
    standin = stage.start_standin()
    count = options.size(5000, 300)
    port = free_port()
    bare = stage.start_python('bare', 'benchmarks.processes.bare_server', '--port', port)
    bare.wait_until(lambda: answers(port), 30)
    standin_port = int(standin.url.rpartition(':')[2].rstrip('/'))
    notes = [json.dumps({
        'mailbox_id': 1, 'subject': 'Support', 'message': 'Number %d. %s' % (number, 'x' * 80),
        'from': [{'name': 'a', 'address': '%d@sms.example.org' % (number,)}]})
        for number in range(count)]
    key = base64.b64encode(('%s:x' % (standin.api_key,)).encode('ascii')).decode('ascii')
    headers = {'Content-Type': 'application/json', 'Authorization': 'Basic %s' % (key,)}
    published, posted, noted = [], [], []
    for _ in range(options.repeats):
        published.append(count / stage.fill(stage.fresh_name(), count)['seconds'])
        told = _write(stage, '/', {}, ['x' * 1000] * count)
        posted.append(count / stage.drive(
            'benchmarks.processes.http_load', '--port', port, '--file', told)['seconds'])
        told = _write(stage, '/api/v1/note', headers, notes)
        noted.append(count / stage.drive(
            'benchmarks.processes.http_load', '--port', standin_port, '--file', told)['seconds'])
        stage.reset_standin()
    found = Result(published)
    found.extra['HTTP driver, 1 kB to a server that does nothing (a second)'] = figures.median(
        posted)
    found.extra['the stand-in Snappy, notes (a second)'] = figures.median(noted)
    return found


MEASURE = Measure(
    'drivers', "the drivers' own ceilings: publishing on the bus, nobody consuming", reported(),
    'messages/s', run)
