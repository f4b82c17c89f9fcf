"""``twistd vumi_snappy`` knows the worker's class, and which AMQP to speak unless told."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest
from twisted.application.service import IServiceMaker
from twisted.plugin import IPlugin
from zope.interface.verify import verifyObject

from vumi_snappy.bus.service_maker import BouncerOptions, BouncerServiceMaker
from vumi_snappy.vumi.options import StartWorkerOptions


@pytest.fixture
def vumi_config(tmpdir):
    path = tmpdir.join('vumi.yaml')
    path.write('specfile: amqp-spec-0-8.xml\n')
    return '%s' % (path,)


def options(*arguments):
    parsed = BouncerOptions()
    parsed.parseOptions([str(each) for each in arguments])
    return parsed


def test_it_speaks_amqp_0_9_1_which_rabbitmq_3_and_4_speak():
    assert options().vumi_options['specfile'] == 'amqp-spec-0-9-1.xml'
    assert options().worker_class == 'vumi_snappy.SnappyBouncerWorker'


def test_another_specification_of_vumis_configuration_or_the_command_line_is_used(vumi_config):
    told = options('--vumi-config', vumi_config)
    assert told.vumi_options['specfile'] == 'amqp-spec-0-8.xml'
    told = options('--vumi-config', vumi_config, '--specfile', '/etc/vumi/amqp.xml')
    assert told.vumi_options['specfile'] == '/etc/vumi/amqp.xml'


def test_vumis_own_defaults_stay_as_they_are():
    assert StartWorkerOptions.default_vumi_options['specfile'] == 'amqp-spec-0-8.xml'


def test_twistd_finds_it():
    assert verifyObject(IServiceMaker, BouncerServiceMaker())
    assert IPlugin.providedBy(BouncerServiceMaker())
