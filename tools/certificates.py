"""Certificates for the private servers: an authority, one for a server, one for a client."""
from __future__ import absolute_import, division, print_function, unicode_literals

import datetime
import io
import ipaddress
import os
from typing import Any, Dict, Text  # noqa: F401

from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tools.ports import HOST

_BACKEND = default_backend()


def make_certificates(folder):
    # type: (Text) -> Dict[Text, Text]
    """Write them into `folder`; the paths of ca, server, server_key, client and client_key."""
    paths = {}  # type: Dict[Text, Text]
    authority = _key()
    signed_by = _name('authority')
    _write(folder, 'ca', _certificate(signed_by, authority, signed_by, authority, True), paths)
    for who in ('server', 'client'):
        key = _key()
        _write(folder, who, _certificate(_name(who), key, signed_by, authority, False), paths)
        _write(folder, who + '_key', key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption()), paths)
    return paths


def _key():
    # type: () -> Any
    return rsa.generate_private_key(public_exponent=65537, key_size=2048, backend=_BACKEND)


def _name(text):
    # type: (Text) -> Any
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, key, issuer, issuer_key, is_authority):
    # type: (Any, Any, Any, Any, bool) -> bytes
    now = datetime.datetime.utcnow()
    builder = x509.CertificateBuilder(
        subject_name=subject, issuer_name=issuer, public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=2)).add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        builder = builder.add_extension(x509.SubjectAlternativeName(
            [x509.IPAddress(ipaddress.ip_address(HOST)), x509.DNSName('localhost')]),
            critical=False)
    return builder.sign(issuer_key, hashes.SHA256(), _BACKEND).public_bytes(
        serialization.Encoding.PEM)


def _write(folder, name, pem, paths):
    # type: (Text, Text, bytes, Dict[Text, Text]) -> None
    paths[name] = os.path.join(folder, name + '.pem')
    with io.open(paths[name], 'wb') as out:
        out.write(pem)
