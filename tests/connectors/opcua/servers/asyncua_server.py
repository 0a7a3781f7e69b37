"""A plain asyncua server as a process of its own, through asyncua's public interface only.

It does what it is told on standard input, one JSON object a line, answers each with one on standard output,
and writes down every value it was given before it tells the server, one JSON object a line.

    python asyncua_server.py PORT LOG [--namespaces URI,URI...] [--nodes FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from asyncua import ua
from asyncua.server.server import Server

NAMESPACE = "urn:parktwin:test"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Plant:
    """The server with its nodes by name."""

    def __init__(self, server: Server, namespace: int, log: TextIO) -> None:
        self.server = server
        self.namespace = namespace
        self.log = log
        self.nodes: dict[str, Any] = {}

    async def add(self, name: str, kind: str, value: Any) -> None:
        """Add a variable under its name."""
        node_id = ua.NodeId(name, self.namespace)  # type: ignore[arg-type]
        folder = self.server.nodes.objects
        variant = variant_of(kind, value)
        node = await folder.add_variable(node_id, f"{self.namespace}:{name}", variant)
        self.nodes[name] = node
        await self.write(name, kind, value, 0, None)

    async def write(self, name: str, kind: str, value: Any, status: int, time_ns: int | None) -> None:
        """Write a value with a status and a source time, and write it down first."""
        time_us = (time.time_ns() if time_ns is None else time_ns) // 1000
        entry = {"tag": name, "time": time_us * 1000, "value": value, "kind": kind, "status": status}
        self.log.write(json.dumps(entry) + "\n")
        self.log.flush()
        stamp: Any = EPOCH + timedelta(microseconds=time_us)
        data = ua.DataValue(variant_of(kind, value), ua.StatusCode(ua.UInt32(status)), stamp, stamp)
        await self.nodes[name].write_value(data)


def variant_of(kind: str, value: Any) -> ua.Variant:
    """Make the variant of a built-in type from what JSON can say."""
    if kind.endswith("[]"):
        return ua.Variant(value, ua.VariantType[kind[:-2]])
    if kind == "DateTime":
        value = EPOCH + timedelta(seconds=value)
    elif kind == "ByteString":
        value = bytes.fromhex(value)
    elif kind == "LocalizedText":
        value = ua.LocalizedText(value, "vi")
    elif kind == "QualifiedName":
        value = ua.QualifiedName(value, 1)
    elif kind == "ExtensionObject":
        value = ua.Range(Low=value, High=value + 1)
    elif kind in {"Double", "Float"} and isinstance(value, str):
        value = float(value)
    return ua.Variant(value, ua.VariantType[kind])


async def count(plant: Plant, names: list[str], start: int, steps: int, every_s: float) -> None:
    """Count all of ``names`` up together, each step with its own time."""
    due = time.monotonic()
    for step in range(start, start + steps):
        now = time.time_ns()
        for name in names:
            await plant.write(name, "Double", float(step), 0, now)
        due += every_s
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def obey(plant: Plant, order: dict[str, Any]) -> dict[str, Any]:
    """Do one thing."""
    if order["do"] == "add":
        await plant.add(order["tag"], order["kind"], order["value"])
    elif order["do"] == "write":
        await plant.write(
            order["tag"], order["kind"], order["value"], order.get("status", 0), order.get("time")
        )
    elif order["do"] == "count":
        await count(plant, order["tags"], order["start"], order["steps"], order["every_s"])
    elif order["do"] == "delete":
        await plant.server.delete_nodes([plant.nodes.pop(order["tag"])])
    return {"done": order["do"]}


async def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--namespaces", default=NAMESPACE)
    parser.add_argument("--nodes", default="[]", help="JSON list of [name, kind, value]")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{arguments.port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    indices = {uri: await server.register_namespace(uri) for uri in arguments.namespaces.split(",")}
    with arguments.log.open("a") as log:
        plant = Plant(server, indices[NAMESPACE], log)
        for name, kind, value in json.loads(arguments.nodes):
            await plant.add(name, kind, value)
        async with server:
            answer({"ready": True})
            reader = asyncio.StreamReader()
            loop = asyncio.get_running_loop()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            while line := await reader.readline():
                answer(await obey(plant, json.loads(line)))


def answer(what: dict[str, Any]) -> None:
    """Say something on standard output."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
