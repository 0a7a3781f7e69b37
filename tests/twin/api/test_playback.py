"""The past played back is, frame by frame, what the state of each moment is told to have been."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.twin.api.running_twin import OVEN, RunningTwin, running_twin
from tests.twin.stream.decoder import decode
from twin.api.playback import MOST_REPLAYS

S = 1_000_000_000
LIVENESS_S = 30.0
BEGAN = time.time_ns() - 600 * S


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin whose oven was told of over ten minutes, and then became too hot twice."""
    with running_twin(tmp_path_factory.mktemp("replayed")) as running:
        plant = running.plant
        plant.beat()
        for minute in range(10):
            at = BEGAN + minute * 60 * S
            rows: list[Any] = [(0, at + part * S, 200.0 + minute + part / 100) for part in (0, 7, 31)]
            rows.append((1, at + 11 * S, math.nan, 0, "Held" if minute % 3 == 0 else "Execute"))
            plant.tell(rows)
        for value in (310.0, 220.0, 311.0):
            plant.tell([(0, time.time_ns(), value)])
            time.sleep(0.5)
        running.wait("/api/alarms/journal", lambda r: len(r.json()["entries"]) >= 3)
        last = f"/api/state?tag={OVEN}:temperature&at=now-3s"
        running.wait(last, lambda r: r.status_code == 200 and r.json()["tags"][0]["value"] == 311.0)
        yield running


def replay(twin: RunningTwin, at: str, speed: float) -> ClientConnection:
    return connect(f"{twin.stream_url}?at={at}&speed={speed:g}")


def played(viewer: ClientConnection) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """All frames and events, and why it closed."""
    frames: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    while True:
        try:
            item = viewer.recv(LIVENESS_S)
        except ConnectionClosed as closed:
            return frames, events, closed.rcvd.code if closed.rcvd else 0
        if isinstance(item, bytes):
            frames.append(decode(item))
        else:
            events.append(json.loads(item))


def test_every_frame_is_the_state_of_its_moment(twin: RunningTwin) -> None:
    with replay(twin, str(BEGAN // 1_000_000 + 90_000), 200.0) as viewer:
        frames, events, code = played(viewer)
    assert events[0] == {
        "event": "replay", "at_ms": BEGAN // 1_000_000 + 90_000, "speed": 200.0, "tick_ms": 100.0,
    }  # fmt: skip
    assert events[-1]["event"] == "replay_ended"
    assert code == 1000
    assert [frame["snapshot"] for frame in frames] == [True] + [False] * (len(frames) - 1)
    assert [frame["tick"] for frame in frames] == list(range(1, len(frames) + 1))
    times = [frame["server_time_ms"] for frame in frames]
    assert times == sorted(times)
    assert times[0] == BEGAN // 1_000_000 + 90_000
    assert time.time() * 1e3 - times[-1] < 60_000

    tags = [tag["tag"] for tag in twin.client.get(f"/api/state?equipment={OVEN}").json()["tags"]]
    shown: dict[int, dict[str, Any]] = {}
    condition = 0
    for number, frame in enumerate(frames):
        for row, tag in enumerate(frame["index"]):
            shown[tag] = {name: frame[name][row] for name in ("value", "status", "stale", "text")}
        condition = dict(zip(frame["equipment"], frame["condition"], strict=True)).get(0, condition)
        if number % 5 and number != len(frames) - 1:
            continue
        then = twin.client.get(f"/api/state?equipment={OVEN}&at={frame['server_time_ms']:.6f}").json()
        for place, row in enumerate(then["tags"]):
            assert row["tag"] == tags[place]
            if row["time"] is None:
                assert place not in shown
                continue
            one = shown[place]
            assert one["status"] == row["status"]
            assert one["stale"] == row["stale"]
            assert one["text"] == row["text"]
            assert row["value"] is None or one["value"] == pytest.approx(row["value"], rel=1e-6)
        names = ["no_data", "running", "stopped", "warning", "critical", "uncertain", "bad", "stale"]
        assert names[condition] == then["equipment"][0]["condition"]
    assert len({frame["value"][0] for frame in frames if 0 in frame["index"]}) >= 3, "it went on and on"


def test_alarms_come_as_they_were_journalled(twin: RunningTwin) -> None:
    journal = twin.client.get("/api/alarms/journal").json()["entries"]
    with replay(twin, "now-20m", 600.0) as viewer:
        _, events, _ = played(viewer)
    told = [row for event in events if event["event"] == "alarms" for row in event["entries"]]
    assert [row["number"] for row in told] == sorted(row["number"] for row in journal)
    assert sorted(told, key=lambda row: -row["number"]) == journal


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [
        ("at=yesterday", 4400, "time 'yesterday'"),
        ("at=2090-01-01T00:00:00Z", 4400, "between 1970 and now"),
        ("at=now-1h&speed=fast", 4400, "speed=fast"),
        ("at=now-1h&speed=3601", 4400, "0 .stand still. to 3600"),
        ("at=now-1h&speed=nan", 4400, "speed=nan"),
    ],
)
def test_what_cannot_be_played_is_said(twin: RunningTwin, query: str, code: int, reason: str) -> None:
    with (
        connect(f"{twin.stream_url}?{query}") as viewer,
        pytest.raises(ConnectionClosed, match=reason) as end,
    ):
        viewer.recv(LIVENESS_S)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == code


def test_so_many_at_once_and_the_live_stream_goes_on(twin: RunningTwin) -> None:
    with ExitStack() as still:
        for _ in range(MOST_REPLAYS):
            viewer = still.enter_context(replay(twin, "now-5m", 0.0))
            kinds = [type(viewer.recv(LIVENESS_S)) for _ in range(3)]
            assert kinds == [str, str, bytes]
        with pytest.raises(TimeoutError):
            viewer.recv(0.5)
        with replay(twin, "now-5m", 1.0) as other:
            _, _, code = played(other)
            assert code == 4429
        with connect(twin.stream_url) as live:
            ticks: list[int] = []
            while len(ticks) < 4:
                item = live.recv(LIVENESS_S)
                if isinstance(item, bytes):
                    ticks.append(decode(item)["tick"])
            assert ticks == list(range(ticks[0], ticks[0] + 4))
    deadline = time.monotonic() + LIVENESS_S
    while True:
        with replay(twin, "now-5m", 0.0) as again:
            try:
                assert json.loads(again.recv(LIVENESS_S))["event"] == "replay"
                break
            except ConnectionClosed:
                assert time.monotonic() < deadline, "who leaves makes room"
                time.sleep(0.2)
