"""Accounts of people: made, given roles, let in, locked for a while, disabled."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, select

from twin.contract.clock import NS_PER_S
from twin.identity.errors import (
    AccountError,
    LockedOutError,
    SeedKeyError,
    SignInError,
    UnknownAccountError,
)
from twin.identity.passwords import Passwords
from twin.identity.permissions import ROLES
from twin.identity.second_factor import address, new_seed, used_step
from twin.identity.seed_box import SeedBox
from twin.identity.store import Note, Store
from twin.identity.tables import SESSIONS, USERS

_LOG = logging.getLogger(__name__)

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,59}")
MOST_LETTERS: Final = 57
"""Of a person's name, so that it and the account's stand in the 120 letters that every journal has."""
TRIES: Final = 5
"""Wrong passwords or codes in a row after which an account waits."""
FIRST_WAIT_NS: Final = 60 * NS_PER_S
LONGEST_WAIT_NS: Final = 900 * NS_PER_S
_REFUSED: Final = (
    "name, password or code are not right, or were wrong too often; try again, or wait a quarter of an hour"
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account, without its secrets.

    Args:
        name: to sign in with.
        display: name of the person, as it is written down.
        roles: see :mod:`twin.identity.permissions`.
        tenant: id of the enterprise, "" for the park.
        disabled: nobody is let in.
        has_password, has_totp: what it signs in with.
        locked_until: after too many wrong tries [ns], 0 = not.
        created: [ns].
        issuer: of OpenID Connect, "" for a local account.
    """

    name: str
    display: str
    roles: tuple[str, ...]
    tenant: str
    disabled: bool
    has_password: bool
    has_totp: bool
    locked_until: int
    created: int
    issuer: str


