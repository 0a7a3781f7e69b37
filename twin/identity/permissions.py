"""The table of permissions: what there is to be allowed, and which role is allowed it.

This is the only place that says so: the routes, the API's description, the README and the tests of every
row are made from it. A person has one or more roles and may do what any of them may. Roles are those of a
plant; the separation of who administers from who commands is that of IEC 62443-3-3, SR 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["viewer", "operator", "engineer", "quality", "planner", "manager", "administrator"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

ROLE_NAMES: Final[Mapping[Role, tuple[str, str]]] = {
    "viewer": ("Người xem", "Viewer"),
    "operator": ("Người vận hành", "Operator"),
    "engineer": ("Kỹ sư", "Engineer"),
    "quality": ("Người kiểm tra chất lượng", "Quality inspector"),
    "planner": ("Người lập kế hoạch bảo trì", "Maintenance planner"),
    "manager": ("Quản lý khu", "Park manager"),
    "administrator": ("Quản trị viên", "Administrator"),
}
"""Vietnamese and English."""

PermissionName = Literal[
    "park.read",
    "state.read",
    "source.read",
    "alarm.read",
    "alarm.act",
    "alarm.suppress",
    "command.read",
    "command.request",
    "command.approve",
    "kpi.read",
    "kpi.correct",
    "network.read",
    "what_if.ask",
    "inspection.read",
    "inspection.judge",
    "inspection.review",
    "recipe.change",
    "maintenance.read",
    "maintenance.report",
    "maintenance.plan",
    "maintenance.model",
    "audit.read",
    "identity.read",
    "service.read",
    "backup.make",
    "consent.read",
    "consent.change",
]


@dataclass(frozen=True, slots=True)
class Permission:
    """A row of the table.

    Args:
        name: ``<noun>.<verb>``.
        meaning: what it lets somebody do.
        roles: who has it.
    """

    name: PermissionName
    meaning: str
    roles: frozenset[Role]


_ALL: Final = frozenset(ROLES)
_PLANT: Final = _ALL - {"administrator"}
"""Everybody who works with the plant."""


def _row(name: PermissionName, meaning: str, roles: Iterable[Role]) -> Permission:
    return Permission(name, meaning, frozenset(roles))


PERMISSIONS: Final[Mapping[str, Permission]] = {
    row.name: row
    for row in (
        _row("park.read", "see the page, the asset table and the geometry", _ALL),
        _row("state.read", "see live and past values, and the stream", _ALL),
        _row("source.read", "see how sources and their connections are", _ALL),
        _row("alarm.read", "see alarms, their journal and their measures", _ALL),
        _row("alarm.act", "acknowledge, reset, comment and shelve alarms", ("operator", "engineer")),
        _row("alarm.suppress", "take alarms out of service and put them back", ("engineer",)),
        _row(
            "command.read",
            "see commands, their interlocks, and what was asked for",
            ("operator", "engineer", "planner", "manager"),
        ),
        _row(
            "command.request", "rehearse, ask for and withdraw commands to machines", ("operator", "engineer")
        ),
        _row("command.approve", "approve or decline what somebody else asked for", ("engineer",)),
        _row("kpi.read", "see OEE, stops, energy, balances and permits", _PLANT),
        _row("kpi.correct", "give a stop another reason", ("operator", "engineer")),
        _row("network.read", "see electricity, water and wastewater as networks", _PLANT),
        _row(
            "what_if.ask",
            "try changes on a copy of the live state",
            ("operator", "engineer", "planner", "manager"),
        ),
        _row("inspection.read", "see inspections, their pictures, charts and recipes", _PLANT),
        _row("inspection.judge", "send a picture to be judged", ("quality",)),
        _row("inspection.review", "say what a product really was, judge a picture again", ("quality",)),
        _row("recipe.change", "install, activate and roll back recipes", ("quality",)),
        _row("maintenance.read", "see forecasts, the plan, spares and reports", _PLANT),
        _row(
            "maintenance.report",
            "report that a machine failed or was serviced",
            ("operator", "engineer", "planner"),
        ),
        _row("maintenance.plan", "accept, move and reject work orders", ("planner",)),
        _row("maintenance.model", "register, promote and roll back models of machines", ("engineer",)),
        _row("audit.read", "read the audits", ("manager", "administrator")),
        _row("identity.read", "list accounts and tokens, without their secrets", ("administrator",)),
        _row("service.read", "read metrics, and why a service is not well", ("administrator",)),
        _row("backup.make", "take the whole history out for a backup", ("administrator",)),
        _row("consent.read", "see what tenants share with the park", ("manager", "administrator")),
        _row("consent.change", "share data of one's own enterprise with the park, or no more", ("manager",)),
    )
}
"""By name, in the order of the documents."""

ALL_PERMISSIONS: Final = frozenset(PERMISSIONS)

ACCESS_TOKEN_SCOPE: Final = ALL_PERMISSIONS - {"identity.read"}
"""What ``PARKTWIN_ACCESS_TOKEN`` lets a service do: everything but looking at who has an account."""


def allowed(roles: Iterable[str]) -> frozenset[str]:
    """The names of all permissions of these roles.

    >>> "command.approve" in allowed(["engineer"]), "command.approve" in allowed(["operator", "planner"])
    (True, False)
    """
    mine = set(roles)
    return frozenset(row.name for row in PERMISSIONS.values() if row.roles & mine)


HEADS: Final = ("permission", "lets somebody", *(ROLE_NAMES[role][1].lower() for role in ROLES))


def table_rows() -> Iterable[tuple[str, ...]]:
    """The table as the documents show it."""
    for row in PERMISSIONS.values():
        yield (f"`{row.name}`", row.meaning, *("yes" if role in row.roles else "" for role in ROLES))
