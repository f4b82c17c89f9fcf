"""The sample of an nginx in front of the webhook, on a real one and real workers."""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
import json
import os
import re
import socket
import ssl

import attr
import pytest
from OpenSSL import crypto

from tests.integration.one_worker import SECRETS, Worker
from tests.snappy.test_hook import body as of_hook, note
from tools.guard import Guard
from tools.installing import need
from tools.ports import answers, free_port
from tools.processes import ROOT, Process

pytestmark = pytest.mark.integration

SAMPLE = os.path.join(ROOT, 'config', 'nginx.snappy_bouncer.conf')
#: What a whole nginx needs around the sample, for whoever runs the tests, and in one folder.
AROUND = """
daemon off;
master_process off;
pid %(folder)s/nginx.pid;
error_log %(folder)s/error.log;
events {}
http {
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    access_log %(folder)s/access.log;
    include %(folder)s/sample.conf;
}
"""
#: An address of the loopback from which calls are allowed, and one from which they are not.
FRIEND, STRANGER = '127.0.0.2', '127.0.0.3'
#: That of a user of the Django bouncer's API.
KEY = 'the-key-of-the-sandbox'


def certificate(folder):
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    made = crypto.X509()
    made.get_subject().CN = 'your.host'
    made.set_issuer(made.get_subject())
    made.set_pubkey(key)
    made.set_serial_number(1)
    made.gmtime_adj_notBefore(0)
    made.gmtime_adj_notAfter(86400)
    made.sign(key, str('sha256'))
    for name, dumped in (('crt', crypto.dump_certificate(crypto.FILETYPE_PEM, made)),
                         ('key', crypto.dump_privatekey(crypto.FILETYPE_PEM, key))):
        with open(os.path.join(folder, 'your.host.' + name), 'wb') as out:
            out.write(dumped)


@attr.s
class Nginx(object):
    """The sample with ports, files and logs of this test's own, and nothing else changed."""

    folder = attr.ib()
    workers = attr.ib()
    port = attr.ib(factory=free_port)

    def start(self, guard):
        certificate(self.folder)
        with io.open(SAMPLE, encoding='utf-8') as sample:
            text = sample.read()
        changed = [('listen 443', 'listen 127.0.0.1:%d' % (self.port,)),
                   ('/etc/nginx/', self.folder + '/'), ('/var/log/nginx/', self.folder + '/')]
        changed += [('127.0.0.1:802%d' % (n,), '127.0.0.1:%d' % (port,))
                    for n, port in enumerate(self.workers)]
        for old, new in changed:
            assert old in text
            text = text.replace(old, new)
        for name, content in (('sample.conf', text), ('nginx.conf', AROUND % vars(self))):
            with io.open(os.path.join(self.folder, name), 'w', encoding='utf-8') as out:
                out.write(content)
        command = ['nginx', '-p', self.folder, '-c', os.path.join(self.folder, 'nginx.conf')]
        environ = dict(os.environ, PATH=os.environ['PATH'] + str(':/usr/sbin:/usr/local/sbin'))
        need('nginx-light')
        self.process = Process('nginx', command, os.path.join(self.folder, 'said'), guard,
                               env=environ)
        self.process.start()
        self.process.wait_until(lambda: answers(self.port), 20)
        return self

    def call(self, caller, path='/snappy', forwarded=None, method='POST', picture=0):
        """The status line's number for a call of the hook from the address `caller`, for a reply
        with a picture of so many bytes where that is given; the whole head is kept as `head`."""
        plain = socket.create_connection(('127.0.0.1', self.port), 10, (caller, 0))
        trust = ssl.create_default_context(cafile=os.path.join(self.folder, 'your.host.crt'))
        with_tls = trust.wrap_socket(plain, server_hostname='your.host')
        body = b'event=ticket.waiting&data=' + json.dumps({'ticket': {'id': 1}}).encode('ascii')
        if picture:
            body = of_hook(note(content='<img src="data:image/png;base64,%s">' % ('i' * picture,)))
        head = ['%s %s HTTP/1.1' % (method, path), 'Host: your.host', 'Connection: close',
                'Content-Type: application/x-www-form-urlencoded',
                'Content-Length: %d' % (len(body),)]
        head += ['X-Forwarded-For: %s' % (forwarded,)] if forwarded else []
        with_tls.sendall('\r\n'.join(head + ['', '']).encode('ascii') + body)
        answer = b''
        while b'\r\n\r\n' not in answer:
            more = with_tls.recv(1000)
            assert more, answer
            answer += more
        with_tls.close()
        self.head = answer.partition(b'\r\n\r\n')[0].decode('ascii')
        return int(re.match(br'HTTP/1.1 (\d+) ', answer).group(1))

    def logs(self):
        """All that it has written down, by the name of the file."""
        found = {}
        for name in os.listdir(self.folder):
            if name.endswith('.log') or name == 'said':
                with io.open(os.path.join(self.folder, name), encoding='utf-8') as log:
                    found[name] = log.read()
        return found


@pytest.fixture
def guard(tmpdir):
    made = Guard(str(tmpdir.mkdir('guarded')))
    yield made
    made.close()


def test_the_sample_passes_on_who_calls_outlives_a_worker_and_logs_no_secret(
        worker, guard, tmpdir, redis_port, amqp):
    second = Worker(str(tmpdir.mkdir('second')), redis_port, amqp)
    options = dict(
        allowed_networks=[FRIEND], trusted_proxies=['127.0.0.1'],
        bouncer_api_users={'sandbox': KEY}, bouncer_api_accounts=[{'id': 1, 'key': 'a'}],
        bouncer_api_conversations=[{'id': 1, 'key': 'c', 'to_addr': '12345'}])
    nginx = None
    try:
        for each in (worker, second):
            each.start(**options)
        for each in (worker, second):
            each.until(each.health)
        nginx = Nginx(str(tmpdir.mkdir('nginx')), [worker.port, second.port]).start(guard)
        path = '/snappy/%s' % (SECRETS[1],)
        assert [nginx.call(FRIEND, path) for _ in range(2)] == [200, 200]
        assert nginx.call(FRIEND, '/snappy/wrong') == 401
        assert nginx.call(STRANGER, path) == 403
        assert nginx.call(STRANGER, path, forwarded=FRIEND) == 403  # anybody can say so
        assert nginx.call(FRIEND, '/health/') == 404
        api, key = '/api/v1/snappybouncer/', '?username=sandbox&api_key=%s' % (KEY,)
        assert nginx.call(FRIEND, api + 'listener/' + key) == 201
        assert nginx.call(STRANGER, api + 'listener/' + key) == 403
        assert nginx.call(STRANGER, api + 'ticket' + key, method='GET') == 301
        assert 'Location: https://your.host%sticket/%s\r\n' % (api, key) in nginx.head + '\r\n'
        # Replies with pictures in them, and one with too large a picture.
        for size in (3, 9, 15):
            assert nginx.call(FRIEND, path, picture=size * 1024 * 1024) == 200
        assert nginx.call(FRIEND, '/snappy/wrong', picture=3 * 1024 * 1024) == 401
        # Each of the two would be asked in turn.
        worker.stop()
        assert [nginx.call(FRIEND, path) for _ in range(4)] == [200] * 4
        second.stop()
        assert nginx.call(FRIEND, path) == 502  # Snappy will try again
        logs = nginx.logs()
        assert 'error.log' in logs and 'vumi_snappy.log' in logs
        assert [name for name, text in logs.items() if SECRETS[1] in text or KEY in text] == []
    finally:
        second.stop()
        if nginx is not None:
            nginx.process.kill()
