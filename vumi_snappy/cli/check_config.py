"""``vumi-snappy check-config``."""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

from typing import Any  # noqa: F401

from twisted.internet import defer, reactor

from vumi_snappy.cli.access import open_store, read_config
from vumi_snappy.cli.grammar import Trouble, add_command
from vumi_snappy.cli.output import say
from vumi_snappy.lookup import Lookup
from vumi_snappy.snappy import BadCredentials, NotFound, SnappyClient, SnappyError


def add_to(commands):
    # type: (Any) -> None
    """Add the command."""
    added = add_command(commands, 'check-config', check_config)
    added.add_argument('config', metavar='FILE', help="the worker's YAML configuration")


@defer.inlineCallbacks
def check_config(options):
    """Validate a configuration, then try Redis, the API key and the mailbox."""
    config = read_config(options.config)
    wrong = []
    said = ['The options are valid.']
    said.extend('Nobody reads the option %s.' % (each,) for each in config.unknown_options())
    try:
        store = yield open_store(config)
    except Trouble as trouble:
        wrong.append('%s' % (trouble,))
    else:
        said.append(store.durability or 'Redis answers and keeps an append-only file.')
        yield store.stop()
    client = SnappyClient(reactor, config.snappy_api_url, config.api_key,
                          timeout=min(config.snappy_timeout, 10))
    lookup = Lookup(client, None, config.snappy_mailbox_id, lambda: defer.succeed(None))
    try:
        account = yield lookup.account()
        said.append('Snappy takes the API key and knows the mailbox.')
        if config.snappy_staff_id is not None:
            staff = yield client.staff(account)
            if config.snappy_staff_id in [int(each['id']) for each in staff]:
                said.append('Snappy knows the staff member.')
            else:
                wrong.append('snappy_staff_id %d is no staff member of the account'
                             % (config.snappy_staff_id,))
    except BadCredentials:
        wrong.append('Snappy does not take the API key: check snappy_api_key')
    except NotFound:
        wrong.append('Snappy has no mailbox %d for this API key: check snappy_mailbox_id'
                     % (config.snappy_mailbox_id,))
    except SnappyError as failed:
        wrong.append('Snappy can not be asked at %s: %s' % (config.snappy_api_url, failed))
    finally:
        yield client.close()
    say(options, {'fine': said, 'wrong': wrong},
        '\n'.join(said + ['WRONG: %s' % (each,) for each in wrong]))
    if wrong:
        raise Trouble('%d thing%s to mend' % (len(wrong), '' if len(wrong) == 1 else 's'))
