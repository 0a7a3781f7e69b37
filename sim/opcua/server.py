"""A real asyncua server whose variables are columns: any client browses, reads and subscribes as with any
other server."""

from __future__ import annotations

import asyncio
import errno
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.crypto import security_policies
from asyncua.server.server import Server

from sim.errors import PortInUseError
from sim.opcua.access import Trust, Users
from sim.opcua.address_space import NAMESPACE, STANDARD, Namespaces, SpaceBuilder, VariableRow
from sim.opcua.certificate import Identity, moment, own_identity
from sim.opcua.column_subscription import ColumnSubscription, ColumnSubscriptionService
from sim.opcua.conditions import Conditions, Text
from sim.opcua.history_read import HistoryReader
from sim.opcua.history_ring import HistoryRing
from sim.opcua.inner_server import InnerServer
from sim.opcua.operation import Operation, Operator
from sim.opcua.session import OperationLimit
from sim.opcua.value_columns import ValueColumns
from sim.opcua.wire import SimBinaryServer, Wire
from twin.contract.clock import Clock, system_clock

LONGEST_QUEUE = 1000
"""Values a monitored item may queue at most; a client that asks for more is told so in RevisedQueueSize."""

_SECURE = [
    ua.SecurityPolicyType.Basic256Sha256_Sign,
    ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt,
]
Fill = Callable[[SpaceBuilder], Sequence[VariableRow]]