class Accounts:
    """Thread-safe.

    Args:
        store: where they are.
        passwords: hashes and checks.
        box: seals the seeds of second factors.
    """

    def __init__(self, store: Store, passwords: Passwords, box: SeedBox) -> None:
        self._store = store
        self._passwords = passwords
        self._box = box

    def all(self) -> list[Account]:
        """Return every account, by name."""
        with self._store.reading() as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name)).mappings().all()
        return [account_of(row) for row in rows]

    def get(self, name: str) -> Account:
        """Return one account.

        Raises:
            UnknownAccountError: there is none.
        """
        with self._store.reading() as connection:
            return account_of(row_of(connection, name))

    def add(
        self,
        name: str,
        *,
        display: str = "",
        roles: Iterable[str],
        tenant: str = "",
        by: str,
        issuer: str = "",
        subject: str = "",
    ) -> Account:
        """Make an account, which nobody can sign in with until it has a password.

        Raises:
            AccountError: name or roles will not do, or the name is taken.
        """
        if not NAME.fullmatch(name):
            raise AccountError(f"account {name!r}: a name is 2 to 60 of a-z, 0-9 and . _ @ + -")
        given = _roles(roles)
        shown = _display(display or name)
        now = self._store.clock()
        with self._store.changing() as (connection, note):
            if connection.execute(select(USERS.c.name).where(USERS.c.name == name)).first():
                raise AccountError(f"account {name!r}: exists already; choose another name")
            connection.execute(
                USERS.insert().values(
                    name=name,
                    display=shown,
                    roles=" ".join(given),
                    tenant=tenant,
                    password="",
                    totp="",
                    totp_used=0,
                    disabled=False,
                    wrong=0,
                    locked_until=0,
                    created=now,
                    issuer=issuer,
                    subject=subject,
                )
            )
            note(name, "added", by, {"display": shown, "roles": list(given), "tenant": tenant})
            return account_of(row_of(connection, name))

    def set_password(self, name: str, password: str, *, by: str) -> None:
        """Give an account a password; its sessions end.

        Raises:
            UnknownAccountError: there is none such.
            AccountError: the password will not do.
        """
        kept = self._passwords.hash(password, name=name)
        with self._store.changing() as (connection, note):
            set_password(connection, note, name, kept, by)

    def hash(self, password: str, *, name: str) -> str:
        """The hash of a password that is new; see :meth:`Passwords.hash`."""
        return self._passwords.hash(password, name=name)

    def set_roles(self, name: str, roles: Iterable[str], *, tenant: str | None = None, by: str) -> None:
        """Give an account other roles, and another tenant if one is given; its sessions end.

        Raises:
            UnknownAccountError, AccountError: as above.
        """
        given = _roles(roles)
        values: dict[str, Any] = {"roles": " ".join(given)}
        values |= {} if tenant is None else {"tenant": tenant}
        with self._store.changing() as (connection, note):
            before = account_of(row_of(connection, name))
            _update(connection, name, **values)
            _end_sessions(connection, name)
            body = {"roles": list(given), "tenant": before.tenant if tenant is None else tenant}
            note(name, "roles", by, {**body, "before": list(before.roles)})

    def disable(self, name: str, *, by: str, disabled: bool = True) -> None:
        """Keep an account out, or let it in again; its sessions end.

        Raises:
            UnknownAccountError: there is none such.
        """
        with self._store.changing() as (connection, note):
            row_of(connection, name)
            _update(connection, name, disabled=disabled, wrong=0, locked_until=0)
            _end_sessions(connection, name)
            note(name, "disabled" if disabled else "enabled", by, {})

    def set_totp(self, name: str, *, on: bool, by: str) -> str:
        """Give an account a new second factor, or take it away; its sessions end. Return the address for the
        app, "" when it is taken away.

        Raises:
            UnknownAccountError: there is none such.
            SeedKeyError: the key that seals it is not to be had.
        """
        seed = new_seed() if on else ""
        kept = self._box.seal(seed, name) if on else ""
        with self._store.changing() as (connection, note):
            row_of(connection, name)
            _update(connection, name, totp=kept, totp_used=0)
            _end_sessions(connection, name)
            note(name, "second factor on" if on else "second factor off", by, {})
        return address(seed, name) if on else ""

    def sign_in(self, name: str, password: str, code: str = "", *, where: str = "") -> Account:
        """Check name, password and, where the account has a second factor, its code.

        Args:
            name, password, code: as typed.
            where: address it came from, for the audit.

        Raises:
            SignInError: they do not let anybody in; the text never says which.
        """
        wanted = name.strip().casefold()
        with self._store.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == wanted)).mappings().first()
        now = self._store.clock()
        known = row is not None and not row["disabled"]
        locked = row is not None and now < row["locked_until"]
        right = self._passwords.matches(password, row["password"] if row is not None and known else "")
        if locked:
            self._note_refusal(wanted, where, "locked")
            raise LockedOutError(_REFUSED)
        with self._store.changing() as (connection, note):
            # read again: another try may have used the code, or failed, meanwhile
            row = connection.execute(select(USERS).where(USERS.c.name == wanted)).mappings().first()
            if row is None or row["disabled"] or not right:
                why = "unknown" if row is None else "disabled" if row["disabled"] else "password"
                _count_wrong(connection, note, row, wanted, now, where, why)
                right = False
            elif row["totp"]:
                step, why = self._step(row, code, now)
                if step is None:
                    _count_wrong(connection, note, row, wanted, now, where, why)
                    right = False
                else:
                    _update(connection, wanted, totp_used=step, totp=self._box.resealed(row["totp"], wanted))
            if right and row is not None:
                _update(connection, wanted, wrong=0, locked_until=0)
                note(wanted, "signed in", wanted, {"where": where, "second_factor": bool(row["totp"])})
                return account_of(row)
        raise SignInError(_REFUSED)

    def sign_in_by_provider(
        self, issuer: str, subject: str, names: Iterable[str], *, where: str = ""
    ) -> Account:
        """Find the account of who a provider has signed in; the first time by name, then by the provider's
        own id of them.

        Args:
            issuer, subject: of OpenID Connect; together they are of one person for ever.
            names: what the provider calls them.
            where: address it came from, for the audit.

        Raises:
            SignInError: there is no place for them.
        """
        called = list(names)
        ours = USERS.c.issuer == issuer
        with self._store.changing() as (connection, note):
            known = select(USERS).where(ours, USERS.c.subject == subject)
            row = connection.execute(known).mappings().first()
            if row is None:
                waiting = select(USERS).where(ours, USERS.c.subject == "", USERS.c.name.in_(called))
                row = connection.execute(waiting).mappings().first()
                if row is not None:
                    _update(connection, row["name"], subject=subject)
                    note(row["name"], "bound", "provider", {"issuer": issuer, "subject": subject})
            if row is not None and not row["disabled"]:
                note(row["name"], "signed in", row["name"], {"where": where, "issuer": issuer})
                return account_of(row)
            who = (called or [subject])[0] if row is None else row["name"]
            note(who[:60], "refused", "", {"where": where, "why": "stranger" if row is None else "disabled"})
        raise SignInError(f"{issuer}: there is no place here for who it has signed in")

    def _step(self, row: RowMapping, code: str, now: int) -> tuple[int | None, str]:
        """The time step of a code, None if it lets nobody in; and then why."""
        try:
            return used_step(self._box.open(row["totp"], row["name"]), code, now, row["totp_used"]), "code"
        except SeedKeyError as error:
            _LOG.error("sign-in: %s", error)
            return None, "no key"

    def _note_refusal(self, name: str, where: str, why: str) -> None:
        with self._store.changing() as (_, note):
            note(name[:60], "refused", "", {"where": where, "why": why})


