"""The kit as a running service: health, metrics, problems, the token on HTTP and WebSocket, a clean end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from twin.service.app import listen

TOKEN = "a-token-of-some-length"

SERVICE = """
import sys
from fastapi import WebSocket
from twin.contract.errors import UnknownTagSetError
from twin.identity.guard import needs
from twin.service.app import create_registry, create_service_app, run
from twin.service.settings import ServiceSettings, load

settings = load(ServiceSettings)
reasons = {}
app = create_service_app(title="probe", version="1", settings=settings, registry=create_registry(),
                         health=lambda: reasons)

@app.get("/api/sick", dependencies=[needs("park.read")])
async def sick(n: int):
    reasons["bus"] = "away"
    return n

@app.get("/api/missing", dependencies=[needs("park.read")])
async def missing():
    raise UnknownTagSetError("tag set 'x': nobody announced it")

@app.get("/api/broken", dependencies=[needs("park.read")])
async def broken():
    raise RuntimeError("secret detail")

@app.websocket("/api/stream", dependencies=[needs("state.read")])
async def stream(socket: WebSocket):
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()

run(app, settings, name="probe")
"""


@pytest.fixture(params=["open", "token"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, bool]]:
    guarded = request.param == "token"
    environment = os.environ | {"PARKTWIN_DATA_DIR": str(tmp_path), "PARKTWIN_HOST": "127.0.0.1"}
    environment.pop("PARKTWIN_ACCESS_TOKEN", None)
    if guarded:
        environment["PARKTWIN_ACCESS_TOKEN"] = TOKEN
    process = subprocess.Popen([sys.executable, "-c", SERVICE], env=environment)
    address = tmp_path / "probe.url"
    try:
        deadline = time.monotonic() + 30
        while not address.exists():
            assert process.poll() is None, "the service ended at start"
            assert time.monotonic() < deadline, "the service did not listen within 30 s"
            time.sleep(0.05)
        yield address.read_text(), guarded
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)
        assert not address.exists()
    finally:
        process.kill()
        process.wait()


def test_service_kit_end_to_end(service: tuple[str, bool]) -> None:
    url, guarded = service
    with httpx.Client(base_url=url) as anyone:
        assert anyone.get("/api/health").json()["healthy"] is True
        if guarded:
            refused = anyone.get("/metrics")
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "application/problem+json"
            assert anyone.get("/sign-in", params={"token": "wrong"}).status_code == 401
            assert anyone.get("/sign-in", params={"token": TOKEN}).status_code == 303
            assert "parktwin_token" in anyone.cookies
        assert "process_cpu_seconds_total" in anyone.get("/metrics").text
        missing = anyone.get("/api/missing")
        assert (missing.status_code, missing.json()["code"]) == (404, "contract.unknown_tag_set")
        assert anyone.get("/api/nowhere").json()["code"] == "not_found"
        invalid = anyone.get("/api/sick", params={"n": "seven"})
        assert invalid.status_code == 422
        assert "query.n='seven'" in invalid.json()["detail"]
        # the server ends a connection on which an error nobody foresaw went out
        broken = anyone.get("/api/broken", headers={"connection": "close"})
        assert broken.status_code == 500
        assert "secret" not in broken.text
        assert anyone.get("/api/sick", params={"n": 1}).status_code == 200
        sick = anyone.get("/api/health")
        assert (sick.status_code, sick.json()["reasons"]) == (503, {"bus": "away"})
    asyncio.run(_websocket(url.replace("http", "ws") + "/api/stream", guarded))


async def _websocket(url: str, guarded: bool) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"} if guarded else {}
    async with connect(url, additional_headers=headers) as socket:
        assert await socket.recv() == "hello"
    if guarded:
        with pytest.raises(InvalidStatus):
            async with connect(url):
                pass


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(
    service: tuple[str, bool], tmp_path: Path
) -> None:
    _, guarded = service
    environment = os.environ | {"PARKTWIN_DATA_DIR": str(tmp_path), "PARKTWIN_HOST": "127.0.0.1"}
    second = subprocess.run(
        [sys.executable, "-c", SERVICE],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 2
    assert "another probe is running on it" in second.stderr
    headers = {"Authorization": f"Bearer {TOKEN}"} if guarded else {}
    assert httpx.get((tmp_path / "probe.url").read_text() + "/api/health", headers=headers).is_success


def test_an_answer_does_not_wait_for_an_acknowledgement() -> None:
    """Head and body are two writes: with Nagle's algorithm the second waits for the far side's delayed
    acknowledgement of the first, 40 ms an answer."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
