"""The console with a million tickets to it with a thousand: the time of each page that there is,
over HTTP, logged in, from a worker's own console; and of the export, to its first bytes and on.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import time

from benchmarks import figures
from benchmarks.console_client import NAME, PASSWORD, ConsoleClient
from benchmarks.measure import Measure, Result, at_most
from benchmarks.measures.forwarding_million import MILLION, THOUSAND, fill, settle
from benchmarks.stored_tickets import FIRST, Story
from tools.ports import free_port
from vumi_snappy.operations.users import hash_password

#: Times that each page is asked for; the slowest counts.
_TIMES = 15


def console(stage, name):
    """A worker with a console on the tickets of `name`; returns a client that is logged in."""
    port = free_port()
    stage.start_worker('worker-%s' % (name,), name, **{
        'console_endpoint': 'tcp:%d:interface=127.0.0.1' % (port,),
        'console_users': {NAME: hash_password(PASSWORD)}})
    return ConsoleClient('http://127.0.0.1:%d' % (port,))


def pages(count):
    """The paths of the console's pages by what they are, where `count` tickets are."""
    middle = Story(FIRST + count // 2, count // 2, 0)
    day = time.strftime(str('%Y-%m-%d'), time.gmtime(time.time() - 60 * 86400))
    late = '%.3f,%d' % (time.time() - 70 * 86400, FIRST)
    return [
        ('overview', '/'), ('first page', '/tickets'),
        ('state parked', '/tickets?state=parked'),
        ('state waiting', '/tickets?state=waiting'),
        ('state undelivered', '/tickets?state=undelivered'),
        ('a common tag', '/tickets?tag=%23billing'), ('a rare tag', '/tickets?tag=%23rare'),
        ('a tag and a state', '/tickets?tag=%23billing&state=parked'),
        ('a day two months ago', '/tickets?since=%s&until=%s' % (day, day)),
        ('a tag on that day', '/tickets?tag=%%23billing&since=%s&until=%s' % (day, day)),
        ('a late page by its cursor', '/tickets?after=%s' % (late,)),
        ('search by number', '/tickets?q=%d' % (middle.number,)),
        ('search by nonce', '/tickets?q=%s' % (middle.nonce,)),
        ("search by Snappy's id", '/tickets?q=%s' % (middle.snappy_id,)),
        ('search by phone', '/tickets?q=%s' % (middle.address.replace('+', '%2B'),)),
        ('a search that finds nothing', '/tickets?q=nobody'),
        ('one ticket', '/tickets/%d' % (middle.number,)),
        ('problems', '/problems'), ('audit trail', '/audit'), ('forget', '/forget')]


def run(stage, options):
    """Each page 15 times with few and with many; once, whatever the repeats."""
    stage.start_standin()
    sizes = [options.size(THOUSAND, 100), options.size(MILLION, 2000)]
    found, slowest = Result(), []
    took = []
    for count in sizes:
        client = console(stage, fill(stage, options, count))
        settle(stage)
        times = {}
        for what, path in pages(count):
            client.get(path)
            times[what] = [client.get(path)[0] for _ in range(_TIMES)]
        first, rate = client.export('/tickets.csv', options.size(5000, 50))
        times['export, to its first bytes'] = [first]
        took.append((times, rate))
        slowest.append(max(max(each) for each in times.values()))
        options.say('%d tickets: slowest reply %.0f ms, export %.0f lines/s' % (
            count, slowest[-1], rate))
    found.ours = [slowest[1]]
    few, many = took
    found.extra['slowest reply with a thousand (ms)'] = slowest[0]
    for what in [each for each, _ in pages(sizes[1])] + ['export, to its first bytes']:
        found.extra['%s, median (ms; with a thousand)' % (what,)] = '%.1f; %.1f' % (
            figures.median(many[0][what]), figures.median(few[0][what]))
    found.extra['export, lines a second (with a thousand)'] = '%.0f; %.0f' % (many[1], few[1])
    return found


MEASURE = Measure(
    'console-million', "the console's slowest reply with a million tickets", at_most(300), 'ms',
    run)
