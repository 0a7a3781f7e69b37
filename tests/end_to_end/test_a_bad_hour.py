"""An hour of a bad plant in minutes: server, connector, broker and network fall at random, and the
simulator's server has its bad days; at the end every number is in the history once, or lies in a time that is
marked.

The hour is one of sixty faults, each lasting a minute on average. It is compressed thirtyfold; what a fault
needs by itself (a broker starts in seconds) is not.
"""

from __future__ import annotations

import math
import random
import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.opcua.cuttable import CuttableNetwork
from tests.connectors.opcua.servers.process import NodeOpcUaProcess, ServerProcess, SimProcess
from tests.end_to_end.park_under_test import park_of
from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.require import missing
from tests.support.services import ServiceProcess, wait_for
from twin.contract.status import Quality, quality

TAGS = [f"trial/line/machine:count{number:02}" for number in range(1, 11)]
EVERY_S = 0.1
SEED = 20261126
HOUR_S = 3600.0
COMPRESSION = 30.0
FAULTS = 60
FAULT_S = 60.0
"""Mean length of a fault in the hour."""
LONGEST_FAULT_S = 8.0
"""Longest in the compressed hour; silence is noticed after three."""
SLACK_S = 10.0
"""What a marked hole may be longer than the fault at each of them: up to a heartbeat before it, the wait
before the next try to connect, and the time to subscribe."""
BAD_DAYS: dict[str, dict[str, Any]] = {
    "down": {},
    "reordered_restart": {},
    "vanishing_nodes": {"share": 0.3},
    "bad_values": {"share": 0.3},
    "uncertain_values": {"share": 0.3},
    "clock_ahead": {"ahead_s": 300.0},
    "clock_back": {"back_s": 120.0},
    "duplicates": {"what": "messages"},
    "disorder": {"what": "messages"},
    "silence": {},
    "few_at_once": {"most": 3, "announced": "no"},
    "slow": {"delay_s": 1.0},
}
"""Those of :mod:`sim.opcua.bad_day_table` for a server without a certificate."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A fault that was, from and to [ns]."""

    name: str
    start: int
    end: int


@dataclass(slots=True)
class Plant:
    """What can fall, and what fell when."""

    source: ServerProcess
    network: CuttableNetwork
    twin: ServiceProcess
    connectors: ServiceProcess
    broker: KafkaBroker
    fell: list[Fall] = field(default_factory=list)

    def count_on(self) -> None:
        """Let the server count on from the last number it was given."""
        last = max(int(entry["value"]) for entry in self.source.given())
        self.source.order("begin_count", tags=TAGS, start=last + 1, every_s=EVERY_S)

    def kill_server(self, wait: Callable[[], None]) -> None:
        self.source.kill()
        wait()
        self.source.start()
        self.count_on()

    def kill_connectors(self, wait: Callable[[], None]) -> None:
        self.connectors.kill()
        wait()
        self.connectors.start()
        self.connectors.url()

    def kill_twin(self, wait: Callable[[], None]) -> None:
        self.twin.kill()
        wait()
        self.twin.start()

    def kill_broker(self, wait: Callable[[], None]) -> None:
        self.broker.kill()
        wait()
        self.broker.restart()

    def cut_network(self, wait: Callable[[], None]) -> None:
        self.network.cut()
        wait()
        self.network.mend()

    def hang_network(self, wait: Callable[[], None]) -> None:
        self.network.hang()
        wait()
        self.network.mend()

    def bad_day(self, name: str, wait: Callable[[], None]) -> None:
        self.source.order("begin_bad_day", name=name, parameters=BAD_DAYS[name])
        wait()
        self.source.order("end_bad_day", name=name)


HARMLESS = {"twin", "broker"}
"""Their fall makes no hole: the connector goes on."""


def faults(plant: Plant) -> dict[str, Callable[[Callable[[], None]], None]]:
    """Every fault by name: a function that brings it about, waits, and ends it."""
    rows: dict[str, Callable[[Callable[[], None]], None]] = {
        "server": plant.kill_server,
        "connectors": plant.kill_connectors,
        "twin": plant.kill_twin,
        "broker": plant.kill_broker,
        "network": plant.cut_network,
        "hang": plant.hang_network,
    }
    if isinstance(plant.source, SimProcess):
        for name in BAD_DAYS:
            rows[name] = lambda wait, name=name: plant.bad_day(name, wait)  # type: ignore[misc]
    return rows


