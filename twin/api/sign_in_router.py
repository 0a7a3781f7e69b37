"""``/sign-in`` and ``/sign-out``: the way in for people, and ``GET /api/me``: who is in."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from twin.api.sign_in_page import link_page, over_page, sign_in_page
from twin.contract.clock import NS_PER_S, Clock
from twin.identity.errors import AccountError, SignInError
from twin.identity.gate import COOKIE
from twin.identity.guard import STATE, for_everybody, for_signed_in
from twin.identity.identities import Identities
from twin.identity.principal import Principal
from twin.identity.sessions import LONGEST_NS

TRIES_A_MINUTE: Final = 20
"""From one address, whatever the names: what lockout of accounts does not hold up."""
_ADDRESSES: Final = 10_000
_NO_STORE: Final = {"cache-control": "no-store"}
_Typed = Annotated[str, Form(max_length=200)]


class MeAnswer(BaseModel):
    """Who the page is shown to."""

    kind: str = Field(description="person, token, or demo: nothing is secured, and nobody signed in")
    name: str = Field(description="of the account or token")
    display: str = Field(description="name of the person, as it is written down; empty for the others")
    roles: list[str]
    permissions: list[str] = Field(description="names of the table, see the README")
    tenant: str = Field(description="id of the enterprise they belong to; empty for the park")


class Tries:
    """Counts tries by address; belongs to one event loop.

    Args:
        clock: ns since the epoch.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of: OrderedDict[str, deque[int]] = OrderedDict()

    def allow(self, address: str) -> bool:
        """Whether one more is allowed now; counts it."""
        now = self._clock()
        times = self._of.setdefault(address, deque(maxlen=TRIES_A_MINUTE))
        self._of.move_to_end(address)
        while len(self._of) > _ADDRESSES:
            self._of.popitem(last=False)
        if len(times) == TRIES_A_MINUTE and now - times[0] < 60 * NS_PER_S:
            return False
        times.append(now)
        return True


def me_router() -> APIRouter:
    """Make the router of ``/api/me``."""
    router = APIRouter(tags=["identity"])

    @router.get("/api/me", dependencies=[for_signed_in()])
    async def get_me(request: Request, response: Response) -> MeAnswer:
        """Return who is signed in, and what they may do."""
        principal: Principal = request.scope[STATE]
        response.headers["cache-control"] = "no-store"
        return MeAnswer(
            kind=principal.kind,
            name=principal.name,
            display=principal.display,
            roles=list(principal.roles),
            permissions=sorted(principal.permissions),
            tenant=principal.tenant,
        )

    return router


def sign_in_router(identities: Identities, clock: Clock, *, provider: bool = False) -> APIRouter:
    """Make the router.

    Args:
        identities: who there is.
        clock: ns since the epoch.
        provider: whether the page offers the company's account too.
    """
    router = APIRouter(include_in_schema=False)
    tries = Tries(clock)

    @router.get("/sign-in", dependencies=[for_everybody()])
    async def get_sign_in(link: Annotated[str, Query(max_length=200)] = "", trouble: str = "") -> Response:
        if not link:
            known = trouble if trouble in {"stranger", "away"} else ""
            return _html(sign_in_page(trouble=known, provider=provider))
        try:
            whose = await asyncio.to_thread(identities.links.whose, link)
        except SignInError:
            return _html(over_page(), HTTPStatus.NOT_FOUND)
        return _html(link_page(link, first=not whose))

    @router.post("/sign-in", dependencies=[for_everybody()])
    async def post_sign_in(
        request: Request,
        name: _Typed = "",
        password: _Typed = "",
        code: _Typed = "",
        link: _Typed = "",
        new: _Typed = "",
        display: _Typed = "",
    ) -> Response:
        address = request.client.host if request.client else ""
        if not tries.allow(address):
            page = sign_in_page(trouble="often", name=name, provider=provider)
            return _html(page, HTTPStatus.TOO_MANY_REQUESTS, {"retry-after": "60"})
        if link:
            return await _by_link(identities, request, link, new, name, display)
        try:
            account = await asyncio.to_thread(
                identities.accounts.sign_in, name, password, code, where=address
            )
        except SignInError:
            page = sign_in_page(trouble="refused", name=name, provider=provider)
            return _html(page, HTTPStatus.UNAUTHORIZED)
        return await signed_in(identities, request, account.name)

    @router.post("/sign-out", dependencies=[for_signed_in()])
    async def post_sign_out(request: Request) -> Response:
        principal: Principal = request.scope[STATE]
        if principal.kind == "person":
            await asyncio.to_thread(identities.sessions.end, principal)
            identities.forget()
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER, headers=_NO_STORE)
        response.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return response

    return router


async def signed_in(identities: Identities, request: Request, name: str) -> Response:
    """Begin a session and go to the page."""
    secret = await asyncio.to_thread(identities.sessions.open, name)
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER, headers=_NO_STORE)
    response.set_cookie(
        COOKIE,
        secret,
        max_age=LONGEST_NS // NS_PER_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


async def _by_link(
    identities: Identities, request: Request, link: str, new: str, name: str, display: str
) -> Response:
    try:
        whose = await asyncio.to_thread(identities.links.whose, link)
        account = await asyncio.to_thread(identities.links.use, link, new, name=name, display=display)
    except SignInError:
        return _html(over_page(), HTTPStatus.NOT_FOUND)
    except AccountError:
        page = link_page(link, first=not whose, trouble="weak", name=name, display=display)
        return _html(page, HTTPStatus.BAD_REQUEST)
    if (await asyncio.to_thread(identities.accounts.get, account)).has_totp:  # the link is one factor alone
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER, headers=_NO_STORE)
    return await signed_in(identities, request, account)


def _html(page: str, status: int = HTTPStatus.OK, more: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(page, status, headers={**_NO_STORE, **(more or {})})