def account_of(row: RowMapping) -> Account:
    """Read a row of the table."""
    return Account(
        name=row["name"],
        display=row["display"],
        roles=tuple(row["roles"].split()),
        tenant=row["tenant"],
        disabled=bool(row["disabled"]),
        has_password=bool(row["password"]),
        has_totp=bool(row["totp"]),
        locked_until=row["locked_until"],
        created=row["created"],
        issuer=row["issuer"],
    )


def row_of(connection: Connection, name: str) -> RowMapping:
    """The row of an account.

    Raises:
        UnknownAccountError: there is none.
    """
    row = connection.execute(select(USERS).where(USERS.c.name == name)).mappings().first()
    if row is None:
        raise UnknownAccountError(f"account {name!r}: there is none such; see 'parktwin users list'")
    return row


def set_password(connection: Connection, note: Note, name: str, kept: str, by: str) -> None:
    """Write a new password's hash, in a transaction of the caller's."""
    row_of(connection, name)
    _update(connection, name, password=kept, wrong=0, locked_until=0)
    _end_sessions(connection, name)
    note(name, "password", by, {})


def _roles(roles: Iterable[str]) -> tuple[str, ...]:
    given = tuple(dict.fromkeys(roles))
    unknown = [role for role in given if role not in ROLES]
    if unknown or not given:
        raise AccountError(f"roles {', '.join(unknown) or 'none'}: known are {', '.join(ROLES)}")
    return given


def _display(text: str) -> str:
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    if not tidy or len(tidy) > MOST_LETTERS or not tidy.isprintable():
        raise AccountError(f"name {text[:200]!a}: must be a person's name, {MOST_LETTERS} letters at most")
    return tidy


def _update(connection: Connection, name: str, **values: object) -> None:
    connection.execute(USERS.update().where(USERS.c.name == name).values(**values))


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(SESSIONS.delete().where(SESSIONS.c.user == name))


def _count_wrong(
    connection: Connection, note: Note, row: RowMapping | None, name: str, now: int, where: str, why: str
) -> None:
    if row is not None:
        wrong = row["wrong"] + 1
        beyond = wrong - TRIES
        wait = min(FIRST_WAIT_NS << min(beyond, 10), LONGEST_WAIT_NS) if beyond >= 0 else 0
        _update(connection, name, wrong=wrong, locked_until=now + wait if wait else 0)
    note(name[:60], "refused", "", {"where": where, "why": why})