class ColumnServer:
    """One OPC UA server.

    Args:
        name: what it calls itself.
        host, port: where it listens; port 0 = any free one, known after :meth:`start`.
        namespace: URI of the namespace its nodes are in.
        clock: for server timestamps.
        users: passwords by user name; with any, only named users may operate equipment.
        anonymous: clients without a name may come in.
        certificate_dir: where its key and certificate are or are put; None offers no secure endpoint.
        trust_dir: certificates of clients to talk to; None trusts all.
        insecure: offer security policy None.
        secure: what is offered beside it, with a certificate.
        operator: who obeys methods and written set points; None refuses them.
        history_depth: changes kept of each variable; 0 = no history.
    """

    def __init__(
        self,
        *,
        name: str,
        host: str,
        port: int,
        namespace: str = NAMESPACE,
        clock: Clock = system_clock,
        users: Mapping[str, str] | None = None,
        anonymous: bool = True,
        certificate_dir: Path | None = None,
        trust_dir: Path | None = None,
        insecure: bool = True,
        secure: Sequence[ua.SecurityPolicyType] = _SECURE,
        operator: Operator | None = None,
        history_depth: int = 0,
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self.uri = f"{namespace}:{name.lower().replace(' ', '-')}"
        self._namespace = namespace
        self.clock = clock
        self._users = Users(users or {}, anonymous=anonymous)
        self._tokens = _tokens(bool(users), anonymous)
        self._certificate_dir = certificate_dir
        if not insecure and certificate_dir is None:
            raise ValueError(f"OPC UA server {name!r}: no endpoint at all; give it a certificate_dir")
        self._policies = [*([ua.SecurityPolicyType.NoSecurity] if insecure else []), *secure]
        self._operator = operator
        self._anonymous_may = not users
        self._history_depth = history_depth
        self._fill: Fill | None = None
        self._properties = True
        self._identity: Identity | None = None
        self._binary: SimBinaryServer | None = None
        self.wire = Wire(Trust(trust_dir).trusts)
        self.columns = ValueColumns(clock)
        self.limit = OperationLimit()
        self.ring: HistoryRing | None = None
        self._conditions: Conditions | None = None
        self._make()

    def _make(self) -> None:
        """asyncua's parts, without nodes."""
        self.operation = Operation(self._operator, self._anonymous_may)
        inner = InnerServer(self.operation, self._users, self.limit)
        inner.max_monitored_item_queue_size = LONGEST_QUEUE
        inner.subscription_service = ColumnSubscriptionService(inner, self.columns)
        inner.isession.subscription_service = inner.subscription_service
        self.inner = inner
        self._server = Server(iserver=inner)
        self._server.limits.max_message_size = _LARGEST_MESSAGE

    async def build(self, fill: Fill, *, properties: bool = True) -> None:
        """Build the address space: ``fill`` adds the folders and returns the variables, in row order.

        Args:
            fill: called once, and again whenever the server is built anew.
            properties: False leaves out EURange and EngineeringUnits, two nodes a variable.
        """
        self._fill = fill
        self._properties = properties
        await self._build([])

    async def rebuild(self, first: Sequence[str] = ()) -> None:
        """Build the address space anew, as after a restart; the server must not listen.

        Args:
            first: URIs of namespaces that are registered first, in this order.
        """
        self.inner.aspace.clear()  # it is frozen for the garbage collector, and in cycles
        self._make()
        await self._build(first)

    async def _build(self, first: Sequence[str]) -> None:
        assert self._fill is not None
        inner = self.inner
        with _without_garbage_collection():
            await self._server.init()
            namespaces = Namespaces([STANDARD, self.uri, *first])
            namespaces.index(self._namespace)
            builder = SpaceBuilder(
                inner.aspace, namespaces, self._namespace, self._history_depth > 0, self.operation
            )
            rows = self._fill(builder)
            nodes = builder.add_variables(rows, properties=self._properties)
            builder.finish()
            self.columns.bind(inner.aspace, nodes, [row.signal.data_type for row in rows])
        self.namespaces = tuple(namespaces.uris)
        row_of = {row.identifier: position for position, row in enumerate(rows)}
        for one in builder.followers:
            if (row := row_of.get(one.identifier)) is not None:
                self.columns.follow(row, one.node, one.convert)
        self._add_conditions(builder)
        await self._add_history()
        self._server.set_server_name(self.name)
        self._server.manufacturer_name = "ParkTwin (simulated)"
        self._server.product_uri = "urn:parktwin:sim"
        await self._server.set_build_info(
            self._server.product_uri,
            self._server.manufacturer_name,
            f"{self.name} (simulated)",
            "1",
            "1",
            moment(self.clock()),
        )
        await self._server.set_application_uri(self.uri)
        await self._server.nodes.namespace_array.write_value(list(namespaces.uris))
        self._server.set_identity_tokens(self._tokens)
        await inner.announce_limit()

    def _add_conditions(self, builder: SpaceBuilder) -> None:
        if not builder.notifiers:
            return
        old = self._conditions
        self._conditions = Conditions(self.inner, self.clock, anonymous_may=self._anonymous_may, before=old)
        self._conditions.add(builder, builder.notifiers)

    async def _add_history(self) -> None:
        if self._history_depth and self.ring is None:
            self.ring = HistoryRing(self.columns.wire, self._history_depth)
            self.columns.recorder = self.ring
        reader: Any = HistoryReader(self.inner.aspace, self.columns, self.ring)
        self.inner.history_manager = reader
        await reader.announce()

    async def start(self) -> None:
        """Listen.

        Raises:
            PortInUseError: somebody else does already.
        """
        if self._identity is None and self._certificate_dir is not None:
            now = moment(self.clock())
            self._identity = own_identity(self._certificate_dir, self.uri, self.host, now)
        self.show_identity(self._identity)
        await self.inner.start()
        binary = SimBinaryServer(self.wire, self.inner, self.host, self.port, self._server.limits)
        binary.set_policies(self._server_policies())
        try:
            await binary.start()
        except OSError as error:
            await self._stop_inner()
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortInUseError(
                f"OPC UA server {self.name!r}: port {self.port} on {self.host} is taken; "
                f"stop what listens there or choose another port",
            ) from error
        self._binary = binary
        self.port = binary.port

    async def stop(self) -> None:
        """Close all sessions and the port."""
        self.wire.speak()  # or what waits for it would wait for ever
        if self._binary is not None:
            await self._binary.stop()
            self._binary = None
        await self._stop_inner()

    async def _stop_inner(self) -> None:
        inner = self.inner
        if inner.time_task is not None:  # asyncua would wait for its next tick, up to a second
            inner.time_task.cancel()
            await asyncio.gather(inner.time_task, return_exceptions=True)
            inner.time_task = None
        await inner.close_sessions()
        await inner.stop()

    def show_identity(self, identity: Identity | None) -> None:
        """Present a certificate to clients that connect from now on; they are offered what it allows."""
        self._server.set_security_policy(self._policies if identity else [ua.SecurityPolicyType.NoSecurity])
        self.inner.certificate = identity.certificate if identity else None
        self.inner.private_key = identity.key if identity else None
        self._server.set_endpoint(f"opc.tcp://{self.host}:{self.port}/")
        self.inner.endpoints.clear()
        self._server._policies.clear()  # noqa: SLF001  # asyncua only ever adds to them
        kinds: dict[Any, Any] = security_policies.SECURITY_POLICY_TYPE_MAP
        for kind in self._server._security_policy:  # noqa: SLF001
            policy, mode, level = kinds[kind]
            self._server._set_endpoints(policy, mode, level)  # noqa: SLF001
        if self._binary is not None:
            self._binary.set_policies(self._server_policies())

    @property
    def identity(self) -> Identity | None:
        """Its own certificate, whatever is presented."""
        return self._identity

    def disconnect(self) -> None:
        """Close every connection."""
        for transport in tuple(self.inner.asyncio_transports):
            transport.close()

    def _server_policies(self) -> list[security_policies.SecurityPolicyFactory]:
        factories = []
        for kind in self._server._security_policy:  # noqa: SLF001
            policy, mode, _ = security_policies.SECURITY_POLICY_TYPE_MAP[kind]
            factories.append(
                security_policies.SecurityPolicyFactory(  # type: ignore[no-untyped-call]
                    policy, mode, self.inner.certificate, self.inner.private_key,
                    permission_ruleset=self._server._permission_ruleset,  # noqa: SLF001
                )
            )  # fmt: skip
        return factories

    async def raise_condition(self, equipment: str, active: bool, severity: int, message: Text) -> None:
        """Tell clients that the condition of an equipment has come or gone.

        Args:
            equipment: its id.
            active: it has come.
            severity: 1 to 1000 (OPC 10000-9 §5.5.2: from 801 on is critical).
            message: for people.

        Raises:
            KeyError: the server does not show this equipment.
        """
        if self._conditions is None:
            raise KeyError(equipment)
        await self._conditions.set(equipment, active=active, severity=severity, message=message)

    async def show_setpoint(self, equipment: str, setpoint: str, value: float) -> None:
        """Show a set point that somebody set otherwise than through this server.

        Raises:
            KeyError: the server does not show it.
        """
        for node, (its_equipment, one) in self.operation.setpoints.items():
            if (its_equipment, one.name) == (equipment, setpoint):
                await self.inner.show_setpoint(node, value)
                return
        raise KeyError(f"{equipment}:{setpoint}")

    @property
    def endpoint(self) -> str:
        """Where clients find it."""
        return f"opc.tcp://{self.host}:{self.port}/"

    @property
    def subscriptions(self) -> list[ColumnSubscription]:
        """The subscriptions that clients have."""
        service = self.inner.subscription_service
        return [one for one in service.subscriptions.values() if isinstance(one, ColumnSubscription)]

    @property
    def sessions(self) -> int:
        """How many clients are connected."""
        return len(self._binary.clients) if self._binary else 0


_LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes of a request that are taken; clients ask for thousands of nodes, not for millions."""


def _tokens(users: bool, anonymous: bool) -> list[type]:
    tokens: list[type] = [ua.AnonymousIdentityToken] if anonymous else []
    return [*tokens, ua.UserNameIdentityToken] if users else tokens


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
