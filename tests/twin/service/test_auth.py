"""Without a token a service answers to the names of this machine and to no other."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from twin.service.app import create_registry, create_service_app
from twin.service.auth import LoopbackHost
from twin.service.settings import ServiceSettings, load

OURS = ["localhost", "LOCALHOST:8420", "127.0.0.1", "127.0.0.1:8420", "[::1]", "[::1]:8420"]
OTHERS = [
    "",
    "evil.example",
    "evil.example:8420",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "10.0.0.7",
    "[2001:db8::1]:80",
    "[::1].evil.example",
    "127.0.0.1@evil.example",
]


async def service(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("secret")(scope, receive, send)
        return
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    await socket.send_text("secret")
    await socket.close()


async def get(host: str) -> httpx.Response:
    transport = httpx.ASGITransport(LoopbackHost(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.get("/", headers={"host": host})


async def connect(host: str) -> list[Message]:
    """Open a WebSocket and return what the server sends."""
    scope = {"type": "websocket", "path": "/", "headers": [(b"host", host.encode())]}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await LoopbackHost(service)(scope, receive, send)
    return sent


@pytest.mark.parametrize("host", OURS)
async def test_a_name_of_this_machine_is_answered(host: str) -> None:
    assert (await get(host)).text == "secret"
    assert [message["type"] for message in await connect(host)][:2] == ["websocket.accept", "websocket.send"]


@pytest.mark.parametrize("host", OTHERS)
async def test_a_page_whose_name_was_turned_on_this_machine_reads_nothing(host: str) -> None:
    refused = await get(host)
    assert (refused.status_code, refused.json()["code"]) == (421, "host")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "localhost" in refused.json()["detail"]
    (closed,) = await connect(host)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4421)


async def test_without_a_token_a_service_is_so_protected_and_with_one_any_name_will_do(
    tmp_path: Path,
) -> None:
    for token, status in ((None, 421), ("a-token-of-some-length", 200)):
        settings = load(ServiceSettings, data_dir=tmp_path, access_token=token)
        app = create_service_app(
            title="probe", version="1", settings=settings, registry=create_registry(), health=dict
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://park.example"
        ) as client:
            assert (await client.get("/api/health")).status_code == status


async def test_without_a_token_no_other_sites_page_changes_anything() -> None:
    transport = httpx.ASGITransport(LoopbackHost(service))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as client:
        for origin in ("http://evil.example", "http://127.0.0.1:9999", "null"):
            refused = await client.post("/", headers={"origin": origin})
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await client.post("/", headers={"origin": "http://127.0.0.1:8420"})).text == "secret"
        assert (await client.post("/")).text == "secret"
        assert (await client.get("/", headers={"origin": "http://evil.example"})).text == "secret"
