"""A TCP connection that a test can cut, so that the server lives on and only the way to it is lost."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


class CuttableWay:
    """Forwards to a port of this machine until it is cut; open again, it takes new connections.

    Args:
        port: where to.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._open = True
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Cut every connection, and refuse new ones."""
        self._open = False
        for writer in self._writers:
            writer.transport.abort()

    def hang(self) -> None:
        """Carry nothing, and close nothing: neither side is told."""
        self._flowing.clear()

    def mend(self) -> None:
        """Take connections again, and carry what waited."""
        self._open = True
        self._flowing.set()

    async def close(self) -> None:
        """Stop for good."""
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:  # the server is not there
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


class CuttableNetwork:
    """A :class:`CuttableWay` in a thread of its own, for tests that wait for processes.

    Args:
        port: where to.
    """

    def __init__(self, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._way = CuttableWay(port)

    def __enter__(self) -> CuttableNetwork:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._way.start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._way.close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def endpoint(self) -> str:
        """Where clients find the server behind it."""
        return f"opc.tcp://127.0.0.1:{self._way.port}/"

    def cut(self) -> None:
        """See :meth:`CuttableWay.cut`."""
        self._soon(self._way.cut)

    def hang(self) -> None:
        """See :meth:`CuttableWay.hang`."""
        self._soon(self._way.hang)

    def mend(self) -> None:
        """See :meth:`CuttableWay.mend`."""
        self._soon(self._way.mend)

    def _soon(self, do: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(do)
