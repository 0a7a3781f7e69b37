"""Alarms: cost of a reading with two rules, of a flood, of the journal; from the reading to the journal."""

from __future__ import annotations

import gc
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep, time_ns

import numpy as np
import psutil
from prometheus_client import CollectorRegistry

from benchmarks.bench_state import NOW, SOURCE_TAGS, TAGS, cpu_seconds, make_frames, make_park
from benchmarks.table import Row
from twin.alarms.alarm_table import AlarmTable, build_alarm_table
from twin.alarms.alarm_tables import TABLES
from twin.alarms.condition_bank import ConditionBank
from twin.alarms.evaluator import Evaluator
from twin.alarms.journal import Journal
from twin.alarms.metrics import AlarmMetrics
from twin.alarms.queries import list_entries
from twin.alarms.readings import from_frame
from twin.alarms.snapshot import encode_snapshot, pack_names, restore_snapshot, take_snapshot
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event
from twin.bus.base import Bus, Message
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.codec import encode_message, frame_headers
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import TagSet
from twin.contract.topics import READINGS, TAG_SETS
from twin.park.model import Limits, Park, SignalKind
from twin.service.database import create_tables, open_database
from twin.state.tag_table import build_tag_table

HIGH = 80.0
"""Readings are normally distributed with a deviation of 30: 0.8 % of them lie beyond either limit."""
LATENCIES = 200


def alarm_park(tags: int = TAGS) -> Park:
    """Make the park of the state's benchmark with two limits and a deadband at every signal."""
    park = make_park(tags)
    two = Limits(low=-HIGH, high=HIGH)
    changed: dict[int, SignalKind] = {}
    for tag in park.tags[:30]:
        changed[id(tag.signal)] = replace(tag.signal, limits=two, low=-200.0, high=200.0)
    return replace(park, tags=tuple(replace(tag, signal=changed[id(tag.signal)]) for tag in park.tags))


@dataclass(slots=True)
class _Alarm:
    """The peer's alarm: one object, two limits, looked at by a plain loop."""

    low: bool = False
    high: bool = False
    time: int = 0


def _peer_seconds(frames: list[Frame], tags: int) -> float:
    alarms = {number: _Alarm() for number in range(tags)}

    encoded = [encode_frame(frame) for frame in frames]

    def evaluate() -> None:
        for data in encoded:
            frame = decode_frame(data)
            for tag, time, status, value in zip(
                frame.index.tolist(), frame.source_time.tolist(), frame.status.tolist(), frame.value.tolist(),
                strict=True,
            ):  # fmt: skip
                alarm = alarms[tag]
                if time <= alarm.time or status >> 30 >= 2:
                    continue
                alarm.time = time
                if value > HIGH:
                    alarm.high = True
                elif value <= HIGH - 4.0:
                    alarm.high = False
                if value < -HIGH:
                    alarm.low = True
                elif value >= -HIGH + 4.0:
                    alarm.low = False

    return cpu_seconds(evaluate, 2)


def _evaluate_rows(table: AlarmTable) -> list[Row]:
    mapping = np.arange(len(table.tags), dtype=np.intp)

    def rate(frames: list[Frame]) -> tuple[float, int]:
        """Readings a second, decoded from their bytes, and edges found."""
        encoded = [encode_frame(frame) for frame in frames]
        banks = [ConditionBank(table) for _ in range(3)]
        edges = 0

        def work() -> None:
            nonlocal edges
            bank, edges = banks.pop(), 0
            for data in encoded:
                edges += len(bank.take(from_frame(decode_frame(data), mapping, NOW)))
                bank.pass_time(NOW)

        return sum(len(frame) for frame in frames) / cpu_seconds(work, 3), edges

    frames = make_frames(len(table.tags), SOURCE_TAGS)
    readings = sum(len(frame) for frame in frames)
    plain, edges = rate(frames)
    what = f"evaluate, {len(table.tags):,} tags with two rules each"
    scattered, _ = rate(make_frames(len(table.tags), len(table.tags)))
    wild, wild_edges = rate([replace(frame, value=frame.value * 3) for frame in frames])
    peer = readings / _peer_seconds(frames, len(table.tags))
    return [
        Row(
            "alarms", what, plain, "readings/s", "at least 300,000", plain >= 300_000,
            f"CPU, decode included; {edges / readings:.1%} of the readings begin or end an alarm; "
            f"a plain loop over objects, without delays: {peer:,.0f} in this run",
        ),
        Row("alarms", "evaluate, tags scattered over all", scattered, "readings/s", note="the cache's worst"),
        Row(
            "alarms", "evaluate, in a flood", wild, "readings/s",
            note=f"{wild_edges / readings:.0%} of the readings begin or end an alarm",
        ),
    ]  # fmt: skip