@pytest.fixture(
    params=[
        pytest.param(SimProcess, id="sim"),
        pytest.param(NodeOpcUaProcess, id="node-opcua", marks=pytest.mark.node),
    ]
)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    kind: type[ServerProcess] = request.param
    server = kind(tmp_path, [(tag, "Double", 0.0) for tag in TAGS])
    server.start()
    yield server
    server.kill()


@pytest.mark.trial
@pytest.mark.kafka
@pytest.mark.timeout(900)
def test_an_hour_of_falls_loses_nothing(
    source: ServerProcess, kafka_broker: KafkaBroker | RunningBroker, tmp_path: Path
) -> None:
    if isinstance(kafka_broker, RunningBroker):
        missing("a broker that may be killed", "unset PARKTWIN_TEST_KAFKA")
    rng = random.Random(SEED)
    park = tmp_path / "park.yaml"
    with ExitStack() as stack:
        network = stack.enter_context(CuttableNetwork(source.port))
        park.write_text(park_of(TAGS, network.endpoint))
        environment = {
            "PARKTWIN_BUS": f"kafka://{kafka_broker.bootstrap}",
            "PARKTWIN_PARK": str(park),
            "PARKTWIN_SNAPSHOT_S": "5",
        }
        twin = ServiceProcess("twin", tmp_path / "twin", environment)
        connectors = ServiceProcess("connectors", tmp_path / "connectors", environment)
        plant = Plant(source, network, twin, connectors, kafka_broker)
        for service in (twin, connectors):
            service.start()
            stack.callback(service.kill)
        wait_for(lambda: history_of(twin, TAGS[0]).rows > 0, "the first reading is in the history")
        plant.count_on()
        run_the_hour(plant, rng)
        wait_for(lambda: is_whole(twin), "the source is connected, every item monitored, nothing unsent", 120)
        time.sleep(2.0)  # numbers after the last fault, so that every hole has an end
        source.order("end_count")
        last_us = max(entry["time"] for entry in source.given()) // 1000
        wait_for(
            lambda: all(last_us in history_of(twin, tag).readings for tag in TAGS),
            "the last number of every tag is in the history",
            120,
            1.0,
        )
        wait_for(lambda: is_whole(twin), "nothing is unsent", 60)
        answers = {tag: history_of(twin, tag) for tag in TAGS}
    report = check(source, answers, plant.fell)
    kills = ", ".join(f"{name} {count}" for name, count in Counter(fall.name for fall in plant.fell).items())
    print(f"{report}; fell: {kills}")  # noqa: T201  (the figures a reader of the log wants)


