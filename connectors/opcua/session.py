"""A session with an OPC UA server: the services a subscription needs, as raw responses.

asyncua carries transport, secure channel, session and encoding. Its own subscription machinery (publish
loop, supervisor, watchdog) is not started: one publish request in flight, an object per value and a queue
that drops are what this connector is there to avoid. Only public parts are used, and
``tests/connectors/opcua/test_asyncua_parts.py`` holds each of them still.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.ua_binary import struct_from_binary
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography.exceptions import InvalidSignature

from connectors.errors import SecurityError, SourceLostError, SourceRefusedError, SourceTimedOutError
from connectors.opcua.publish_response import (
    PublishResponse,
    parse_publish_response,
    parse_republish_response,
)
from connectors.opcua.security import Door

CONNECT_TIMEOUT_S: Final = 5.0
REQUEST_TIMEOUT_S: Final = 10.0
HISTORY_TIMEOUT_S: Final = 30.0
SESSION_TIMEOUT_MS: Final = 120_000
"""How long a server keeps the session of a client that has gone; long enough to come back to it."""
MAX_RESPONSE_BYTES: Final = 64 << 20
"""A response that is larger ends the connection, so that no server can ask for more memory."""
CHUNK_BYTES: Final = 65_535
"""What our Hello says that a chunk may have."""
TRUST_S: Final = 10.0
"""How often the trust in a standing connection is looked at."""

R = TypeVar("R")

_LOG = logging.getLogger(__name__)

LOST = (OSError, asyncio.TimeoutError, UaError)
"""What asyncua raises when a service could not be had: connection, time, or the server's refusal."""


