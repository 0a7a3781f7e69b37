"""Load forecasts and warnings of overloads on days of the simulated park.

Simulating takes half a minute of CPU a day; ``PARKTWIN_BENCH_LOADS`` names a ``.npy`` file that the days are
kept in, ``PARKTWIN_BENCH_DAYS`` how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.load_cases import OverloadCase, overload_cases, past_of, series, simulated
from benchmarks.table import Row
from twin.contract.frame import F64
from twin.networks.load_forecast import track_record

AREA = "loads"
DAYS = 21
CASES = 50
STEPS = np.array([1, 4, 16, 96], np.int64)
NAMES = ("15 min", "1 h", "4 h", "24 h")


def _skill(own: F64, days: int) -> list[Row]:
    found = track_record(past_of(own), STEPS)
    rows = []
    for row, name in enumerate(NAMES):
        told = found.count[row] > 0
        off, now, day = (side[row, told] for side in (found.off, found.as_now, found.as_yesterday))
        rows.append(
            Row(AREA, f"error {name} ahead over that of yesterday's value", float(np.median(off / day)), "",
                "below 1", bool(np.median(off / day) < 1.0),
                f"median of {told.sum()} meters, last 7 of {days} days; over that of the last value "
                f"{np.median(off / now):.2f}; of all meters together {off.sum() / day.sum():.2f} and "
                f"{off.sum() / now.sum():.2f}; between the 10 % and 90 % quantiles lay "
                f"{100 * np.average(found.within[row, told], weights=found.count[row, told]):.0f} %")
        )  # fmt: skip
    return rows


def _warnings(cases: Sequence[OverloadCase]) -> list[Row]:
    rows = []
    for grown, kind in ((False, "on days as usual"), (True, "with a load that grows as on no day before")):
        over = [one for one in cases if one.grown == grown and one.over_at is not None]
        calm = [one for one in cases if one.grown == grown and one.over_at is None]
        hits = [one.likely for one in over if one.likely is not None]
        possible = sum(one.possible is not None for one in over)
        false = sum(one.likely is not None for one in calm)
        maybe = sum(one.possible is not None for one in calm)
        note = (
            f"of {len(over)} overloads, by a chance of a half; {possible} by a tenth; "
            f"{15 * np.median(hits) if hits else 0:.0f} min before (median); false warnings on {false} of "
            f"{len(calm)} days without overload, by a tenth on {maybe}"
        )
        rows.append(Row(AREA, f"overload warned of 30 min ahead {kind}", len(hits), "cases", "", None, note))
    return rows


def run() -> Sequence[Row]:
    """Measure all of it."""
    days = int(os.environ.get("PARKTWIN_BENCH_DAYS", DAYS))
    kept = os.environ.get("PARKTWIN_BENCH_LOADS")
    columns = series()
    value = columns.rows(simulated(days, keep=Path(kept) if kept else None))
    own = columns.split(value)[2]
    return [
        *_skill(own, len(own) // 96),
        *_warnings(list(overload_cases(own, columns.elements, CASES))),
    ]
