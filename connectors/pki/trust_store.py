"""The certificates of servers on disk: trusted, rejected, and the authorities between.

    trusted/     servers' own certificates, and authorities all of whose servers are trusted
    issuers/     authorities in between, that complete a chain and are not trusted by themselves
    rejected/    what a server showed and nobody has trusted; for a person to look at
    crl/         lists of what an authority has revoked
    users/       NAME.der with NAME.pem: certificates that a user logs in with

The folders are read anew each time: a file that an engineer copies there counts from the next connect on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from connectors.errors import CertificateError
from connectors.pki.certificate import SUFFIXES, Certificate, read_certificate

MAX_REJECTED: Final = 50
"""Kept at most: a server that shows a new one at each connect must not fill the disk."""
MAX_CHAIN: Final = 8

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The folders below ``pki/``.

    Args:
        folder: ``DATA_DIR/connectors/pki``.
    """

    folder: Path

    def certificates(self, state: str) -> Iterator[tuple[Path, Certificate]]:
        """Yield what lies in ``trusted``, ``issuers`` or ``rejected``; other files are passed by."""
        place = self.folder / state
        if not place.is_dir():
            return
        for path in sorted(place.iterdir()):
            if path.suffix.lower() not in SUFFIXES:
                continue
            try:
                yield path, read_certificate(path)
            except CertificateError as error:
                _LOG.warning("trust store: passed by: %s", error)

    def trusts(self, chain: tuple[Certificate, ...]) -> bool:
        """Tell whether the first of ``chain`` is trusted, or who signed it, directly or through others."""
        trusted = {entry.thumbprint: entry for _, entry in self.certificates("trusted")}
        known = [*trusted.values(), *chain[1:], *(entry for _, entry in self.certificates("issuers"))]
        current = chain[0]
        for _ in range(MAX_CHAIN):
            if current.thumbprint in trusted:
                return True
            issuer = next((entry for entry in known if _signed(current, entry)), None)
            if issuer is None:
                return False
            current = issuer
        return False

    def revoked(self, certificate: Certificate) -> bool:
        """Tell whether its authority has revoked it, as far as the lists in ``crl/`` say."""
        place = self.folder / "crl"
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            try:
                data = path.read_bytes()
                pem = data.startswith(b"-----")
                revoked = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
            except (OSError, ValueError) as error:
                _LOG.warning("trust store: passed by: %s: %s", path, error)
                continue
            if revoked.issuer == certificate.parsed.issuer:
                serial = certificate.parsed.serial_number
                if revoked.get_revoked_certificate_by_serial_number(serial) is not None:
                    return True
        return False

    def keep_rejected(self, certificate: Certificate) -> None:
        """Put an untrusted certificate where a person can look at it and trust it; the oldest make room."""
        place = self.folder / "rejected"
        path = place / f"{certificate.thumbprint}.der"
        if path.exists():
            return
        place.mkdir(parents=True, exist_ok=True)
        others = sorted(place.glob("*.der"), key=lambda entry: entry.stat().st_mtime)
        for old in others[: max(0, len(others) - MAX_REJECTED + 1)]:
            old.unlink(missing_ok=True)
        path.write_bytes(certificate.der)

    def find(self, thumbprint: str) -> tuple[str, Path, Certificate]:
        """Find a certificate by the beginning of its thumbprint.

        Raises:
            CertificateError: none or several begin so.
        """
        wanted = "".join(thumbprint.split()).replace(":", "").upper()
        found = [
            (state, path, certificate)
            for state in ("rejected", "trusted")
            for path, certificate in self.certificates(state)
            if wanted and certificate.thumbprint.startswith(wanted)
        ]
        if len({certificate.thumbprint for _, _, certificate in found}) != 1:
            said = "no certificate begins so" if not found else f"{len(found)} certificates begin so"
            raise CertificateError(f"thumbprint {thumbprint!r}: {said}; 'parktwin certs list' has them all")
        return found[0]

    def move(self, path: Path, certificate: Certificate, state: str) -> Path:
        """Move a certificate to another folder, under its thumbprint."""
        target = self.folder / state / f"{certificate.thumbprint}.der"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(certificate.der)
        if path != target:
            path.unlink()
        return target


def _signed(certificate: Certificate, issuer: Certificate) -> bool:
    """Tell whether ``issuer`` is an authority and signed ``certificate``."""
    if certificate.parsed.issuer != issuer.parsed.subject or certificate.thumbprint == issuer.thumbprint:
        return False
    try:
        constraints = issuer.parsed.extensions.get_extension_for_class(x509.BasicConstraints).value
        certificate.parsed.verify_directly_issued_by(issuer.parsed)
    except Exception:
        # whatever it is, this one did not provably sign that one
        return False
    return constraints.ca
