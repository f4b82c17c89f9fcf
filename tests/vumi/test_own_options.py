"""The command line of twistd is read as Vumi reads it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
import txamqp.spec
import vumi.servicemaker
from vumi.utils import vumi_resource_path
from twisted.python import usage

from vumi_snappy.vumi import own
from vumi_snappy.vumi.own import options

NAMES = ('vumi_options', 'worker_config', 'worker_class', 'maxthreads')
FILES = {'vumi.yaml': 'hostname: a.example.org\nport: 99\nheartbeat: 3\n',
         'worker.yaml': 'transport_name: t\nport: 1\nx: {y: 2}\n',
         'bad.yaml': 'a: [\n', 'list.yaml': '- 1\n', 'empty.yaml': ''}
CLASS = '--worker-class a.B '


def outcome(module, arguments):
    """What the options say, or the type of the refusal."""
    parsed = module.StartWorkerOptions()
    try:
        parsed.parseOptions([str(each) for each in arguments.split()])
    except Exception as refused:
        assert not isinstance(refused, usage.UsageError) or '%s' % (refused,)
        return type(refused).__name__
    return [getattr(parsed, name) for name in NAMES]


@pytest.mark.parametrize('arguments', ['', 'extra'] + [CLASS + each for each in [
    '', '--worker_class c.D', '--config worker.yaml', '--set-option ab',
    '--config worker.yaml --set-option a:b --set-option x:5 --set-option u:http://h:1',
    '--vumi-config vumi.yaml', '--vumi-config vumi.yaml --port 7 --hostname h --vhost /v',
    '--username u --password p --specfile /s.xml --system-id s --sentry http://s/1',
    '--vumi-config none.yaml', '--config none.yaml', '--config bad.yaml', '--config list.yaml',
    '--config empty.yaml', '--vumi-config bad.yaml', '--vumi-config list.yaml',
    '--vumi-config empty.yaml', '--port x', '--maxthreads 5', '--maxthreads 0', '--maxthreads x',
    '--nope 1']])
def test_the_same_words_mean_the_same(arguments, tmpdir, monkeypatch):
    monkeypatch.chdir(tmpdir)
    for name, text in FILES.items():
        tmpdir.join(name).write(text)
    assert outcome(options, arguments) == outcome(vumi.servicemaker, arguments)


def test_the_specification_of_amqp_has_what_vumis_has():
    def read(path):
        spec = txamqp.spec.load(path)
        return [(klass.name, klass.id, [(field.name, field.type) for field in klass.fields], [
            (method.name, method.id, method.content, method.synchronous,
             [each.name for each in method.responses],
             [(field.name, field.type) for field in method.fields])
            for method in klass.methods]) for klass in spec.classes], (spec.major, spec.minor)
    name = 'amqp-spec-0-9-1.xml'
    assert read('%s/%s' % (own.__path__[0], name)) == read(vumi_resource_path(name))
