"""The hub with viewers that keep up, fall behind, stop altogether or leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from tests.twin.state.parks import NOW, REVISION, S, connected, identity, make_frame, make_park
from tests.twin.stream.decoder import decode
from twin.state.condition import Condition
from twin.state.tag_table import build_tag_table
from twin.state.twin_state import TwinState
from twin.stream.hub import BACKLOG_EVENTS, Hub, ViewerTooSlowError
from twin.stream.metrics import StreamMetrics

LIVENESS_S = 20.0


class Show:
    """A hub over a small park, with a clock that moves only when told."""

    def __init__(self) -> None:
        self.now = NOW
        self.registry = CollectorRegistry()
        self.state = TwinState(build_tag_table(make_park(2)))
        self.state.note_source(connected(), NOW)
        self.hub = Hub(
            self.state, interval_s=0.01, metrics=StreamMetrics(self.registry), clock=lambda: self.now
        )
        self.told = 0

    def tell(self, tag: int, value: float) -> None:
        self.told += 1
        frame = make_frame([(tag, NOW + self.told, value)], sequence=self.told)
        self.state.apply(frame, identity(self.state), NOW)

    def value(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"parktwin_{metric}", labels) or 0.0


@pytest.fixture
def show() -> Show:
    return Show()


async def take(stream: AsyncIterator[bytes | str]) -> dict[str, Any]:
    """The next thing that a viewer gets, decoded."""
    async with asyncio.timeout(LIVENESS_S):
        item = await anext(stream)
    if isinstance(item, bytes):
        return decode(item)
    event: dict[str, Any] = json.loads(item)
    return event


async def test_a_viewer_gets_a_snapshot_then_what_changes_then_a_sign_of_life(show: Show) -> None:
    show.tell(0, 220.0)
    stream = show.hub.stream()
    await show.hub.tick()
    snapshot = await take(stream)
    assert snapshot["snapshot"]
    assert (snapshot["index"], snapshot["value"], snapshot["revision"]) == ([0], [220.0], REVISION)
    assert snapshot["equipment"] == [0, 1]

    show.tell(3, 310.0)
    await show.hub.tick()
    change = await take(stream)
    assert not change["snapshot"]
    assert (change["index"], change["equipment"]) == ([3], [1])
    assert change["condition"] == [Condition.CRITICAL]
    assert change["tick"] == snapshot["tick"] + 1

    await show.hub.tick()
    assert (await take(stream))["index"] == []


async def test_nothing_is_shown_before_the_first_sweep_has_judged_it(show: Show) -> None:
    show.tell(0, 220.0)
    show.now = NOW + 3600 * S
    stream = show.hub.stream()
    waiting = asyncio.ensure_future(take(stream))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await show.hub.tick()
    async with asyncio.timeout(LIVENESS_S):
        snapshot = await waiting
    assert snapshot["stale"] == [True]
    assert snapshot["condition"] == [Condition.STALE, Condition.NO_DATA]


async def test_all_viewers_get_the_same_bytes(show: Show) -> None:
    streams = [show.hub.stream() for _ in range(5)]
    await show.hub.tick()
    snapshots = [await anext(stream) for stream in streams]
    assert len({id(item) for item in snapshots}) == 1
    show.tell(0, 1.0)
    await show.hub.tick()
    assert len({id(await anext(stream)) for stream in streams}) == 1
    assert show.value("stream_viewers") == 5.0


async def test_a_viewer_one_tick_behind_gets_every_tick(show: Show) -> None:
    stream = show.hub.stream()
    await show.hub.tick()
    await take(stream)
    for value in (1.0, 2.0):
        show.tell(0, value)
        await show.hub.tick()
    assert [(await take(stream))["value"] for _ in range(2)] == [[1.0], [2.0]]
    assert show.value("stream_frames_dropped_total") == 0.0


async def test_a_viewer_that_fell_behind_gets_what_it_missed_in_one_frame(show: Show) -> None:
    stream = show.hub.stream()
    await show.hub.tick()
    await take(stream)
    for number in range(10):
        show.tell(number % 4, float(number))
        await show.hub.tick()
    merged = await take(stream)
    assert merged["tick"] == 11
    assert not merged["snapshot"]
    assert dict(zip(merged["index"], merged["value"], strict=True)) == {0: 8.0, 1: 9.0, 2: 6.0, 3: 7.0}
    assert show.value("stream_frames_dropped_total") == 9.0
    show.tell(5, 5.0)
    await show.hub.tick()
    assert (await take(stream))["index"] == [5]


async def test_a_slow_viewer_ends_with_the_same_picture_as_a_fast_one(show: Show) -> None:
    fast, slow = show.hub.stream(), show.hub.stream()
    pictures: dict[str, dict[int, float]] = {"fast": {}, "slow": {}}

    async def look(name: str, stream: AsyncIterator[bytes | str]) -> int:
        frame = await take(stream)
        pictures[name].update(zip(frame["index"], frame["value"], strict=True))
        return int(frame["tick"])

    for number in range(60):
        show.tell((number * 5) % 6, float(number))
        await show.hub.tick()
        await look("fast", fast)
        if number % 7 == 0:
            await look("slow", slow)
    while await look("slow", slow) < 60:
        pass
    assert pictures["slow"] == pictures["fast"]
    assert show.value("stream_frames_dropped_total") > 0


async def test_a_viewer_that_takes_nothing_harms_nobody(show: Show) -> None:
    stalled, well = show.hub.stream(), show.hub.stream()
    await show.hub.tick()
    await take(stalled)
    await take(well)
    running = asyncio.create_task(show.hub.run())
    ticks = [(await take(well))["tick"] for _ in range(50)]
    assert ticks == sorted(ticks)
    assert ticks[-1] - ticks[0] >= 49
    running.cancel()
    assert (await take(stalled))["tick"] >= ticks[-1]


async def test_events_come_to_everyone_in_order_and_late_comers_are_told_conditions(show: Show) -> None:
    early = show.hub.stream()
    await show.hub.tick()
    assert (await take(early))["snapshot"]
    show.hub.publish("sources", {"sources": []}, keep=True)
    show.hub.publish("passing", {"n": 1})
    show.hub.publish("sources", {"sources": [{"id": "lò"}]}, keep=True)
    assert await take(early) == {"event": "sources", "sources": []}
    assert await take(early) == {"event": "passing", "n": 1}
    assert await take(early) == {"event": "sources", "sources": [{"id": "lò"}]}
    assert await take(show.hub.stream()) == {"event": "sources", "sources": [{"id": "lò"}]}


async def test_a_viewer_that_leaves_its_events_lying_is_sent_away(show: Show) -> None:
    stream, other = show.hub.stream(), show.hub.stream()
    await show.hub.tick()
    await take(stream)
    await take(other)
    for number in range(BACKLOG_EVENTS + 1):
        show.hub.publish("alarm", {"n": number})
        assert await take(other) == {"event": "alarm", "n": number}
    with pytest.raises(ViewerTooSlowError, match="64 events wait"):
        await take(stream)
    assert show.hub.viewers == 1
    assert show.value("stream_viewers_disconnected_total", reason="events") == 1.0


async def test_a_tick_that_fails_is_not_the_last_one(show: Show, caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    def each_tick() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise RuntimeError("once")

    stream = show.hub.stream()
    running = asyncio.create_task(show.hub.run(each_tick))
    assert (await take(stream))["snapshot"]
    while calls < 3:
        await take(stream)
    running.cancel()
    assert "tick 0 failed" in caplog.text
    assert show.hub.trouble == ""


async def test_events_that_fail_stop_no_picture(show: Show) -> None:
    def events() -> None:
        raise ValueError("a source state nobody can write")

    running = asyncio.create_task(show.hub.run(events))
    stream = show.hub.stream()
    try:
        assert (await take(stream))["snapshot"]
        show.tell(0, 21.5)
        while 0 not in (await take(stream))["index"]:
            pass
        assert "nobody can write" in show.hub.trouble
    finally:
        running.cancel()


async def test_closing_ends_every_stream(show: Show) -> None:
    stream = show.hub.stream()
    await show.hub.tick()
    await take(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    show.hub.close()
    with pytest.raises(StopAsyncIteration):
        async with asyncio.timeout(LIVENESS_S):
            await waiting
    assert show.hub.viewers == 0


async def test_the_age_of_new_readings_is_measured_and_of_nothing_else(show: Show) -> None:
    show.now = NOW + 300_000_000
    show.tell(1, 1.0)
    await show.hub.tick()
    assert show.value("reading_sent_latency_seconds_count") == 0.0, "a replay is late on purpose"
    show.state.live = True
    show.tell(0, 1.0)
    await show.hub.tick()
    assert show.value("reading_sent_latency_seconds_bucket", le="0.2") == 0.0
    assert show.value("reading_sent_latency_seconds_bucket", le="0.3") == 1.0
    show.now += 60 * S
    await show.hub.tick()
    assert show.value("tags_stale") == 2.0
    assert show.value("reading_sent_latency_seconds_count") == 1.0, "falling silent is no reading"
