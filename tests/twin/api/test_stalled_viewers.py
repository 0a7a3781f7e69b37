"""Viewers on real sockets that stop reading, against a server whose every frame is large."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import psutil
import pytest
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from websockets.sync.client import connect

from tests.support.ports import free_port
from tests.twin.state.parks import NOW, S, connected, identity, make_park
from twin.api.stream_router import stream_router
from twin.contract.frame import Frame
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState
from twin.stream.frame import peek
from twin.stream.hub import Hub
from twin.stream.metrics import StreamMetrics

OVENS = 20_000
SEND_TIMEOUT_S = 1.0


class BigShow:
    """60,000 tags that all change at every tick: frames of 800 kB."""

    def __init__(self) -> None:
        park = make_park(OVENS)
        self.registry = CollectorRegistry()
        self.state = TwinState(build_tag_table(park))
        self.mapping = identity(self.state)
        self.told = 0
        self.hub = Hub(self.state, interval_s=0.05, metrics=StreamMetrics(self.registry), clock=lambda: NOW)
        app = FastAPI(lifespan=None)
        app.include_router(stream_router(self.hub, None, send_timeout_s=SEND_TIMEOUT_S))
        self.port = free_port()
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                port=self.port,
                log_config=None,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def change_everything(self) -> None:
        self.told += 1
        n = len(self.state.table)
        frame = Frame(
            source="anphat",
            sequence=self.told,
            tag_set="0" * 32,
            index=np.arange(n, dtype="<u4"),
            source_time=np.full(n, NOW + self.told * S, "<i8"),
            status=np.zeros(n, "<u4"),
            value=np.full(n, float(self.told)),
        )
        self.state.note_source(connected(), NOW)
        self.state.apply(frame, self.mapping, NOW)

    async def _serve(self) -> None:
        ticking = asyncio.create_task(self.hub.run(self.change_everything))
        await self._server.serve()
        self.hub.close()
        ticking.cancel()

    def __enter__(self) -> BigShow:
        self._thread.start()
        deadline = time.monotonic() + 30.0
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(30.0)

    def value(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"parktwin_{metric}", labels) or 0.0


@pytest.fixture
def show() -> Iterator[BigShow]:
    with BigShow() as show:
        yield show


def stalled_viewer(port: int) -> socket.socket:
    """Open the stream and never read again."""
    viewer = socket.create_connection(("127.0.0.1", port))
    viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    viewer.sendall(
        b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    return viewer


@pytest.mark.slow
def test_viewers_that_stop_reading_cost_little_and_are_sent_away(show: BigShow) -> None:
    with connect(f"ws://127.0.0.1:{show.port}/api/stream", max_size=None) as well:
        assert peek(received(well.recv(20.0))).snapshot
        process = psutil.Process()
        before = process.memory_info().rss
        stalled = [stalled_viewer(show.port) for _ in range(20)]
        wait_for(lambda: show.value("stream_viewers") >= 21.0)
        ticks, most = [], 0
        end = time.monotonic() + 3 * SEND_TIMEOUT_S
        while time.monotonic() < end:
            ticks.append(peek(received(well.recv(20.0))).tick)
            most = max(most, process.memory_info().rss - before)
        assert len(ticks) > 10
        assert ticks == sorted(set(ticks))
        # One frame in hand and one in the socket's buffer each, not a growing queue.
        assert most < 200 << 20
        wait_for(lambda: show.value("stream_viewers") == 1.0)
        assert show.value("stream_viewers_disconnected_total", reason="stalled") == 20.0
        for viewer in stalled:
            viewer.close()


def received(item: bytes | str) -> bytes:
    assert isinstance(item, bytes)
    return item


def wait_for(condition: object, timeout_s: float = 30.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
