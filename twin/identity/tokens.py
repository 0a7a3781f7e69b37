"""Tokens of stations and services: a scope, an end, and a successor that both sides have a day to change to.

A token is written ``ptt_<id>_<secret>``; what is kept of the secret is its SHA-256.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from twin.contract.clock import NS_PER_S
from twin.identity.errors import AccountError, UnknownAccountError
from twin.identity.permissions import PERMISSIONS
from twin.identity.principal import Principal
from twin.identity.store import Store, digest
from twin.identity.tables import TOKENS

PREFIX: Final = "ptt_"
LONGEST_DAYS: Final = 365.0
BOTH_NS: Final = 24 * 3600 * NS_PER_S
"""So long the old secret goes on after a rotation."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._/-]{1,59}")
_TOKEN: Final = re.compile(r"ptt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret.

    Args:
        id: in the token itself.
        name: whose it is.
        scope: permissions.
        tenant: id of the enterprise, "" for the park.
        created, expires: [ns].
        revoked: it lets nobody in any more.
    """

    id: str
    name: str
    scope: tuple[str, ...]
    tenant: str
    created: int
    expires: int
    revoked: bool


class Tokens:
    """Thread-safe.

    Args:
        store: where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Token]:
        """Return every token, the oldest first."""
        with self._store.reading() as connection:
            rows = connection.execute(select(TOKENS).order_by(TOKENS.c.created)).mappings().all()
        return [_token(row) for row in rows]

    def issue(self, name: str, scope: Iterable[str], *, days: float, by: str, tenant: str = "") -> str:
        """Make a token and return it; it is never shown again.

        Args:
            name: of the station or service.
            scope: permissions of the table.
            days: after which it ends.
            by: who makes it.
            tenant: id of the enterprise, "" for the park.

        Raises:
            AccountError: name, scope or days will not do.
        """
        if not _NAME.fullmatch(name):
            raise AccountError(f"token {name!r}: a name is 2 to 60 of a-z, 0-9 and . _ / -")
        given = tuple(dict.fromkeys(scope))
        unknown = [one for one in given if one not in PERMISSIONS]
        if unknown or not given:
            raise AccountError(
                f"scope {', '.join(unknown) or 'nothing'}: known are {', '.join(sorted(PERMISSIONS))}"
            )
        if not 0 < days <= LONGEST_DAYS:
            raise AccountError(f"token of {days:g} days: must end after 0 to {LONGEST_DAYS:g} days")
        number, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), self._store.clock()
        expires = now + int(days * 86_400 * NS_PER_S)
        with self._store.changing() as (connection, note):
            connection.execute(
                TOKENS.insert().values(
                    id=number,
                    name=name,
                    scope=" ".join(given),
                    tenant=tenant,
                    hash=digest(secret),
                    previous_hash="",
                    previous_until=0,
                    created=now,
                    expires=expires,
                    revoked=False,
                )
            )
            body = {"name": name, "scope": list(given), "tenant": tenant, "expires": expires}
            note(number, "token issued", by, body)
        return f"{PREFIX}{number}_{secret}"

    def rotate(self, number: str, *, days: float, by: str) -> str:
        """Give a token a new secret and a new end; the old secret goes on for a day.

        Raises:
            UnknownAccountError: there is none such, or it is revoked.
            AccountError: the days will not do.
        """
        if not 0 < days <= LONGEST_DAYS:
            raise AccountError(f"token of {days:g} days: must end after 0 to {LONGEST_DAYS:g} days")
        secret, now = secrets.token_urlsafe(32), self._store.clock()
        with self._store.changing() as (connection, note):
            row = _find(connection, number)
            if row["revoked"]:
                raise UnknownAccountError(f"token {number}: is revoked; issue a new one")
            until = min(now + BOTH_NS, row["expires"])
            _update(
                connection,
                number,
                hash=digest(secret),
                previous_hash=row["hash"],
                previous_until=until,
                expires=now + int(days * 86_400 * NS_PER_S),
            )
            note(number, "token rotated", by, {"name": row["name"], "old_until": until})
        return f"{PREFIX}{number}_{secret}"

    def revoke(self, number: str, *, by: str) -> None:
        """End a token now.

        Raises:
            UnknownAccountError: there is none such.
        """
        with self._store.changing() as (connection, note):
            row = _find(connection, number)
            _update(connection, number, revoked=True, previous_hash="", previous_until=0)
            note(number, "token revoked", by, {"name": row["name"]})

    def find(self, written: str) -> Principal | None:
        """Whose token this is; None if it is none, or over."""
        match = _TOKEN.fullmatch(written)
        if match is None:
            return None
        with self._store.reading() as connection:
            row = connection.execute(select(TOKENS).where(TOKENS.c.id == match[1])).mappings().first()
        now, kept = self._store.clock(), digest(match[2])
        if row is None or row["revoked"]:
            return None
        new = now < row["expires"] and hmac.compare_digest(kept, row["hash"])
        old = now < row["previous_until"] and hmac.compare_digest(kept, row["previous_hash"])
        if not (new or old):
            return None
        return Principal(
            name=row["name"],
            display="",
            kind="token",
            permissions=frozenset(row["scope"].split()),
            tenant=row["tenant"],
            key=row["id"],
        )


def _find(connection: Connection, number: str) -> RowMapping:
    row = connection.execute(select(TOKENS).where(TOKENS.c.id == number)).mappings().first()
    if row is None:
        raise UnknownAccountError(f"token {number!r}: there is none such; see 'parktwin tokens list'")
    return row


def _update(connection: Connection, number: str, **values: Any) -> None:
    connection.execute(TOKENS.update().where(TOKENS.c.id == number).values(**values))


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        scope=tuple(row["scope"].split()),
        tenant=row["tenant"],
        created=row["created"],
        expires=row["expires"],
        revoked=bool(row["revoked"]),
    )
