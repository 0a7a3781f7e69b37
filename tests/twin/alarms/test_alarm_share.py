"""The alarms of one partition as a park of their own: all shares together tell what one evaluator tells."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select

from tests.twin.calculation.plant import PlantSource
from twin.alarms.alarm_share import AlarmShare, share_of, whole
from twin.alarms.alarm_table import AlarmTable, build_alarm_table
from twin.alarms.alarm_tables import JOURNAL, TABLES
from twin.alarms.condition_bank import ConditionBank
from twin.alarms.evaluator import Evaluator
from twin.alarms.journal import Journal
from twin.alarms.metrics import AlarmMetrics
from twin.alarms.snapshot import decode_snapshot, encode_snapshot, pack_names, restore_snapshot, take_snapshot
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.topics import READINGS
from twin.park.model import Park
from twin.park.park_file import load_park
from twin.service.database import create_tables, open_database
from twin.state.share import TABLES as SHARE_TABLES
from twin.state.share import Share, ShareLostError
from twin.state.snapshot_place import SnapshotPlace
from twin.state.tag_table import build_tag_table

S = 1_000_000_000
PUMPS = 7
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
      - {id: wanted, name: {vi: Đặt, en: Wanted}, unit: m³/h}
      - {id: mode, name: {vi: Chế độ, en: Mode}, stale_after_s: 3}
equipment:
EQUIPMENT
sources:
SOURCES
alarms:
  - {id: both, name: {vi: Cả hai, en: Both}, type: expression, kind: pump, signal: flow,
     when: "flow > 80 and {../pump1:flow} > 80", priority: high, alarm_class: process,
     response: {vi: Xem, en: Look}}
  - {id: total, name: {vi: Tổng, en: Total}, type: expression, kind: pump, equipment: [p1/hall/pump3],
     signal: flow, when: "sum({../pump*:flow}) > 420", on_delay_s: 0.2, priority: high, alarm_class: process,
     response: {vi: Xem, en: Look}}
  - {id: astray, name: {vi: Lệch, en: Astray}, type: deviation, kind: pump, signal: flow,
     setpoint_signal: wanted, limit: 30, suppress_while: {signal: mode, values: [2], hold_s: 1},
     priority: low, alarm_class: process, response: {vi: Xem, en: Look}}
"""


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000 * S

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Park:
    equipment, sources = "", ""
    for n in range(1, PUMPS + 1):
        equipment += (
            f"  - {{id: p1/hall/pump{n}, kind: pump, name: Bơm, position: [{3 * n}, 0, 0], source: s{n}}}\n"
        )
        sources += (
            f'  - {{id: s{n}, name: S, protocol: opcua, endpoint: "opc.tcp://127.0.0.1:{n}/", '
            'node: "nsu=urn:a;s={tag}"}\n'
        )
    path: Path = tmp_path_factory.mktemp("park") / "park.yaml"
    path.write_text(PARK.replace("EQUIPMENT\n", equipment).replace("SOURCES\n", sources), "utf-8")
    return load_park(path, environment={})


@pytest.fixture(scope="module")
def table(park: Park) -> AlarmTable:
    return build_alarm_table(park, build_tag_table(park))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bus(clock: Clock) -> Iterator[Bus]:
    bus = open_bus(f"memory:{uuid.uuid4().hex}", clock=clock)
    yield bus
    bus.close()


def shares(table: AlarmTable, bus: Bus) -> list[AlarmShare]:
    homes = [bus.partition_of(READINGS.name, source) for source in table.tags.sources]
    return [share_of(table, homes, partition, min(homes)) for partition in sorted({*homes})]


def test_every_alarm_is_in_one_share_and_reads_what_it_looks_at(table: AlarmTable, bus: Bus) -> None:
    cuts = shares(table, bus)
    assert len(cuts) > 2
    names = [cut.table.name(alarm) for cut in cuts for alarm in range(len(cut.table))]
    assert sorted(names) == sorted(table.name(alarm) for alarm in range(len(table)))
    assert sum(len(cut.table.conditions) for cut in cuts) == len(table.conditions)
    (total,) = [cut for cut in cuts if cut.table.find("p1/hall/pump3:flow:total") is not None]
    assert total.sources == set(table.tags.sources), "it looks at every pump"
    for cut in cuts:
        assert "s1" in cut.sources, "each has a pump whose alarm looks at the first"
        assert cut.table.find("p1/hall/pump1:flow:high") is None or 0 in cut.own_sources
    assert [cut.leads for cut in cuts].count(True) == 1


@contextmanager
def evaluation(
    bus: Bus, table: AlarmTable, clock: Clock, cuts: Sequence[AlarmShare]
) -> Iterator[tuple[Engine, list[Evaluator]]]:
    with TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/tables.db")
        create_tables(engine, TABLES)
        create_tables(engine, SHARE_TABLES)
        directory = TagSetDirectory(bus)
        yield engine, [evaluator(bus, table, clock, cut, engine, directory, None) for cut in cuts]
        directory.close()
        engine.dispose()


