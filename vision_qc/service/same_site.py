"""A page of another site may not act here through the browser of whoever looks at it."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException

from twin.service.origin import host_of


async def same_site(request: Request) -> None:
    """Refuse what the page of another site lets a browser send (a program sends no Origin).

    It waits for nothing, and is ``async`` so that no thread is woken up for it at every request.

    Raises:
        HTTPException: it comes from another site.
    """
    origin = request.headers.get("origin")
    if origin is not None and host_of(origin) != request.headers.get("host", ""):
        raise HTTPException(HTTPStatus.FORBIDDEN, f"origin {origin!r}: another site's page may not act here")
