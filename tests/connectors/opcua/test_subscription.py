"""The publishing side: order, what is missing, what is told twice, silence, and a server that wants fewer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from connectors.errors import SourceLostError, SourceRefusedError
from connectors.opcua.publish_response import PublishResponse, parse_publish_response
from connectors.opcua.publishing import Fallen, PublishLoop
from connectors.opcua.session import Session
from connectors.opcua.subscription import Published, Subscription
from tests.connectors.opcua.publish_responses import encode, encode_notifications

BAD_MESSAGE_NOT_AVAILABLE = 0x807B0000


def data(number: int) -> PublishResponse:
    """A response with one value that is its sequence number."""
    value = ua.DataValue(ua.Variant(float(number), ua.VariantType.Double))
    return parse_publish_response(encode([(0, value)], sequence_number=number))


def keep_alive(number: int) -> PublishResponse:
    """A response that names the next number and brings nothing."""
    return parse_publish_response(encode_notifications([], sequence_number=number))


def of(subscription: int, response: PublishResponse) -> PublishResponse:
    """The same response of another subscription."""
    return replace(response, subscription_id=subscription)


LATER = [keep_alive(4)] * 6
"""What a server says while it has nothing new; each lets another acknowledgement go out."""


class ScriptedSession(Session):
    """A session whose server answers what a list says, and then nothing."""

    def __init__(
        self, *script: PublishResponse | Exception, held: Sequence[int] = (), every_s: float = 0.0
    ) -> None:
        super().__init__("opc.tcp://127.0.0.1:1/", name="scripted")
        self.script = list(script)
        self.held = set(held)
        self.every_s = every_s
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
            await asyncio.sleep(self.every_s)
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


def subscribed(session: Session, *numbers: int) -> tuple[PublishLoop, Subscription]:
    """A loop with subscriptions that may be silent for 0.2 s; the last of them."""
    loop = PublishLoop(session)
    for number in numbers or (7,):
        subscription = Subscription(session, number, interval_s=0.05, keep_alive_s=0.1)
        subscription.hear()
        loop.add(subscription)
    return loop, subscription


async def run(session: ScriptedSession) -> list[tuple[int, bool]]:
    """Sequence numbers of the data in the order in which they came, and whether some were missed before."""
    loop, subscription = subscribed(session)
    taken: list[Published] = []

    async def take() -> None:
        async for published in loop.events():
            assert isinstance(published, Published)
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
    refused = SourceRefusedError("too many", StatusCodes.BadTooManyPublishRequests)
    session = ScriptedSession(data(1), refused, refused, data(2), data(3))
    assert await run(session) == [(1, False), (2, False), (3, False)]


async def test_a_subscription_given_up_by_the_server_falls() -> None:
    change = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(0x800A0000)))
    session = ScriptedSession(parse_publish_response(encode_notifications([change])))
    loop, subscription = subscribed(session)
    fallen = await anext(loop.events())
    assert isinstance(fallen, Fallen)
    assert fallen.subscription is subscription
    assert "gave up" in fallen.why
    assert loop.fallen == (subscription,)


async def test_a_session_taken_up_again_asks_for_what_it_has_not_seen() -> None:
    session = ScriptedSession(data(1), held=[2, 3])
    loop, subscription = subscribed(session)
    events = loop.events()
    first = await anext(events)
    assert isinstance(first, Published)
    assert first.response.sequence_number == 1
    with pytest.raises(SourceLostError, match="silent"):
        await anext(events)
    recovered = [published.response.sequence_number async for published in subscription.recover()]
    assert recovered == [2, 3]


async def test_one_that_is_silent_while_another_talks_falls_in_time_and_alone() -> None:
    talks = [of(8, keep_alive(1)) for _ in range(400)]
    session = ScriptedSession(*talks, every_s=0.02)
    loop, _ = subscribed(session, 7, 8)
    silent = loop.subscriptions[0]
    events = loop.events()
    start = asyncio.get_running_loop().time()
    async for event in events:
        if isinstance(event, Fallen):
            break
        assert event.subscription is not silent
    assert isinstance(event, Fallen)
    assert event.subscription is silent
    assert "silent" in event.why
    assert loop.subscriptions == tuple(each for each in loop.subscriptions if each is not silent)
    assert asyncio.get_running_loop().time() - start > silent.allowed_s
    assert session.script, "the other still talked when it was noticed"
    later = await anext(events)
    assert isinstance(later, Published)
    assert later.subscription.id == 8


async def test_what_a_fallen_one_says_stays_at_the_server_and_is_noted() -> None:
    session = ScriptedSession(*[of(8, keep_alive(1)) for _ in range(400)], every_s=0.02, held=[1])
    loop, _ = subscribed(session, 7, 8)
    late = loop.subscriptions[0]
    events = loop.events()
    async for event in events:
        if isinstance(event, Fallen):
            break
    fell_s = asyncio.get_running_loop().time()
    session.script.insert(0, data(1))
    async for event in events:
        assert isinstance(event, Published)
        assert event.subscription.id == 8
        if late.heard_s >= fell_s:
            break
    assert [published.response.sequence_number async for published in late.recover()] == [1]
    assert session.acknowledged == []


async def test_a_server_that_has_no_subscription_any_more_is_lost() -> None:
    gone = SourceRefusedError("none", StatusCodes.BadNoSubscription)
    session = ScriptedSession(*[gone] * 20)
    loop, _ = subscribed(session)
    with pytest.raises(SourceRefusedError, match="none"):
        await anext(loop.events())


def test_a_response_vouches_for_what_was_due_at_the_one_before() -> None:
    def ms(number: float) -> int:
        return round(number * 1e6)

    one = Subscription(ScriptedSession(), 1, interval_s=0.1, keep_alive_s=1.0)
    one.sampling_ns = ms(50)
    assert one.sure == 0, "nobody knows yet"
    one.begin(ms(10_000), 0)
    assert one.sure == ms(9_950)
    one.took(ms(10_100), 0)
    assert one.sure == ms(9_950), "a server that was held up publishes first and samples afterwards"
    one.took(ms(10_200), 0)
    assert one.sure == ms(10_050)
    one.took(ms(30_000), 0)
    assert one.sure == ms(28_950), "it would be lost were it held up longer than a second"
    one.took(ms(20_000), 0)
    assert one.sure == ms(19_950), "a clock that was set back is right from there on"
