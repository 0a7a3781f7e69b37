"""Two processes that evaluate share a park on a real Kafka broker; one is killed. What they journal and what
they calculate must be what one alone makes of the same log, and what is known of the feed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from tests.support.kafka import KafkaBroker, RunningBroker
from tests.support.postgres import fresh_database, postgres
from tests.support.services import ServiceProcess, wait_for
from tests.twin.bus.topics import delete_all_topics
from tests.twin.calculation.plant import PlantSource, frames_of
from twin.alarms.alarm_tables import JOURNAL
from twin.alarms.alarm_tables import TABLES as ALARM_TABLES
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.contract.codec import decode_message
from twin.contract.messages import AlarmEntry
from twin.contract.topics import ALARMS
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.service.database import create_tables, open_database
from twin.state.share import SHARES
from twin.state.share import TABLES as SHARE_TABLES

__all__ = ["postgres"]

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600)]

PUMPS = 8
STEPS = 220
STEP_S = 0.06
KILL_AT = 70
LATENESS_S = 3.0
"""Two processes on a busy machine hand a message on within this; what is later would be late for both."""
S = 1_000_000_000
PARK = """
park: {id: p1, name: Park, timezone: Asia/Ho_Chi_Minh}
places:
  - {id: p1/hall, name: Hall}
kinds:
  - id: pump
    name: {vi: Máy bơm, en: Pump}
    shape: meter
    size: [1, 1, 2]
    signals:
      - {id: flow, name: {vi: Lưu lượng, en: Flow}, unit: m³/h, limits: {low: 20, high: 80}}
  - id: board
    name: {vi: Tủ, en: Board}
    shape: switchboard
    size: [1, 1, 2]
    signals:
      - {id: losses, name: {vi: Tổn thất, en: Losses}, unit: m³/h}
equipment:
EQUIPMENT
  - {id: p1/hall/main, kind: board, name: Chính, position: [0, 9, 0], source: s1}
sources:
SOURCES
calculated:
  - {id: total, name: Tổng, equipment: p1/hall/main, value: "sum({../pump*:flow})", unit: m³/h,
     limits: {high: 420}}
  - {id: share, name: Phần, kind: pump, value: "flow / {../main:total}", unit: "%"}
alarms:
  - {id: both, name: {vi: Cả hai, en: Both}, type: expression, kind: pump, signal: flow,
     when: "flow > 80 and {../pump1:flow} > 80", priority: high, alarm_class: process,
     response: {vi: Xem, en: Look}}
  - {id: long, name: {vi: Lâu, en: Long}, type: high, kind: pump, signal: flow, limit: 60, on_delay_s: 0.5,
     priority: low, alarm_class: process, response: {vi: Xem, en: Look}}
"""

Told = tuple[str, str, int, float | None]
"""Alarm below ``p1/hall/``, event, time of the reading, value."""


def park_file(folder: Path) -> Path:
    equipment, sources = [], []
    for n in range(1, PUMPS + 1):
        equipment.append(
            f"  - {{id: p1/hall/pump{n}, kind: pump, name: Bơm, position: [{3 * n}, 0, 0], source: s{n}}}"
        )
        sources.append(
            f'  - {{id: s{n}, name: S, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:{n}/", '
            'node: "nsu=urn:a;s={tag}"}'
        )
    path = folder / "park.yaml"
    path.write_text(
        PARK.replace("EQUIPMENT", "\n".join(equipment)).replace("SOURCES", "\n".join(sources)), "utf-8"
    )
    return path


def levels() -> np.ndarray:
    """What each pump pumps in each step: a level is held for some steps."""
    rng = np.random.default_rng(7)
    held = rng.integers(3, 25, (PUMPS, STEPS)).cumsum(axis=1)
    value = rng.choice([10.0, 50.0, 70.0, 90.0], (PUMPS, STEPS))
    return np.array(
        [value[pump][np.searchsorted(held[pump], np.arange(STEPS), side="right")] for pump in range(PUMPS)]
    )


def time_of(pump: int, step_at: int) -> int:
    """When a pump's reading of a step is told to have been: no two sources at the same moment."""
    return step_at + 1000 * pump