class Session:
    """One session over one TCP connection.

    Args:
        endpoint: ``opc.tcp://host:port/path``.
        name: how the server's diagnostics show it.
        door: policy, certificates and user; None = an open channel without a user.

    Every method raises SourceLostError if the server cannot be reached, does not answer in time or refuses.
    """

    def __init__(self, endpoint: str, *, name: str, door: Door | None = None) -> None:
        self._endpoint = endpoint
        self._door = door
        self._client = Client(endpoint, timeout=CONNECT_TIMEOUT_S)
        self._client.name = name
        self._client.description = name
        self._client.application_uri = "urn:parktwin:connectors"
        self._client.session_timeout = SESSION_TIMEOUT_MS
        self._renewal: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect, open the channel, create and activate the session."""
        await self._connect(resume=False)

    async def resume(self) -> None:
        """Take the session up again over a new connection; its subscriptions are then as they were left."""
        self._drop()
        await self._connect(resume=True)

    async def _connect(self, *, resume: bool) -> None:
        client, door = self._client, self._door
        opening = False
        try:
            if door is not None:
                await door.prepare(client, resume=resume)
            await client.connect_socket()
            await client.send_hello()
            hear_any_length(self._protocol())
            opening = True
            await client.open_secure_channel()
            opening = False
            if resume:
                client.uaclient.session.rebind_authentication_token()
            else:
                await client.create_session()
            if door is not None:
                await door.activate(client)
            else:
                await client.activate_session()
        except SourceLostError:
            self._drop()
            raise
        except InvalidSignature as error:
            self._drop()
            raise SecurityError(
                f"{self._endpoint}: the server's signature is not that of its certificate: it does not have "
                "the key, or somebody is in between; look at the server"
            ) from error
        except LOST as error:
            self._drop()
            status = error.code if isinstance(error, UaStatusCodeError) else None
            said = door.explain(status, opening=opening) if door is not None and not resume else ""
            if said:
                raise SecurityError(f"{self._endpoint}: {said}") from error
            raise lost(self._endpoint, error) from error
        self._renewal = asyncio.create_task(self._renew())

    async def watch(self) -> str:
        """Break the connection off as soon as it is no longer to be trusted; return why."""
        while True:
            await asyncio.sleep(TRUST_S)
            reason = await asyncio.to_thread(self._door.lost_trust) if self._door is not None else ""
            if reason:
                self._client.disconnect_socket()
                return reason

    async def close(self, *, delete_subscriptions: bool = True) -> None:
        """Close the session if the server still answers, and the connection in any case."""
        protocol = self._client.uaclient.protocol
        if protocol is not None and not protocol.is_closed:
            request = ua.CloseSessionRequest()
            request.DeleteSubscriptions = delete_subscriptions
            with suppress(*LOST):
                await protocol.send_request(request, 1.0)
        self._drop()

    def _drop(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None
        self._client.disconnect_socket()

    async def _renew(self) -> None:
        """Renew the channel's token after three quarters of its life (OPC 10000-4 §5.6.2.1)."""
        while True:
            await asyncio.sleep(0.75 * self._client.secure_channel_timeout / 1000)
            try:
                await self._client.open_secure_channel(renew=True)
                self._client.uaclient.revolve_security_token()
            except LOST as error:
                logging.getLogger(__name__).warning(
                    "%s: channel not renewed: %s", self._endpoint, explain(error)
                )
                self._client.disconnect_socket()
                return

    def _protocol(self) -> UASocketProtocol:
        protocol = self._client.uaclient.protocol
        if protocol is None:
            raise SourceLostError(f"{self._endpoint}: the connection is closed")
        return protocol

    async def _call(self, request: Any, timeout_s: float | None = None) -> Any:
        patience_s = REQUEST_TIMEOUT_S if timeout_s is None else timeout_s
        try:
            return await self._protocol().send_request(request, patience_s)
        except LOST as error:
            raise lost(f"{self._endpoint}: {type(request).__name__}", error) from error

    async def _service(self, request: Any, kind: type[R]) -> R:
        data = await self._call(request)
        try:
            return struct_from_binary(kind, data)
        except Exception as error:  # asyncua's decoder raises whatever the bytes make it
            raise SourceLostError(f"{self._endpoint}: {kind.__name__} cannot be read: {error}") from error

    async def read(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
        """Read the value of some nodes."""
        return await self._read(nodes, AttributeIds.Value)

    async def exist(self, nodes: Sequence[ua.NodeId]) -> list[int]:
        """Ask of some nodes whether they are there: the status code of reading each one's class."""
        results = await self._read(nodes, AttributeIds.NodeClass)
        return [result.StatusCode.value if result.StatusCode is not None else 0 for result in results]

    async def _read(self, nodes: Sequence[ua.NodeId], attribute: AttributeIds) -> list[ua.DataValue]:
        return await self.read_attributes(
            [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node in nodes]
        )

    async def read_attributes(self, wanted: Sequence[ua.ReadValueId]) -> list[ua.DataValue]:
        """Read attributes of nodes; one result each."""
        request = ua.ReadRequest()
        request.Parameters.NodesToRead = list(wanted)
        response = await self._service(request, ua.ReadResponse)
        return list(response.Results)

    async def browse(
        self, descriptions: Sequence[ua.BrowseDescription], *, max_references: int
    ) -> list[ua.BrowseResult]:
        """Ask what some nodes refer to; one result a node, with a continuation point where there is more."""
        request = ua.BrowseRequest()
        request.Parameters.RequestedMaxReferencesPerNode = max_references
        request.Parameters.NodesToBrowse = list(descriptions)
        response = await self._service(request, ua.BrowseResponse)
        return list(response.Results)

    async def browse_next(self, continuation_point: bytes) -> ua.BrowseResult:
        """Ask for more of what one node refers to."""
        request = ua.BrowseNextRequest()
        request.Parameters.ContinuationPoints = [continuation_point]
        response = await self._service(request, ua.BrowseNextResponse)
        result: ua.BrowseResult = response.Parameters.Results[0]
        return result

    async def create_subscription(
        self, parameters: ua.CreateSubscriptionParameters
    ) -> ua.CreateSubscriptionResult:
        """Create a subscription; nothing is published before :meth:`publish` asks."""
        request = ua.CreateSubscriptionRequest()
        request.Parameters = parameters
        response = await self._service(request, ua.CreateSubscriptionResponse)
        result: ua.CreateSubscriptionResult = response.Parameters
        return result

    async def delete_subscriptions(self, subscription_ids: Sequence[int]) -> None:
        """Delete subscriptions with all that live in them; one that is not there is no error."""
        request = ua.DeleteSubscriptionsRequest()
        request.Parameters.SubscriptionIds = list(subscription_ids)
        await self._call(request)

    async def delete_monitored_items(self, subscription_id: int, numbers: Sequence[int]) -> None:
        """Delete monitored items by the server's numbers; one that is not there is no error."""
        request = ua.DeleteMonitoredItemsRequest()
        request.Parameters.SubscriptionId = subscription_id
        request.Parameters.MonitoredItemIds = list(numbers)
        await self._call(request)

    async def create_monitored_items(
        self, parameters: ua.CreateMonitoredItemsParameters
    ) -> ua.CreateMonitoredItemsResponse:
        """Create monitored items; one result an item."""
        request = ua.CreateMonitoredItemsRequest()
        request.Parameters = parameters
        return await self._service(request, ua.CreateMonitoredItemsResponse)

    async def publish(self, acknowledgements: Sequence[tuple[int, int]]) -> PublishResponse:
        """Ask for the next notification and acknowledge (subscription id, sequence number) pairs.

        Waits as long as the server takes; whoever calls watches the silence.

        Raises:
            MalformedResponseError: the answer is no publish response.
        """
        request = ua.PublishRequest()
        request.Parameters.SubscriptionAcknowledgements = [
            ua.SubscriptionAcknowledgement(SubscriptionId=subscription, SequenceNumber=sequence)
            for subscription, sequence in acknowledgements
        ]
        return parse_publish_response(bytes(await self._call(request, 0)))

    async def republish(self, subscription_id: int, sequence_number: int) -> PublishResponse:
        """Ask once more for a notification that was not acknowledged.

        Raises:
            MalformedResponseError: the answer is no republish response.
        """
        request = ua.RepublishRequest()
        request.Parameters.SubscriptionId = subscription_id
        request.Parameters.RetransmitSequenceNumber = sequence_number
        return parse_republish_response(bytes(await self._call(request)))

    async def history_read(self, request: ua.HistoryReadRequest) -> bytes:
        """Ask for values of the past; return the answer as it came."""
        return bytes(await self._call(request, HISTORY_TIMEOUT_S))


def hear_any_length(protocol: UASocketProtocol) -> None:
    """Keep to OPC 10000-6 §7.1.2.4: what a server says it receives bounds what we send, not what it sends.

    asyncua 2.1 takes them the other way round: a server that takes small requests only could then tell us
    nothing that is larger.
    """
    limits = protocol._connection._limits  # noqa: SLF001
    limits.max_send_buffer = min(CHUNK_BYTES, limits.max_recv_buffer or CHUNK_BYTES)
    limits.max_recv_buffer = CHUNK_BYTES
    limits.max_message_size = MAX_RESPONSE_BYTES
    limits.max_chunk_count = 0


def lost(what: str, error: BaseException) -> SourceLostError:
    """Make the error that ``error`` of asyncua is to us."""
    text = f"{what}: {explain(error)}"
    if isinstance(error, UaStatusCodeError):
        return SourceRefusedError(text, error.code)
    if isinstance(error, asyncio.TimeoutError):
        return SourceTimedOutError(text)
    return SourceLostError(text)


def explain(error: BaseException) -> str:
    """Say what an exception of asyncua means, for a log and a person.

    >>> explain(TimeoutError())
    'no answer in time'
    """
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    if isinstance(error, UaError):
        name = type(error).__name__
        return f"the server refuses: {name}" if name.startswith("Bad") else f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
