"""Lines for tests, and the park's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import yaml

import sim
from sim.calendar.calendar import ALWAYS, Calendar, make_calendars
from sim.calendar.rows import BreakRow, CalendarRow, ShiftRow
from sim.line.columns import Controls
from sim.line.production_line import ProductionLine
from sim.line.rows import LineRow, StationRow
from sim.line.unfold import unfold_lines

PARK = Path(sim.__file__).parent / "parks" / "yenphong"
HANOI = timezone(timedelta(hours=7))
S = 10**9

SHIFT = CalendarRow("shift", (ShiftRow("A", "06:00", "14:00", breaks=(BreakRow("10:00", "10:30"),)),))
"""Every day, with a break of half an hour."""


def at(*moment: int) -> int:
    """Nanoseconds since the epoch of a local moment in Hanoi."""
    return int(datetime(*moment, tzinfo=HANOI).timestamp()) * S  # type: ignore[misc,arg-type]


START_NS = at(2026, 11, 25)


def unfolded(*stations: StationRow, **line: Any) -> LineRow:
    (row,) = unfold_lines([LineRow("plant/line", "L", "piece", stations, **line)])
    return row


def line_of(
    *stations: StationRow,
    seed: int = 5,
    start_ns: int = START_NS,
    calendar: CalendarRow = ALWAYS,
    **line: Any,
) -> ProductionLine:
    return ProductionLine(unfolded(*stations, **line), Calendar(calendar, 7), seed=seed, start_ns=start_ns)


class Runner:
    """A line, and what it is told."""

    def __init__(self, line: ProductionLine) -> None:
        self.line = line
        self.controls = Controls.all_well(len(line.stations))
        self.now_s = 0.0

    def go(self, dt_s: float, step_s: float | None = None) -> None:
        end_s = self.now_s + dt_s
        while self.now_s < end_s:
            self.now_s = min(self.now_s + (step_s or dt_s), end_s)
            self.line.advance(self.line.start_ns + round(self.now_s * S), self.controls)


def check_counts(line: ProductionLine) -> None:
    """Every piece is in one place, and counted once."""
    columns = line.columns
    assert (columns.entered == columns.good + columns.reject + columns.wip).all()
    assert (columns.made == columns.good + columns.reject).all()
    for before, after in zip(line.steps, line.steps[1:], strict=False):
        passed_on = sum(station.good for station in before.stations)
        taken_in = sum(station.entered for station in after.stations)
        assert passed_on == taken_in + len(after.buffer)
        assert len(after.buffer) <= after.room
    for station in line.stations:
        assert len(station.pieces) <= station.row.room


def park_lines() -> tuple[LineRow, ...]:
    text = (PARK / "plant" / "lines.yaml").read_text(encoding="utf-8")
    return unfold_lines(msgspec.convert(yaml.load(text, yaml.CSafeLoader)["lines"], list[LineRow]))


def park_calendars() -> dict[str, Calendar]:
    text = (PARK / "plant" / "calendars.yaml").read_text(encoding="utf-8")
    rows = msgspec.convert(yaml.load(text, yaml.CSafeLoader)["calendars"], list[CalendarRow])
    return make_calendars(rows, 7)
