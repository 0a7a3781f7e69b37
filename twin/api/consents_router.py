"""``/api/consents``: what tenants share with the park; a tenant's own people give it and take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from twin.api.alarm_actions_router import same_site
from twin.contract.clock import to_iso
from twin.identity.consents import (
    GROUPS,
    MEANINGS,
    MOST_LINES,
    PARTS,
    Consent,
    ConsentLine,
    Consents,
    Group,
    withheld,
)
from twin.identity.guard import needs
from twin.identity.principal import CURRENT

DEMO_BY = "demo"


class GroupRow(BaseModel):
    """A field group."""

    group: str
    name_vi: str
    name_en: str
    given: bool = Field(description="people of the park see it")
    since: str | None = Field(description="when it was given; null if it is not")
    by: str = Field(description="who gave it")
    reason: str = Field(description="why it was given; empty if nobody said")


class TenantRow(BaseModel):
    """What a tenant shares."""

    tenant: str = Field(description="id of the enterprise")
    groups: list[GroupRow]


class MissingRow(BaseModel):
    """A part of the twin that speaks of all plants, and is not there for people of the park."""

    part: str = Field(description=", ".join(PARTS))
    needs: list[str] = Field(description="groups that every tenant must share before it is")
    withheld_by: list[str] = Field(description="ids of the tenants that do not")


class ConsentsAnswer(BaseModel):
    """What tenants share with the park."""

    secured: bool = Field(description="false in the demo, where nobody signs in and everything is shown")
    tenants: list[TenantRow]
    missing: list[MissingRow] = Field(description="told to people of the park")


class LineRow(BaseModel):
    """A line of the journal."""

    number: int = Field(description="of the line in the audit of identities")
    time: str = Field(description="RFC 3339")
    tenant: str
    groups: list[str]
    given: bool = Field(description="false: taken back")
    by: str
    reason: str = Field(description="empty if nobody said")


class JournalAnswer(BaseModel):
    """What was given and taken back, the newest first."""

    lines: list[LineRow]


class Change(BaseModel):
    """What is to be shared, or no more."""

    groups: list[Group] = Field(min_length=1, max_length=len(GROUPS))
    given: bool = Field(description="true gives, false takes back")
    reason: str = Field("", max_length=2000, description="why, in words; kept in the journal")


Names = Callable[[], Iterable[str]]
"""Ids of the tenants."""


def consents_router(consents: Consents | None, tenants: Names, tenant: str = "") -> APIRouter:
    """Make the router.

    Args:
        consents: where they are; None where nothing is secured.
        tenants: whose to tell, for people of the park.
        tenant: whose app this is, "" for the park's: only a tenant's own people change anything.
    """
    router = APIRouter(tags=["identity"])

    def answer() -> ConsentsAnswer:
        found = [] if consents is None else consents.all(tenant)
        lines = [] if consents is None else consents.journal(tenant)
        names = [tenant] if tenant else sorted(tenants())
        return ConsentsAnswer(
            secured=consents is not None,
            tenants=[_tenant_row(name, found, lines, shown=consents is None) for name in names],
            missing=[] if tenant or consents is None else _missing(withheld(consents.given())),
        )

    @router.get("/api/consents", dependencies=[needs("consent.read")])
    def get_consents() -> ConsentsAnswer:
        """Return by tenant which groups of its data people of the park see, since when and by whose word."""
        return answer()

    @router.get("/api/consents/journal", dependencies=[needs("consent.read")])
    def get_journal(
        limit: Annotated[int, Query(ge=1, le=MOST_LINES, description="how many at most")] = 200,
    ) -> JournalAnswer:
        """Return who gave and took back what, when and why, the newest first; kept in the audit for good."""
        lines = [] if consents is None else consents.journal(tenant, limit)
        return JournalAnswer(
            lines=[
                LineRow(
                    number=line.number,
                    time=to_iso(line.time),
                    tenant=line.tenant,
                    groups=list(line.groups),
                    given=line.given,
                    by=line.by,
                    reason=line.reason,
                )
                for line in lines
            ]
        )

    if tenant and consents is not None:

        @router.post("/api/consents", dependencies=[needs("consent.change"), Depends(same_site)])
        def post_consents(change: Annotated[Change, ...]) -> ConsentsAnswer:
            """Share groups with the park, or take them back; it counts within seconds and is in the audit."""
            principal = CURRENT.get()
            by = "" if principal is None else principal.written
            act = consents.give if change.given else consents.revoke
            act(tenant, change.groups, by=by, reason=change.reason)
            return answer()

    return router


def _tenant_row(
    tenant: str, found: Iterable[Consent], lines: Iterable[ConsentLine], *, shown: bool
) -> TenantRow:
    own = {one.group: one for one in found if one.tenant == tenant}
    said = [line for line in lines if line.given and line.tenant == tenant]
    return TenantRow(
        tenant=tenant,
        groups=[
            GroupRow(
                group=group,
                name_vi=MEANINGS[group][0],
                name_en=MEANINGS[group][1],
                given=shown or group in own,
                since=to_iso(own[group].since) if group in own else None,
                by=own[group].by if group in own else DEMO_BY if shown else "",
                reason=next((line.reason for line in said if group in line.groups), "")
                if group in own
                else "",
            )
            for group in GROUPS
        ],
    )


def _missing(missing: Mapping[str, Iterable[str]]) -> list[MissingRow]:
    rows = [
        MissingRow(
            part=part,
            needs=[group for group in GROUPS if group in needed],
            withheld_by=[tenant for tenant, groups in missing.items() if needed.intersection(groups)],
        )
        for part, needed in PARTS.items()
    ]
    return [row for row in rows if row.withheld_by]
