"""Who may call where there are no identities: whoever shows the access token; where none is set, everyone on
this machine. Pure ASGI, so it covers WebSockets. With identities :mod:`twin.identity.gate` stands here.

The token comes as ``Authorization: Bearer`` from programs, or as the cookie that ``GET /sign-in?token=``
sets for a browser (HttpOnly, SameSite=Strict). Whoever shows it may do what a service may.

"On this machine" is not only where the connection comes from: a page of any site can let its name resolve to
127.0.0.1, and then reads us through the browser of whoever looks at it (DNS rebinding). Its requests name
that site as their host, so without a token only the names of this machine are answered.
"""

from __future__ import annotations

import hmac
import re
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from twin.identity.gate import SERVICE
from twin.identity.guard import STATE
from twin.identity.principal import DEMO
from twin.service.origin import host_of
from twin.service.problems import problem
from twin.service.settings import is_loopback

COOKIE = "parktwin_token"
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]@/]+))(?::\d*)?")
OPEN_PATHS = frozenset({"/api/health"})
"""A health check carries nothing secret and must work for an orchestrator without a token."""


class TokenAuth:
    """Lets a request through only if it shows the token.

    Args:
        app: what to protect.
        token: what must be shown.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/sign-in":
            await self._sign_in(scope, receive, send)
        elif self._shown(scope):
            await self._app({**scope, STATE: SERVICE}, receive, send)
        elif scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4401, "reason": "no access token"})
        else:
            refusal = problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "no valid access token; send 'Authorization: Bearer <token>' or open /sign-in?token=<token>",
                {"www-authenticate": "Bearer"},
            )
            await refusal(scope, receive, send)

    def _matches(self, candidate: str) -> bool:
        return hmac.compare_digest(candidate.encode(), self._token)

    def _shown(self, scope: Scope) -> bool:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and self._matches(given.strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and self._matches(cookie.value)

    async def _sign_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if self._matches(given):
            response: ASGIApp = RedirectResponse("/", HTTPStatus.SEE_OTHER)
            assert isinstance(response, RedirectResponse)
            response.set_cookie(COOKIE, given, httponly=True, samesite="strict")
        else:
            response = problem(
                HTTPStatus.UNAUTHORIZED, "unauthenticated", "the token in the address is not the one"
            )
        await response(scope, receive, send)


class LoopbackHost:
    """Lets a request through only if it was sent to a name of this machine; what changes something only if no
    page of another site sent it (a program sends no Origin).

    Args:
        app: what to protect.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "") if scope["type"] in {"http", "websocket"} else "localhost"
        if is_loopback(host_name(host)):
            origin = _foreign_origin(scope, host)
            if origin:
                text = f"origin {origin!r}: another site's page may not act here"
                await problem(HTTPStatus.FORBIDDEN, "forbidden", text)(scope, receive, send)
            else:
                await self._app({**scope, STATE: DEMO}, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4421, "reason": "not a name of this machine"})
        else:
            refusal = problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "host",
                f"host {host!r}: without an access token only localhost, 127.0.0.1 and [::1] are answered; "
                "open one of these, or set PARKTWIN_ACCESS_TOKEN",
            )
            await refusal(scope, receive, send)


def _foreign_origin(scope: Scope, host: str) -> str:
    """The other site whose page sent what changes something, "" if none did."""
    if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return ""
    origin = Headers(scope=scope).get("origin", "")
    return origin if origin and host_of(origin) != host else ""


def host_name(host: str) -> str:
    """Return a Host header without its port, and an IPv6 address without its brackets; "" if it is none.

    >>> host_name("LocalHost:8420"), host_name("[::1]:8420"), host_name("[::1].example")
    ('localhost', '::1', '')
    """
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).lower() if match else ""
