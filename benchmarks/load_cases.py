"""Days of the simulated park as the twin's load forecasts see them, and seeded cases of overloads in them.

The park is stepped by a minute and read every five; its lines and people work by their calendars, machines
wear and fail. Nothing of the forecast is tuned on these days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.network_cases import Instruments, demo_park
from sim.plant import read_plant
from sim.simulation import Simulation
from twin.api.like_quarters import QUARTER_NS, like_quarters
from twin.contract.clock import from_iso
from twin.contract.frame import F64
from twin.networks.load_forecast import DAY, LoadPast, forecast
from twin.networks.load_series import LoadSeries
from twin.networks.overloads_ahead import LIKELY, POSSIBLE
from twin.networks.park_power import ParkPower
from twin.state.tag_table import build_tag_table

BEGIN = from_iso("2026-08-24T00:00:00+07:00")
"""A Monday; the holidays of 1 and 2 September lie in the second week."""
STEP_S, READ_STEPS = 60.0, 5
LEAST_KW = 20.0
"""Smaller elements have no overload that matters."""
EVERY = 4
"""A case is looked at every hour."""
LEAD = 2
"""Quarters that a warning must come before the overload."""


def simulated(days: int, seed: int = 11, *, keep: Path | None = None) -> F64:
    """Return the means of quarters of every tag that loads are made of, ``float64[days * 96, tags]``.

    Args:
        keep: a ``.npy`` file: read if it is there, else written.
    """
    if keep is not None and keep.exists():
        found: F64 = np.load(keep)
        return found[: days * DAY]
    park = demo_park()
    simulation = Simulation(read_plant(), seed=seed, start_ns=BEGIN)
    simulation.step(0.0)
    instruments = Instruments(park, simulation)
    tags = series().tags
    columns = [instruments.table.number[tag] for tag in tags]
    rows = []
    for _ in range(days * DAY):
        moments = []
        for _ in range(round(900 / STEP_S / READ_STEPS)):
            for _ in range(READ_STEPS):
                simulation.step(STEP_S)
            value, usable = instruments.columns()
            moments.append(np.where(usable > 0.5, value, np.nan)[columns])
        rows.append(np.mean(moments, axis=0))
    means = np.array(rows)
    if keep is not None:
        np.save(keep, means)
    return means


def series() -> LoadSeries:
    """The columns that are forecast, of the demo park."""
    park = demo_park()
    return LoadSeries(ParkPower(park), build_tag_table(park))


def past_of(value: F64) -> LoadPast:
    """Columns of quarters from the begin on, with what their days are."""
    alike = like_quarters(demo_park(), BEGIN // QUARTER_NS, len(value) + DAY)
    return LoadPast(value, *alike)


@dataclass(frozen=True, slots=True)
class OverloadCase:
    """A day of an element with a limit.

    Args:
        element: which.
        grown: more and more is drawn from some hour on, which no day before did.
        over_at: the first quarter of the day beyond the limit; None = it was not exceeded.
        likely, possible: quarters by which a warning of that kind came before; None = in time none came. Of a
            day without an overload, 0 for a false warning.
    """

    element: str
    grown: bool
    over_at: int | None
    likely: int | None
    possible: int | None


def overload_cases(
    value: F64, names: tuple[str, ...], count: int, *, seed: int = 1
) -> Iterator[OverloadCase]:
    """Give elements limits near the greatest power of one of the last seven days, above or below it; on every
    other of these days a load is added that grows for three hours to a quarter of that power.

    Args:
        value: ``float64[t, n]``, whole days, power of the elements [kW].
        names: of the elements.
    """
    rng = np.random.default_rng(seed)
    days = len(value) // DAY
    large = np.flatnonzero(np.nanmax(value, axis=0) >= LEAST_KW)
    for number in range(count):
        column = int(rng.choice(large))
        first = int(rng.integers(days - 7, days)) * DAY
        grown = number % 2 == 1
        own = value[: first + DAY, column : column + 1].copy()
        peak = float(np.nanmax(own[first:]))
        if grown:
            begin = first + int(rng.integers(24, 64))
            rise = np.clip((np.arange(len(own)) - begin) / 12.0, 0.0, 1.0)
            own[:, 0] += 0.25 * peak * rise
            limit = float(rng.uniform(0.85, 1.1)) * float(np.nanmax(own[first:]))
        else:
            limit = float(rng.uniform(0.92, 1.08)) * peak
        yield _case(names[column], own, first, limit, grown)


def _case(name: str, own: F64, first: int, limit: float, grown: bool) -> OverloadCase:
    over = np.flatnonzero(own[first:, 0] > limit)
    end = int(over[0]) if len(over) else DAY
    whole = past_of(own)
    warned: dict[float, int | None] = {LIKELY: None, POSSIBLE: None}
    for now in range(0, end, EVERY):
        t = first + now
        past = replace(
            whole, value=own[:t], alike=whole.alike[: t + DAY], roughly=whole.roughly[: t + DAY],
            clock=whole.clock[: t + DAY],
        )  # fmt: skip
        steps = np.arange(1, DAY - now + 1)  # what is said of the next day is another case
        chance = forecast(past, steps)
        highest = np.nanmax(np.nan_to_num(chance.chance(np.full((len(steps), 1), limit))))
        for share in warned:
            if warned[share] is None and highest >= share and (not len(over) or end - now >= LEAD):
                warned[share] = end - now if len(over) else 0
    return OverloadCase(name, grown, end if len(over) else None, warned[LIKELY], warned[POSSIBLE])
