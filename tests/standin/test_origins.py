"""Only origins on a loopback address can be let in."""
from __future__ import absolute_import, division, print_function, unicode_literals

import pytest

from vumi_snappy.standin.origins import Origins


@pytest.mark.parametrize('origin', [
    'http://127.0.0.1:9000', 'http://localhost', 'https://127.1.2.3:1/', 'http://[::1]:9000'])
def test_loopback_origins_are_taken(origin):
    Origins([origin])


@pytest.mark.parametrize('origin', [
    '*', 'null', 'https://example.org', 'http://127.0.0.1.example.org', 'http://10.0.0.1',
    'http://localhost/page', 'localhost:9000', 'ftp://127.0.0.1'])
def test_others_are_refused(origin):
    with pytest.raises(ValueError):
        Origins([origin])
