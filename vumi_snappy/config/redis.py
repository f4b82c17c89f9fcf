"""The option `redis_manager`: which Redis keeps all state, and how it is reached.

Vumi's own keys (host, port, db, password, key_prefix) mean what they mean there.
"""
from __future__ import absolute_import, division, print_function, unicode_literals

import io
from typing import Any, Dict, List, Optional, Text, Tuple  # noqa: F401

from OpenSSL import crypto
from twisted.internet.ssl import (
    Certificate, PrivateCertificate, platformTrust, trustRootFromCertificates)

from vumi_snappy.config.checking import CheckedConfig
from vumi_snappy.config.fields import ConfigDict, as_text, is_text, shown
from vumi_snappy.store.server import RedisServer, Tls

_KEYS = ('host', 'port', 'db', 'username', 'password', 'key_prefix', 'unix_socket', 'tls',
         'sentinels', 'service_name', 'sentinel_username', 'sentinel_password', 'wait_replicas')
_NUMBERS = {'port': 65535, 'db': 100000, 'wait_replicas': 100}
_TLS_KEYS = ('ca_file', 'certificate_file', 'key_file')


class RedisOptions(CheckedConfig):
    """Redis: where all state is kept."""

    redis_manager = ConfigDict(
        "How to reach Redis: host and port, or unix_socket, or sentinels (a list of host:port) and"
        " service_name; db, username, password, tls, wait_replicas and key_prefix.", required=True)

    def _cross_check(self):
        # type: () -> None
        super(RedisOptions, self)._cross_check()
        given = self._valid('redis_manager') or {}
        unknown = sorted(shown(key) for key in given if key not in _KEYS)
        self._check(not unknown, "Field 'redis_manager' has unknown keys: %s. It takes %s." % (
            ', '.join(unknown), ', '.join(sorted(_KEYS))))
        values = {str(key): self._redis_value(key, given[key]) for key in given
                  if key in _KEYS and given[key] is not None}  # type: Dict[Any, Any]
        ways = [key for key in ('host', 'unix_socket', 'sentinels') if values.get(key)]
        self._redis_check(len(ways) < 2, 'gives %s: give one of them.', ' and '.join(ways))
        self._redis_check(not values.get('unix_socket') or not values.get('tls'),
                          'gives tls, which a unix_socket has none of.')
        for one, other in (('sentinels', 'service_name'), ('service_name', 'sentinels'),
                           ('username', 'password'), ('sentinel_username', 'sentinel_password'),
                           ('sentinel_password', 'sentinels')):
            self._redis_check(one not in values or values.get(other), 'gives %s without %s.',
                              one, other)
        self.key_prefix = values.pop('key_prefix', None) or 'vumi_snappy'
        self.redis = RedisServer(**{name: value for name, value in values.items()
                                    if value is not None})

    def _redis_check(self, fine, text, *words):
        # type: (Any, Text, *Text) -> None
        self._check(fine, "Field 'redis_manager' " + text % words)

    def _redis_value(self, key, value):
        # type: (Text, Any) -> Any
        """The value of a key as `RedisServer` takes it; None where it is wrong."""
        if key in _NUMBERS:
            return self._redis_number(key, value)
        if key == 'sentinels':
            return self._sentinels(value)
        if key == 'tls':
            return self._tls(value)
        text = as_text('%s' % (value,) if isinstance(value, int) else value)
        fine = is_text(text)
        self._redis_check(fine, 'must have a text as %s.', key)
        return text if fine else None

    def _redis_number(self, key, value):
        # type: (Text, Any) -> Optional[int]
        try:
            number = int(shown(value))
        except ValueError:
            self._redis_check(False, 'must have a number as %s.', key)
            return None
        self._redis_check(0 <= number <= _NUMBERS[key], 'must have a number from 0 to %s as %s.',
                          '%d' % (_NUMBERS[key],), key)
        return number

    def _sentinels(self, value):
        # type: (Any) -> List[Tuple[Text, int]]
        sentinels = []
        for each in value if isinstance(value, list) else [None]:
            host, colon, port = as_text(each if is_text(each) else '').rpartition(':')
            fine = host and colon and port.isdigit() and 0 < int(port) < 65536
            self._redis_check(fine, 'must have a list of texts like 10.0.0.1:26379 as sentinels.')
            if not fine:
                return []
            sentinels.append((host.strip('[]'), int(port)))
        return sentinels

    def _tls(self, value):
        # type: (Any) -> Optional[Tls]
        if value in (True, False):
            return Tls(platformTrust()) if value else None
        if not isinstance(value, dict) or set(value) - set(_TLS_KEYS):
            self._redis_check(False, 'must have true as tls, or some of %s.',
                              ', '.join(_TLS_KEYS))
            return None
        self._redis_check(('certificate_file' in value) == ('key_file' in value),
                          'must have both or none of tls.certificate_file and tls.key_file.')
        pems = {'%s' % (name,): self._pem('%s' % (name,), value[name]) for name in value}
        if None in pems.values():
            return None
        trust = self._loaded('ca_file', lambda: trustRootFromCertificates(
            [Certificate.loadPEM(pems['ca_file'])])) if 'ca_file' in pems else platformTrust()
        own = None
        both = [pems[name] for name in ('key_file', 'certificate_file') if name in pems]
        if len(both) == 2:
            own = self._loaded('certificate_file', lambda: PrivateCertificate.loadPEM(
                b'\n'.join(each or b'' for each in both)))
        return Tls(trust, own)

    def _pem(self, name, path):
        # type: (Text, Any) -> Optional[bytes]
        try:
            with io.open(path, 'rb') as pem:
                return pem.read()
        except (EnvironmentError, TypeError) as error:
            self._redis_check(False, 'names as tls.%s a file that can not be read: %s', name,
                              getattr(error, 'strerror', None) or 'it must be a path')
            return None

    def _loaded(self, name, load):
        # type: (Text, Any) -> Any
        try:
            return load()
        except (crypto.Error, ValueError):
            self._redis_check(False, 'names as tls.%s a file that is not in the format PEM.',
                              name)
            return None
