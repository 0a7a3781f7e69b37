"""Who can open a backup: whoever knows a passphrase, or has the private key of its recipient.

A backup is sealed with a key of its own, and that key is wrapped in the header: with scrypt of a passphrase
(RFC 7914), or for an X25519 public key (RFC 7748) through HKDF-SHA-256, as ``age`` does it. A public key
seals and cannot open, so a machine that makes backups need not hold what opens them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from twin.backup.errors import BackupKeyError

LEAST_PASSPHRASE: Final = 12
"""Characters: who has the file may try as long as they like."""
PUBLIC: Final = "parktwin-backup-public-"
PRIVATE: Final = "parktwin-backup-private-"
_KEY_BYTES: Final = 32
_SCRYPT_N: Final = 1 << 17
"""128 MiB and some tenths of a second a try (OWASP, Password Storage Cheat Sheet)."""
_ONCE: Final = bytes(12)
"""Every wrapping key is used once, so the nonce may be the same."""


class Wrapper(Protocol):
    """Wraps the key of a backup into its header."""

    def wrap(self, key: bytes) -> dict[str, str]:
        """Return what stands in the header for ``key``."""
        ...


class Unwrapper(Protocol):
    """Finds the key of a backup from its header."""

    def unwrap(self, header: dict[str, str]) -> bytes:
        """Return the key.

        Raises:
            BackupKeyError: it is sealed for somebody else, or the passphrase is another one.
        """
        ...


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, which both seals and opens."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) < LEAST_PASSPHRASE:
            raise BackupKeyError(
                f"passphrase of {len(self.text)} characters: write {LEAST_PASSPHRASE} or more, whoever has "
                "the file may try as often as they like"
            )

    def wrap(self, key: bytes) -> dict[str, str]:
        """Wrap with scrypt of the passphrase and a salt of its own."""
        salt = os.urandom(16)
        wrapped = ChaCha20Poly1305(self._derive(salt)).encrypt(_ONCE, key, b"scrypt")
        return {"kind": "scrypt", "salt": salt.hex(), "key": wrapped.hex()}

    def unwrap(self, header: dict[str, str]) -> bytes:
        """Open what a passphrase has sealed."""
        if header.get("kind") != "scrypt":
            raise BackupKeyError("this backup is sealed for a key, not with a passphrase: give --key FILE")
        try:
            return ChaCha20Poly1305(self._derive(bytes.fromhex(header["salt"]))).decrypt(
                _ONCE, bytes.fromhex(header["key"]), b"scrypt"
            )
        except (InvalidTag, KeyError, ValueError) as error:
            raise BackupKeyError("the passphrase does not open this backup: it is another one") from error

    def _derive(self, salt: bytes) -> bytes:
        return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=8, p=1).derive(self.text.encode())


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key: seals, and cannot open."""

    key: X25519PublicKey

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read a public key as ``parktwin backup key`` prints it.

        Raises:
            BackupKeyError: it is none.
        """
        return cls(X25519PublicKey.from_public_bytes(_bytes_of(text, PUBLIC, "public key")))

    def wrap(self, key: bytes) -> dict[str, str]:
        """Wrap for the holder of the private key."""
        once = X25519PrivateKey.generate()
        wrapping = _agree(once.exchange(self.key), once.public_key(), self.key)
        wrapped = ChaCha20Poly1305(wrapping).encrypt(_ONCE, key, b"x25519")
        share = once.public_key().public_bytes_raw().hex()
        return {"kind": "x25519", "share": share, "key": wrapped.hex(), "for": fingerprint(self.key)}


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key: opens what was sealed for its public one."""

    key: X25519PrivateKey = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Identity:
        """Read the file that ``parktwin backup key`` wrote.

        Raises:
            BackupKeyError: there is none in it.
        """
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BackupKeyError(f"{path}: cannot be read as a key ({error}); give the right file") from error
        return cls(X25519PrivateKey.from_private_bytes(_bytes_of(text, PRIVATE, f"{path}: private key")))

    def unwrap(self, header: dict[str, str]) -> bytes:
        """Open what was sealed for this key."""
        if header.get("kind") != "x25519":
            raise BackupKeyError("this backup is sealed with a passphrase: give --passphrase-file FILE")
        mine = self.key.public_key()
        if header.get("for") != fingerprint(mine):
            raise BackupKeyError(
                f"this backup is sealed for key {header.get('for')}, the key given is {fingerprint(mine)}"
            )
        try:
            share = X25519PublicKey.from_public_bytes(bytes.fromhex(header["share"]))
            wrapping = _agree(self.key.exchange(share), share, mine)
            return ChaCha20Poly1305(wrapping).decrypt(_ONCE, bytes.fromhex(header["key"]), b"x25519")
        except (InvalidTag, KeyError, ValueError) as error:
            raise BackupKeyError("the key does not open this backup: its header was changed") from error


def make_pair() -> tuple[str, str]:
    """Make a private key and its public one, as text."""
    private = X25519PrivateKey.generate()
    return (
        PRIVATE + _text_of(private.private_bytes_raw()),
        PUBLIC + _text_of(private.public_key().public_bytes_raw()),
    )


def fingerprint(key: X25519PublicKey) -> str:
    """What tells one public key from another, 16 hex digits of SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _agree(secret: bytes, share: X25519PublicKey, recipient: X25519PublicKey) -> bytes:
    salt = share.public_bytes_raw() + recipient.public_bytes_raw()
    return HKDF(SHA256(), _KEY_BYTES, salt, b"parktwin-backup x25519").derive(secret)


def _text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes_of(text: str, prefix: str, what: str) -> bytes:
    match = re.search(re.escape(prefix) + r"([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])", text)
    if match is None:
        raise BackupKeyError(
            f"{what}: there is none that begins with {prefix}; make a pair with 'parktwin backup key'"
        )
    return base64.urlsafe_b64decode(match[1] + "=")
