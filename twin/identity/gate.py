"""The gate of a service with identities: finds out who asks, before anything else does. Pure ASGI, so that
it covers WebSockets.

A program shows a token or a session as ``Authorization: Bearer``; a browser shows the cookie of its session
(HttpOnly, SameSite=Lax). What a browser sends of its own accord, and does more than read, must come from our
own page: the browser says so in ``Sec-Fetch-Site`` or ``Origin`` (OWASP's defence against forged requests).

An open WebSocket is looked at again every few seconds: it ends when the session does.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twin.contract.clock import system_clock
from twin.identity.errors import TooOftenError
from twin.identity.guard import (
    CHARGE,
    CLOSE_FORBIDDEN,
    CLOSE_TOO_OFTEN,
    CLOSE_UNAUTHENTICATED,
    STATE,
    close_reason,
)
from twin.identity.identities import Identities
from twin.identity.permissions import ACCESS_TOKEN_SCOPE
from twin.identity.principal import CURRENT, Principal
from twin.identity.rates import CHARGING, Rates, asker_of
from twin.service.database import DatabaseError
from twin.service.origin import host_of
from twin.service.problems import problem, status_of

COOKIE: Final = "parktwin_session"
SERVICE: Final = Principal("PARKTWIN_ACCESS_TOKEN", "", "token", ACCESS_TOKEN_SCOPE)
"""Whoever shows the access token."""
OPEN_PATHS: Final = frozenset(
    {
        "/api/health",
        "/sign-in",
        "/sign-in/provider",
        "/sign-in/provider/back",
        "/favicon.svg",
        "/style/tokens.css",
        "/style/sign_in.css",
    }
)
"""What is answered before anybody is signed in."""
LOOK_AGAIN_S: Final = 5.0
_CLOSE: Final[dict[int, int]] = {
    HTTPStatus.FORBIDDEN: CLOSE_FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS: CLOSE_TOO_OFTEN,
}
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Lets a request through to the app with who asks, or refuses it.

    Args:
        app: to protect.
        identities: who there is.
        access_token: of services that have no token of their own yet; "" = none.
        rate_factor: of how much one asker may ask; 0 = no bound.
    """

    def __init__(
        self, app: ASGIApp, identities: Identities, access_token: str = "", rate_factor: float = 0.0
    ) -> None:
        self._app = app
        self._rates = Rates(system_clock, rate_factor)
        self._identities = identities
        self._token = access_token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        bearer, cookie = bearer_of(headers), cookie_of(headers)
        try:
            principal = await self._whose(bearer or cookie)
        except DatabaseError as error:
            await _refuse(scope, receive, send, status_of(error), error.code, str(error))
            return
        kind, name = asker_of(principal, (scope.get("client") or ("",))[0])
        try:
            with self._rates.asking(kind, name, scope["type"]):
                charge = partial(self._rates.charge, kind, name)
                charging = CHARGING.set(charge)
                try:
                    await self._pass({**scope, STATE: principal, CHARGE: charge}, receive, send)
                finally:
                    CHARGING.reset(charging)
        except TooOftenError as error:
            retry = {"retry-after": str(error.retry_after_s)}
            status = HTTPStatus.TOO_MANY_REQUESTS
            await _refuse(scope, receive, send, status, error.code, str(error), retry)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request of somebody who does not ask too much through, or refuse it."""
        headers = Headers(scope=scope)
        bearer, cookie = bearer_of(headers), cookie_of(headers)
        principal: Principal | None = scope[STATE]
        if principal is None and scope["path"] not in OPEN_PATHS:
            await self._turn_away(scope, receive, send, headers)
        elif not bearer and _changes(scope) and not from_own_page(headers):
            text = "sent by the page of another site, or by a program without a token"
            await _refuse(scope, receive, send, HTTPStatus.FORBIDDEN, "foreign_origin", text)
        else:
            watched = send
            if scope["type"] == "websocket" and principal is not None and principal.key:
                watched = self._watched(send, bearer or cookie, principal)
            before = CURRENT.set(principal)
            try:
                await self._app(scope, receive, watched)
            finally:
                CURRENT.reset(before)

    async def _whose(self, secret: str) -> Principal | None:
        if not secret:
            return None
        if self._token and hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self._token):
            return SERVICE
        known, principal = self._identities.remembered(secret)
        return principal if known else await asyncio.to_thread(self._identities.find, secret)

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            response: Response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
            await response(scope, receive, send)
            return
        text = "nobody is signed in; sign in on the page, or send 'Authorization: Bearer <token>'"
        await _refuse(scope, receive, send, HTTPStatus.UNAUTHORIZED, "unauthenticated", text)

    def _watched(self, send: Send, secret: str, principal: Principal) -> Send:
        looked, over = monotonic(), False

        async def send_while_signed_in(message: Message) -> None:
            nonlocal looked, over
            if over:
                raise OSError("the session is over")
            if monotonic() - looked > LOOK_AGAIN_S:
                looked = monotonic()
                try:
                    over = await self._whose(secret) != principal
                except DatabaseError:
                    over = False  # nobody is sent away because the database is
                if over:
                    reason = "signed out, or what you may do has changed"
                    await send({"type": "websocket.close", "code": CLOSE_UNAUTHENTICATED, "reason": reason})
                    raise OSError("the session is over")
            await send(message)

        return send_while_signed_in


def bearer_of(headers: Headers) -> str:
    """The secret of ``Authorization: Bearer``, "" if there is none."""
    kind, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() if kind.lower() == "bearer" else ""


def secret_of(headers: Headers) -> str:
    """What a request shows of who it comes from, "" if nothing."""
    return bearer_of(headers) or cookie_of(headers)


def cookie_of(headers: Headers, name: str = COOKIE) -> str:
    """The value of a cookie, "" if there is none."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


def from_own_page(headers: Headers) -> bool:
    """Whether a browser says that its own page sent this."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return bool(origin) and host_of(origin or "") == headers.get("host", "") != ""


def _changes(scope: Scope) -> bool:
    """Whether a browser may be made to send this by another site, to effect: all but plain reading."""
    return scope["type"] == "websocket" or scope["method"] not in _SAFE


async def _refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    code: str,
    text: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    if scope["type"] == "websocket":
        await receive()
        close = _CLOSE.get(status, CLOSE_UNAUTHENTICATED)
        await send({"type": "websocket.close", "code": close, "reason": close_reason(text)})
        return
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"www-authenticate": "Bearer"}
    await problem(status, code, text, headers)(scope, receive, send)
