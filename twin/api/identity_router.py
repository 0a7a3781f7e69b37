"""``GET /api/identities``: who has an account or a token, and the audit of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import select

from twin.contract.clock import to_iso
from twin.identity.guard import needs
from twin.identity.identities import Identities
from twin.identity.tables import AUDIT, CHAIN


class AccountRow(BaseModel):
    """An account."""

    name: str
    display: str
    roles: list[str]
    tenant: str = Field(description="id of the enterprise; empty for the park")
    disabled: bool
    second_factor: bool
    issuer: str = Field(description="of OpenID Connect; empty for a local account")
    created: str = Field(description="RFC 3339")


class TokenRow(BaseModel):
    """A token of a station or service."""

    id: str
    name: str
    scope: list[str] = Field(description="permissions")
    tenant: str
    expires: str = Field(description="RFC 3339")
    revoked: bool


class IdentitiesAnswer(BaseModel):
    """Everybody who can be let in; no secret of theirs."""

    accounts: list[AccountRow]
    tokens: list[TokenRow]


class IdentityLine(BaseModel):
    """A line of the audit of identities."""

    number: int
    time: str = Field(description="RFC 3339")
    subject: str = Field(description="account, or id of a token")
    event: str = Field(description="signed in, refused, signed out, added, roles, password, disabled, ...")
    by: str
    body: str = Field(description="what belongs to it, JSON")
    hash: str


class IdentityAuditAnswer(BaseModel):
    """Lines of the audit, the oldest first."""

    lines: list[IdentityLine]
    head: str = Field(description="<number>:<hash> of the newest line, for 'parktwin audit verify --expect'")


def identity_router(identities: Identities) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["identity"], responses={503: {"description": "the database is away"}})

    @router.get("/api/identities", dependencies=[needs("identity.read")])
    def get_identities() -> IdentitiesAnswer:
        """Return every account and token, without their secrets."""
        return IdentitiesAnswer(
            accounts=[
                AccountRow(
                    name=one.name,
                    display=one.display,
                    roles=list(one.roles),
                    tenant=one.tenant,
                    disabled=one.disabled,
                    second_factor=one.has_totp,
                    issuer=one.issuer,
                    created=to_iso(one.created),
                )
                for one in identities.accounts.all()
            ],
            tokens=[
                TokenRow(
                    id=one.id,
                    name=one.name,
                    scope=list(one.scope),
                    tenant=one.tenant,
                    expires=to_iso(one.expires),
                    revoked=one.revoked,
                )
                for one in identities.tokens.all()
            ],
        )

    @router.get("/api/identities/audit", dependencies=[needs("audit.read")])
    def get_identity_audit(
        after: Annotated[int, Query(ge=0, le=2**62, description="only lines behind this number")] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000, description="how many at most")] = 1000,
    ) -> IdentityAuditAnswer:
        """Return sign-ins, refusals and changes of accounts and tokens, the oldest first."""
        page = select(AUDIT).where(AUDIT.c.number > after).order_by(AUDIT.c.number).limit(limit)
        with identities.store.reading() as connection:
            rows: list[Any] = list(connection.execute(page).mappings().all())
        return IdentityAuditAnswer(
            lines=[
                IdentityLine(
                    **{name: row[name] for name in ("number", "subject", "event", "by", "body", "hash")},
                    time=to_iso(row["time"]),
                )
                for row in rows
            ],
            head=str(CHAIN.newest(identities.store.engine())),
        )

    return router
