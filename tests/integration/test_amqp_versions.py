"""A broker that does not speak the AMQP that it is asked for, as an operator meets it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import time

import pytest
import pytest_twisted
import six

from tests.integration.test_command_line import run
from vumi_snappy.bus.specification import DEFAULT, mended

pytestmark = pytest.mark.integration

#: How twistd starts it where Vumi is, and where not.
VUMI_WORKER = 'vumi_worker' if six.PY2 else 'vumi_snappy'
SAID = ', as this worker was told to: start it with --specfile amqp-spec-0-9-1.xml'


@pytest.fixture
def refused(stage, tmpdir):
    """A specification whose version this broker does not speak: 0-8, which comes with Vumi, or if
    it does, or there is no Vumi, one of ours."""
    shipped, version = ('amqp-spec-0-8.xml', 'major="8"') if six.PY2 else (DEFAULT, 'minor="9"')
    if not stage.speaks(shipped):
        return shipped
    path = tmpdir.join('amqp-0-7.xml')
    text = mended(shipped)
    assert text.count(version) == 1
    path.write_text(text.replace(version, version[:-2] + '7"'), 'utf-8')
    assert not stage.speaks('%s' % (path,))
    return '%s' % (path,)


def test_the_log_and_health_say_what_is_wrong_and_which_option_mends_it(worker, refused):
    worker.start(VUMI_WORKER, ['--specfile', refused])
    worker.until(lambda: SAID in worker.log())
    # Long enough for several tries more.
    end = time.time() + 6
    worker.until(lambda: time.time() > end)
    assert worker.log().count(SAID) == 1
    assert 'Login to RabbitMQ' not in worker.log()
    [answer] = worker.until(lambda: [worker.health()])
    assert answer.status_code == 503
    assert SAID in answer.json()['checks']['bus']['text']
    worker.stop()
    worker.start(VUMI_WORKER, ['--specfile', 'amqp-spec-0-9-1.xml'])
    worker.until(lambda: worker.health().json()['checks']['bus']['status'] == 'ok')


def test_an_address_and_a_path_that_are_wrong_are_no_refusal(worker):
    worker.start(arguments=['--specfile', 'none.xml'])
    assert worker.ends() != 0
    assert 'specfile none.xml can not be read' in worker.log()
    assert 'Traceback' not in worker.log()


@pytest_twisted.inlineCallbacks
def test_check_config_says_it_too(worker, stage, refused, tmpdir):
    worker.start()
    worker.until(lambda: worker.health().json()['checks']['bus']['status'] == 'ok')

    def check(**changes):
        path = tmpdir.join('vumi.yaml')
        options = stage.options(**changes)
        with io.open('%s' % (path,), 'w', encoding='utf-8') as out:
            out.write('%s' % (json.dumps({
                key: options[key] for key in options if options[key] is not None}),))
        return run('check-config', '--json', worker.config_path, '--vumi-config', '%s' % (path,))
    _, out, _ = yield check(specfile=refused)
    assert [each for each in json.loads(out)['wrong'] if SAID in each]
    _, out, _ = yield check(specfile='none.xml')
    assert 'specfile none.xml can not be read' in ' '.join(json.loads(out)['wrong'])
    _, out, _ = yield check(hostname='no-such-host.invalid')
    assert 'can not be reached' in ' '.join(json.loads(out)['wrong'])
    # Without a word on it ours speak 0-9-1, while Vumi's others, if there are any, do not.
    _, out, _ = yield check(specfile=None)
    fine = json.loads(out)['fine']
    assert 'RabbitMQ accepts the login.' in fine
    noted = [each for each in fine if 'vumi-snappy amqp-spec' in each]
    assert len(noted) == (0 if not six.PY2 or stage.speaks('amqp-spec-0-8.xml') else 1)
