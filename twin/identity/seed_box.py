"""Seals the seeds of second factors: what stands in the table is of no use without a file that does not.

AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits, bound to the account's name, so that a seed
cannot be moved to another account. A sealed seed has 64 letters and a plain one 32: those from before are
read as they are, and sealed at the next sign-in.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from twin.identity.errors import SeedKeyError
from twin.service.private_files import make_once

SEALED_LETTERS: Final = 64
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_LABEL: Final = "parktwin second factor of "


@dataclass(frozen=True, slots=True)
class SeedBox:
    """Thread-safe; constructing it opens nothing.

    Args:
        path: of the key's file, made when a seed is first sealed; None = nothing says where.
    """

    path: Path | None

    def seal(self, seed: str, name: str) -> str:
        """Return what may stand in the table for an account's seed, 32 letters of base 32.

        Raises:
            SeedKeyError: the key is not there, or is none.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher(make=True).encrypt(nonce, base64.b32decode(seed), (_LABEL + name).encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, kept: str, name: str) -> str:
        """Return an account's seed from what stands in the table.

        Raises:
            SeedKeyError: the key is not there, is another, or this is of another account.
        """
        if len(kept) != SEALED_LETTERS:
            return kept
        try:
            raw = base64.urlsafe_b64decode(kept)
            seed = self._cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], (_LABEL + name).encode())
        except (InvalidTag, binascii.Error) as error:
            raise SeedKeyError(
                f"second factor of {name}: is not of the key {self.path}; put the right key back, or give "
                "the account a new one with 'parktwin users totp'"
            ) from error
        return base64.b32encode(seed).decode()

    def resealed(self, kept: str, name: str) -> str:
        """Return what may stand in the table for one that has been opened: a plain one is sealed."""
        return kept if len(kept) == SEALED_LETTERS or self.path is None else self.seal(kept, name)

    def _cipher(self, *, make: bool = False) -> AESGCM:
        if self.path is None:
            raise SeedKeyError(
                "second factors: nothing says where their key is; set PARKTWIN_IDENTITY_KEY to a file that "
                "is the same for the twin and for 'parktwin users'"
            )
        if make and not self.path.exists():
            self._make(self.path)
        try:
            key = self.path.read_bytes()
        except OSError as error:
            raise SeedKeyError(
                f"{self.path}: the key of second factors cannot be read ({error.strerror}); put it back"
            ) from error
        if len(key) != _KEY_BYTES:
            raise SeedKeyError(
                f"{self.path}: has {len(key)} bytes, a key of second factors {_KEY_BYTES}; put it back"
            )
        return AESGCM(key)

    @staticmethod
    def _make(path: Path) -> None:
        """Make the key; of two that make one at once, one wins."""
        try:
            make_once(path, secrets.token_bytes(_KEY_BYTES))
        except OSError as error:
            raise SeedKeyError(
                f"{path}: the key of second factors cannot be written ({error.strerror})"
            ) from error


def key_file(url: str, named: str = "") -> Path | None:
    """Where the key of an identities' database is: where a setting says, else beside a SQLite file.

    >>> key_file("sqlite:////var/lib/parktwin/identity.sqlite3").name
    'identity.sqlite3.key'
    >>> key_file("postgresql://parktwin@db/parktwin") is None
    True
    """
    if named:
        return Path(named)
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database + ".key")
