"""The machine and the versions of a run."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import platform
import re
import subprocess
import time
from collections import OrderedDict
from typing import Dict, List, Text  # noqa: F401

import pkg_resources

_LIBRARIES = ('vumi', 'Twisted', 'treq', 'klein', 'txAMQP', 'txredis')


def describe():
    # type: () -> Dict[Text, Text]
    """Processor, memory, versions and so on, by name."""
    found = OrderedDict()  # type: Dict[Text, Text]
    found['taken'] = time.strftime(str('%Y-%m-%d %H:%M UTC'), time.gmtime())
    found['processor'] = _first(r'model name\s*:\s*(.+)', _read('/proc/cpuinfo')) or (
        platform.machine())
    found['cores'] = '%d' % (os.sysconf(str('SC_NPROCESSORS_ONLN')),)
    found['memory'] = '%.1f GB' % (
        os.sysconf(str('SC_PHYS_PAGES')) * os.sysconf(str('SC_PAGE_SIZE')) / 1e9,)
    found['kernel'] = '%s %s' % (platform.system(), platform.release())
    found['load before'] = '%.2f' % (os.getloadavg()[0],)
    found['Python'] = platform.python_version()
    found['Redis'] = _first(r'v=(\S+)', _output_of(['redis-server', '--version']))
    found['RabbitMQ'] = _first(r'rabbitmq-server\S*\s+(\S+)', _output_of(
        ['dpkg-query', '-W', 'rabbitmq-server']))
    found['commit'] = _output_of(['git', 'describe', '--always', '--dirty']).strip()
    for name in _LIBRARIES:
        found[name] = pkg_resources.get_distribution(name).version
    return OrderedDict((name, '%s' % (value,)) for name, value in found.items() if value)


def _read(path):
    # type: (Text) -> Text
    try:
        with open(path, 'rb') as source:
            return source.read().decode('utf-8', 'replace')
    except EnvironmentError:
        return ''


def _output_of(command):
    # type: (List[Text]) -> Text
    """The output of a command; empty if it is missing or fails."""
    try:
        return subprocess.check_output(
            command, stderr=subprocess.STDOUT,
            cwd=os.path.dirname(os.path.abspath(__file__))).decode('utf-8', 'replace')
    except (EnvironmentError, subprocess.CalledProcessError):
        return ''


def _first(pattern, text):
    # type: (Text, Text) -> Text
    found = re.search(pattern, text)
    return found.group(1).strip() if found else ''
