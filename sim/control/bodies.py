"""Request and response bodies as JSON."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from sim.errors import SimError

LONGEST_BODY = 256_000
"""Bytes; a scenario of thousands of events is shorter."""

Body = TypeVar("Body")


class BodyError(SimError, ValueError):
    """A request body or query is not what it must be."""

    code = "sim.request"


async def read_body(request: Request, kind: type[Body]) -> Body:
    """Read a JSON body.

    Raises:
        BodyError: it is not announced as JSON, too long, or does not hold.
    """
    # a page of another site may post text to us behind a user's back, but not JSON
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BodyError("content-type: must be application/json; send JSON and say so")
    parts = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LONGEST_BODY:
            raise BodyError(f"body: longer than {LONGEST_BODY} bytes; send less at a time")
        parts.append(part)
    try:
        return msgspec.json.decode(b"".join(parts), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BodyError(f"body: {error}; see docs/simulator.md for what this call takes") from error


def answer(body: Any, status: int = HTTPStatus.OK) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")
