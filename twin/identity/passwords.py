"""Passwords: what makes one, and its argon2id hash (RFC 9106), by argon2-cffi with its recommended costs.

The rules are those of NIST SP 800-63B 5.1.1: long, not composed by rules, not changed by calendar.
"""

from __future__ import annotations

import unicodedata
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from twin.identity.errors import AccountError

SHORTEST: Final = 12
LONGEST: Final = 128
AT_A_TIME: Final = 2
"""Hashes reckoned at a time: each takes 64 MiB."""


class Passwords:
    """Hashes and checks passwords. Thread-safe.

    Args:
        hasher: with its costs; weaker ones are for tests.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = BoundedSemaphore(AT_A_TIME)
        self._nobody = self._hasher.hash("there is no such account")

    def hash(self, password: str, *, name: str) -> str:
        """Return the hash of a new password of an account.

        Raises:
            AccountError: it is none that will do.
        """
        tidy = unicodedata.normalize("NFKC", password)
        if not SHORTEST <= len(tidy) <= LONGEST:
            raise AccountError(f"password: must have {SHORTEST} to {LONGEST} letters; take a few words")
        if name.casefold() in tidy.casefold() or len(set(tidy)) < SHORTEST // 2:
            raise AccountError("password: must not hold the account's name nor repeat a few letters")
        with self._room:
            return self._hasher.hash(tidy)

    def matches(self, password: str, kept: str) -> bool:
        """Whether a password is the one of a hash; takes as long where there is none (``""``)."""
        tidy = unicodedata.normalize("NFKC", password[: LONGEST + 1])
        with self._room:
            try:
                self._hasher.verify(kept or self._nobody, tidy)
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)