def evaluator(
    bus: Bus,
    table: AlarmTable,
    clock: Clock,
    cut: AlarmShare,
    engine: Engine,
    directory: TagSetDirectory,
    place: SnapshotPlace | None,
) -> Evaluator:
    made = Evaluator(
        bus,
        Journal(engine, "p1", table),
        lookup=lambda identifier: directory.get(identifier, wait_s=0.05),
        snapshots=place,
        metrics=AlarmMetrics(CollectorRegistry()),
        clock=clock,
        share=cut,
        guard=place.guard if isinstance(place, Share) else None,
    )
    made.load()
    return made


def told(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """By alarm what was journalled of it, in order."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with engine.connect() as connection:
        for row in connection.execute(select(JOURNAL).order_by(JOURNAL.c.number)).mappings():
            entry = (row["event"], row["to_state"], row["time"], row["value"])
            found.setdefault(row["alarm"], []).append(entry)
    return found


def feed(bus: Bus, park: Park, clock: Clock, steps: int) -> Iterator[None]:
    """Tell readings of all pumps, each source for itself, some a little after the others."""
    rng = np.random.default_rng(11)
    sources = [PlantSource(bus, park, f"s{n}") for n in range(1, PUMPS + 1)]
    level = np.full((PUMPS, 3), 50.0)
    for _ in range(steps):
        at = clock.now
        for n in rng.permutation(PUMPS).tolist():
            change = rng.random(3) < 0.2
            level[n] = np.where(change, rng.choice([10.0, 50.0, 70.0, 90.0], 3), level[n])
            level[n, 2] = rng.choice([1.0, 2.0]) if change[2] else min(level[n, 2], 2.0)
            rows = [
                (f"pump{n + 1}:{signal}", at + place * 1_000_000, level[n, place])
                for place, signal in enumerate(("flow", "wanted", "mode"))
                if place < 2 or rng.random() < 0.3
            ]
            sources[n].tell(rows)
            sources[n].beat(clock.now)
            clock.now += 5_000_000
        clock.now += 60_000_000
        yield


def test_the_shares_tell_live_and_later_what_one_evaluator_tells(
    park: Park, table: AlarmTable, bus: Bus, clock: Clock
) -> None:
    cuts = shares(table, bus)
    with (
        evaluation(bus, table, clock, [whole(table)]) as (one, alone),
        evaluation(bus, table, clock, cuts) as (many, shared),
    ):
        for number, _ in enumerate(feed(bus, park, clock, 90)):
            for each in (*alone, *(shared if number % 3 == 0 else ())):
                each.step(0.0)
        clock.now += S
        for _ in range(2):
            for each in (*alone, *shared):
                each.step(0.0)
        wanted = told(one)
        rules = {name.rpartition(":")[2] for name in wanted}
        assert {"both", "total", "astray", "low", "high"} <= rules
        for name, rows in told(many).items():
            assert rows == wanted[name], name
        assert told(many).keys() == wanted.keys()
        with evaluation(bus, table, clock, cuts) as (later, behind):
            for each in behind:
                while each.step(0.0) or not each.live:
                    pass
                each.step(0.0)
            found = told(later)
        for name in wanted:
            assert found.get(name) == wanted[name], name


def test_a_share_goes_from_hand_to_hand_and_who_had_it_writes_no_more(
    park: Park, table: AlarmTable, bus: Bus, clock: Clock
) -> None:
    (cut,) = [cut for cut in shares(table, bus) if cut.table.find("p1/hall/pump3:flow:total") is not None]
    with (
        evaluation(bus, table, clock, [cut]) as (one, (alone,)),
        evaluation(bus, table, clock, []) as (two, _),
    ):
        directory = TagSetDirectory(bus)

        def holder() -> tuple[Share, Evaluator]:
            share = Share(two, "p1/alarms", clock, every_s=0.3)
            share.take()
            return share, evaluator(bus, table, clock, cut, two, directory, share)

        share, mine = holder()
        asleep: list[Evaluator] = []
        for number, _ in enumerate(feed(bus, park, clock, 80)):
            alone.step(0.0)
            if number % 25 == 24:  # the one that has it falls asleep, another takes it over
                before, asleep = share, [mine]
                share, mine = holder()
                with pytest.raises(ShareLostError, match="another process has it now"):
                    before.write(b"")
            mine.step(0.0)
            for each in asleep if number % 25 > 5 else ():  # and wakes up
                with suppress(ShareLostError):
                    each.step(0.0)
        clock.now += S
        for each in (alone, mine, alone, mine):
            each.step(0.0)
        assert told(two) == told(one)
        directory.close()


def test_a_snapshot_of_a_share_is_found_again_by_name_when_sources_have_moved(
    table: AlarmTable, bus: Bus
) -> None:
    cuts = shares(table, bus)
    homes = [(home + 1) % 3 for home in range(len(table.tags.sources))]
    moved = [share_of(table, homes, partition, 0) for partition in range(3)]
    assert len({cut.table.tags.revision for cut in (*cuts, *moved)}) == len(cuts) + len(moved)
    bank = ConditionBank(cuts[0].table)
    bank.hold(0, active=True)
    kept = decode_snapshot(encode_snapshot(take_snapshot(bank, {}, pack_names(cuts[0].table))), "test")
    name = cuts[0].table.name(int(cuts[0].table.conditions.alarm[0]))
    for cut in moved:
        other = ConditionBank(cut.table)
        restore_snapshot(other, kept)
        alarm = cut.table.find(name)
        held = cut.table.conditions.alarm[other.active].tolist()
        assert held == ([alarm] if alarm is not None else [])
