"""The service over real HTTP, in a thread of the test's own process."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from tests.support.services import wait_for
from twin.bus.connect import open_bus
from twin.contract.clock import Clock, system_clock
from vision_qc.service.service import create_app
from vision_qc.service.settings import QcSettings


@contextmanager
def serving(
    settings: QcSettings, *, clock: Clock = system_clock, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[httpx.Client]:
    """Serve until the context ends; yield a client."""
    bus = open_bus(settings.bus)
    app = create_app(settings, bus, clock=clock, rng=random.Random(1), monotonic=monotonic)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started or not thread.is_alive(), "the service listens")
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            yield client
        server.should_exit = True
        thread.join(30)
    bus.close()
    assert not thread.is_alive()