def expected(flow: np.ndarray, steps: list[int]) -> dict[str, list[tuple[str, int]]]:
    """What the conditions without delay say of the feed, reading by reading."""
    found: dict[str, list[tuple[str, int]]] = {}
    for pump in range(PUMPS):
        low: list[tuple[int, bool]] = []
        both: list[tuple[int, bool]] = []
        for k, at in enumerate(steps):
            mine, first = flow[pump, k], flow[0, k]
            low.append((time_of(pump, at), bool(mine < 20)))
            if pump and k:
                both.append((time_of(0, at), bool(first > 80 and flow[pump, k - 1] > 80)))
            both.append((time_of(pump, at), bool(first > 80 and mine > 80)))
        for rule, moments in (("low", low), ("both", both)):
            holds = False
            for at, on in moments:
                if on != holds:
                    holds = on
                    name = f"pump{pump + 1}:flow:{rule}"
                    found.setdefault(name, []).append(("alarm" if on else "return", at))
    return found


class Tables:
    """A fresh database of one evaluation."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=False)
        self.engine = open_database(self.url)
        create_tables(self.engine, ALARM_TABLES)
        create_tables(self.engine, SHARE_TABLES)

    def journal(self) -> dict[str, list[tuple[str, int, float | None]]]:
        """By alarm what was journalled of it, in order."""
        found: dict[str, list[tuple[str, int, float | None]]] = {}
        with self.engine.connect() as connection:
            for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.number)).mappings():
                name = row["alarm"].removeprefix("p1/hall/")
                found.setdefault(name, []).append((row["event"], row["time"], row["value"]))
        return found

    def entries(self) -> int:
        return sum(len(told) for told in self.journal().values())

    def holders(self) -> dict[str, str]:
        """By share the process that has it."""
        with self.engine.connect() as connection:
            return {row.share: row.holder for row in connection.execute(select(SHARES))}


@pytest.fixture
def two_databases(postgres: str) -> Iterator[tuple[Tables, Tables]]:
    with fresh_database(postgres) as one, fresh_database(postgres) as two:
        tables = Tables(one), Tables(two)
        yield tables
        for each in tables:
            each.engine.dispose()


def calculated(bus: Bus) -> list[tuple[str, int, float, int]]:
    return [
        (tags.tags[index], time_, value, status)
        for tags, frame, _ in frames_of(bus, "calculated-p1")
        for index, time_, value, status in zip(
            frame.index.tolist(), frame.source_time.tolist(), frame.value.tolist(), frame.status.tolist(),
            strict=True,
        )
    ]  # fmt: skip


def by_time(rows: list[tuple[str, int, float, int]]) -> dict[tuple[str, int], tuple[str, int]]:
    """Readings by tag and time; one that was told twice must have been told the same."""
    found: dict[tuple[str, int], tuple[str, int]] = {}
    for tag, at, value, status in rows:
        assert found.setdefault((tag, at), (repr(value), status)) == (repr(value), status), (tag, at)
    return found


def told_on_the_bus(bus: Bus) -> list[AlarmEntry]:
    with closing(bus.consumer([ALARMS.name])) as consumer:
        found: list[AlarmEntry] = []
        while (batch := consumer.poll(1.0)) or consumer.lag() > 0:
            found += [decode_message(AlarmEntry, one.message.value, one.message.headers) for one in batch]
        return found


class Together:
    """Puts what all sources say in a step on the bus at once, so that they stay in step on a busy machine."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._messages: list[Message] = []

    def publish(self, messages: Sequence[Message]) -> None:
        self._messages += messages

    def send(self) -> None:
        self._bus.publish(self._messages)
        self._messages = []


def feed(
    together: Together, sources: list[PlantSource], flow: np.ndarray, first: int, last: int
) -> list[int]:
    """Tell some of the steps, each of the moment at which it is told; return these moments."""
    times = []
    for k in range(first, last):
        at = time.time_ns()
        for n, source in enumerate(sources):
            source.tell([(f"pump{n + 1}:flow", time_of(n, at), float(flow[n, k]))])
            if k % 8 == 0:
                source.beat(at)
        together.send()
        times.append(at)
        time.sleep(max(0.0, STEP_S - (time.time_ns() - at) / S))
    return times