def run_the_hour(plant: Plant, rng: random.Random) -> None:
    """Let the faults fall one after another, as the seed says."""
    kinds = faults(plant)
    # every kind falls at least once, in an order, at moments and for lengths that are the seed's
    order = list(kinds) + rng.choices(list(kinds), k=FAULTS - len(kinds))
    rng.shuffle(order)
    quiet_s = (HOUR_S / FAULTS - FAULT_S / 2) / COMPRESSION
    for name in order:
        time.sleep(rng.expovariate(1 / quiet_s))
        length_s = min(rng.expovariate(COMPRESSION / FAULT_S), LONGEST_FAULT_S)
        began = time.time_ns()
        kinds[name](lambda length_s=length_s: time.sleep(length_s))  # type: ignore[misc]
        plant.fell.append(Fall(name, began, time.time_ns()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the twin says of one tag: source time [µs] -> value and status, and the gaps [µs]."""

    readings: dict[int, tuple[float | None, int]]
    rows: int
    gaps: list[tuple[float, float]]


def history_of(twin: ServiceProcess, tag: str) -> Answer:
    """Ask the twin; nothing while the history is still being opened (503) or the twin is not there."""
    to_ms = f"{time.time() * 1000 + 3_600_000:.0f}"  # a clock may have been ahead
    query: dict[str, str | int] = {"tag": tag, "from": "now-1h", "to": to_ms, "points": 10_000}
    answer = twin.get("/api/history", query)
    if answer.status_code == 503:
        return Answer({}, 0, [])
    assert answer.status_code == 200, answer.text
    body = answer.json()
    raw = body["raw"]
    times = [round(ms * 1000) for ms in raw["time_ms"]]
    readings = dict(zip(times, zip(raw["value"], raw["status"], strict=True), strict=True))
    gaps = [(gap["start_ms"] * 1000, gap["end_ms"] * 1000) for gap in body["gaps"]]
    return Answer(readings, len(times), gaps)


def is_whole(twin: ServiceProcess) -> bool:
    """Whether the source is connected, every item is monitored and nothing waits to be sent."""
    answer = twin.get("/api/sources")
    if answer.status_code != 200:
        return False
    (source,) = answer.json()
    state = source["state"]
    return (
        state is not None
        and state["connection"] == "connected"
        and state["monitored"] == len(TAGS)
        and not state["unsent"]
        and not state["conditions"]
    )


def check(source: ServerProcess, answers: dict[str, Answer], fell: list[Fall]) -> str:
    """Compare what was produced with what is stored and marked; return the counts as a sentence."""
    produced: dict[str, dict[int, float]] = defaultdict(dict)
    at_us: dict[int, int] = {}
    for entry in source.given():
        time_us = entry["time"] // 1000
        produced[entry["tag"]][time_us] = entry["value"]
        # what a server with a wrong clock did not deliver is marked where it was: nobody saw its stamp
        at_us[time_us] = entry.get("at", entry["time"]) // 1000
    unmarked: dict[str, list[int]] = {}
    total = stored = in_gaps = in_bad = 0
    for tag, answer in answers.items():
        assert answer.rows == len(answer.readings), f"{tag}: a source time stands in the history twice"
        for time_us, (value, status) in answer.readings.items():
            if quality(status) is not Quality.BAD:
                assert produced[tag].get(time_us) == value, f"{tag}: {value} at {time_us} was never produced"
        missing_us = sorted(time_us for time_us in produced[tag] if time_us not in answer.readings)
        outside = [time_us for time_us in missing_us if not covered(at_us[time_us], answer.gaps)]
        unmarked[tag] = [
            at_us[time_us] for time_us in outside if not stood_bad(at_us[time_us], answer.readings)
        ]
        total += len(produced[tag])
        stored += len(produced[tag]) - len(missing_us)
        in_gaps += len(missing_us) - len(outside)
        in_bad += len(outside)
    assert not any(unmarked.values()), "numbers neither in the history nor in a marked time:\n" + "\n".join(
        f"{tag}: {around(times_us, answers[tag].gaps, fell)}"
        for tag, times_us in unmarked.items()
        if times_us
    )
    marked_s = max(span_us(answer.gaps) for answer in answers.values()) / 1e6
    absent = [fall for fall in fell if fall.name not in HARMLESS]
    absent_s = sum(fall.end - fall.start for fall in absent) / 1e9
    assert marked_s <= absent_s + SLACK_S * len(absent), "the gaps are longer than what happened"
    return (
        f"{total} numbers produced, {stored} in the history once, {in_gaps} in marked gaps of "
        f"{marked_s:.1f} s, {in_bad} while the tag stood Bad, 0 unmarked, 0 twice; "
        f"the source was cut off {absent_s:.1f} s"
    )


def around(times_us: list[int], gaps: list[tuple[float, float]], fell: list[Fall]) -> str:
    """Name the faults and gaps near which these moments lie, for who has to find the cause."""
    lines: Counter[str] = Counter()
    for time_us in times_us:
        before = [fall for fall in fell if fall.start <= time_us * 1000][-3:]
        ago = [f"{(time_us / 1e6 - fall.start / 1e9):.0f} s after {fall.name} began" for fall in before]
        ends = [f"{(time_us - end) / 1e6:.3f} s after a gap" for _, end in gaps if 0 < time_us - end < 1e7]
        starts = [
            f"{(start - time_us) / 1e6:.3f} s before one" for start, _ in gaps if 0 < start - time_us < 1e7
        ]
        lines[", ".join([*ago, *ends[-1:], *starts[:1]])] += 1
    return "; ".join(f"{count} numbers {line}" for line, count in lines.items())


def covered(time_us: int, gaps: list[tuple[float, float]]) -> bool:
    return any(start - 1 <= time_us <= end + 1 for start, end in gaps)


def stood_bad(time_us: int, readings: dict[int, tuple[float | None, int]]) -> bool:
    """Whether the last reading before this moment is Bad: nobody takes its value for true."""
    times = sorted(readings)
    before = bisect_right(times, time_us) - 1
    return before >= 0 and quality(readings[times[before]][1]) is Quality.BAD


def span_us(gaps: list[tuple[float, float]]) -> float:
    """How long the gaps are together, where they overlap once."""
    total, until = 0.0, -math.inf
    for start, end in sorted(gaps):
        total += max(0.0, end - max(start, until))
        until = max(until, end)
    return total
