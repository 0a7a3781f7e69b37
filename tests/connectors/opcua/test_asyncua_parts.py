"""Each part of asyncua that the session leans on, held still: a release that moves one fails here."""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient, UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.server.server import Server
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from connectors.errors import SourceRefusedError
from connectors.opcua.session import Session, lost
from tests.connectors.opcua.conftest import StartServer
from tests.support.ports import free_port


def test_the_minor_version_is_the_one_that_was_studied() -> None:
    assert version("asyncua").split(".")[:2] == ["2", "1"]


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Client, "connect_socket"),
        (Client, "send_hello"),
        (Client, "open_secure_channel"),
        (Client, "create_session"),
        (Client, "activate_session"),
        (Client, "disconnect_socket"),
        (UaClient, "revolve_security_token"),
        (UaSession, "rebind_authentication_token"),
        (UASocketProtocol, "send_request"),
        (UASocketProtocol, "is_closed"),
    ],
)
def test_a_part_is_where_it_was(owner: type, name: str) -> None:
    assert hasattr(owner, name)


async def test_a_client_is_made_of_the_parts_the_session_reaches_through() -> None:
    client = Client("opc.tcp://127.0.0.1:1/", timeout=3)
    assert isinstance(client.uaclient, UaClient)
    assert isinstance(client.uaclient.session, UaSession)
    assert client.uaclient.protocol is None
    assert client.secure_channel_timeout > 0
    client.disconnect_socket()  # twice or without a connection does nothing


def test_a_raw_response_is_a_buffer_whose_rest_is_the_message() -> None:
    buffer = Buffer(b"abcdef")
    buffer.read(2)
    assert bytes(buffer) == b"cdef"
    parameters = inspect.signature(UASocketProtocol.send_request).parameters
    assert list(parameters)[:3] == ["self", "request", "timeout"]


def test_a_refusal_keeps_its_status_code() -> None:
    code = ua.StatusCode(ua.UInt32(StatusCodes.BadTooManyOperations))
    with pytest.raises(UaStatusCodeError) as refusal:
        code.check()
    error = lost("server", refusal.value)
    assert isinstance(error, SourceRefusedError)
    assert error.status == StatusCodes.BadTooManyOperations
    assert issubclass(UaStatusCodeError, UaError)


async def test_a_server_that_takes_only_small_requests_may_answer_at_length() -> None:
    server = Server()
    await server.init()
    endpoint = f"opc.tcp://127.0.0.1:{free_port()}/"
    server.set_endpoint(endpoint)
    server.limits.max_message_size, server.limits.max_chunk_count = 65_536, 1
    index = await server.register_namespace("urn:x")
    node = ua.NodeId(ua.String("long"), ua.Int16(index))
    await server.nodes.objects.add_variable(node, "long", b"x" * 300_000)
    async with server:
        session = Session(endpoint, name="test")
        await session.open()
        (value,) = await session.read([node])
        await session.close()
    assert value.Value is not None
    assert value.Value.Value == b"x" * 300_000


@pytest.mark.slow
async def test_a_request_without_a_time_limit_waits_and_nothing_else_publishes(
    start_asyncua: StartServer,
) -> None:
    server = start_asyncua([("x", "Double", 1.0)])
    client = Client(server.endpoint, timeout=1)
    await client.connect_socket()
    await client.send_hello()
    await client.open_secure_channel()
    await client.create_session()
    await client.activate_session()
    protocol = client.uaclient.protocol
    assert protocol is not None
    request = ua.CreateSubscriptionRequest()
    request.Parameters.RequestedPublishingInterval = ua.Duration(100)
    request.Parameters.RequestedMaxKeepAliveCount = ua.Counter(1_000)
    request.Parameters.RequestedLifetimeCount = ua.Counter(10_000)
    assert len(bytes(await protocol.send_request(request))) > 0
    # the first answer says that the subscription is there; for the next there is nothing to say
    await protocol.send_request(ua.PublishRequest(), 0)
    waiting = asyncio.create_task(protocol.send_request(ua.PublishRequest(), 0))
    await asyncio.sleep(1.5)
    assert not waiting.done()
    client.disconnect_socket()
    with pytest.raises(ConnectionError):
        await waiting
