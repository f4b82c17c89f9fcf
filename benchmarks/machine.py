"""The machine and the versions that figures were taken on."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

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
    """What is worth knowing, by name, as texts."""
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
    found['Redis'] = _first(r'v=(\S+)', _said(['redis-server', '--version']))
    found['RabbitMQ'] = _first(r'rabbitmq-server\S*\s+(\S+)', _said(
        ['dpkg-query', '-W', 'rabbitmq-server']))
    found['commit'] = _said(['git', 'describe', '--always', '--dirty']).strip()
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


def _said(command):
    # type: (List[Text]) -> Text
    """What a command says, or nothing where it is not there."""
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