def _memory_row() -> Row:
    process = psutil.Process()
    park = alarm_park()
    tags = build_tag_table(park)
    gc.collect()
    before = process.memory_info().rss
    bank = ConditionBank(build_alarm_table(park, tags))
    gc.collect()
    grown = (process.memory_info().rss - before) / 1e6
    return Row("alarms", f"memory of {len(bank.table):,} alarms", grown, "MB", note="process growth")


def _journal_rows(table: AlarmTable, folder: Path) -> list[Row]:
    engine = open_database(f"sqlite:///{folder / 'journal.db'}")
    create_tables(engine, TABLES)
    journal = Journal(engine, "park", table)
    flood = [Happening(table.name(number), Event.ALARM, NOW + 1, value=90.0) for number in range(10_000)]
    seconds = cpu_seconds(lambda: journal.write(flood, recorded=NOW), 1)
    single = iter(range(10_000, 10_200))
    one = cpu_seconds(
        lambda: journal.write([Happening(table.name(next(single)), Event.ALARM, NOW)], recorded=NOW), 100
    )
    engine.dispose()
    return [
        Row("alarms", "journal, 10,000 alarms in one transaction", len(flood) / seconds, "entries/s"),
        Row("alarms", "journal, an alarm alone", one * 1e3, "ms", note="CPU; SQLite, synced to the disk"),
    ]


def _snapshot_rows(table: AlarmTable) -> list[Row]:
    bank = ConditionBank(table)
    rng = np.random.default_rng(3)
    for row in rng.choice(len(table.conditions), 10_000, replace=False).tolist():
        bank.hold(row, active=True)
    names = pack_names(table)
    take = cpu_seconds(lambda: take_snapshot(bank, {}, names)) * 1e3
    snapshot = take_snapshot(bank, {}, names)
    size = len(encode_snapshot(snapshot)) / 1e6
    load = cpu_seconds(lambda: restore_snapshot(ConditionBank(table), snapshot), 2) * 1e3
    note = f"10,000 of the conditions hold; {size:.1f} MB"
    return [
        Row("alarms", f"snapshot of {len(table):,} alarms", take, "ms", note=note),
        Row("alarms", "snapshot, load", load, "ms"),
    ]


@contextmanager
def _running(evaluator: Evaluator) -> Iterator[None]:
    evaluator.start()
    try:
        yield
    finally:
        evaluator.stop(10.0)


