"""Key figures from a history in chDB: the effectiveness of 100 lines over a month, and what its parts take.

A line here is a state that changes every minute or so, a count of good pieces told every twenty seconds while
it works, and a count of rejects told every ten minutes: what a line of one to three pieces a minute tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import numpy as np

from benchmarks.scratch_history import scratch_history
from benchmarks.table import Row, as_markdown, median_seconds
from twin.api.kpi_history import HistoryReadings
from twin.contract.clock import NS_PER_S, from_iso
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.store import EngineHistory
from twin.kpi.effort import line_effort
from twin.kpi.plan import KpiPlan
from twin.kpi.report import worked
from twin.kpi.series import Series
from twin.park.kpi import KpiRules, LineRule
from twin.park.model import Equipment, EquipmentKind, Name, Park, Place, SignalKind, Tag

LINES = 100
START = from_iso("2026-09-01T00:00:00+07:00")
DAY = 86_400 * NS_PER_S
DAYS = 30
WANTED_S = 2.0

_KIND = EquipmentKind(
    "machine",
    Name("Máy", "Machine"),
    "cabinet",
    (
        SignalKind("state", Name("Trạng thái", "State"), data_type="String", role="state"),
        SignalKind("good", Name("Đạt", "Good"), data_type="UInt32", role="good_count"),
        SignalKind("rejected", Name("Loại", "Rejected"), data_type="UInt32", role="reject_count"),
    ),
)
_STATES = ("Execute", "Suspended", "Execute", "Held", "Execute", "Suspended", "Execute", "Idle")


def make_park() -> Park:
    """A park of lines with one machine each."""
    lines = [f"bench/a/f1/l{number:03}" for number in range(LINES)]
    machines = tuple(
        Equipment(f"{line}/m1", _KIND, Name("M", "M"), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)) for line in lines
    )
    tags = tuple(
        Tag(3 * number + place, f"{machine.id}:{signal.name}", number, signal, "plc", "")
        for number, machine in enumerate(machines)
        for place, signal in enumerate(_KIND.signals)
    )
    rules = tuple(
        LineRule(line, "", (f"{line}/m1",), f"{line}/m1", Name("cái", "piece"), ((f"{line}/m1", 18.0),))
        for line in lines
    )
    return Park(
        id="bench",
        display=Name("Bench", "Bench"),
        timezone="Asia/Ho_Chi_Minh",
        revision="",
        places=tuple(Place(line, "line", Name(line, line)) for line in lines),
        equipment=machines,
        tags=tags,
        sources=(),
        links=(),
        site=(),
        kpi=KpiRules(lines=rules),
    )


def _day(tag_set: TagSet, day: int, rng: np.random.Generator) -> Iterator[Frame]:
    """A day of all lines, ten lines a frame."""
    for first in range(0, LINES, 10):
        index, time, value, text = [], [], [], []
        for line in range(first, first + 10):
            for place, every_s in ((0, 60.0), (1, 20.0), (2, 600.0)):
                n = round(86_400 / every_s)
                told = np.sort(rng.integers(0, DAY, n)) + START + day * DAY
                index.append(np.full(n, 3 * line + place, np.uint32))
                time.append(told)
                value.append(np.full(n, np.nan) if place == 0 else day * n + np.arange(n, dtype=np.float64))
                states = (_STATES * (n // len(_STATES) + 1))[:n] if place == 0 else (None,) * n
                text += list(states)
        joined = np.concatenate(index)
        yield Frame(
            source="plc",
            sequence=day * 1000 + first,
            tag_set=tag_set.id,
            index=joined,
            source_time=np.concatenate(time),
            status=np.zeros(len(joined), np.uint32),
            value=np.concatenate(value),
            text=tuple(text),
        )


def run() -> list[Row]:
    """Measure in a directory of its own, removed afterwards."""
    with scratch_history() as history:
        return _measure(history)


def _measure(history: EngineHistory) -> list[Row]:
    plan = KpiPlan(make_park())
    tags = tuple(plan.tags)
    tag_set = TagSet(source="plc", tags=tags, units=("",) * len(tags), data_types=("Double",) * len(tags))
    rng = np.random.default_rng(5)
    rows = 0
    for day in range(DAYS):
        rows += history.append([(tag_set, frame) for frame in _day(tag_set, day, rng)])
    history.optimize()
    readings, end = HistoryReadings(lambda: history), START + DAYS * DAY
    begun = process_time()
    seconds = median_seconds(lambda: worked(plan, readings, "bench", START, end), 3)
    cpu = (process_time() - begun) / 3
    series = readings.read(tags, START, end)
    reckoning = median_seconds(lambda: _reckon(plan, series, end), 3)
    size = f"{rows / 1e6:.1f} M readings of {len(tags)} tags, {cpu:.1f} s of CPU"
    shift = median_seconds(lambda: worked(plan, readings, "bench", end - DAY // 3, end), 3)
    return [
        Row(
            "kpi",
            f"OEE of {LINES} lines over a month, from history",
            seconds,
            "s",
            f"under {WANTED_S:g}",
            seconds < WANTED_S,
            size,
        ),
        Row("kpi", "of it, reckoning from columns", reckoning, "s", note="the rest is reading them"),
        Row("kpi", f"OEE of {LINES} lines over a shift of 8 h", 1000 * shift, "ms"),
    ]


def _reckon(plan: KpiPlan, series: dict[str, Series] | object, end: int) -> None:
    assert isinstance(series, dict)
    for line in plan.lines.values():
        line_effort(line, series, START, end, plan.zone)


if __name__ == "__main__":
    print(as_markdown(run()))
