"""A server's own application certificate: made on the first start, kept in a folder, renewed in time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_KEY_BITS = 2048
"""What Basic256Sha256 asks for at least (OPC 10000-7)."""
_VALID = timedelta(days=3650)
_RENEW_BEFORE = timedelta(days=30)
_ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def own_identity(folder: Path, uri: str, host: str, now: datetime) -> Identity:
    """The identity kept in ``folder``, made if there is none that is good for a month more.

    Args:
        folder: holds ``key.pem`` (readable by its owner only) and ``certificate.der``.
        uri: application URI; a certificate for another one is replaced.
        host: name or address clients reach the server at.
        now: moment with a time zone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = _own_key(folder / "key.pem")
    path = folder / "certificate.der"
    if path.exists():
        kept = x509.load_der_x509_certificate(path.read_bytes())
        if _is_good(kept, key, uri, now + _RENEW_BEFORE):
            return Identity(key, kept)
    certificate = make_certificate(key, uri, host, now - _ONE_HOUR, now + _VALID)
    part = path.with_suffix(".part")
    part.write_bytes(certificate.public_bytes(Encoding.DER))
    part.replace(path)
    return Identity(key, certificate)


def expired(identity: Identity, uri: str, host: str, now: datetime) -> Identity:
    """The same key with a certificate that ran out a day ago."""
    day = timedelta(days=1)
    return Identity(identity.key, make_certificate(identity.key, uri, host, now - 366 * day, now - day))


def make_certificate(
    key: rsa.RSAPrivateKey, uri: str, host: str, begin: datetime, end: datetime
) -> x509.Certificate:
    """Make a self-signed application instance certificate (OPC 10000-6 §6.2.2).

    Args:
        key: of the server.
        uri: application URI, which is in the alternative names.
        host: name clients reach the server at, too.
        begin, end: when it is valid.
    """
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, uri.rpartition(":")[2] or uri),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ParkTwin simulated park"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True,
        key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    public = key.public_key()
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), x509.DNSName(host)])
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(uses, critical=False)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )


def _own_key(path: Path) -> rsa.RSAPrivateKey:
    if path.exists():
        kept = load_pem_private_key(path.read_bytes(), None)
        if isinstance(kept, rsa.RSAPrivateKey):
            return kept
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    raw = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(raw)
    part.replace(path)
    return key


def _is_good(certificate: x509.Certificate, key: rsa.RSAPrivateKey, uri: str, at: datetime) -> bool:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    return (
        certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc
        and certificate.public_key() == key.public_key()
        and uri in names.get_values_for_type(x509.UniformResourceIdentifier)
    )


def moment(time_ns: int) -> datetime:
    """ns since the epoch as certificates know time.

    >>> moment(0).isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