def test_two_that_share_and_one_that_dies_tell_what_one_tells(
    kafka_broker: KafkaBroker | RunningBroker, two_databases: tuple[Tables, Tables], tmp_path: Path
) -> None:
    delete_all_topics(kafka_broker.bootstrap)
    shared, alone = two_databases
    park_path = park_file(tmp_path)
    park: Park = load_park(park_path, environment={})
    url = f"kafka://{kafka_broker.bootstrap}"

    def evaluator(name: str, tables: Tables) -> ServiceProcess:
        settings = {
            "PARKTWIN_BUS": url,
            "PARKTWIN_PARK": str(park_path),
            "PARKTWIN_DATABASE": tables.url,
            "PARKTWIN_ROLES": "evaluate",
            "PARKTWIN_SNAPSHOT_S": "2",
            "PARKTWIN_ALARM_LATENESS_S": str(LATENESS_S),
            "PARKTWIN_PORT": "0",
        }
        return ServiceProcess("twin", tmp_path / name, settings)

    flow = levels()
    with ExitStack() as stack:
        bus = stack.enter_context(closing(open_bus(url)))
        one, two = evaluator("one", shared), evaluator("two", shared)
        for process in (one, two):
            stack.callback(process.kill)
            process.start()
        wait_for(lambda: process_ids(shared) == pids(one, two), "both have shares", 180)
        for process in (one, two):
            wait_for(partial(is_well, process), "it is well")
        together = Together(bus)
        sources = [PlantSource(together, park, f"s{n}") for n in range(1, PUMPS + 1)]
        times = feed(together, sources, flow, 0, KILL_AT)
        died = shares_of(one, shared)
        one.kill()
        times += feed(together, sources, flow, KILL_AT, STEPS)
        wanted = expected(flow, times)
        agree(shared, wanted, 120)
        assert process_ids(shared) == pids(two), "the other has taken over everything"
        assert died, "the one that was killed had shares"
        last = ("p1/hall/main:total", time_of(PUMPS - 1, times[-1]))
        wait_for(lambda: last in by_time(calculated(bus)), "the last cell is worked out", 120, poll_s=2.0)
        time.sleep(2 * LATENESS_S)  # for the alarms that hang on it
        assert two.stop() == 0
        made = by_time(calculated(bus))
        published = told_on_the_bus(bus)
        journal = shared.journal()

        single = evaluator("single", alone)
        stack.callback(single.kill)
        single.start()
        agree(alone, wanted, 120)
        deadline = time.monotonic() + 60.0
        while alone.journal() != journal and time.monotonic() < deadline:
            time.sleep(0.2)
        found = alone.journal()
        for name in journal.keys() | found.keys():
            assert found.get(name) == journal.get(name), name
        wait_for(lambda: calculated(bus)[-1][1] == last[1], "it has calculated to the end", 120, poll_s=2.0)
        assert single.stop() == 0
        again = by_time(calculated(bus))
    assert any(name.endswith(":long") for name in journal)
    assert "main:total:high" in journal, "an alarm on what was calculated"
    for name, told in journal.items():
        ups = [event for event, _, _ in told]
        assert ups == ["alarm", "return"] * (len(ups) // 2) + ["alarm"] * (len(ups) % 2), name
    assert len(made) > 100
    assert again == made, "the second calculation of the same log told nothing else"
    once = {entry.number: entry for entry in published}
    assert [entry.number for entry in published if entry.number in once][:1] == [1]
    assert sorted(once) == list(range(1, shared.entries() + 1)), "every entry is on the bus"


def undelayed(tables: Tables, wanted: dict[str, list[tuple[str, int]]]) -> dict[str, list[tuple[str, int]]]:
    journal = tables.journal()
    return {
        name: [(event, at) for event, at, _ in told]
        for name, told in journal.items()
        if name in wanted or name.rpartition(":")[2] in ("low", "both")
    }


def agree(tables: Tables, wanted: dict[str, list[tuple[str, int]]], timeout_s: float) -> None:
    """Wait until what is journalled is what is wanted, and no more."""
    deadline = time.monotonic() + timeout_s
    while (found := undelayed(tables, wanted)) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    for alarm in wanted.keys() | found.keys():
        assert found.get(alarm) == wanted.get(alarm), alarm


def is_well(process: ServiceProcess) -> bool:
    return process.get("/api/health").status_code == 200


def pids(*processes: ServiceProcess) -> set[str]:
    return {str(process.process.pid) for process in processes if process.process is not None}


def process_ids(tables: Tables) -> set[str]:
    return {holder.split()[-1] for holder in tables.holders().values()}


def shares_of(process: ServiceProcess, tables: Tables) -> set[str]:
    return {share for share, holder in tables.holders().items() if holder.split()[-1] in pids(process)}
