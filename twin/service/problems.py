"""Errors over HTTP as RFC 9457 problem details, with our stable code and a request that can be mended."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from twin.contract.errors import ParkTwinError
from twin.identity.errors import TooMuchError, TooOftenError

_LOG = logging.getLogger(__name__)


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Build a problem response: ``{type, title, status, code, detail}``."""
    body = {
        "type": f"urn:parktwin:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return JSONResponse(body, status, dict(headers or {}), media_type="application/problem+json")


def status_of(error: ParkTwinError) -> int:
    """Choose the HTTP status from the built-in an error derives from: 404, 503, 403, 400, else 500."""
    if isinstance(error, LookupError):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, ConnectionError | TimeoutError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(error, PermissionError):
        return HTTPStatus.UNAUTHORIZED if error.code == "unauthenticated" else HTTPStatus.FORBIDDEN
    if isinstance(error, ValueError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def install_problem_handlers(app: FastAPI) -> None:
    """Turn every error of ``app`` into a problem response."""

    @app.exception_handler(TooOftenError)
    async def _too_often(_: Request, error: TooOftenError) -> JSONResponse:
        headers = {"retry-after": str(error.retry_after_s)}
        return problem(HTTPStatus.TOO_MANY_REQUESTS, error.code, str(error), headers)

    @app.exception_handler(TooMuchError)
    async def _too_much(_: Request, error: TooMuchError) -> JSONResponse:
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.code, str(error))

    @app.exception_handler(ParkTwinError)
    async def _ours(_: Request, error: ParkTwinError) -> JSONResponse:
        return problem(status_of(error), error.code, str(error))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).name.lower()
        return problem(error.status_code, code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            f"{'.'.join(map(str, fault['loc']))}={jsonable_encoder(fault.get('input'))!r}: {fault['msg']}"
            for fault in error.errors()
        ]
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "request", "; ".join(faults))

    @app.exception_handler(ClientDisconnect)
    async def _cut(_: Request, error: ClientDisconnect) -> JSONResponse:
        # who has gone hears nothing of it; who was too slow (see twin.service.patience) does
        text = "the body did not become whole in time; send it again"
        return problem(HTTPStatus.REQUEST_TIMEOUT, "request", text, {"connection": "close"})

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
        _LOG.error("unforeseen error on %s %s", request.method, request.url.path, exc_info=error)
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "unforeseen", "an error nobody foresaw; the log has the trace"
        )
