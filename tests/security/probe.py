"""A small service with identities on a real socket, in this process, and somebody who speaks to it byte by
byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

from tests.security.estate import CHEAP
from tests.support.services import wait_for
from twin.contract.clock import system_clock
from twin.identity.guard import needs, weighs
from twin.identity.identities import Identities
from twin.service.app import create_registry, create_service_app
from twin.service.patience import PatientBody, PatientProtocol
from twin.service.settings import ServiceSettings, load

PATIENCE_S = 0.5
"""In the place of the ten and twenty seconds of a real service."""


class Word(BaseModel):
    """What the probe takes."""

    text: str
    number: float = 0.0


class ImpatientProtocol(PatientProtocol):
    """As a service has it, for a test that has no ten seconds."""

    head_s = PATIENCE_S


@dataclass
class Probe:
    """A service that runs.

    Args:
        port: on 127.0.0.1.
        token: may read the park.
        app: as every service makes it.
    """

    port: int
    token: str
    app: FastAPI

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def dial(self) -> socket.socket:
        """Connect, and say nothing yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def say(self, *parts: bytes) -> bytes:
        """Send bytes and return everything that comes until the end."""
        with self.dial() as line:
            for part in parts:
                line.sendall(part)
            return read_all(line)

    @property
    def shown(self) -> bytes:
        """The header that lets in."""
        return f"authorization: Bearer {self.token}\r\n".encode()


def read_all(line: socket.socket) -> bytes:
    """Everything until the other side closes; fails if it does not within 20 s."""
    found = b""
    while part := line.recv(65536):
        found += part
    return found


@contextmanager
def running_probe(directory: Path, *, rate_factor: float = 0.0) -> Iterator[Probe]:
    """Start a probe, and stop it."""
    url = f"sqlite:///{directory / 'identity.sqlite3'}"
    identities = Identities(url, clock=system_clock, hasher=CHEAP)
    token = identities.tokens.issue("probe", ["park.read", "alarm.act"], days=1, by="test")
    settings = load(ServiceSettings, data_dir=directory, identity=url, rate_factor=rate_factor)
    app = create_service_app(
        title="probe", version="1", settings=settings, registry=create_registry(), health=dict,
        identities=identities,
    )  # fmt: skip
    app.add_middleware(PatientBody, body_s=PATIENCE_S)

    @app.get("/api/word", dependencies=[needs("park.read")])
    async def get_word() -> dict[str, str]:
        """Say something."""
        return {"word": "secret"}

    @app.get("/api/dear", dependencies=[needs("park.read"), weighs(500)])
    async def get_dear() -> str:
        """Do what takes long."""
        return "dear"

    @app.post("/api/word", dependencies=[needs("alarm.act")])
    async def post_word(word: Word) -> Word:
        """Say it again."""
        return word

    @app.post("/api/raw", dependencies=[needs("alarm.act")])
    async def post_raw(request: Request) -> int:
        """Count the bytes."""
        return len(await request.body())

    config = uvicorn.Config(
        app, http=ImpatientProtocol, log_config=None, access_log=False, server_header=False,
        limit_concurrency=64, timeout_keep_alive=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started, "the probe listens")
        try:
            yield Probe(listener.getsockname()[1], token, app)
        finally:
            server.should_exit = True
            thread.join(30)
