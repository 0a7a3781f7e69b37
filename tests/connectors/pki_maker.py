"""Certificates as a test wants them: right, or wrong in exactly one thing."""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.pki.certificate import Certificate, parse_certificate

SERVER_URI = "urn:test:server"
NOW = datetime.now(UTC)


@functools.cache
def key_of(bits: int, number: int = 0) -> rsa.RSAPrivateKey:
    """A key; making one takes a while, so tests share them. ``number`` tells them apart."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate with its key, and the files they lie in."""

    certificate: Certificate
    key: rsa.RSAPrivateKey
    path: Path
    key_path: Path


def make(
    folder: Path,
    name: str,
    *,
    uri: str = SERVER_URI,
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
    days: tuple[float, float] = (-1, 365),
    bits: int = 2048,
    key_number: int = 0,
    issuer: Made | None = None,
    ca: bool = False,
) -> Made:
    """Make a certificate and its key, and write both into ``folder``."""
    key = key_of(bits, key_number)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(uri)]
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.parsed.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    path, key_path = folder / f"{name}.der", folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(Encoding.DER))
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Made(parse_certificate(path.read_bytes(), name), key, path, key_path)


def trust(pki: Path, *certificates: Certificate, state: str = "trusted") -> None:
    """Put certificates where the connector trusts them."""
    (pki / state).mkdir(parents=True, exist_ok=True)
    for certificate in certificates:
        (pki / state / f"{certificate.thumbprint}.der").write_bytes(certificate.der)
