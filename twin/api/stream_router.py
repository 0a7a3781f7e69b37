"""``/api/stream``: the WebSocket of a page: binary frames of what changed, JSON events."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from twin.identity.guard import needs
from twin.stream.hub import Hub, ViewerTooSlowError

_LOG = logging.getLogger(__name__)

SEND_TIMEOUT_S = 30.0
"""A viewer that takes nothing for so long is sent away: its browser is asleep or gone."""

CLOSE_TOO_SLOW = 4408
CLOSE_FOREIGN_ORIGIN = 4403


def stream_router(hub: Hub, *, send_timeout_s: float = SEND_TIMEOUT_S) -> APIRouter:
    """Make the router."""
    router = APIRouter(tags=["stream"], dependencies=[needs("state.read")])

    @router.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        """Send a snapshot, then what changes, until the viewer leaves."""
        if not same_origin(socket):
            await socket.close(CLOSE_FOREIGN_ORIGIN, "another site's page may not read this stream")
            return
        await socket.accept()
        sending = asyncio.create_task(_send(socket, hub, send_timeout_s))
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
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host", "")


async def _send(socket: WebSocket, hub: Hub, timeout_s: float) -> None:
    try:
        async with aclosing(hub.stream()) as stream:
            async for item in stream:
                sent = socket.send_bytes(item) if isinstance(item, bytes) else socket.send_text(item)
                await asyncio.wait_for(sent, timeout_s)
    except ViewerTooSlowError as error:
        await socket.close(CLOSE_TOO_SLOW, str(error))
    except TimeoutError:
        hub.sent_away("stalled")
        await asyncio.wait_for(socket.close(CLOSE_TOO_SLOW, "nothing was taken for too long"), 1.0)
    except (WebSocketDisconnect, RuntimeError):
        _LOG.debug("a viewer left")
    else:
        await socket.close(1001, "the twin is stopping")


async def _listen(socket: WebSocket) -> None:
    """Notice when the viewer leaves; nothing it says has a meaning here."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
