"""The guard: looks, before a route is run, whether whoever asks has the permission that the route names.

A route says what it needs in one line, on itself or on its router::

    APIRouter(tags=["alarms"], dependencies=[needs("alarm.read")])

All that is named must be held. A route that names nothing is refused to everybody but the demo, and a test
fails on it.

What stands here is ``async`` though it waits for nothing: FastAPI hands a plain function to a thread, and two
ways there and back cost a request more than all that is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, get_args

from fastapi import Depends, FastAPI, WebSocketException, params
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute, APIWebSocketRoute, iter_route_contexts

from twin.identity.errors import ForbiddenError, UnauthenticatedError
from twin.identity.permissions import PERMISSIONS, PermissionName
from twin.identity.principal import Principal

STATE: Final = "parktwin_principal"
"""Key of the scope under which the gate leaves who asks."""
OPEN: Final = "open"
"""What a route names that everybody may ask, signed in or not."""
SIGNED_IN: Final = "signed-in"
"""What a route names that everybody may ask who is signed in."""
CLOSE_UNAUTHENTICATED: Final = 4401
CLOSE_FORBIDDEN: Final = 4403
CLOSE_TOO_OFTEN: Final = 4429
CHARGE: Final = "parktwin_charge"
"""Key of the scope under which the gate leaves what takes work from who asks; absent without identities."""
TENANT: Final = "parktwin_tenant"
"""Name in the state of an app of the tenant whose plants it shows; it has none where it shows the park."""
_MOST_REASON: Final = 123
"""Bytes of a reason that a WebSocket is closed with (RFC 6455 5.5)."""


class Needed:
    """A permission that a route names; as a dependency it does nothing, the guard reads it."""

    def __init__(self, permission: str) -> None:
        self.permission = permission

    async def __call__(self) -> None:
        """Nothing: see :func:`guard`."""


class Weight:
    """How much work a route is; as a dependency it does nothing, the guard reads it."""

    def __init__(self, units: float) -> None:
        self.units = units

    async def __call__(self) -> None:
        """Nothing: see :func:`guard`."""


def weighs(units: float) -> params.Depends:
    """Say how many plain questions a route is worth, for :mod:`twin.identity.rates`."""
    made: params.Depends = Depends(Weight(units))
    return made


def weight(route: object) -> float:
    """How much a route weighs beyond the one unit that every question does."""
    dependant = getattr(route, "dependant", None)
    found = () if dependant is None else dependant.dependencies
    return float(sum(one.call.units - 1 for one in found if isinstance(one.call, Weight)))


def needs(permission: PermissionName) -> params.Depends:
    """Name the permission of a route or of all routes of a router.

    >>> needs("alarm.read").dependency.permission
    'alarm.read'
    """
    if permission not in get_args(PermissionName):
        raise ValueError(f"permission {permission!r}: is not in the table; see twin.identity.permissions")
    return _marked(permission)


def for_everybody() -> params.Depends:
    """Let everybody ask a route, signed in or not; for health checks and for signing in."""
    return _marked(OPEN)


def for_signed_in() -> params.Depends:
    """Let everybody ask a route who is signed in; for what they do with their own account."""
    return _marked(SIGNED_IN)


def _marked(permission: str) -> params.Depends:
    made: params.Depends = Depends(Needed(permission))
    return made


def needed(route: object) -> tuple[str, ...]:
    """What a route names, its router's first; () if nothing."""
    dependant = getattr(route, "dependant", None)
    found = () if dependant is None else dependant.dependencies
    return tuple(one.call.permission for one in found if isinstance(one.call, Needed))


async def guard(connection: HTTPConnection) -> None:
    """Let a request through to its route, or refuse it; a dependency of every route of a service.

    Raises:
        UnauthenticatedError: nobody is signed in.
        ForbiddenError: they do not have what the route names, or it names nothing.
        TooOftenError: they have asked for too much already.
    """
    named = needed(connection.scope.get("route"))
    if OPEN in named:
        return
    principal, path = connection.scope.get(STATE), connection.scope["path"]
    of = getattr(connection.scope["app"].state, TENANT, "")
    if connection.scope["type"] != "websocket":
        check(principal, named, path, of)
        units, charge = weight(connection.scope.get("route")), connection.scope.get(CHARGE)
        if units and charge is not None:
            charge(units)
        return
    try:
        check(principal, named, path, of)
    except (ForbiddenError, UnauthenticatedError) as error:
        code = CLOSE_FORBIDDEN if isinstance(error, ForbiddenError) else CLOSE_UNAUTHENTICATED
        raise WebSocketException(code, close_reason(str(error))) from None


def check(principal: Principal | None, named: Sequence[str], path: str, of: str) -> None:
    """See whether somebody has all that is named, in an app that is of their tenant; as :func:`guard`."""
    if principal is None:
        raise UnauthenticatedError(f"{path}: nobody is signed in; sign in, or send a token")
    if principal.kind == "demo":
        return
    if principal.tenant != of and SIGNED_IN not in named:
        raise ForbiddenError(
            f"{path}: is the park's; {principal.name} is of {principal.tenant} and sees its plants alone"
        )
    if not named:
        raise ForbiddenError(f"{path}: names no permission, so nobody has it; see the log of changes")
    missing = [one for one in named if one != SIGNED_IN and one not in principal.permissions]
    if missing:
        row = PERMISSIONS[missing[0]]
        roles = ", ".join(sorted(row.roles))
        raise ForbiddenError(
            f"{path}: {principal.name} may not {row.meaning}; permission {row.name} is of {roles}"
        )


def close_reason(text: str) -> str:
    """As much of a text as a WebSocket can be closed with.

    >>> len(close_reason("ệ" * 100).encode())
    123
    """
    return text.encode()[:_MOST_REASON].decode(errors="ignore")


def declared(app: FastAPI) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every route of an app: method (``WS`` for a WebSocket), path, and what it names."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            for method in sorted(context.methods or ()):
                yield method, context.path_format or "", needed(route)
        elif isinstance(route, APIWebSocketRoute):
            path = context.path if context.path else route.path
            yield "WS", path, needed(route)


def describe(app: FastAPI) -> None:
    """Have the description of an app's API say what each route needs."""
    plain: Callable[[], dict[str, Any]] = app.openapi

    def described() -> dict[str, Any]:
        fresh = app.openapi_schema is None
        schema = plain()
        if fresh:
            for method, path, named in declared(app):
                operation = schema["paths"].get(path, {}).get(method.lower())
                if operation is not None:
                    operation["x-permission"] = " ".join(named)
        return schema

    app.openapi = described  # type: ignore[method-assign]
