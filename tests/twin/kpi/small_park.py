"""The small park, and series written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from twin.contract.clock import NS_PER_S, from_iso
from twin.kpi.packml import STATES
from twin.kpi.plan import KpiPlan
from twin.kpi.series import Series, cut, empty_series, in_order
from twin.kpi.spans import spans
from twin.park.park_file import load_park

LINE1, LINE2 = "nho/a/f1/l1", "nho/a/f1/l2"
MINUTE = 60 * NS_PER_S
HOUR = 60 * MINUTE
DAY = from_iso("2026-09-24T08:00:00+07:00")
"""A Thursday, the begin of the shift; planned are 420 of its 480 minutes."""
BAD = 0x80310000


@cache
def small_plan() -> KpiPlan:
    return KpiPlan(load_park(Path(__file__).parent / "park" / "park.yaml", environment={}))


def moments(
    *rows: tuple[float, float | str] | tuple[float, float | str, int],
    gaps: Sequence[tuple[float, float]] = (),
) -> Series:
    """A series of (minutes after :data:`DAY`, value or PackML state[, status]), and gaps in minutes."""
    time = np.array([DAY + round(row[0] * MINUTE) for row in rows], np.int64)
    value = np.array([_number(row[1]) for row in rows], np.float64)
    status = np.array([row[2] if len(row) > 2 else 0 for row in rows], np.uint32)
    marked = [(DAY + round(a * MINUTE), DAY + round(b * MINUTE)) for a, b in gaps]
    return in_order(time, value, status, spans(marked))


def _number(value: float | str) -> float:
    return float(STATES.index(value)) if isinstance(value, str) else float(value)


class Kept:
    """Readings by tag; a tag that is not there has none."""

    def __init__(self, series: Mapping[str, Series]) -> None:
        self._series = series

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        return {tag: cut(self._series.get(tag, empty_series()), start, end) for tag in tags}

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        return self.read(tags, start, end)


def line1(**series: Series) -> dict[str, Series]:
    """Series of both machines of line 1 by ``m1_state``, ``m2_good``...; counters stand still unless
    given."""
    still = {
        f"{LINE1}/{machine}:{signal}": moments((-60, 0.0))
        for machine in ("m1", "m2")
        for signal in ("good", "rejected", "starved", "blocked")
    }
    still |= {f"{LINE1}/{machine}:state": moments((-60, "Execute")) for machine in ("m1", "m2")}
    given = {f"{LINE1}/{name.replace('_', ':', 1)}": one for name, one in series.items()}
    return still | given
