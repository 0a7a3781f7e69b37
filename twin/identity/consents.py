"""What tenants share with the park: by field group, given and taken back by word, each word in the audit.

Whoever has people of its own in the accounts is a tenant; what it has not given is not shown to people of
the park. What the park has itself, the meters on the boundary and the permits need no consent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sqlalchemy import BigInteger, Column, MetaData, RowMapping, String, Table, delete, select, union

from twin.identity.errors import AccountError
from twin.identity.store import Store
from twin.identity.tables import AUDIT, TOKENS, USERS
from twin.service.database import create_tables

Group = Literal["energy", "production", "process", "alarms", "quality", "maintenance", "commands"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
MEANINGS: Final[Mapping[Group, tuple[str, str]]] = {
    "energy": ("điện, nước, khí của từng máy", "electricity, water and gas of its machines"),
    "production": ("trạng thái, sản lượng, OEE, thời gian dừng", "states, counts, OEE and stops"),
    "process": ("các giá trị đo khác của máy", "every other value of its machines"),
    "alarms": ("báo động và nhật ký báo động", "alarms and their journal"),
    "quality": ("kết quả kiểm tra và hình ảnh", "inspections and their pictures"),
    "maintenance": ("dự báo và lệnh bảo trì", "forecasts and work orders"),
    "commands": ("cho phép khu ra lệnh cho máy của mình", "the park may command its machines"),
}
"""Vietnamese and English."""
PARTS: Final[Mapping[str, frozenset[Group]]] = {
    "alarm_figures": frozenset(("alarms",)),
    "networks": frozenset(("energy", "production")),
    "desks": frozenset(("quality", "maintenance")),
    "incidents": frozenset(GROUPS),
}
"""What speaks of all plants together, and the groups that every tenant must share before the park's people
have it."""
GIVEN: Final = "consent given"
REVOKED: Final = "consent revoked"
"""Events of the audit."""
MOST_LINES: Final = 1000
_SUBJECT: Final = 200
"""So much of a tenant's id is kept in the audit."""

TABLES = MetaData()
CONSENTS = Table(
    "identity_consents",
    TABLES,
    Column("tenant", String(700), primary_key=True),
    Column("field_group", String(30), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("by", String(200), nullable=False),
)

Given = Mapping[str, frozenset[str]]
"""By tenant the groups that it shares."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One group that a tenant shares.

    Args:
        tenant, group: whose, which.
        since: when it was given [ns].
        by: who gave it.
    """

    tenant: str
    group: str
    since: int
    by: str


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A word that was said: groups given, or taken back.

    Args:
        number: of the line in the audit of identities.
        time: when [ns].
        tenant, groups: whose, which.
        given: False = taken back.
        by, reason: who said it, and why; "" = no reason was said.
    """

    number: int
    time: int
    tenant: str
    groups: tuple[str, ...]
    given: bool
    by: str
    reason: str


class Consents:
    """Thread-safe.

    Args:
        store: of the identities.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made = False

    def given(self) -> dict[str, frozenset[str]]:
        """Return what each tenant shares, also of those who share nothing.

        Raises:
            DatabaseError: it cannot be looked up now.
        """
        self._make()
        of_people = select(USERS.c.tenant).where(USERS.c.tenant != "")
        of_tokens = select(TOKENS.c.tenant).where(TOKENS.c.tenant != "")
        with self._store.reading() as connection:
            tenants = connection.scalars(union(of_people, of_tokens)).all()
            found: dict[str, set[str]] = {tenant: set() for tenant in tenants}
            for tenant, group in connection.execute(select(CONSENTS.c.tenant, CONSENTS.c.field_group)):
                found.setdefault(tenant, set()).add(group)
        return {tenant: frozenset(groups) for tenant, groups in sorted(found.items())}

    def all(self, tenant: str = "") -> list[Consent]:
        """Return every consent that stands, of one tenant if it is named."""
        self._make()
        query = select(CONSENTS).order_by(CONSENTS.c.tenant, CONSENTS.c.field_group)
        if tenant:
            query = query.where(CONSENTS.c.tenant == tenant)
        with self._store.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Consent(row["tenant"], row["field_group"], row["since"], row["by"]) for row in rows]

    def journal(self, tenant: str = "", limit: int = MOST_LINES) -> list[ConsentLine]:
        """Return what was given and taken back, the newest first, of one tenant if it is named."""
        query = select(AUDIT).where(AUDIT.c.event.in_((GIVEN, REVOKED)))
        if tenant:
            query = query.where(AUDIT.c.subject == tenant[:_SUBJECT])
        with self._store.reading() as connection:
            newest = query.order_by(AUDIT.c.number.desc()).limit(limit)
            rows = connection.execute(newest).mappings().all()
        return [_line(row) for row in rows]

    def give(self, tenant: str, groups: Iterable[str], *, by: str, reason: str = "") -> None:
        """Share groups with the park; what is shared already stays as it is.

        Raises:
            AccountError: there is no such group, or no tenant is named.
        """
        wanted = _checked(tenant, groups)
        self._make()
        with self._store.changing() as (connection, note):
            known = set(connection.scalars(select(CONSENTS.c.field_group).where(CONSENTS.c.tenant == tenant)))
            new = [group for group in wanted if group not in known]
            for group in new:
                row = {"tenant": tenant, "field_group": group, "since": self._store.clock(), "by": by}
                connection.execute(CONSENTS.insert().values(row))
            if new:
                note(tenant[:_SUBJECT], GIVEN, by, {"groups": new, "reason": reason})

    def revoke(self, tenant: str, groups: Iterable[str], *, by: str, reason: str = "") -> None:
        """Take groups back; the park's people see them no more within seconds.

        Raises:
            AccountError: there is no such group, or no tenant is named.
        """
        wanted = _checked(tenant, groups)
        self._make()
        of_tenant = CONSENTS.c.tenant == tenant
        with self._store.changing() as (connection, note):
            known = set(connection.scalars(select(CONSENTS.c.field_group).where(of_tenant)))
            gone = [group for group in wanted if group in known]
            connection.execute(delete(CONSENTS).where(of_tenant, CONSENTS.c.field_group.in_(gone)))
            if gone:
                note(tenant[:_SUBJECT], REVOKED, by, {"groups": gone, "reason": reason})

    def _make(self) -> None:
        if not self._made:
            create_tables(self._store.engine(), TABLES)
            self._made = True


def withheld(given: Given) -> dict[str, list[str]]:
    """Return what is not shared, by tenant; empty if all of them share everything.

    >>> withheld({"park/a": frozenset(GROUPS), "park/b": frozenset(GROUPS) - {"quality"}})
    {'park/b': ['quality']}
    """
    missing: dict[str, list[str]] = {
        tenant: [one for one in GROUPS if one not in groups] for tenant, groups in given.items()
    }
    return {tenant: groups for tenant, groups in missing.items() if groups}


def _line(row: RowMapping) -> ConsentLine:
    body = json.loads(row["body"])
    return ConsentLine(
        row["number"],
        row["time"],
        row["subject"],
        tuple(body["groups"]),
        row["event"] == GIVEN,
        row["by"],
        body.get("reason", ""),  # lines of before reasons were asked for have none
    )


def _checked(tenant: str, groups: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(groups))
    unknown = [one for one in wanted if one not in GROUPS]
    if unknown or not wanted:
        raise AccountError(f"group {', '.join(unknown) or 'nothing'}: known are {', '.join(GROUPS)}")
    if not tenant:
        raise AccountError("no tenant is named: give the id of an enterprise, such as park/factory")
    return wanted
