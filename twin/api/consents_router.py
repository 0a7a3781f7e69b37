"""``/api/consents``: what tenants share with the park; a tenant's own people give it and take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from twin.api.alarm_actions_router import same_site
from twin.contract.clock import to_iso
from twin.identity.consents import GROUPS, MEANINGS, Consent, Consents, Group
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


class TenantRow(BaseModel):
    """What a tenant shares."""

    tenant: str = Field(description="id of the enterprise")
    groups: list[GroupRow]


class ConsentsAnswer(BaseModel):
    """What tenants share with the park."""

    secured: bool = Field(description="false in the demo, where nobody signs in and everything is shown")
    tenants: list[TenantRow]


class Change(BaseModel):
    """What is to be shared, or no more."""

    groups: list[Group] = Field(min_length=1, max_length=len(GROUPS))
    given: bool = Field(description="true gives, false takes back")


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
        names = [tenant] if tenant else sorted(tenants())
        return ConsentsAnswer(
            secured=consents is not None,
            tenants=[_tenant_row(name, found, shown=consents is None) for name in names],
        )

    @router.get("/api/consents", dependencies=[needs("consent.read")])
    def get_consents() -> ConsentsAnswer:
        """Return by tenant which groups of its data people of the park see, since when and by whose word."""
        return answer()

    if tenant and consents is not None:

        @router.post("/api/consents", dependencies=[needs("consent.change"), Depends(same_site)])
        def post_consents(change: Annotated[Change, ...]) -> ConsentsAnswer:
            """Share groups with the park, or take them back; it counts within seconds and is in the audit."""
            principal = CURRENT.get()
            by = "" if principal is None else principal.written
            act = consents.give if change.given else consents.revoke
            act(tenant, change.groups, by=by)
            return answer()

    return router


def _tenant_row(tenant: str, found: Iterable[Consent], *, shown: bool) -> TenantRow:
    own = {one.group: one for one in found if one.tenant == tenant}
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
            )
            for group in GROUPS
        ],
    )
