"""Run the simulator as a process: until SIGTERM or SIGINT, or until a port is taken."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from sim.errors import PortInUseError
from sim.service import SimService
from sim.settings import SimSettings


async def serve(settings: SimSettings) -> None:
    """Serve until a signal comes, then close everything.

    ``<data_dir>/sim.url`` holds the HTTP address while the OPC UA servers listen.

    Raises:
        PlantError: the plant file does not hold together.
        PortInUseError: a port is taken.
    """
    signalled = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signalled.set)
    service = SimService(settings)
    with _listen(settings) as listener:
        await service.start()
        http = _HttpServer(uvicorn.Config(service.app(), log_config=None, access_log=False, lifespan="off"))
        answering = asyncio.create_task(http.serve(sockets=[listener]))
        stepping = asyncio.create_task(service.run())
        waiting = asyncio.create_task(signalled.wait())
        try:
            with _announced(settings.data_dir / "sim.url", listener):
                done, _ = await asyncio.wait(
                    (answering, stepping, waiting), return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            stepping.cancel()
            waiting.cancel()
            http.should_exit = True
            await asyncio.gather(service.stop(), answering, stepping, return_exceptions=True)
        for task in done - {waiting}:
            task.result()


class _HttpServer(uvicorn.Server):
    """uvicorn without its signal handlers: :func:`serve` ends all servers together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(settings: SimSettings) -> socket.socket:
    try:
        listener = socket.create_server((settings.host, settings.http_port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortInUseError(
            f"HTTP port {settings.http_port} on {settings.host} is taken; "
            f"stop what listens there or set PARKTWIN_SIM_HTTP_PORT",
        ) from error
    # what is accepted inherits it; else an answer waits for the other side's delayed acknowledgement
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextmanager
def _announced(path: Path, listener: socket.socket) -> Iterator[None]:
    """Keep the address in a file, whole or not at all."""
    host, port = listener.getsockname()[:2]
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".url.part")
    part.write_text(f"http://{host}:{port}")
    part.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
