"""A real asyncua server whose variables are columns: any client browses, reads and subscribes as with any
other server."""

from __future__ import annotations

import asyncio
import errno
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.server.server import Server

from sim.errors import PortInUseError
from sim.opcua.address_space import NAMESPACE, SpaceBuilder, VariableRow
from sim.opcua.column_subscription import ColumnSubscription, ColumnSubscriptionService
from sim.opcua.standard_space import SharedSpaceServer
from sim.opcua.value_columns import ValueColumns
from twin.contract.clock import Clock, system_clock

if TYPE_CHECKING:  # the servers show a simulation and need nothing of it
    from sim.simulation import SimulatedTag

LONGEST_QUEUE = 1000
"""Values a monitored item may queue at most; a client that asks for more is told so in RevisedQueueSize."""


class ColumnServer:
    """One OPC UA server, security policy None, anonymous.

    Args:
        name: what it calls itself.
        host, port: where it listens; port 0 = any free one, known after :meth:`start`.
        namespace: URI of the namespace its nodes are in.
        clock: for server timestamps.
    """

    def __init__(
        self, *, name: str, host: str, port: int, namespace: str = NAMESPACE, clock: Clock = system_clock
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self._namespace = namespace
        inner = SharedSpaceServer()
        inner.max_monitored_item_queue_size = LONGEST_QUEUE
        self.columns = ValueColumns(inner.aspace, clock)
        inner.subscription_service = ColumnSubscriptionService(inner, self.columns)
        inner.isession.subscription_service = inner.subscription_service
        self._server = Server(iserver=inner)

    async def build(
        self, fill: Callable[[SpaceBuilder], Sequence[VariableRow]], *, properties: bool = True
    ) -> None:
        """Build the address space: ``fill`` adds the folders and returns the variables, in row order.

        Args:
            fill: called once.
            properties: False leaves out EURange and EngineeringUnits, two nodes a variable.
        """
        with _without_garbage_collection():
            await self._server.init()
            index = await self._server.register_namespace(self._namespace)
            builder = SpaceBuilder(self._server.iserver.node_mgt_service, index)
            rows = fill(builder)
            nodes = builder.add_variables(rows, properties=properties)
            self.columns.add(nodes, [row.signal.data_type for row in rows])
        self._server.set_server_name(self.name)
        await self._server.set_application_uri(f"{self._namespace}:{self.name.lower().replace(' ', '-')}")
        self._server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        self._server.set_identity_tokens([ua.AnonymousIdentityToken])

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUseError: somebody else does already.
        """
        self._server.set_endpoint(f"opc.tcp://{self.host}:{self.port}/")
        try:
            await self._server.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortInUseError(
                f"OPC UA server {self.name!r}: port {self.port} on {self.host} is taken; "
                f"stop what listens there or choose another port",
            ) from error
        assert self._server.bserver is not None
        self.port = self._server.bserver.port

    async def stop(self) -> None:
        """Close all sessions and the port."""
        inner = self._server.iserver
        if inner.time_task is not None:  # asyncua would wait for its next tick, up to a second
            inner.time_task.cancel()
            await asyncio.gather(inner.time_task, return_exceptions=True)
            inner.time_task = None
        await self._server.stop()

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://{self.host}:{self.port}/"

    @property
    def subscriptions(self) -> list[ColumnSubscription]:
        """The subscriptions that clients have."""
        service = self._server.iserver.subscription_service
        return [one for one in service.subscriptions.values() if isinstance(one, ColumnSubscription)]

    @property
    def sessions(self) -> int:
        """How many clients are connected."""
        return len(self._server.bserver.clients) if self._server.bserver else 0


def plant_space(tags: Sequence[SimulatedTag]) -> Callable[[SpaceBuilder], Sequence[VariableRow]]:
    """Lay out simulated tags as plants do: a folder for each tier below the enterprise, an object for each
    equipment, NodeIds that are the tags."""

    def fill(builder: SpaceBuilder) -> Sequence[VariableRow]:
        made: set[str] = set()
        rows = []
        for tag in tags:
            _add_path(builder, tag.equipment, made)
            rows.append(VariableRow(tag.tag, tag.equipment, tag.signal))
        return rows

    return fill


def _add_path(builder: SpaceBuilder, equipment: str, made: set[str]) -> None:
    segments = equipment.split("/")
    parent: str | None = None
    for end in range(min(3, len(segments)), len(segments) + 1):
        path = "/".join(segments[:end])
        if path not in made:
            made.add(path)
            if end < len(segments) or parent is None:
                builder.add_folder(path, segments[end - 1], parent)
            else:
                builder.add_equipment(path, segments[end - 1], parent)
        parent = path


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """The standard address space is 200,000 objects that live for ever: collecting among them costs half the
    start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
        gc.freeze()
