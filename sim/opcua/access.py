"""Who may come in: user names with passwords, and certificates of clients that are trusted."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.user_managers import UserManager
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

_LOG = logging.getLogger(__name__)
_MOST_REJECTED = 50
"""Rejected certificates that are kept for somebody to look at."""


class Users(UserManager):
    """Names and passwords.

    Nobody who comes over the network may add or delete nodes, whatever the name: asyncua's own manager makes
    an administrator of anybody who says "admin".

    Args:
        passwords: by user name.
        anonymous: clients without a name may come in, to read.
    """

    def __init__(self, passwords: Mapping[str, str], *, anonymous: bool) -> None:
        self._passwords = dict(passwords)
        self._anonymous = anonymous

    def get_user(
        self, iserver: Any, username: str | None = None, password: str | None = None, certificate: Any = None
    ) -> User | None:
        """The user, None if the name or the password is not right (asyncua calls this)."""
        if username is None:
            return User(role=UserRole.User) if self._anonymous else None
        known = self._passwords.get(username)
        given = (password or "").encode()
        same = hmac.compare_digest(given, (known if known is not None else "").encode())
        return User(role=UserRole.User, name=username) if known is not None and same else None


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates of clients that are trusted.

    Args:
        folder: where they are, ``*.der`` or ``*.pem``; its ``rejected/`` has the others, for somebody to
            move. None trusts everybody.
    """

    folder: Path | None = None

    def trusts(self, certificate: bytes) -> bool:
        """Whether a client's certificate (DER) is among them; looked up anew each time."""
        if self.folder is None:
            return True
        self.folder.mkdir(parents=True, exist_ok=True)
        if any(_der(path) == certificate for path in sorted(self.folder.iterdir())):
            return True
        self._reject(certificate)
        return False

    def _reject(self, certificate: bytes) -> None:
        assert self.folder is not None
        folder = self.folder / "rejected"
        folder.mkdir(exist_ok=True)
        path = folder / f"{hashlib.sha1(certificate, usedforsecurity=False).hexdigest()}.der"
        if not path.exists() and len(list(folder.iterdir())) < _MOST_REJECTED:
            path.write_bytes(certificate)
            _LOG.warning(
                "a client's certificate is not trusted; move %s to %s to trust it", path, self.folder
            )


def _der(path: Path) -> bytes | None:
    if path.suffix not in {".der", ".pem"}:
        return None
    raw = path.read_bytes()
    if path.suffix == ".der":
        return raw
    try:
        return x509.load_pem_x509_certificate(raw).public_bytes(Encoding.DER)
    except ValueError:
        _LOG.warning("%s is no certificate; nobody is trusted because of it", path)
        return None
