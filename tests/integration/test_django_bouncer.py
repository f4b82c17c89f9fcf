"""The released Django bouncer runs here as it does where people have it."""
from __future__ import absolute_import, division, print_function, unicode_literals

import json

import pytest
import requests

from tools.django_bouncer import DjangoBouncer

pytestmark = pytest.mark.integration

URI = '/api/v1/snappybouncer/'


def test_it_answers_over_http_what_was_put_into_its_database(django_bouncer):
    found = requests.get(django_bouncer.url + 'ticket/', timeout=30, params={
        'username': DjangoBouncer.username, 'api_key': DjangoBouncer.api_key}).json()
    assert [each['support_nonce'] for each in found['objects']] == ['n1']
    assert found['objects'][0]['conversation'] == URI + 'conversation/1/'


def test_its_data_can_be_dumped_and_exported(django_bouncer):
    dumped = json.loads(django_bouncer.dumpdata().decode('utf-8'))
    assert [each['model'] for each in dumped] == [
        'snappybouncer.useraccount', 'snappybouncer.conversation', 'snappybouncer.ticket']
    lines = django_bouncer.csv().decode('utf-8').splitlines()
    assert lines[0] == 'unique_id,support_nonce,Message,Response,Created At,Updated At'
    assert lines[1].startswith('1,n1,h\xe9y,')
