"""Calculated tags: the cost of 10,000 of them once a second, beside a plain loop over the same formulas; and
of alarms over several signals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.bench_state import NOW, SIGNALS, cpu_seconds, make_park
from benchmarks.table import Row
from twin.alarms.alarm_table import build_alarm_table
from twin.alarms.condition_bank import ConditionBank
from twin.alarms.readings import from_frame
from twin.calculation.calculation import Calculation
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.contract.messages import Connection, SourceState
from twin.park.alarm import AlarmRule
from twin.park.calculated import CalculatedRule, calculated_source
from twin.park.model import Limits, Park, SignalKind, Tag
from twin.state.tag_map import TagMapping
from twin.state.tag_table import build_tag_table

MACHINES = 1_000
ALONE = 100
RULES = 10
SECONDS = 10


def calculated_park(machines: int, *, alone: bool = False) -> Park:
    """Make a park of machines with ten calculated tags each; with ``alone`` every one by a rule of its own,
    as in a park whose engineer wrote each by hand."""
    park = make_park(machines * SIGNALS)
    plain = {
        id(signal): replace(signal, unit="kW", limits=Limits()) for signal in park.equipment[0].kind.signals
    }
    signals = [
        SignalKind(f"calculated_{number}", park.display, unit="kW" if number % 2 else "%")
        for number in range(RULES)
    ]
    source = calculated_source(park.id)
    tags = []
    for number, machine in enumerate(park.equipment):
        own = [replace(tag, signal=plain[id(tag.signal)]) for tag in park.tags[number * SIGNALS :][:SIGNALS]]
        more = [Tag(0, f"{machine.id}:{signal.name}", number, signal, source, "") for signal in signals]
        tags += [*own, *more]
    ids = [machine.id for machine in park.equipment]
    rules = [
        CalculatedRule(signal.name, _expression(number), equipment=equipment)
        for number, signal in enumerate(signals)
        for equipment in ([(one,) for one in ids] if alone else [tuple(ids)])
    ]
    kinds = replace(park.equipment[0].kind, signals=tuple(plain.values()))
    return replace(
        park,
        equipment=tuple(replace(machine, kind=kinds) for machine in park.equipment),
        tags=tuple(replace(tag, index=index) for index, tag in enumerate(tags)),
        calculated=tuple(rules),
    )


def _expression(number: int) -> str:
    a, b, c = (f"signal_{(3 * number + offset) % SIGNALS}" for offset in range(3))
    return f"{a} + {b} - {c} / 2" if number % 2 else f"{a} / (abs({b}) + abs({c}) + 1 [kW])"


def frames(park: Park) -> list[Frame]:
    """A frame of every measured tag for each second."""
    rng = np.random.default_rng(5)
    measured = np.array([tag.index for tag in park.tags if tag.source == "works"], np.uint32)
    return [
        Frame(
            source="works",
            sequence=second + 1,
            tag_set="0" * 32,
            index=measured,
            source_time=np.full(len(measured), NOW + second * NS_PER_S, np.int64),
            status=np.zeros(len(measured), np.uint32),
            value=rng.normal(50.0, 10.0, len(measured)),
        )
        for second in range(SECONDS)
    ]


def _seconds(park: Park, told: list[Frame]) -> tuple[float, int]:
    """CPU seconds to take the frames in and work out what hangs on them, and how many readings that gives."""
    table = build_tag_table(park)
    mapping = TagMapping(np.arange(len(table), dtype=np.intp), simulated=True)
    made = [Calculation(park, table) for _ in range(3)]
    readings = 0

    def work() -> None:
        nonlocal readings
        calculation, readings = made.pop(), 0
        calculation.note_source(
            SourceState(source="works", connection=Connection.CONNECTED, since=NOW, time=NOW), NOW
        )
        for number, frame in enumerate(told):
            at = NOW + number * NS_PER_S
            calculation.apply(frame, mapping, at)
            readings += len(calculation.evaluate(at, number + 1, live=False))

    return cpu_seconds(work, 3), readings


def _peer_seconds(park: Park, told: list[Frame]) -> float:
    """A plain loop over the same formulas, each reading of an input looked at once."""
    place = {tag.tag: tag.index for tag in park.tags}
    jobs = []
    for rule_number in range(RULES):
        names = [f"signal_{(3 * rule_number + offset) % SIGNALS}" for offset in range(3)]
        for machine in park.equipment:
            jobs.append((rule_number % 2, *(place[f"{machine.id}:{name}"] for name in names)))

    def work() -> None:
        last = [0.0] * len(park.tags)
        status = [0] * len(park.tags)
        for frame in told:
            for tag, value, quality in zip(
                frame.index.tolist(), frame.value.tolist(), frame.status.tolist(), strict=True
            ):
                last[tag], status[tag] = value, quality
            out = []
            for odd, a, b, c in jobs:
                worst = max(status[a], status[b], status[c])
                x, y, z = last[a], last[b], last[c]
                out.append((x + y - z / 2 if odd else x / (abs(y) + abs(z) + 1) * 100, worst))

    return cpu_seconds(work, 2)


def _alarm_rows() -> list[Row]:
    """Readings a second of machines with and without a rule over three signals each."""
    plain = make_park(60_000)
    no_limits = {id(one): replace(one, limits=Limits()) for one in plain.equipment[0].kind.signals}
    plain = replace(plain, tags=tuple(replace(tag, signal=no_limits[id(tag.signal)]) for tag in plain.tags))
    rule = AlarmRule(
        "together",
        plain.display,
        "expression",
        kind="machine",
        signals=("signal_0",),
        when="signal_0 > signal_1 and signal_2 < 20",
    )
    ruled = replace(plain, alarms=(rule,))
    table = build_alarm_table(ruled, build_tag_table(ruled))
    mapping = np.arange(len(table.tags), dtype=np.intp)
    rng = np.random.default_rng(6)
    n = len(table.tags)
    told = [
        Frame(
            source="works",
            sequence=second + 1,
            tag_set="0" * 32,
            index=np.arange(n, dtype=np.uint32),
            source_time=np.full(n, NOW + second * NS_PER_S, np.int64),
            status=np.zeros(n, np.uint32),
            value=np.round(rng.normal(0.0, 30.0, n), 3),
        )
        for second in range(10)
    ]
    banks = [ConditionBank(table) for _ in range(3)]
    edges = 0

    def work() -> None:
        nonlocal edges
        bank, edges = banks.pop(), 0
        for frame in told:
            edges += len(bank.take(from_frame(frame, mapping, NOW)))

    rate = n * len(told) / cpu_seconds(work, 3)
    return [
        Row(
            "alarms",
            "evaluate, one rule over three signals at each of 2,000 machines with 30 signals",
            rate / 1e6,
            "M readings/s",
            note=f"one core; {edges} edges of {n * len(told):,} readings",
        )
    ]


def run() -> list[Row]:
    """Measure on one core."""
    park = calculated_park(MACHINES)
    told = frames(park)
    seconds, readings = _seconds(park, told)
    peer = _peer_seconds(park, told)
    few = calculated_park(ALONE, alone=True)
    alone, _ = _seconds(few, frames(few))
    load = f"30,000 inputs and 10,000 calculated tags a second, {readings:,} readings worked out"
    return [
        Row(
            "calculation",
            "10,000 calculated tags of 10 rules, once a second",
            100 * seconds / SECONDS,
            "% of a core",
            note=f"{load}; {peer / seconds:.1f} times as fast as a plain loop with the formulas built in",
        ),
        Row(
            "calculation",
            "1,000 calculated tags of 1,000 rules, once a second",
            100 * alone / SECONDS,
            "% of a core",
            note="nothing to work out together: this is what the arrays save",
        ),
        *_alarm_rows(),
    ]
