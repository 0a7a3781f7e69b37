"""Calculated tags on the bus: the right values, at the right times, once, whatever happens in between."""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.calculation.oracle import Reading, Told, calculate, newest
from tests.twin.calculation.plant import PlantSource, S, frames_of, make_calculator, make_park, told
from twin.bus.base import Bus
from twin.bus.connect import open_bus
from twin.calculation.calculator import Calculator
from twin.contract.messages import Connection
from twin.park.model import Park
from twin.park.park_file import load_park

START = 1_767_225_600 * S
UNCERTAIN_LAST_USABLE = 0x40900000


class Time:
    """The clock of the bus and of the calculator; the test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


class Rig:
    """A plant whose two sources speak at chosen times, and its calculator."""

    def __init__(self, park: Park, snapshot: Path | None = None) -> None:
        self.park = park
        self.time = Time()
        self.bus: Bus = open_bus(f"memory:{uuid.uuid4().hex}", clock=self.time)
        self.sources = {one: PlantSource(self.bus, park, one) for one in ("s1", "s2")}
        self.snapshot = snapshot
        self.calculator = self.start()

    def start(self) -> Calculator:
        calculator = make_calculator(self.bus, self.park, self.time, self.snapshot)
        calculator.load()
        return calculator

    def at(self, seconds: float) -> None:
        self.time.now = max(self.time.now, START + round(seconds * S))

    def beat(self) -> None:
        for source in self.sources.values():
            source.beat(self.time.now)

    def step(self, seconds: float | None = None) -> None:
        """Let time go on and take in what is there."""
        if seconds is not None:
            self.at(seconds)
        while self.calculator.step(0.0):
            pass


@cache
def small_park() -> Park:
    with TemporaryDirectory() as folder:
        return make_park(Path(folder))


@pytest.fixture
def park() -> Park:
    return small_park()


def seconds(rows: Sequence[tuple[str, int, float, int]]) -> list[tuple[str, float, float, int]]:
    return [(tag, (time - START) / S, round(value, 6), status) for tag, time, value, status in rows]


def close(
    found: Mapping[tuple[str, int], tuple[float, int]], wanted: Mapping[tuple[str, int], tuple[float, int]]
) -> None:
    assert found.keys() == wanted.keys()
    for key, (value, status) in wanted.items():
        assert found[key][1] == status, key
        assert found[key][0] == pytest.approx(value, rel=1e-12, nan_ok=True), key


def test_a_tag_has_the_time_of_its_newest_input_and_the_unit_of_its_row(park: Park) -> None:
    rig = Rig(park)
    rig.beat()
    rig.sources["s1"].tell([("pump1:power", START, 10.0), ("pump1:flow", START - S, 4.0)])
    rig.step()
    assert told(rig.bus) == [], "the cell is not over"
    rig.step(0.6)
    rows = {tag: row for tag, *row in seconds(told(rig.bus))}
    assert rows["pump1:specific"] == [0.0, 2.5, 0]
    assert rows["main:total"][2] == 0x80320000, "the other pumps have not spoken yet"
    rig.sources["s1"].tell([(f"pump{n}:power", START + S, 10.0 * n) for n in (1, 2, 3)])
    rig.sources["s2"].tell([("main:losses", START + 2 * S, 40_000.0)])
    rig.step(1.2)
    rows = {tag: row for tag, *row in seconds(told(rig.bus))}
    assert rows["main:total"] == [2.0, 0.1, 0]
    assert rows["pump3:share"] == [2.0, 30.0, 0]


def test_what_hangs_on_a_simulator_says_so(park: Park) -> None:
    rig = Rig(park)
    rig.sources["s1"].tell([("pump1:power", START, 10.0), ("pump1:flow", START, 0.0)])
    rig.step(0.6)
    simulated = {
        tag: tags.simulated for tags, _, _ in frames_of(rig.bus, "calculated-p1") for tag in tags.tags
    }
    assert simulated["p1/hall/pump1:specific"] is False
    assert simulated["p1/hall/main:total"] is True
    assert simulated["p1/hall/pump1:share"] is True


def test_a_division_by_zero_spoils_its_own_tag_only(park: Park) -> None:
    rig = Rig(park)
    rig.beat()
    rig.sources["s1"].tell([("pump1:power", START, 10.0), ("pump1:flow", START, 0.0)])
    rig.sources["s1"].tell([("pump2:power", START, 10.0), ("pump2:flow", START, 5.0)])
    rig.step(0.6)
    rows = {tag: row for tag, *row in told(rig.bus)}
    assert (math.isnan(rows["pump1:specific"][1]), rows["pump1:specific"][2]) == (True, 0x803C0000)
    assert rows["pump2:specific"][1:] == [2.0, 0]


def test_a_stale_input_makes_what_is_worked_out_uncertain_until_it_is_heard_of_again(park: Park) -> None:
    rig = Rig(park)
    rig.beat()
    rig.sources["s2"].tell([("main:losses", START, 0.0)])
    rig.sources["s1"].tell([(f"pump{n}:power", START, 10.0) for n in (1, 2, 3)])
    rig.step(0.6)
    rig.at(2)
    rig.sources["s1"].beat(rig.time.now)
    rig.sources["s2"].beat(rig.time.now, Connection.LOST)
    rig.step()
    rig.sources["s1"].tell([("pump1:power", START + 2 * S, 40.0)])
    rig.step(2.6)
    totals = [row for row in seconds(told(rig.bus)) if row[0] == "main:total"]
    assert totals == [("main:total", 0.0, 0.03, 0), ("main:total", 2.0, 0.06, UNCERTAIN_LAST_USABLE)]
    rig.step(4.1)
    rig.beat()
    rig.step(4.6)
    totals = [row for row in seconds(told(rig.bus)) if row[0] == "main:total"]
    assert totals[2:] == [("main:total", 4.5, 0.06, 0)], "trust is back, and that is news of its own"


ROW = st.tuples(
    st.sampled_from(
        [*(f"pump{n}:{one}" for n in (1, 2, 3) for one in ("power", "flow", "mode")), "main:losses"]
    ),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, 2.0, -5.5, 1e200, math.nan, math.inf]),
    st.sampled_from([0, 0, 0, 0x40000000, 0x80310000]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from([0, 1, 100, 300, 499, 500, 2000]), st.lists(ROW, min_size=1, max_size=5)),
    min_size=1,
    max_size=12,
)


def readings(
    rows: Sequence[tuple[str, int, float, int]], now: int, ticks: count[int]
) -> dict[str, list[Reading]]:
    """Make readings by source: times lie around ``now``, none twice."""
    by_source: dict[str, list[Reading]] = {}
    for tag, offset, value, status in rows:
        time = now + offset * S + next(ticks)
        text = None
        if tag.endswith("mode"):
            text, value = ("hand" if value > 0 else "auto" if value == 0 else None), math.nan
        by_source.setdefault("s2" if tag.startswith("main") else "s1", []).append(
            (tag, time, value, status, text)
        )
    return {source: sorted(found, key=lambda row: row[1]) for source, found in by_source.items()}


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, looks=st.sets(st.integers(0, 11)))
def test_arrays_agree_with_plain_loops_whenever_the_bus_is_looked_at(
    steps: list[tuple[int, list[tuple[str, int, float, int]]]], looks: set[int]
) -> None:
    rig = Rig(small_park())
    ticks = count()
    messages: list[tuple[int, Sequence[Reading]]] = []
    for number, (wait_ms, rows) in enumerate(steps):
        rig.time.now += wait_ms * 1_000_000
        rig.beat()
        for source, found in readings(rows, rig.time.now, ticks).items():
            rig.sources[source].tell(found)
            messages.append((rig.time.now, found))
        if number in looks:
            rig.step()
    rig.time.now += 5 * S
    rig.beat()
    rig.step()
    close(newest(told(rig.bus)), newest(calculate(messages)))


@settings(max_examples=40, deadline=None)
@given(steps=STEPS, crashes=st.sets(st.integers(0, 11)), snapshots=st.sets(st.integers(0, 11)))
def test_a_crash_at_any_moment_loses_nothing_and_tells_nothing_twice(
    steps: list[tuple[int, list[tuple[str, int, float, int]]]],
    crashes: set[int],
    snapshots: set[int],
) -> None:
    with TemporaryDirectory() as folder:
        rig = Rig(small_park(), Path(folder) / "calculated.snapshot")
        ticks = count()
        messages: list[tuple[int, Sequence[Reading]]] = []
        for number, (wait_ms, rows) in enumerate(steps):
            # a snapshot is due every 5 s; between them the process dies
            rig.time.now += wait_ms * 1_000_000 + (6 * S if number in snapshots else 0)
            rig.beat()
            for source, found in readings(rows, rig.time.now, ticks).items():
                rig.sources[source].tell(found)
                messages.append((rig.time.now, found))
            rig.step()
            if number in crashes:
                rig.calculator = rig.start()
        rig.time.now += 5 * S
        rig.beat()
        rig.step()
        found_rows = newest(told(rig.bus))
        wanted = newest(calculate(messages))
        assert wanted.keys() <= found_rows.keys(), "nothing is lost"
        by_sequence: dict[tuple[int, str], tuple[object, ...]] = {}
        for tags, frame, _ in frames_of(rig.bus, "calculated-p1"):
            for row, index in enumerate(frame.index.tolist()):
                key = (frame.sequence, tags.tags[index])
                content = (int(frame.source_time[row]), int(frame.status[row]))
                assert by_sequence.setdefault(key, content) == content, "told again, it is the same"
        last: dict[str, Told] = {}
        for tag, time, value, status in calculate(messages):
            if tag not in last or time >= last[tag][1]:
                last[tag] = (tag, time, value, status)
        for tag, time, value, status in last.values():
            assert found_rows[tag, time][1] == status
            assert found_rows[tag, time][0] == pytest.approx(value, rel=1e-12, nan_ok=True)


def test_a_snapshot_of_another_park_is_worked_out_anew(park: Park, tmp_path: Path) -> None:
    rig = Rig(park, tmp_path / "calculated.snapshot")
    rig.sources["s1"].tell([("pump1:power", START, 10.0), ("pump1:flow", START, 4.0)])
    rig.step(0.6)
    rig.calculator.close()
    before = {row[0]: row for row in told(rig.bus)}
    folder = tmp_path / "changed"
    folder.mkdir()
    make_park(folder)
    path = folder / "park.yaml"
    path.write_text(path.read_text().replace("value: power / flow", "value: 2 * power / flow"))
    changed = load_park(path, environment={})
    rig.park = changed
    rig.calculator = rig.start()
    rig.step(1.2)
    after = {row[0]: row for row in told(rig.bus)}
    assert after["pump1:specific"][1] == before["pump1:specific"][1]
    assert (before["pump1:specific"][2], after["pump1:specific"][2]) == (2.5, 5.0)
