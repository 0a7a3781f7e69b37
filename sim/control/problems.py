"""Errors over HTTP as RFC 9457 problem details, as the services of the twin write them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from twin.contract.errors import ParkTwinError

_LOG = logging.getLogger(__name__)

Handler = Callable[[Request, Exception], Awaitable[Response]]


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Build a problem response: ``{type, title, status, code, detail}``."""
    body = {
        "type": f"urn:parktwin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    return Response(msgspec.json.encode(body), status, dict(headers or {}), "application/problem+json")


def status_of(error: ParkTwinError) -> int:
    """Choose the HTTP status from the built-in an error derives from: 404, 400, else 500."""
    if isinstance(error, LookupError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, ValueError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ParkTwinError)
    return problem(status_of(error), error.code, str(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).name.lower()
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and detail == HTTPStatus.NOT_FOUND.phrase:
        detail = f"no {request.url.path} here; 'parktwin sim --help' lists what there is"
    return problem(error.status_code, code, detail, error.headers)


async def _unforeseen(request: Request, error: Exception) -> Response:
    _LOG.error("unforeseen error on %s %s", request.method, request.url.path, exc_info=error)
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "unforeseen", "an error nobody foresaw; the log has the trace"
    )


HANDLERS: Mapping[type[Exception], Handler] = {
    ParkTwinError: _ours,
    HTTPException: _http,
    Exception: _unforeseen,
}
"""What ``Starlette(exception_handlers=...)`` takes."""
