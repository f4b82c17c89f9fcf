"""Django settings of the released bouncer; variable ones come from the environment.

Only the bouncer's own Python (``ve-bouncer``) reads it.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import os
from urlparse import urlsplit

import djcelery

# Without it celery ignores these settings, and looks for a broker at its default address.
djcelery.setup_loader()

_ENVIRONMENT = {name: os.environ[name] for name in os.environ}

SECRET_KEY = 'only-for-loopback'
DEBUG = False
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'snappybouncer.urls'
USE_TZ = True
TIME_ZONE = 'UTC'


def _database(where, password):
    """`where` is a path (SQLite), or a URL without the password."""
    if '://' not in where:
        return {'ENGINE': 'django.db.backends.sqlite3', 'NAME': where, 'OPTIONS': {'timeout': 20}}
    parts = urlsplit(where)
    there = {'NAME': parts.path[1:], 'USER': parts.username, 'PASSWORD': password,
             'HOST': parts.hostname, 'PORT': '%d' % (parts.port or 0,)}
    if parts.scheme == 'postgresql':
        return dict(there, ENGINE='django.db.backends.postgresql_psycopg2')
    import pymysql
    pymysql.install_as_MySQLdb()
    return dict(there, ENGINE='django.db.backends.mysql', OPTIONS={'charset': 'utf8mb4'})


DATABASES = {'default': _database(_ENVIRONMENT[str('BOUNCER_DATABASE')],
                                  _ENVIRONMENT[str('BOUNCER_DATABASE_PASSWORD')])}
# syncdb is enough for a new database: South's migrations would make the same tables.
INSTALLED_APPS = ('django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.admin',
                  'djcelery', 'tastypie', 'snappybouncer')

# Without a broker a task runs in its caller, and its failure is not reported, as with a worker.
BROKER_URL = _ENVIRONMENT[str('BOUNCER_BROKER')]
CELERY_ALWAYS_EAGER = not BROKER_URL
CELERY_IGNORE_RESULT = True

SNAPPY_API_KEY = _ENVIRONMENT[str('BOUNCER_SNAPPY_KEY')]
SNAPPY_BASE_URL = _ENVIRONMENT[str('BOUNCER_SNAPPY_URL')]
SNAPPY_MAILBOX_ID = int(_ENVIRONMENT[str('BOUNCER_MAILBOX')])
SNAPPY_STAFF_ID = 0
SNAPPY_EMAIL = 'support@example.org'
SNAPPY_EXTRAS = []  # type: list
VUMI_GO_API_TOKEN = VUMI_GO_ACCOUNT_KEY = VUMI_GO_CONVERSATION_KEY = 'go'
VUMI_GO_CONVERSATION_TOKEN = 'go'
