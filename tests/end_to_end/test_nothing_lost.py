"""The promise: whatever is killed, every number the connector took is in the history exactly once, and the
time in which it could not take any stands there as a marked gap.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.connectors.opcua.servers.process import ServerProcess
from tests.end_to_end.park_under_test import park_of
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.require import missing
from tests.support.services import ServiceProcess, wait_for

TAGS = [f"trial/line/machine:count{number:02}" for number in range(1, 21)]
EVERY_S = 0.1
KILLS = 12
RUN_S = 45.0
GAP_SLACK_S = 8.0
"""What a gap may be longer than the connector's absence: one heartbeat before, connecting and subscribing
after."""


class Victim(Protocol):
    """What can be killed and started again."""

    def kill(self) -> None: ...
    def start(self) -> None: ...


class BrokerVictim:
    """The Kafka broker; what it had accepted is on its disk."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker

    def kill(self) -> None:
        self._broker.kill()

    def start(self) -> None:
        self._broker.restart()


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, Victim]]:
    if request.param == "embedded":
        return f"embedded:{tmp_path / 'bus'}", {}
    broker: KafkaBroker | RunningBroker = request.getfixturevalue("kafka_broker")
    if isinstance(broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    return f"kafka://{broker.bootstrap}", {"broker": BrokerVictim(broker)}


@pytest.fixture
def source(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path, [(tag, "Double", 0.0) for tag in TAGS])
    server.start()
    yield server
    server.kill()


def history_of(twin: ServiceProcess, tag: str, since_ms: int) -> dict[str, Any]:
    answer = twin.get("/api/history", {"tag": tag, "from": since_ms, "to": "now", "points": 10_000})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def covered(time_us: int, gaps: Sequence[dict[str, Any]]) -> bool:
    return any(gap["start_ms"] * 1000 - 1 <= time_us <= gap["end_ms"] * 1000 + 1 for gap in gaps)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_number_exactly_once_or_in_a_gap(
    bus: tuple[str, dict[str, Victim]], source: ServerProcess, tmp_path: Path
) -> None:
    url, victims = bus
    rng = random.Random(20261122)
    park = tmp_path / "park.yaml"
    park.write_text(park_of(TAGS, source.endpoint))
    environment = {"PARKTWIN_BUS": url, "PARKTWIN_PARK": str(park), "PARKTWIN_SNAPSHOT_S": "2"}
    twin = ServiceProcess("twin", tmp_path / "twin", environment)
    connectors = ServiceProcess("connectors", tmp_path / "connectors", environment)
    since_ms = time.time_ns() // 1_000_000 - 1000
    absences_ms: list[tuple[float, float]] = []
    with ExitStack() as stack:
        for service in (twin, connectors):
            service.start()
            stack.callback(service.kill)
        wait_for(lambda: _readings(twin) > 0, "the first reading is in the history")
        victims = {"twin": twin, "connectors": connectors} | victims
        source.begin("count", tags=TAGS, start=1, steps=int(RUN_S / EVERY_S), every_s=EVERY_S)
        # every victim falls at least twice; the order, the moments and the lengths are the seed's
        order = (list(victims) * KILLS)[:KILLS]
        rng.shuffle(order)
        for name in order:
            time.sleep(rng.uniform(0.5, 3.0))
            killed_ms = time.time() * 1000
            victims[name].kill()
            time.sleep(rng.uniform(0.2, 2.0))
            victims[name].start()
            if name == "connectors":
                connectors.url()
                absences_ms.append((killed_ms, time.time() * 1000))
        source.wait_done()
        produced: dict[str, dict[int, float]] = {tag: {} for tag in TAGS}
        for entry in source.given():
            produced[entry["tag"]][entry["time"] // 1000] = entry["value"]
        last = {tag: max(times) for tag, times in produced.items()}
        wait_for(
            lambda: all(_last_time_us(twin, tag, since_ms) >= time_us for tag, time_us in last.items()),
            "the last number of every tag is in the history",
            120,
            1.0,
        )
        answers = {tag: history_of(twin, tag, since_ms) for tag in TAGS}
    missed = 0
    for tag, answer in answers.items():
        times = [round(ms * 1000) for ms in answer["raw"]["time_ms"]]
        stored = dict(zip(times, answer["raw"]["value"], strict=True))
        assert len(stored) == len(times), f"{tag}: a source time stands in the history twice"
        for time_us, value in stored.items():
            if time_us / 1000 >= since_ms + 1000 or time_us in produced[tag]:
                assert produced[tag].get(time_us) == value, f"{tag}: {value} at {time_us} was never produced"
        lost = [time_us for time_us in produced[tag] if time_us not in stored and time_us / 1000 > since_ms]
        unmarked = [time_us for time_us in lost if not covered(time_us, answer["gaps"])]
        assert unmarked == [], f"{tag}: {len(unmarked)} numbers are neither in the history nor in a gap"
        missed += len(lost)
    gaps = answers[TAGS[0]]["gaps"]
    marked_s = sum(gap["end_ms"] - gap["start_ms"] for gap in gaps) / 1000
    absent_s = sum(end - start for start, end in absences_ms) / 1000
    for start, end in absences_ms:  # one gap may cover two, where it was killed before it delivered anything
        assert any(gap["start_ms"] <= end and gap["end_ms"] >= start for gap in gaps), "an absence is no gap"
    assert marked_s <= absent_s + GAP_SLACK_S * len(absences_ms), "the gaps are longer than the absence"
    total = sum(len(times) for times in produced.values())
    summary = (
        f"{total} numbers produced, {total - missed} in the history, {missed} inside {len(gaps)} marked gaps "
        f"of {marked_s:.1f} s; connector absent {absent_s:.1f} s; killed {order}"
    )
    print(summary)  # noqa: T201  (the figures a reader of the log wants)


def _readings(twin: ServiceProcess) -> int:
    return len(_raw_times(twin, TAGS[0], 0))


def _last_time_us(twin: ServiceProcess, tag: str, since_ms: int) -> int:
    return max((round(ms * 1000) for ms in _raw_times(twin, tag, since_ms)), default=0)


def _raw_times(twin: ServiceProcess, tag: str, since_ms: int) -> list[float]:
    """Source times in the history; none while the history is still being opened (503)."""
    answer = twin.get("/api/history", {"tag": tag, "from": since_ms, "to": "now", "points": 10_000})
    if answer.status_code == 503:
        return []
    times: list[float] = answer.json()["raw"]["time_ms"]
    return times
