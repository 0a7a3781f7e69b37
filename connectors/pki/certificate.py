"""What a certificate says, as far as OPC UA asks for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from connectors.errors import CertificateError

SUFFIXES = (".der", ".crt", ".cer", ".pem")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate.

    Args:
        der: its bytes.
        parsed: the same, parsed.
    """

    der: bytes
    parsed: x509.Certificate

    @property
    def thumbprint(self) -> str:
        """SHA-1 of the DER, upper-case hex, as servers and their tools show it."""
        return hashlib.sha1(self.der, usedforsecurity=False).hexdigest().upper()

    @property
    def name(self) -> str:
        """Common name of the subject, or the whole subject if it has none."""
        names = self.parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.parsed.subject.rfc4514_string() or "(no name)"

    @property
    def issuer(self) -> str:
        """Who signed it, as a person writes it."""
        return self.parsed.issuer.rfc4514_string()

    @property
    def not_before(self) -> datetime:
        """From when it holds."""
        return self.parsed.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """Until when it holds."""
        return self.parsed.not_valid_after_utc

    @property
    def application_uris(self) -> tuple[str, ...]:
        """URIs of the subject alternative name; OPC UA asks for exactly one."""
        names = self._alternative_names()
        return tuple(names.get_values_for_type(x509.UniformResourceIdentifier)) if names else ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names and addresses of the subject alternative name."""
        names = self._alternative_names()
        if names is None:
            return ()
        addresses = names.get_values_for_type(x509.IPAddress)
        return (*names.get_values_for_type(x509.DNSName), *(str(address) for address in addresses))

    @property
    def key_bits(self) -> int:
        """Length of the RSA key [bit]; 0 if it is another kind of key."""
        key = self.parsed.public_key()
        return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0

    @property
    def signature_hash(self) -> str:
        """Hash that the signature is made over, e.g. ``sha256``; "" if it is unknown."""
        algorithm = self.parsed.signature_hash_algorithm
        return algorithm.name if algorithm is not None else ""

    def __str__(self) -> str:
        return f"{self.name!r} ({self.thumbprint})"

    def _alternative_names(self) -> x509.SubjectAlternativeName | None:
        try:
            return self.parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, ValueError):
            return None


def parse_certificate(data: bytes, what: str) -> Certificate:
    """Read one certificate, DER or PEM.

    Args:
        data: its bytes.
        what: whose it is, for the error.

    Raises:
        CertificateError: the bytes are no certificate.
    """
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        parsed = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        # a certificate whose parts do not parse raises only when they are asked for
        _ = parsed.extensions, parsed.subject, parsed.public_key()
    except Exception as error:
        raise CertificateError(f"{what}: {len(data)} bytes that are no X.509 certificate: {error}") from error
    return Certificate(parsed.public_bytes(Encoding.DER), parsed)


def parse_chain(data: bytes, what: str) -> tuple[Certificate, ...]:
    """Read a certificate and those of its issuers behind it, as a server sends them.

    Raises:
        CertificateError: the first is no certificate; what follows is left out where it is none.
    """
    chain = [parse_certificate(first_der(data), what)]
    rest = data[len(chain[0].der) :]
    while rest:
        try:
            following = parse_certificate(first_der(rest), what)
        except CertificateError:
            break
        chain.append(following)
        rest = rest[len(following.der) :]
    return tuple(chain)


def first_der(data: bytes) -> bytes:
    """Cut the first DER element off a chain.

    >>> first_der(bytes([0x30, 0x02, 1, 2, 0x30, 0x01, 7])).hex()
    '30020102'
    """
    if len(data) < 2:
        return data
    length, head = data[1], 2
    if length & 0x80:
        head += length & 0x7F
        length = int.from_bytes(data[2:head], "big")
    return data[: head + length]


def read_certificate(path: Path) -> Certificate:
    """Read a certificate from a file.

    Raises:
        CertificateError: the file cannot be read or is no certificate.
    """
    try:
        return parse_certificate(path.read_bytes(), str(path))
    except OSError as error:
        raise CertificateError(f"{path}: {error.strerror}; put the certificate there") from error


def moment(time_ns: int) -> datetime:
    """Turn ns since the epoch into a time that a certificate's can be compared with.

    >>> moment(1_700_000_000_000_000_000).isoformat()
    '2023-11-14T22:13:20+00:00'
    """
    return datetime.fromtimestamp(time_ns / 1e9, UTC)
