"""The key that a twin signs its incidents with: made on first use, kept in its data folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from twin.bus.signatures import make_key
from twin.incidents.errors import SigningKeyError

KEY: Final = Path("pki") / "incidents.key.pem"
"""Below the data folder of the twin; readable by its owner alone."""


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key of a data folder; the first call makes it. Of two that make one at once, one wins.

    Raises:
        SigningKeyError: the file is no Ed25519 key.
        OSError: it cannot be read or written.
    """
    path = folder / KEY
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        make_key(path)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(
            f"{path}: no private key in PEM ({error}); put it back, or move it away"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(f"{path}: no Ed25519 key; put it back, or move it away for a new one")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key in PEM (SubjectPublicKeyInfo, RFC 8410)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(data: bytes, what: str) -> Ed25519PublicKey:
    """Read a public key in PEM.

    Raises:
        SigningKeyError: it is none.
    """
    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(f"{what}: no public key in PEM ({error})") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError(f"{what}: no Ed25519 key")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return SHA-256 of the 32 bytes of a public key, in hex: what people compare."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
