"""The samples and the documents go together: whoever takes them as they are gets what works."""
from __future__ import absolute_import, division, print_function, unicode_literals

import glob
import io
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def text(*path):
    with io.open(os.path.join(ROOT, *path), encoding='utf-8') as source:
        return source.read()


def texts():
    """The samples and the documents, each as one text, by their paths."""
    paths = glob.glob(os.path.join(ROOT, 'config', '*.*')) + glob.glob(
        os.path.join(ROOT, 'docs', '*.md')) + [os.path.join(ROOT, 'README.md')]
    return {os.path.relpath(path, ROOT): text(path) for path in paths}


def ports(pattern):
    """The ports that `pattern` finds in any of them."""
    found = {int(port) for said in texts().values() for port in re.findall(pattern, said)}
    assert found, pattern
    return found


def test_no_two_of_them_share_a_port():
    supervised = re.search(r'web_endpoint:tcp:(\d+)%\(process_num\)s', text(
        'config', 'supervisord.snappy_bouncer.conf')).group(1)
    nginx = {int(port) for port in re.findall(
        r'server 127\.0\.0\.1:(\d+);', text('config', 'nginx.snappy_bouncer.conf'))}
    webhook = ports(r'\bweb_endpoint: tcp:(\d+)') | {
        int(supervised + digit) for digit in '0123456789'}
    assert len(nginx) > 1 and nginx <= webhook
    owners = {
        'the webhook': webhook,
        'the console': ports(r'(?:console_endpoint: tcp:|CONSOLE=http://[^:]+:)(\d+)'),
        'the stand-in': ports(r'snappy_standin --endpoint tcp:(\d+)'),
        'the proxy to the help desk': ports(r'snappy_api_url: http://127.0.0.1:(\d+)')}
    assert sum(map(len, owners.values())) == len(set.union(*owners.values())), owners


def test_every_program_of_supervisord_has_a_user_who_is_not_root():
    programs = text('config', 'supervisord.snappy_bouncer.conf').split('[program:')[1:]
    assert programs
    for program in programs:
        assert re.search(r'^user=(?!root$)\w+$', program, re.M)


def test_none_of_them_sends_anybody_to_snappys_own_domain():
    for path, said in texts().items():
        assert not re.search(r'https?://(\w+\.)*besnappy\.com', said), path
