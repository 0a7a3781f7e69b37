"""The HTTP side that every service has: ``/api/health``, ``/metrics``, problem details, the token, one way
to run."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from starlette.types import ASGIApp

from twin.contract.clock import system_clock
from twin.identity.gate import Gate
from twin.identity.guard import STATE, describe, for_everybody, guard, needs
from twin.identity.identities import Identities
from twin.identity.principal import Principal
from twin.service.auth import LoopbackHost, TokenAuth
from twin.service.headers import SafeHeaders
from twin.service.patience import PatientBody, PatientProtocol
from twin.service.problems import install_problem_handlers
from twin.service.reference import reference_page
from twin.service.settings import ServiceSettings, SettingsError
from twin.service.tls import server_options

_LOG = logging.getLogger(__name__)

Health = Callable[[], Mapping[str, str]]
"""Reasons for being unhealthy by name of the part; empty = healthy. Must not block."""

MOST_BODY_BYTES = 1 << 20
"""Of a request that is no picture, recipe or model."""
MOST_AT_A_TIME = 4000
"""Connections and requests under way; more are told to come again (503)."""

EXIT_FAULT = 2
"""Exit status of a service that must not start as it was told to."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_registry() -> CollectorRegistry:
    """Make a metrics registry of a service's own, with process CPU, memory and files in it."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def create_service_app(
    *,
    title: str,
    version: str,
    settings: ServiceSettings,
    registry: CollectorRegistry,
    health: Health,
    lifespan: Lifespan | None = None,
    identities: Identities | None = None,
    switch: Callable[[ASGIApp], ASGIApp] | None = None,
    page: bool = False,
    most_bytes: int = MOST_BODY_BYTES,
) -> FastAPI:
    """Make the app of a service; its routers are added by the caller.

    Args:
        title: as OpenAPI shows it.
        version: of the service.
        settings: where the token and the identities are.
        registry: what ``/metrics`` prints.
        health: asked at each ``GET /api/health``: 200 when empty, else 503 with the reasons.
        lifespan: what runs as long as the service does.
        identities: those of the settings if left out.
        page: it serves a page, and puts a policy of its own on every answer.
        most_bytes: of a request's body, where no router says otherwise.
        switch: stands behind the gate, before everything else; sends people of a tenant elsewhere.
    """
    known = identities or identities_of(settings)
    app = FastAPI(
        title=title,
        version=version,
        lifespan=_closing(lifespan or _nothing, known),
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(guard)],
        max_body_size=most_bytes,
    )
    describe(app)
    install_problem_handlers(app)
    token = "" if settings.access_token is None else settings.access_token.get_secret_value()
    if switch is not None:
        app.add_middleware(switch)
    if known is not None:
        app.add_middleware(Gate, identities=known, access_token=token, rate_factor=settings.rate_factor)
    elif token:
        app.add_middleware(TokenAuth, token=token)
    else:
        app.add_middleware(LoopbackHost)
    app.add_middleware(PatientBody)
    if not page:
        app.add_middleware(SafeHeaders)

    @app.get("/api/health", tags=["service"], dependencies=[for_everybody()])
    async def get_health(request: Request) -> Response:
        """Say whether the service does its work: 200, or 503; the reasons by part to who may read them."""
        reasons = dict(health())
        principal: Principal | None = request.scope.get(STATE)
        told = reasons if principal is not None and "service.read" in principal.permissions else {}
        body = {"service": title, "version": version, "healthy": not reasons, "reasons": told}
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK)

    @app.get("/metrics", tags=["service"], dependencies=[needs("service.read")])
    async def get_metrics() -> Response:
        """Print the metrics in Prometheus text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/docs", include_in_schema=False, dependencies=[needs("park.read")])
    async def get_reference() -> Response:
        return HTMLResponse(reference_page(app.openapi()))

    return app


def identities_of(settings: ServiceSettings) -> Identities | None:
    """The identities that settings name, None if they name none; nothing is opened."""
    url = settings.identity.get_secret_value()
    return Identities(url, clock=system_clock, seed_key=settings.identity_key) if url else None


def _closing(lifespan: Lifespan, identities: Identities | None) -> Lifespan:
    """What runs as long as the service does, and lets go of the identities after it."""

    @asynccontextmanager
    async def closing(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with lifespan(app):
                yield
        finally:
            if identities is not None:
                await asyncio.to_thread(identities.close)

    return closing


@asynccontextmanager
async def _nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


def run(app: FastAPI, settings: ServiceSettings, *, name: str) -> None:
    """Serve until SIGINT or SIGTERM; write the address to ``<data_dir>/<name>.url`` once listening, so that
    port 0 can be found. WebSocket deflate is off: it costs 22 times what it saves on a local network.

    With a certificate in the settings it is HTTPS.

    Exit status 2 if a certificate cannot be used, or if another process of this name has the data directory:
    each would overwrite what the other keeps there (snapshot, outbox numbers, address).
    """
    try:
        tls = server_options(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error.code}: {error}\n")
        raise SystemExit(EXIT_FAULT) from None
    with (
        _only_one(settings.data_dir, name),
        listen(settings.host, settings.port) as listener,
    ):
        host, port = listener.getsockname()[:2]
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            log_config=None,
            access_log=False,
            ws_per_message_deflate=False,
            ws_max_size=MOST_BODY_BYTES,
            timeout_graceful_shutdown=3,
            limit_concurrency=MOST_AT_A_TIME,
            server_header=False,
            **tls,
        )
        address = settings.data_dir / f"{name}.url"
        url = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
        _write_whole(address, url)
        door = "by sign-in and token" if settings.identity.get_secret_value() else "by token"
        door = door if settings.secured else "no access token, so for this machine only"
        _LOG.info("%s serves on %s (%s)", name, url, door)
        # uvicorn raises the signal again once it has ended, which by default would end us before the finally
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        try:
            asyncio.run(uvicorn.Server(config).serve(sockets=[listener]))
        finally:
            address.unlink(missing_ok=True)


def listen(host: str, port: int) -> socket.socket:
    """Open the listening socket of a service. What it accepts sends at once (``TCP_NODELAY``, inherited from
    here: asyncio sets it only on sockets that name their protocol, as those of ``create_server`` do not);
    without it an answer's body waits up to 40 ms for the other side's delayed acknowledgement of its head.
    """
    listener = socket.create_server((host, port), backlog=512)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextmanager
def _only_one(data_dir: Path, name: str) -> Iterator[None]:
    """Hold the data directory; the kernel lets go of it however this process ends."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_dir / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        sys.stderr.write(
            f"data directory {data_dir}: another {name} is running on it; stop that one, or give this one a "
            "directory of its own with PARKTWIN_DATA_DIR\n"
        )
        raise SystemExit(EXIT_FAULT) from None
    try:
        yield
    finally:
        os.close(lock)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text)
    part.replace(path)
