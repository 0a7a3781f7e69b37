"""The publishing side: order, what is missing, what is told twice, silence, and a server that wants fewer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from asyncua import ua

from connectors.errors import SourceLostError, SourceRefusedError
from connectors.opcua.publish_response import PublishResponse, parse_publish_response
from connectors.opcua.session import Session
from connectors.opcua.subscription import BAD_TOO_MANY_PUBLISH_REQUESTS, Published, Subscription
from tests.connectors.opcua.publish_responses import encode, encode_notifications

BAD_MESSAGE_NOT_AVAILABLE = 0x807B0000


def data(number: int) -> PublishResponse:
    """A response with one value that is its sequence number."""
    value = ua.DataValue(ua.Variant(float(number), ua.VariantType.Double))
    return parse_publish_response(encode([(0, value)], sequence_number=number))


def keep_alive(number: int) -> PublishResponse:
    """A response that names the next number and brings nothing."""
    return parse_publish_response(encode_notifications([], sequence_number=number))


LATER = [keep_alive(4)] * 6
"""What a server says while it has nothing new; each lets another acknowledgement go out."""


class ScriptedSession(Session):
    """A session whose server answers what a list says, and then nothing."""

    def __init__(self, *script: PublishResponse | Exception, held: Sequence[int] = ()) -> None:
        super().__init__("opc.tcp://127.0.0.1:1/", name="scripted")
        self.script = list(script)
        self.held = set(held)
        self.acknowledged: list[int] = []
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0

    async def publish(self, acknowledgements: Sequence[tuple[int, int]]) -> PublishResponse:
        """Answer with the next of the script."""
        self.acknowledged += [number for _, number in acknowledgements]
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            if not self.script:
                await asyncio.Event().wait()
            answer = self.script.pop(0)
        finally:
            self.at_once -= 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def republish(self, subscription_id: int, sequence_number: int) -> PublishResponse:
        """Answer with what is held."""
        if sequence_number not in self.held:
            raise SourceRefusedError("not available", BAD_MESSAGE_NOT_AVAILABLE)
        self.held.discard(sequence_number)
        return data(sequence_number)


async def run(session: ScriptedSession) -> list[tuple[int, bool]]:
    """Sequence numbers of the data in the order in which they came, and whether some were missed before."""
    subscription = Subscription(session, 7, silence_s=0.2)
    taken: list[Published] = []

    async def take() -> None:
        async for published in subscription.responses():
            taken.append(published)
            if not published.response.is_keep_alive:
                subscription.accepted(published.response.sequence_number)

    with pytest.raises(SourceLostError, match="silent"):
        await take()
    return [(p.response.sequence_number, p.missed) for p in taken if not p.response.is_keep_alive]


async def test_notifications_come_in_order_and_are_acknowledged() -> None:
    session = ScriptedSession(data(1), data(2), keep_alive(3), data(3), *LATER)
    assert await run(session) == [(1, False), (2, False), (3, False)]
    assert session.acknowledged == [1, 2, 3]
    assert session.most_at_once == 3


async def test_a_missing_notification_is_asked_for_again() -> None:
    session = ScriptedSession(data(1), data(4), held=[2, 3])
    assert await run(session) == [(1, False), (2, False), (3, False), (4, False)]


async def test_a_notification_lost_for_good_is_said_to_be() -> None:
    session = ScriptedSession(data(1), data(4), data(5), held=[3])
    assert await run(session) == [(1, False), (3, True), (4, False), (5, False)]


async def test_a_keep_alive_shows_what_is_missing() -> None:
    session = ScriptedSession(data(1), keep_alive(3), data(3), held=[2])
    assert await run(session) == [(1, False), (2, False), (3, False)]


async def test_a_notification_told_twice_is_taken_once_and_acknowledged_again() -> None:
    session = ScriptedSession(data(1), data(2), data(1), data(3), *LATER)
    assert await run(session) == [(1, False), (2, False), (3, False)]
    assert session.acknowledged.count(1) == 2


async def test_after_the_last_number_comes_one() -> None:
    session = ScriptedSession(data(2**32 - 1), data(1))
    assert await run(session) == [(2**32 - 1, False), (1, False)]


async def test_a_server_that_wants_fewer_requests_gets_fewer() -> None:
    refused = SourceRefusedError("too many", BAD_TOO_MANY_PUBLISH_REQUESTS)
    session = ScriptedSession(data(1), refused, refused, data(2), data(3))
    assert await run(session) == [(1, False), (2, False), (3, False)]


async def test_a_subscription_given_up_by_the_server_is_lost() -> None:
    change = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(0x800A0000)))
    session = ScriptedSession(parse_publish_response(encode_notifications([change])))
    subscription = Subscription(session, 7, silence_s=0.2)
    with pytest.raises(SourceRefusedError, match="gave up"):
        await anext(subscription.responses())


async def test_a_session_taken_up_again_asks_for_what_it_has_not_seen() -> None:
    session = ScriptedSession(data(1), held=[2, 3])
    subscription = Subscription(session, 7, silence_s=0.2)
    responses = subscription.responses()
    assert (await anext(responses)).response.sequence_number == 1
    with pytest.raises(SourceLostError, match="silent"):
        await anext(responses)
    recovered = [published.response.sequence_number async for published in subscription.recover()]
    assert recovered == [2, 3]
