"""The connections of a server: between the socket and asyncua's processor stands what makes a server slow,
dumb or choosy."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from asyncua import ua
from asyncua.common.connection import TransportLimits
from asyncua.server.binary_server_asyncio import BinaryServer, OPCUAProtocol
from asyncua.server.internal_server import InternalServer
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import uatcp_to_binary

from sim.opcua.answer import StatusCodes, code

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class Wire:
    """What all connections of one server share.

    Args:
        trusts: whether a client's certificate (DER) is one to talk to.
    """

    trusts: Callable[[bytes], bool]
    delay_s: float = 0.0
    """How long each request waits before it is looked at [s]."""
    _silent: bool = False
    _speaks: asyncio.Event = field(default_factory=asyncio.Event)
    connections: list[SimProtocol] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._speaks.set()

    @property
    def silent(self) -> bool:
        """It reads nothing and writes nothing, like a process that was stopped; its sockets stay open."""
        return self._silent

    def fall_silent(self) -> None:
        """Read and write nothing more; connections stay open, and new ones are accepted by the kernel."""
        self._silent = True
        self._speaks.clear()
        for connection in self.connections:
            connection.pause()

    def speak(self) -> None:
        """Read and write again; what was to be sent is sent now."""
        self._silent = False
        self._speaks.set()
        for connection in self.connections:
            connection.resume()

    async def wait(self) -> None:
        """Return once requests are looked at."""
        await self._speaks.wait()


class Tap:
    """The part of a transport that asyncua's processor uses, with a tap on its writing side."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: list[bytes] | None = None

    def get_extra_info(self, name: str) -> Any:
        """Of the connection."""
        return self._transport.get_extra_info(name)

    def write(self, data: bytes) -> None:
        """Send, or keep for later."""
        if self._held is None:
            self._transport.write(data)
        else:  # no more than the client has requests open, as none is looked at meanwhile
            self._held.append(data)

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def shut(self) -> None:
        """Keep what is written from now on."""
        self._held = self._held or []

    def open(self) -> None:
        """Send what was kept and all that comes."""
        held, self._held = self._held or [], None
        for data in held:
            self._transport.write(data)


class SimProcessor(UaProcessor):
    """asyncua's processor, which talks only to clients that are trusted."""

    def __init__(self, server: InternalServer, tap: Tap, limits: TransportLimits, wire: Wire) -> None:
        super().__init__(server, tap, limits)
        self._wire = wire
        self._tap = tap

    async def process(self, header: ua.Header, body: Any) -> bool:
        """Answer one message; False closes the connection."""
        try:
            return bool(await super().process(header, body))  # type: ignore[no-untyped-call]
        except _UntrustedError:
            reason = ua.String("certificate is not trusted")
            error = ua.ErrorMessage(code(StatusCodes.BadSecurityChecksFailed), reason)
            kind: Any = ua.MessageType.Error
            self._tap.write(uatcp_to_binary(kind, error))
            return False

    def open_secure_channel(self, algohdr: Any, seqhdr: Any, body: Any) -> None:
        """Open or renew a channel."""
        certificate = algohdr.SenderCertificate
        if certificate and not self._wire.trusts(certificate):
            raise _UntrustedError
        super().open_secure_channel(algohdr, seqhdr, body)  # type: ignore[no-untyped-call]


class _UntrustedError(Exception):
    pass


class SimProtocol(OPCUAProtocol):
    """A connection."""

    def __init__(self, wire: Wire, **parts: Any) -> None:
        super().__init__(**parts)
        self._wire = wire
        self._tap: Tap | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        super().connection_made(transport)
        if self.transport is None:  # refused: there are too many
            return
        self._tap = Tap(self.transport)
        self.processor = SimProcessor(self.iserver, self._tap, self.limits, self._wire)
        self.processor.set_policies(self.policies)  # type: ignore[no-untyped-call]
        self._wire.connections.append(self)
        if self._wire.silent:
            self.pause()

    def connection_lost(self, ex: BaseException | None) -> None:
        """It is gone."""
        if self in self._wire.connections:
            self._wire.connections.remove(self)
        super().connection_lost(ex)

    def pause(self) -> None:
        """Read nothing, write nothing."""
        if self._tap is not None and self.transport is not None and not self.transport.is_closing():
            self._tap.shut()
            self.transport.pause_reading()

    def resume(self) -> None:
        """Go on."""
        if self._tap is not None and self.transport is not None and not self.transport.is_closing():
            self._tap.open()
            self.transport.resume_reading()

    async def _process_one_msg(self, header: Any, buf: Any) -> bool:
        if self._wire.delay_s:
            await asyncio.sleep(self._wire.delay_s)
        await self._wire.wait()
        return await super()._process_one_msg(header, buf)


class SimBinaryServer(BinaryServer):
    """asyncua's socket server with connections of ours."""

    def __init__(
        self, wire: Wire, server: InternalServer, host: str, port: int, limits: TransportLimits
    ) -> None:
        super().__init__(server, host, port, limits)
        self._wire = wire

    def _make_protocol(self) -> SimProtocol:
        return SimProtocol(
            self._wire,
            iserver=self.iserver,
            policies=self._policies,
            clients=self.clients,
            closing_tasks=self.closing_tasks,
            limits=self.limits,
        )
