"""A small column server and a plain asyncua client on it: nobody here wrote the client's side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.common.subscription import Subscription

from sim.kind import Signal
from sim.opcua.address_space import SpaceBuilder, VariableRow
from sim.opcua.server import ColumnServer, Fill

NAMESPACE = "urn:test:columns"
WAIT_S = 30.0


def double(name: str) -> Signal:
    return Signal(name, f"test {name}", "°C", -50.0, 150.0)


@asynccontextmanager
async def served(signals: Sequence[Signal], *, port: int = 0, **options: Any) -> AsyncIterator[ColumnServer]:
    """Serve variables of one folder, NodeIds their signals' names."""

    def fill(builder: SpaceBuilder) -> Sequence[VariableRow]:
        builder.add_folder("machine", "machine", None)
        return [VariableRow(signal.name, "machine", signal) for signal in signals]

    async with serving(fill, port=port, **options) as server:
        yield server


@asynccontextmanager
async def serving(fill: Fill, *, port: int = 0, **options: Any) -> AsyncIterator[ColumnServer]:
    """Serve an address space."""
    server = ColumnServer(name="Test", host="127.0.0.1", port=port, namespace=NAMESPACE, **options)
    await server.build(fill)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@dataclass(frozen=True)
class Tag:
    """A tag as the simulation has it."""

    tag: str
    equipment: str
    signal: Signal


def tags_of(equipment: str, *signals: Signal) -> list[Tag]:
    return [Tag(f"{equipment}:{signal.name}", equipment, signal) for signal in signals]


@dataclass
class PlainClient:
    """asyncua's client, with names for nodes."""

    client: Client
    index: int

    def node(self, name: str) -> Node:
        return self.client.get_node(f"ns={self.index};s={name}")

    async def subscribe(
        self, handler: Heard, *names: str, interval_ms: float = 50.0, queue: int = 10
    ) -> tuple[Subscription, list[int]]:
        """Subscribe to values; the handles as asyncua returns them."""
        subscription = await self.client.create_subscription(interval_ms, handler)
        handles = await subscription.subscribe_data_change(
            [self.node(name) for name in names], queuesize=queue
        )
        assert isinstance(handles, list)
        return subscription, [handle for handle in handles if isinstance(handle, int)]


@asynccontextmanager
async def client_of(endpoint: str, uri: str = NAMESPACE) -> AsyncIterator[PlainClient]:
    """Connect a plain client."""
    client = Client(endpoint, timeout=WAIT_S)
    client.session_timeout = 60_000
    async with client:
        yield PlainClient(client, await client.get_namespace_index(uri))


@dataclass(frozen=True)
class Told:
    """A DataValue, without the Nones of asyncua's own type."""

    value: Any
    kind: ua.VariantType | None
    status: int
    source_time: datetime

    @classmethod
    def of(cls, data: ua.DataValue) -> Told:
        assert data.StatusCode is not None
        kind = data.Value.VariantType if data.Value else None
        source_time = cast(datetime, data.SourceTimestamp)
        return cls(data.Value and data.Value.Value, kind, int(data.StatusCode.value), source_time)


@dataclass
class Heard:
    """A subscription handler that keeps what it is told."""

    values: dict[str, list[Told]] = field(default_factory=dict)

    def datachange_notification(self, node: Node, value: Any, data: Any) -> None:
        self.values.setdefault(str(node.nodeid.Identifier), []).append(Told.of(data.monitored_item.Value))

    def status_change_notification(self, status: Any) -> None:
        """asyncua asks for it."""

    def of(self, name: str) -> list[Any]:
        return [told.value for told in self.values.get(name, [])]

    async def wait(self, name: str, count: int) -> list[Any]:
        """The values of a variable, once there are ``count``."""
        await until(lambda: len(self.values.get(name, [])) >= count)
        return self.of(name)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110  # what is waited for is not ours to signal
            await asyncio.sleep(0.01)


async def write(
    server: ColumnServer, *values: float | str, time_ns: int = 10**18, status: int = 0, first: int = 0
) -> int:
    """Write values to consecutive rows."""
    rows = np.arange(first, first + len(values))
    numbers = np.array([np.nan if isinstance(value, str) else value for value in values], np.float64)
    texts = [value if isinstance(value, str) else None for value in values]
    return await server.columns.write(rows, numbers, np.full(len(values), status, np.uint32), time_ns, texts)


def moment(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns / 1e9, UTC)
