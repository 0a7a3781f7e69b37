"""Sessions of signed-in people: a random secret in a cookie, good for a shift."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import select

from twin.contract.clock import NS_PER_S
from twin.identity.accounts import Account, account_of
from twin.identity.permissions import allowed
from twin.identity.principal import Principal
from twin.identity.store import Store, digest
from twin.identity.tables import SESSIONS, USERS

LONGEST_NS: Final = 12 * 3600 * NS_PER_S
"""A session ends after a shift of twelve hours, whatever happens in it."""
IDLE_NS: Final = 3600 * NS_PER_S
"""And after an hour in which nothing was asked; an open page asks."""
SEEN_NS: Final = 60 * NS_PER_S
"""So seldom is it written down that a session is used."""
PREFIX: Final = "pts_"


class Sessions:
    """Thread-safe.

    Args:
        store: where they are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, name: str) -> str:
        """Begin a session of an account; return its secret."""
        secret = PREFIX + secrets.token_urlsafe(32)
        now = self._store.clock()
        with self._store.changing() as (connection, _):
            connection.execute(SESSIONS.delete().where(SESSIONS.c.opened < now - LONGEST_NS))
            connection.execute(SESSIONS.insert().values(hash=digest(secret), user=name, opened=now, seen=now))
        return secret

    def find(self, secret: str) -> Principal | None:
        """Whose session this is; None if it is over, or none."""
        kept, now = digest(secret), self._store.clock()
        columns = (*USERS.c, SESSIONS.c.opened, SESSIONS.c.seen)
        wanted = select(*columns).join(SESSIONS, SESSIONS.c.user == USERS.c.name)
        with self._store.reading() as connection:
            row = connection.execute(wanted.where(SESSIONS.c.hash == kept)).mappings().first()
        if row is None or row["disabled"]:
            return None
        if now > row["opened"] + LONGEST_NS or now > row["seen"] + IDLE_NS:
            return None
        if now > row["seen"] + SEEN_NS:
            with self._store.changing() as (connection, _):
                connection.execute(SESSIONS.update().where(SESSIONS.c.hash == kept).values(seen=now))
        return principal_of(account_of(row), key=kept)

    def end(self, principal: Principal) -> None:
        """End a session."""
        with self._store.changing() as (connection, note):
            ended = connection.execute(SESSIONS.delete().where(SESSIONS.c.hash == principal.key))
            if ended.rowcount:
                note(principal.name, "signed out", principal.name, {})


def principal_of(account: Account, *, key: str = "") -> Principal:
    """Who an account is."""
    return Principal(
        name=account.name,
        display=account.display,
        kind="person",
        permissions=allowed(account.roles),
        roles=account.roles,
        tenant=account.tenant,
        key=key,
    )
