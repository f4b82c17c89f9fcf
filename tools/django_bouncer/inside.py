"""Commands that run in the bouncer's own Python (``ve-bouncer``), with its own models.

    inside.py setup USER KEY       create the tables, and an API user with that key
    inside.py load < ROWS          JSON: insert accounts, conversations and tickets
    inside.py csv > FILE           the tickets, by the admin pages' own export
    inside.py serve PORT           the HTTP API, on 127.0.0.1
    inside.py COMMAND ...          one of Django's: dumpdata, ...

`peer.py` calls it.  It connects only to the addresses in its environment.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import json
import os
import sys

os.environ[str('DJANGO_SETTINGS_MODULE')] = str('settings')


def _setup(user, key):
    from django.core.management import call_command
    call_command('syncdb', interactive=False, verbosity=0)
    from django.contrib.auth.models import User
    from tastypie.models import ApiKey
    ApiKey.objects.create(user=User.objects.create_user(user), key=key)


def _load():
    from snappybouncer import models
    for model, rows in json.load(sys.stdin):
        # bulk_create sends no signal: these tickets are not relayed.
        kind = getattr(models, model)
        kind.objects.bulk_create([kind(**row) for row in rows])


def _csv():
    from django.contrib import admin
    from snappybouncer import admin as ours  # noqa: F401: it registers
    from snappybouncer.models import Ticket
    registered = admin.site._registry[Ticket]
    sys.stdout.write(registered.actions[0](registered, None, Ticket.objects.all()).content)


def _serve(port):
    # Vumi Go's address can't be configured in this release, and must never be called from here.
    from go_http import send
    made = send.HttpApiSender.__init__

    def elsewhere(self, *args, **kwargs):
        made(self, *args, **dict(kwargs, api_url=os.environ[str('BOUNCER_GO_URL')]))
    send.HttpApiSender.__init__ = elsewhere
    from django.core.management import call_command
    call_command('runserver', '127.0.0.1:%d' % (int(port),), use_reloader=False)


if __name__ == '__main__':
    commands = {'setup': _setup, 'load': _load, 'csv': _csv, 'serve': _serve}  # type: dict
    if sys.argv[1] in commands:
        commands[sys.argv[1]](*sys.argv[2:])
    else:
        from django.core.management import execute_from_command_line
        execute_from_command_line(sys.argv)
