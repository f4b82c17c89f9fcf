"""``vumi-snappy import-bouncer``: take over the tickets of django-snappy-vumi-bouncer."""
from __future__ import absolute_import, division, print_function, unicode_literals

import argparse
import sys
import time
from typing import Any, Callable, List, Text, Tuple  # noqa: F401

from twisted.internet import defer, reactor

from vumi_snappy.cli.access import open_store, operator, read_config
from vumi_snappy.cli.grammar import Trouble, add_store_command
from vumi_snappy.cli.output import say
from vumi_snappy.config.fields import as_text
from vumi_snappy.django_bouncer.takeover.importing import Importer, Line
from vumi_snappy.django_bouncer.takeover.locating import has_password, read_password
from vumi_snappy.django_bouncer.takeover.tickets import Reading, SourceError  # noqa: F401
from vumi_snappy.django_bouncer.takeover.sources import read_tickets
from vumi_snappy.store import StoreError

#: Seconds between two lines of progress.
_SHOW_EVERY = 2.0


def add_to(commands):
    # type: (Any) -> None
    added = add_store_command(commands, 'import-bouncer', import_bouncer)
    added.add_argument('source', metavar='SOURCE', help=(
        'its database: an SQLite file, postgresql://USER@HOST/DATABASE or'
        ' mysql://USER@HOST/DATABASE; the JSON of its "manage.py dumpdata snappybouncer"; or a CSV'
        ' export of its tickets to which a column msisdn was added'))
    added.add_argument('--password-file', metavar='FILE', help=(
        "whose first line is the database's password; without it, PGPASSWORD, ~/.pgpass or"
        " MYSQL_PWD"))
    added.add_argument('--to-addr', required=True, metavar='ADDRESS', help=(
        "your own number (or address), from which people are answered"))
    added.add_argument('--transport-name', metavar='NAME', help=(
        "that of the transport by which they are; without it, the configuration's"))
    added.add_argument('--transport-type', default='sms', metavar='TYPE', help=(
        "that transport's type; without it, sms"))
    added.add_argument('--endpoint', default='default', metavar='NAME', help=(
        "the worker's endpoint that leads to that transport; without it, default"))
    added.add_argument('--conversation', action='append', default=[], metavar='KEY=ENDPOINT',
                       type=_endpoint,
                       help='another endpoint for one of the conversations; may be given often')
    added.add_argument('--forward-unsent', action='store_true', help=(
        "forward what was never relayed; only when the old bouncer's celery does so no more"))
    added.add_argument('--dry-run', action='store_true', help='only print what would happen')


@defer.inlineCallbacks
def import_bouncer(options):
    """Take over the tickets of django-snappy-vumi-bouncer, so that they can be answered."""
    config = read_config(options.config)
    line = Line(as_text(options.transport_name) or config.transport_name,
                as_text(options.transport_type), as_text(options.to_addr),
                as_text(options.endpoint), dict(options.conversation))
    tickets = _tickets(options)
    store = yield open_store(config)
    importer = Importer(store, line, config.ticket_subject, config.contact_address,
                        options.forward_unsent, options.dry_run, _progress(), config.numbers)
    ended = _end_in_order(importer)
    trouble = ''
    try:
        if not options.dry_run:
            yield store.operators.note(
                operator(), 'import of the Django bouncer\'s tickets', '',
                'also of what was never relayed' if options.forward_unsent else '')
        yield importer.run(tickets)
    except SourceError as failed:
        trouble = '%s' % (failed,)
    except StoreError as failed:
        trouble = '%s. What is reported above is done; run this again for the rest' % (failed,)
    finally:
        yield store.stop()
        reactor.callLater(0, ended.callback, None)
    counts = importer.counts
    say(options, dict(counts, dry_run=options.dry_run, stopped=importer.stopped, bad_rows=[
        {'place': each.place, 'why': each.why} for each in importer.bad]),
        '\n'.join(_report(importer, options)))
    if trouble:
        raise Trouble(trouble)
    if importer.stopped:
        raise Trouble('stopped before the end. What is reported above is done; run this again for'
                      ' the rest')
    if counts['bad']:
        raise Trouble('%d row%s skipped, as reported above; all others are done' % (
            counts['bad'], ' was' if counts['bad'] == 1 else 's were'))


def _tickets(options):
    # type: (Any) -> Reading
    source = as_text(options.source)
    try:
        password = ''
        if options.password_file is not None:
            password = read_password(as_text(options.password_file))
        elif has_password(source):
            sys.stderr.write(str('vumi-snappy: others on this machine can see the password in the'
                                 ' URL: better give it by --password-file\n'))
        return read_tickets(source, password)
    except SourceError as failed:
        raise Trouble('%s' % (failed,))


def _end_in_order(importer):
    # type: (Importer) -> defer.Deferred
    """Let Ctrl-C stop the import between two tickets; the caller fires this when all is closed."""
    ended = defer.Deferred()  # type: defer.Deferred

    def stop():
        importer.stop()
        return ended
    reactor.addSystemEventTrigger('before', 'shutdown', stop)
    return ended


def _endpoint(pair):
    # type: (Any) -> Tuple[Text, Text]
    key, _, endpoint = as_text(pair).rpartition('=')
    if not key or not endpoint:
        raise argparse.ArgumentTypeError('must be KEY=ENDPOINT')
    return key, endpoint


def _progress():
    # type: () -> Callable[[int, Reading], None]
    shown_at = [time.time()]

    def show(rows, tickets):
        if time.time() - shown_at[0] >= _SHOW_EVERY:
            shown_at[0] = time.time()
            sys.stderr.write(str('%d%s rows%s ...\n') % (
                rows, '' if tickets.total is None else ' of %d' % (tickets.total,),
                '' if tickets.share is None else ', %d %%' % (100 * tickets.share,)))
    return show


def _report(importer, options):
    # type: (Importer, Any) -> List[Text]
    counts = importer.counts
    lines = ['%s: %s' % (each.place, each.why) for each in importer.bad]
    if counts['bad'] > len(importer.bad):
        lines.append('... and %d more that can not be used' % (counts['bad'] - len(importer.bad),))
    if options.dry_run:
        lines.append('Nothing was changed. This would happen:')
    lines.extend([
        'rows read: %d' % (counts['rows'],),
        'tickets taken over: %d' % (counts['imported'],),
        'known before: %d' % (counts['known'],)])
    if counts['renumbered']:
        lines.append('with a new number, as the store has their old one: %d' % (
            counts['renumbered'],))
    if options.forward_unsent and not options.dry_run:
        lines.append('never relayed, forwarded now: %d' % (counts['forwarded'],))
    else:
        lines.append('never relayed: %d%s' % (
            counts['unsent'],
            ' (--forward-unsent forwards them)' if counts['unsent'] else ''))
    lines.append('can not be used: %d' % (counts['bad'],))
    return lines
