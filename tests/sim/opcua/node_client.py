"""node-opcua's client, ordered about from a test."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.connectors.opcua.servers.process import node_modules
from tests.sim.opcua.serving import WAIT_S

_SCRIPT = Path(__file__).with_name("node_client.js")


@dataclass
class NodeClient:
    """One process with one client in it."""

    process: asyncio.subprocess.Process

    async def order(self, do: str, **what: Any) -> dict[str, Any]:
        """Have something done; what it answers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        async with asyncio.timeout(WAIT_S):
            while not (line := await self.process.stdout.readline()).startswith(b"{"):
                assert line, "node-opcua's client ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def heard(self) -> list[dict[str, Any]]:
        """What its subscription heard so far."""
        told: list[dict[str, Any]] = (await self.order("heard"))["heard"]
        return told

    async def wait_heard(self, count: int) -> list[dict[str, Any]]:
        """What it heard, once that is enough."""
        async with asyncio.timeout(WAIT_S):
            while len(told := await self.heard()) < count:  # noqa: ASYNC110  # it is another process
                await asyncio.sleep(0.05)
        return told


@asynccontextmanager
async def node_client(endpoint: str, folder: Path, **options: Any) -> AsyncIterator[NodeClient]:
    """Connect node-opcua's client; the test is skipped where there is no Node.js."""
    async with unconnected_node_client() as client:
        answer = await client.order("connect", endpoint=endpoint, pki=str(folder / "pki"), **options)
        assert answer == {}, answer
        yield client


@asynccontextmanager
async def unconnected_node_client() -> AsyncIterator[NodeClient]:
    """A client that is not connected yet."""
    modules = await asyncio.to_thread(node_modules)
    process = await asyncio.create_subprocess_exec(
        "node", str(_SCRIPT), str(modules), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield NodeClient(process)
    finally:
        process.kill()
        await process.wait()
