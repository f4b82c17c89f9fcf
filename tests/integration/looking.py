"""What the tests of a running `tools.stack.Stack` look at: its help desk, its phones, its command.

A person is told by the number, ``+27820001001``, and written to over the transport for text
messages.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import contextlib
import os
import signal
import subprocess
import sys

from tools.processes import ROOT
from tools.waiting import until


@contextlib.contextmanager
def deaf_to_ctrl_c():
    """What is started within ignores SIGINT, as a script's shell starts its background jobs."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def tickets_of(stack, number):
    """The tickets of one person at the help desk, as the stand-in has them, newest first."""
    address = '%s@sms.example.org' % (number[1:],)
    return [ticket for ticket in stack.standin.tickets(1000)
            if ticket['contacts'][0]['value'] == address]


def texts_of(stack, number):
    """The words at the help desk from one person, oldest first."""
    return [note['content'] for ticket in reversed(tickets_of(stack, number))
            for note in reversed(ticket['notes']) if note['scope'] == 'public'
            and not note['created_by_staff_id']]


def received(stack, number):
    """The texts that left on the bus to one person, oldest first."""
    return [message.content for message in stack.outbound() if message.to_addr == number]


def private_notes(stack, number):
    """The private notes on one person's tickets, oldest first."""
    return [note['content'] for ticket in reversed(tickets_of(stack, number))
            for note in reversed(ticket['notes']) if note['scope'] == 'private']


def opened(stack, number, text='Help'):
    """The ticket that is opened when a person writes `text`."""
    stack.send_message(number, text)
    until(lambda: texts_of(stack, number))
    [ticket] = tickets_of(stack, number)
    return ticket


def command(stack, *arguments):
    """The exit status and output of ``vumi-snappy``; CONFIG among the arguments is the first
    worker's."""
    config = os.path.join(stack.servers.folder, 'worker-0.yaml')
    place = arguments.index('CONFIG')
    return run_command(*(arguments[:place] + (config,) + arguments[place + 1:]))


def run_command(*arguments):
    """The exit status and output of ``vumi-snappy``."""
    running = subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-c',
         'from vumi_snappy.cli import main; main()'] + list(arguments),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT)
    said = running.communicate()[0].decode('utf-8')
    return running.returncode, said
