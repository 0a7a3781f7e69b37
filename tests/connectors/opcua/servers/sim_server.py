"""The simulator's OPC UA server as a process of its own, for its bad days; it speaks as the others do.

python sim_server.py PORT LOG NODES
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from sim.kind import Signal
from sim.opcua.address_space import SpaceBuilder, VariableRow
from sim.opcua.bad_days import BadDays
from sim.opcua.server import ColumnServer

NAMESPACE = "urn:parktwin:test"
HISTORY_DEPTH = 20_000


class Plant:
    """The server, its counters and its bad days."""

    def __init__(self, server: ColumnServer, names: list[str], log: TextIO) -> None:
        self.server = server
        self.names = names
        self.log = log
        self.bad_days = BadDays(server)
        self._counting: asyncio.Task[None] | None = None

    async def write(self, value: float) -> None:
        """Give every variable a value, and write it down first."""
        columns = self.server.columns
        now = time.time_ns() // 1000 * 1000
        stamped = now + columns.source_ahead_ns
        for name in self.names:
            entry = {"tag": name, "time": stamped, "at": now, "value": value, "kind": "Double", "status": 0}
            self.log.write(json.dumps(entry) + "\n")
        self.log.flush()
        n = len(self.names)
        await columns.write(np.arange(n), np.full(n, value), np.zeros(n, np.uint32), now)

    async def _count(self, start: int, every_s: float) -> None:
        due = time.monotonic()
        while True:
            await self.write(float(start))
            start += 1
            due += every_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do one thing."""
        do = order["do"]
        if do == "begin_count":
            self._counting = asyncio.create_task(self._count(order["start"], order["every_s"]))
        elif do == "end_count" and self._counting is not None:
            self._counting.cancel()
            await asyncio.gather(self._counting, return_exceptions=True)
        elif do == "begin_bad_day":
            await self.bad_days.begin(order["name"], **order["parameters"])
        elif do == "end_bad_day" and order["name"] in self.bad_days.active():  # some end by themselves
            await self.bad_days.end(order["name"])
        return {"done": do}


def answer(what: dict[str, Any]) -> None:
    """Say something on standard output."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def main() -> None:
    """Serve until standard input ends."""
    port, log_path, nodes = int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])
    names = [name for name, _, _ in nodes]
    server = ColumnServer(
        name="Counting", host="127.0.0.1", port=port, namespace=NAMESPACE, history_depth=HISTORY_DEPTH
    )

    def fill(builder: SpaceBuilder) -> list[VariableRow]:
        builder.add_folder("machine", "machine", None)
        return [VariableRow(name, "machine", Signal(name, "Counter", "", 0.0, 1e9)) for name in names]

    await server.build(fill)
    with log_path.open("a") as log:  # noqa: ASYNC230
        plant = Plant(server, names, log)
        await plant.write(nodes[0][2])
        await server.start()
        answer({"ready": True})
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            answer(await plant.obey(json.loads(line)))
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
