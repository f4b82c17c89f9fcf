"""CPU seconds and resident memory of processes, from /proc."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
from typing import Dict, List, Text, Tuple  # noqa: F401

_TICKS = float(os.sysconf(str('SC_CLK_TCK')))
_PAGE = os.sysconf(str('SC_PAGE_SIZE'))


def parse_stat(text):
    # type: (Text) -> Tuple[int, float, int]
    """Process group, CPU seconds (user and system) and resident bytes of a /proc/PID/stat."""
    # The name of the program may have spaces and brackets.
    fields = text.rpartition(')')[2].split()
    return int(fields[2]), (int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * _PAGE


def parse_idle(text):
    # type: (Text) -> Tuple[float, float]
    """Idle and all CPU seconds of the machine, of a /proc/stat."""
    # user, nice, system, idle, iowait, irq, softirq, steal; guest times are in user already.
    seconds = [int(field) / _TICKS for field in text.splitlines()[0].split()[1:9]]
    return seconds[3] + seconds[4], sum(seconds)


def machine_idle():
    # type: () -> Tuple[float, float]
    """Idle and all CPU seconds of the machine since its start."""
    with open('/proc/stat', 'rb') as stat:
        return parse_idle(stat.read().decode('ascii'))


def group_usage(group):
    # type: (int) -> Tuple[float, int]
    """CPU seconds and resident bytes of all processes of a process group."""
    seconds, resident = 0.0, 0
    for name in os.listdir('/proc'):
        if not name.isdigit():
            continue
        try:
            with open('/proc/%s/stat' % (name,), 'rb') as stat:
                found = parse_stat(stat.read().decode('utf-8', 'replace'))
        except EnvironmentError:  # it has ended meanwhile
            continue
        if found[0] == group:
            seconds, resident = seconds + found[1], resident + found[2]
    return seconds, resident
