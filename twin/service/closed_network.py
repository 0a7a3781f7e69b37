"""Certificates of a closed network: a small authority of its own, and a certificate for each server in it.

No public authority signs for ``kafka`` or ``postgres``, and a plant without the internet cannot ask one. The
authority's key signs the servers' certificates and nothing else; whoever has its certificate (``ca.pem``)
knows the servers. Keys are P-256; of each server there is ``<host>.pem`` (certificate), ``<host>.key.pem``
(key) and ``<host>.both.pem`` (key, then certificate: Kafka's keystore of type PEM).
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from twin.contract.clock import NS_PER_S, Clock
from twin.contract.errors import ParkTwinError
from twin.service.private_files import PUBLIC, write_whole

AUTHORITY: Final = "ca.pem"
AUTHORITY_KEY: Final = "ca.key.pem"
AUTHORITY_DAYS: Final = 3650
SERVER_DAYS: Final = 730
RENEW_DAYS: Final = 60
"""A certificate with less left is made anew."""
_EARLIER: Final = datetime.timedelta(hours=1)
"""Clocks in a plant are not all right."""


class ClosedNetworkError(ParkTwinError, ValueError):
    """The files of an authority are not what they should be."""

    code: ClassVar[str] = "certs"


@dataclass(frozen=True, slots=True)
class Made:
    """What was done for a server.

    Args:
        host: of the server.
        expires: its certificate's last day.
        new: whether it was made now.
    """

    host: str
    expires: datetime.datetime
    new: bool


def make_network(folder: Path, hosts: Sequence[str], clock: Clock) -> list[Made]:
    """Make the authority if there is none, and of each server the certificate that is missing or runs out.

    Args:
        folder: where the files are.
        hosts: names or addresses by which servers are reached; ``name=also,also`` has more than one.
        clock: ns since the epoch.

    Raises:
        ClosedNetworkError: the authority's files cannot be read, or do not belong together.
    """
    now = datetime.datetime.fromtimestamp(clock() / NS_PER_S, datetime.UTC)
    folder.mkdir(parents=True, exist_ok=True)
    key, authority = _authority(folder, now)
    return [_server(folder, host, key, authority, now) for host in hosts]


def _authority(folder: Path, now: datetime.datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    path, key_path = folder / AUTHORITY, folder / AUTHORITY_KEY
    if path.exists() != key_path.exists():
        there, gone = (path, key_path) if path.exists() else (key_path, path)
        raise ClosedNetworkError(f"{there} is there and {gone} is not; put it back, or take both away")
    if path.exists():
        return _read_authority(path, key_path)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("ParkTwin closed network")
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
    )
    write_whole(key_path, _private(key))
    write_whole(path, certificate.public_bytes(Encoding.PEM), PUBLIC)
    return key, certificate


def _read_authority(path: Path, key_path: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        key = load_pem_private_key(key_path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm, OSError) as error:
        raise ClosedNetworkError(f"{path}, {key_path}: cannot be read ({error}); put them back") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise ClosedNetworkError(f"{key_path}: is not the key of {path}; put the right one back")
    return key, certificate


def _server(
    folder: Path,
    host: str,
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    now: datetime.datetime,
) -> Made:
    first, _, more = host.partition("=")
    names = [first, *filter(None, more.split(","))]
    if not first or "/" in first:
        raise ClosedNetworkError(f"host {host!r}: write a name or an address, or name=other,other")
    path = folder / f"{first}.pem"
    if path.exists():
        known = x509.load_pem_x509_certificate(path.read_bytes())
        enough = known.not_valid_after_utc - now > datetime.timedelta(days=RENEW_DAYS)
        if enough and known.issuer == authority.subject and _names_of(known) == _alternatives(names):
            return Made(first, known.not_valid_after_utc, new=False)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_name(first), authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, SHA256())
    )
    public = certificate.public_bytes(Encoding.PEM)
    write_whole(folder / f"{first}.key.pem", _private(key))
    write_whole(folder / f"{first}.both.pem", _private(key) + public)
    write_whole(path, public, PUBLIC)
    return Made(first, certificate.not_valid_after_utc, new=True)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _names_of(certificate: x509.Certificate) -> list[x509.GeneralName]:
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ParkTwin"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
