"""One-time links: with one a person chooses the password of an account, and the very first account is made.

So nobody ever knows the password of somebody else, and there is no default one.
"""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import func, select

from twin.contract.clock import NS_PER_S
from twin.identity.accounts import Accounts, row_of, set_password
from twin.identity.errors import AccountError, SignInError
from twin.identity.store import Store, digest
from twin.identity.tables import LINKS, USERS

GOOD_FOR_NS: Final = 24 * 3600 * NS_PER_S
FIRST_ROLES: Final = ("administrator",)
PATH: Final = "/sign-in?link="
_OVER: Final = "link: was used, is older than a day, or is none; ask for a new one"


class Links:
    """Thread-safe.

    Args:
        store: where they are.
        accounts: whose passwords they set.
    """

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self._store = store
        self._accounts = accounts

    def make(self, name: str, *, by: str) -> str:
        """Make a link for an account, in the place of those it has; return its path.

        Raises:
            UnknownAccountError: there is none such.
        """
        secret = secrets.token_urlsafe(32)
        with self._store.changing() as (connection, note):
            row_of(connection, name)
            connection.execute(LINKS.delete().where(LINKS.c.user == name))
            connection.execute(
                LINKS.insert().values(
                    hash=digest(secret), user=name, expires=self._store.clock() + GOOD_FOR_NS
                )
            )
            note(name, "link made", by, {})
        return PATH + secret

    def first(self, *, anew: bool = False) -> str:
        """Make the link of the first account while there is no account; return its path, "" if there is an
        account, or somebody has such a link already.

        Args:
            anew: make one in the place of those that somebody has.
        """
        secret, now = secrets.token_urlsafe(32), self._store.clock()
        with self._store.changing() as (connection, note):
            connection.execute(LINKS.delete().where(LINKS.c.expires <= now))
            if connection.scalar(select(func.count()).select_from(USERS)):
                return ""
            if anew:
                connection.execute(LINKS.delete().where(LINKS.c.user == ""))
            elif connection.execute(select(LINKS.c.hash).where(LINKS.c.user == "")).first():
                return ""
            connection.execute(LINKS.insert().values(hash=digest(secret), user="", expires=now + GOOD_FOR_NS))
            note("", "first link made", "system", {})
        return PATH + secret

    def whose(self, secret: str) -> str:
        """The account that a link is of, "" for the first one.

        Raises:
            SignInError: it is none, or over.
        """
        with self._store.reading() as connection:
            row = connection.execute(select(LINKS).where(LINKS.c.hash == digest(secret))).first()
        if row is None or row.expires <= self._store.clock():
            raise SignInError(_OVER)
        return str(row.user)

    def use(self, secret: str, password: str, *, name: str = "", display: str = "") -> str:
        """Set the password of a link's account, once; return the account's name.

        Args:
            secret: of the link.
            password: chosen by the person.
            name, display: of the first account; not asked for otherwise.

        Raises:
            SignInError: the link is none, or over.
            AccountError: name or password will not do; the link is still good.
        """
        whose = self.whose(secret)
        wanted = whose or name.strip().casefold()
        kept = self._accounts.hash(password, name=wanted)
        if not whose:
            if any(self._accounts.all()):
                raise AccountError("the first account exists already; ask its owner for one of your own")
            self._accounts.add(wanted, display=display, roles=FIRST_ROLES, by="first link")
        with self._store.changing() as (connection, note):
            used = connection.execute(LINKS.delete().where(LINKS.c.hash == digest(secret)))
            if not used.rowcount:
                raise SignInError(_OVER)
            set_password(connection, note, wanted, kept, wanted)
        return wanted