def _whole_row(park: Park, table: AlarmTable, folder: Path) -> Row:
    """Let an evaluator read everything from the embedded bus, journal it and publish the journal."""
    bus = open_bus(f"embedded:{folder / 'bus'}")
    frames = []
    for number in range(len(table.tags) // SOURCE_TAGS):
        tags = park.tags[number * SOURCE_TAGS : (number + 1) * SOURCE_TAGS]
        frames.append(_announce(bus, tuple(tag.tag for tag in tags)))
    rng = np.random.default_rng(5)
    readings = 0
    for number in range(600):
        frame = Frame(
            source="works", sequence=number + 1, tag_set=frames[number % len(frames)],
            index=rng.integers(0, SOURCE_TAGS, 1_000).astype("<u4"),
            source_time=NOW + number * NS_PER_S + np.arange(1_000, dtype="<i8"),
            status=np.zeros(1_000, "<u4"), value=rng.normal(0.0, 30.0, 1_000),
        )  # fmt: skip
        bus.publish([Message(READINGS.name, "works", encode_frame(frame), frame_headers(frame, NOW))])
        readings += len(frame)
    engine = open_database(f"sqlite:///{folder / 'whole.db'}")
    create_tables(engine, TABLES)
    directory = TagSetDirectory(bus)
    evaluator = Evaluator(
        bus, Journal(engine, "park", table), lookup=directory.get, snapshots=None,
        metrics=AlarmMetrics(CollectorRegistry()), clock=system_clock,
    )  # fmt: skip
    evaluator.load()

    def work() -> None:
        while not evaluator.live:
            evaluator.step(0.0)
        evaluator.step(0.0)

    seconds = cpu_seconds(work, 1)
    entries = len(list_entries(engine, "park", start=0, end=2**62, limit=1_000_000))
    evaluator.close()
    evaluator.stop()
    directory.close()
    engine.dispose()
    bus.close()
    rate = readings / seconds
    return Row(
        "alarms", "from the embedded bus to the journal and back onto the bus", rate, "readings/s",
        "at least 300,000", rate >= 300_000, f"CPU of one core; {entries:,} entries of {readings:,} readings",
    )  # fmt: skip


def _announce(bus: Bus, names: tuple[str, ...]) -> str:
    tags = TagSet(source="works", tags=names, units=("°C",) * len(names), data_types=("Double",) * len(names))
    value, headers = encode_message(tags, message_id=tags.id, source="works", time_ns=NOW)
    bus.publish([Message(TAG_SETS.name, tags.id, value, headers)])
    return tags.id


def _latency_rows(folder: Path) -> list[Row]:
    """Publish one reading beyond its limit at a time, among 20,000 quiet ones a second, and look in the
    journal when it was written down."""
    park = alarm_park(5_010)
    table = build_alarm_table(park, build_tag_table(park))
    bus = open_bus(f"embedded:{folder / 'latency-bus'}")
    tag_set = _announce(bus, tuple(tag.tag for tag in park.tags))
    engine = open_database(f"sqlite:///{folder / 'latency.db'}")
    create_tables(engine, TABLES)
    directory = TagSetDirectory(bus)
    evaluator = Evaluator(
        bus, Journal(engine, "park", table), lookup=directory.get, snapshots=None,
        metrics=AlarmMetrics(CollectorRegistry()), clock=system_clock,
    )  # fmt: skip
    index = np.arange(1_000, dtype="<u4")
    with _running(evaluator):
        for number in range(LATENCIES):
            now = time_ns()
            values = np.zeros(1_000)
            values[number] = 90.0
            frame = Frame(
                source="works", sequence=number + 1, tag_set=tag_set, index=index,
                source_time=np.full(1_000, now, "<i8"), status=np.zeros(1_000, "<u4"), value=values,
            )  # fmt: skip
            bus.publish([Message(READINGS.name, "works", encode_frame(frame), frame_headers(frame, now))])
            sleep(0.05)
        threading.Event().wait(0.5)
    entries = list_entries(engine, "park", start=0, end=2**62, limit=10 * LATENCIES, events=["alarm"])
    waits = np.array([(entry.recorded - entry.time) / NS_PER_S * 1e3 for entry in entries])
    directory.close()
    engine.dispose()
    bus.close()
    assert len(waits) == LATENCIES
    p50, p99 = np.percentile(waits, [50, 99])
    note = f"p50 {p50:.0f} ms; of it 100 ms are the lateness within which readings are put in order"
    return [
        Row("alarms", "from the reading to the journal, p99", float(p99), "ms", "under 200", p99 < 200, note)
    ]


def run() -> list[Row]:
    """Measure."""
    park = alarm_park()
    table = build_alarm_table(park, build_tag_table(park))
    with tempfile.TemporaryDirectory() as folder:
        return [
            *_evaluate_rows(table),
            _memory_row(),
            *_journal_rows(table, Path(folder)),
            *_snapshot_rows(table),
            _whole_row(park, table, Path(folder)),
            *_latency_rows(Path(folder)),
        ]
