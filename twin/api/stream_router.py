"""``/api/stream``: the WebSocket of a page: binary frames of what changed, JSON events; live, or with ``at``
the past played back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy.exc import SQLAlchemyError

from twin.api.playback import Replays, TooManyReplaysError
from twin.contract.errors import ParkTwinError
from twin.identity.guard import needs
from twin.service.origin import host_of
from twin.stream.hub import Hub, ViewerTooSlowError

_LOG = logging.getLogger(__name__)

SEND_TIMEOUT_S = 30.0
"""A viewer that takes nothing for so long is sent away: its browser is asleep or gone."""

CLOSE_UNREADABLE = 4400
CLOSE_FOREIGN_ORIGIN = 4403
CLOSE_TOO_SLOW = 4408
CLOSE_TOO_MANY = 4429
CLOSE_AWAY = 4503
_LONGEST_REASON = 123
"""Bytes that a close frame has room for (RFC 6455)."""


def stream_router(hub: Hub, replays: Replays | None, *, send_timeout_s: float = SEND_TIMEOUT_S) -> APIRouter:
    """Make the router; without ``replays`` the past is not played back."""
    router = APIRouter(tags=["stream"], dependencies=[needs("state.read")])

    @router.websocket("/api/stream")
    async def stream(socket: WebSocket, at: str | None = None, speed: str = "1") -> None:
        """Send a snapshot, then what changes, until the viewer leaves; with ``at`` from that moment on, so
        many times as fast."""
        if not same_origin(socket):
            await socket.close(CLOSE_FOREIGN_ORIGIN, "another site's page may not read this stream")
            return
        await socket.accept()
        if at is None:
            sent = _send(socket, hub, send_timeout_s)
        elif replays is not None:
            sent = _play(socket, replays.stream(at, speed), hub, send_timeout_s)
        else:
            await socket.close(CLOSE_UNREADABLE, "the past is not played here; ask for /api/state?at=")
            return
        sending = asyncio.create_task(sent)
        listening = asyncio.create_task(_listen(socket))
        try:
            await asyncio.wait((sending, listening), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, listening):
                task.cancel()
            await asyncio.gather(sending, listening, return_exceptions=True)

    return router


def same_origin(socket: WebSocket) -> bool:
    """Tell whether a browser opened this socket from our own page (a program sends no Origin): browsers let
    any site open a WebSocket anywhere, cookies and all."""
    origin = socket.headers.get("origin")
    return origin is None or host_of(origin) == socket.headers.get("host", "")


async def _send(socket: WebSocket, hub: Hub, timeout_s: float) -> None:
    try:
        await _pass_on(socket, hub.stream(), hub, timeout_s)
    except ViewerTooSlowError as error:
        await socket.close(CLOSE_TOO_SLOW, str(error))


async def _play(
    socket: WebSocket, replay: AsyncGenerator[bytes | str, None], hub: Hub, timeout_s: float
) -> None:
    """Send a replay; that it cannot be played is told in the reason for closing, where a browser can read
    it."""
    try:
        await _pass_on(socket, replay, hub, timeout_s)
    except ParkTwinError as error:
        code = CLOSE_UNREADABLE if isinstance(error, ValueError) else CLOSE_AWAY
        if isinstance(error, TooManyReplaysError):
            code = CLOSE_TOO_MANY
        await socket.close(code, str(error).encode()[:_LONGEST_REASON].decode(errors="ignore"))
    except SQLAlchemyError:
        _LOG.warning("a replay ends: the database is away", exc_info=True)
        await socket.close(CLOSE_AWAY, "the database is away; try again")


async def _pass_on(
    socket: WebSocket, items: AsyncGenerator[bytes | str, None], hub: Hub, timeout_s: float
) -> None:
    """Send what comes as fast as the viewer takes it."""
    try:
        async with aclosing(items) as stream:
            async for item in stream:
                sent = socket.send_bytes(item) if isinstance(item, bytes) else socket.send_text(item)
                async with asyncio.timeout(timeout_s):
                    await sent
    except TimeoutError as error:
        if isinstance(error, ParkTwinError):
            raise
        hub.sent_away("stalled")
        async with asyncio.timeout(1.0):
            await socket.close(CLOSE_TOO_SLOW, "nothing was taken for too long")
    except (WebSocketDisconnect, RuntimeError):
        _LOG.debug("a viewer left")
    else:
        await socket.close(1001, "the twin is stopping") if hub.closed else await socket.close()


async def _listen(socket: WebSocket) -> None:
    """Notice when the viewer leaves; nothing it says has a meaning here."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
