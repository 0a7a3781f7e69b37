"""Who may work the simulator: whoever shows the token; where none is set, whoever is on this machine.

"On this machine" is not only where the connection comes from: a page of any site can call 127.0.0.1 through
the browser of whoever looks at it. Its requests name that site as their origin, or, when its name was made to
resolve to 127.0.0.1, as their host; both are refused.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from sim.control.problems import problem


class ControlGuard:
    """Lets a request through or answers it with a refusal.

    Args:
        app: what to protect.
        token: what must be shown as ``Authorization: Bearer``; "" lets in whoever is on this machine.
        open_prefixes: paths that anybody may read with GET (health, metrics, pictures).
    """

    def __init__(self, app: ASGIApp, token: str = "", open_prefixes: tuple[str, ...] = ()) -> None:
        self._app = app
        self._token = token.encode()
        self._open = open_prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_open = scope["method"] in {"GET", "HEAD"} and scope["path"].startswith(self._open)
        refusal = None if is_open else self._refusal(scope)
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if self._token:
            kind, _, shown = headers.get("authorization", "").partition(" ")
            if kind.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), self._token):
                return None
            return problem(
                HTTPStatus.UNAUTHORIZED,
                "unauthenticated",
                "no valid token; send 'Authorization: Bearer <token>', which parktwin sim takes from "
                "PARKTWIN_SIM_TOKEN",
                {"www-authenticate": "Bearer"},
            )
        client = (scope.get("client") or ("",))[0]
        if not is_loopback(client):
            return problem(
                HTTPStatus.FORBIDDEN,
                "not_here",
                f"call from {client or 'nowhere'}: without a token only this machine may work the simulator; "
                "set PARKTWIN_SIM_TOKEN for both sides",
            )
        for name in ("host", "origin"):
            given = headers.get(name)
            if given is not None and not is_loopback(_host_of(given)):
                return problem(
                    HTTPStatus.FORBIDDEN,
                    name,
                    f"{name} {given!r}: without a token only localhost, 127.0.0.1 and [::1] are answered; "
                    "use one of these, or set PARKTWIN_SIM_TOKEN",
                )
        return None


def _host_of(given: str) -> str:
    """The host of an Origin or Host header; "" if there is none to be read."""
    try:
        return urlsplit(given if "://" in given else f"//{given}").hostname or ""
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.7", "::1", "10.0.0.1", "localhost.example", "")]
    [True, True, True, False, False, False]
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
