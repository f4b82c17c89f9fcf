"""``vumi-snappy amqp-spec``: the file with which all of Vumi's workers can use RabbitMQ 4."""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
import sys
from typing import Any  # noqa: F401

from vumi_snappy.bus.specification import NoSpecification, load, mended
from vumi_snappy.cli.grammar import Trouble, add_command
from vumi_snappy.cli.output import say
from vumi_snappy.config.fields import as_text


def add_to(commands):
    # type: (Any) -> None
    added = add_command(commands, 'amqp-spec', amqp_spec)
    added.add_argument('--output', '-o', metavar='FILE', help='where to; else it is printed')


def amqp_spec(options):
    # type: (Any) -> None
    """Write the AMQP 0-9-1 specification that RabbitMQ 4 needs, for --specfile of all of Vumi's
    workers: the one installed with Vumi, with the name that keeps their messages on disk."""
    try:
        text = mended()
        load()
    except NoSpecification as wrong:
        raise Trouble('%s' % (wrong,))
    if not options.output:
        if options.json:
            say(options, {'specification': text}, '')
        else:
            stdout = getattr(sys.stdout, 'buffer', sys.stdout)  # type: Any
            stdout.write(text.encode('utf-8'))
        return
    path = os.path.abspath(as_text(options.output))
    try:
        with open(path, 'wb') as out:
            out.write(text.encode('utf-8'))
    except EnvironmentError as failed:
        raise Trouble('%s can not be written: %s' % (path, failed.strerror))
    say(options, {'specfile': path},
        'Give every worker of Vumi the option --specfile %s, or write it into the file of their'
        ' --vumi-config:\n\nspecfile: %s' % (path, path))
