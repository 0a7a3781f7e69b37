"""The key that a twin signs its incidents with: made on first use, kept in its data folder."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

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
        part = path.with_name(f"{uuid4().hex}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            made = Ed25519PrivateKey.generate()
            file.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
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
