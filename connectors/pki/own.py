"""Our own application certificate: made on the first run, renewed by hand, replaced by whatever a plant's own
authority issues.

    own/certificate.der     what servers are shown
    own/private_key.pem     readable by this user only
    own/old/                what was renewed
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

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

from connectors.errors import CertificateError
from connectors.pki.certificate import Certificate, moment, parse_certificate, read_certificate
from twin.contract.clock import Clock
from twin.service.private_files import PUBLIC, write_whole

KEY_BITS: Final = 2048
"""The most that every policy of OPC UA takes is 4096, the least 2048 (OPC 10000-7)."""
VALID_DAYS: Final = 5 * 365
BACKDATED: Final = timedelta(hours=24)
"""A PLC's clock is rarely right: one that is a day slow must not find our certificate not yet valid."""

CERTIFICATE: Final = "certificate.der"
KEY: Final = "private_key.pem"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A certificate with its key.

    Args:
        certificate: what the other side is shown.
        key_pem: its private key, PKCS 8.
    """

    certificate: Certificate
    key_pem: bytes

    @property
    def application_uri(self) -> str:
        """The URI we must call ourselves by; "" if the certificate has none."""
        return next(iter(self.certificate.application_uris), "")


def read_credentials(certificate: Path, key: Path) -> Credentials:
    """Read a certificate and its key, and check that they belong together.

    Raises:
        CertificateError: one cannot be read, or they are not of one pair.
    """
    read = read_certificate(certificate)
    try:
        key_pem = key.read_bytes()
        private = load_pem_private_key(key_pem, None)
    except OSError as error:
        raise CertificateError(f"{key}: {error.strerror}; put the key of {certificate} there") from error
    except (ValueError, TypeError) as error:
        raise CertificateError(f"{key}: no private key in PEM without a password: {error}") from error
    if private.public_key() != read.parsed.public_key():
        raise CertificateError(
            f"{key}: is not the key of {certificate}; put the two of one pair there, or make new ones with "
            "'parktwin certs renew'"
        )
    return Credentials(read, key_pem)


def own_credentials(folder: Path, clock: Clock) -> Credentials:
    """Return our own credentials, made now if there are none.

    Args:
        folder: ``own/``.
        clock: ns since the epoch.

    Raises:
        CertificateError: those that are there cannot be used.
    """
    if not (folder / CERTIFICATE).exists() and not (folder / KEY).exists():
        return make_own(folder, clock)
    return read_credentials(folder / CERTIFICATE, folder / KEY)


def make_own(folder: Path, clock: Clock, *, host: str | None = None) -> Credentials:
    """Make a key and a self-signed certificate, and put aside what was there before.

    Args:
        folder: ``own/``.
        clock: ns since the epoch.
        host: name of this machine; asked of the system if not given.
    """
    name = host or socket.gethostname() or "localhost"
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    certificate = _self_signed(key, name, _known_uri(folder) or f"urn:{name}:parktwin:connectors", clock)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.mkdir(parents=True, exist_ok=True)
    _put_aside(folder)
    # the key first: a certificate without its key is a fault, a key without certificate is made anew
    write_whole(folder / KEY, key_pem)
    write_whole(folder / CERTIFICATE, certificate.der, PUBLIC)
    return Credentials(certificate, key_pem)


def _known_uri(folder: Path) -> str:
    """Return the URI that servers know us by: a renewed certificate keeps it."""
    try:
        return next(iter(read_certificate(folder / CERTIFICATE).application_uris), "")
    except CertificateError:
        return ""


def _put_aside(folder: Path) -> None:
    old = folder / "old"
    try:
        thumbprint = read_certificate(folder / CERTIFICATE).thumbprint
    except CertificateError:
        return
    old.mkdir(exist_ok=True)
    for name in (CERTIFICATE, KEY):
        if (folder / name).exists():
            (folder / name).replace(old / f"{thumbprint}.{name.rpartition('.')[2]}")


def _self_signed(key: rsa.RSAPrivateKey, host: str, uri: str, clock: Clock) -> Certificate:
    """Make an application instance certificate as OPC 10000-6 §6.2.2 asks for it."""
    now = moment(clock())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ParkTwin"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"ParkTwin connectors on {host}"[:64]),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=True, data_encipherment=True,
        key_agreement=False, key_cert_sign=True, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    names = [x509.UniformResourceIdentifier(uri), _host_name(host)]
    public = key.public_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return parse_certificate(made.public_bytes(Encoding.DER), "our own certificate")


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode() if not host.isascii() else host)
