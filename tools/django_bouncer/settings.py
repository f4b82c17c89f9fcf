"""Django's settings for the released bouncer; what differs from run to run comes by environment.

Read by the bouncer's own Python (``ve-bouncer``) alone.
"""
from __future__ import (
    absolute_import, division, print_function, unicode_literals)

import os

import djcelery

# Else celery does not read these settings, and looks for a broker at its usual place.
djcelery.setup_loader()

_GIVEN = {name: os.environ[name] for name in os.environ}

SECRET_KEY = 'only-for-loopback'
DEBUG = False
ALLOWED_HOSTS = ['*']
ROOT_URLCONF = 'snappybouncer.urls'
USE_TZ = True
TIME_ZONE = 'UTC'
DATABASES = {'default': {
    'ENGINE': 'django.db.backends.sqlite3', 'NAME': _GIVEN[str('BOUNCER_DATABASE')],
    'OPTIONS': {'timeout': 20}}}
# South's migrations make the same tables; syncdb is enough for a database that is new.
INSTALLED_APPS = ('django.contrib.auth', 'django.contrib.contenttypes', 'django.contrib.admin',
                  'djcelery', 'tastypie', 'snappybouncer')

# Without a broker a task runs where it is called, and its failure is seen by nobody, as with a
# worker.
BROKER_URL = _GIVEN[str('BOUNCER_BROKER')]
CELERY_ALWAYS_EAGER = not BROKER_URL
CELERY_IGNORE_RESULT = True

SNAPPY_API_KEY = _GIVEN[str('BOUNCER_SNAPPY_KEY')]
SNAPPY_BASE_URL = _GIVEN[str('BOUNCER_SNAPPY_URL')]
SNAPPY_MAILBOX_ID = int(_GIVEN[str('BOUNCER_MAILBOX')])
SNAPPY_STAFF_ID = 0
SNAPPY_EMAIL = 'support@example.org'
SNAPPY_EXTRAS = []  # type: list
VUMI_GO_API_TOKEN = VUMI_GO_ACCOUNT_KEY = VUMI_GO_CONVERSATION_KEY = 'go'
VUMI_GO_CONVERSATION_TOKEN = 'go'
