"""Overloads that are coming: loads as forecast, through the power flow, against what each element may carry.

Each element with a meter is forecast from its own past, because a sum of loads is steadier than its parts.
The power flow says what loading such a power is: it is solved with all load points at their middle forecast
and with all of them at their 90 % quantile, and between (and beyond) the two the loading of an element goes
in a straight line with its power. What share of the forecasts of the past went so wrong, step by step, that
it would be carried over the limit at some time is the chance that it will be.

Ratings are those of the park file, for ever; that a transformer that was cool may carry more for some hours
(IEC 60076-7) is left as a reserve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from twin.contract.frame import F64
from twin.networks.electricity import Electricity, Solved
from twin.networks.load_forecast import DAY, LoadForecast, LoadPast, Quarters, forecast
from twin.networks.load_series import LoadSeries
from twin.networks.power_network import Load
from twin.networks.readings import Readings

STEPS: Final[Quarters] = np.array([*range(1, 17), *range(20, DAY + 1, 4)], np.int64)
"""Every quarter for four hours, then every hour for a day."""
_EACH: Final[Quarters] = np.arange(1, DAY + 1)
"""The chance is of every quarter."""
HIGH: Final = 0.9
"""Solved besides the middle."""
POSSIBLE: Final = 0.1
"""From this chance on an overload is told: the 90 % quantile is beyond the limit."""
LIKELY: Final = 0.5
"""From this chance on it is rather to be expected than not."""
MOST_RELIEF: Final = 4
"""So many loads are named that could be put off."""

Loadings = Mapping[str, tuple[float, float]]
"""Power [kW] and loading [% of the rating], by element."""


@dataclass(frozen=True, slots=True)
class Relief:
    """A load below an overloaded element, and what it will draw then [kW]."""

    point: str
    kw: float


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """An element in the hours ahead; columns of length k, NaN where there is no answer.

    Args:
        equipment: id.
        limit_kw: ``float64[k]``, what it may carry.
        low, middle, high: ``float64[k]``, quantiles of its loading [% of what it may carry]: 10, 50, 90 %.
        chance: ``float64[k]``, of having been over it by then.
        kw: ``float64[k]``, the middle of its power.
        over_kw: by how much the 90 % quantile is over it, at most; 0 if it is not.
        relief: what could be put off at the worst moment, the greatest first.
    """

    equipment: str
    limit_kw: F64
    low: F64
    middle: F64
    high: F64
    chance: F64
    kw: F64
    over_kw: float
    relief: tuple[Relief, ...]

    @property
    def possible(self) -> int | None:
        """The first step with a chance worth telling; None if there is none."""
        return _first(self.chance >= POSSIBLE)

    @property
    def likely(self) -> int | None:
        """The first step at which it is rather over than not."""
        return _first(self.chance >= LIKELY)

    @property
    def worst(self) -> int:
        """The step with the highest loading that may be."""
        return int(np.nanargmax(self.high))


@dataclass(frozen=True, slots=True, eq=False)
class OverloadsAhead:
    """All elements in the hours ahead.

    Args:
        steps: ``int64[k]``, quarters ahead.
        elements: those that can be told of, the greatest chance first, then the highest loading.
        unknown: elements of which there is not enough past.
        assumed: load points without enough past, taken to stay as they are.
        trouble: why the power flow has no answer at some step, "" if it has.
    """

    steps: Quarters
    elements: tuple[Ahead, ...]
    unknown: tuple[str, ...]
    assumed: tuple[str, ...]
    trouble: str


@dataclass(frozen=True, slots=True, eq=False)
class DayAhead:
    """Loads as forecast and what they come to, whatever an element may carry: by far the dearest part.

    Args:
        kw: ``float64[k, n]``, the middle of the load points.
        at_middle, at_peak: power [kW] and loading [% of the rating] of every element, step by step.
        each: forecast of the elements, every quarter of the day.
        assumed: as of :class:`OverloadsAhead`.
        trouble: as of :class:`OverloadsAhead`.
    """

    kw: F64
    at_middle: list[Loadings]
    at_peak: list[Loadings]
    each: LoadForecast
    assumed: tuple[str, ...]
    trouble: str


def day_ahead(electricity: Electricity, series: LoadSeries, past: LoadPast, readings: Readings) -> DayAhead:
    """Forecast the loads and solve the network for them.

    Args:
        electricity: solves the network.
        series: says what the columns of ``past`` are.
        past: up to now.
        readings: of now: breakers, taps, voltage, and loads of which there is no past.
    """
    found = forecast(past, STEPS)
    kw, kvar, _ = series.split(found.middle)
    high_kw, _, _ = series.split(found.quantile(HIGH))
    live = electricity.power.live(readings).loads
    unknown_kw = np.isnan(kw) | np.isnan(high_kw) | np.isnan(kvar)
    now_kw = np.array([1000.0 * one.mw for one in live])
    now_kvar = np.array([1000.0 * one.mvar for one in live])
    middle = (np.where(unknown_kw, now_kw, kw), np.where(unknown_kw, now_kvar, kvar))
    peak_kw = np.where(unknown_kw, now_kw, high_kw)
    tan_phi = np.divide(middle[1], middle[0], out=np.zeros_like(kw), where=np.abs(middle[0]) > 1e-6)
    peak = (peak_kw, middle[1] + tan_phi * (peak_kw - middle[0]))
    solver = _Solver(electricity, readings, live)
    at_middle, at_peak = solver.loadings(*middle), solver.loadings(*peak)
    each = forecast(series.of_elements(past), _EACH)
    silent = np.flatnonzero(unknown_kw.any(axis=0)).tolist()
    assumed = tuple(series.points[number] for number in silent)
    return DayAhead(middle[0], at_middle, at_peak, each, assumed, solver.trouble)


def overloads_ahead(
    electricity: Electricity, series: LoadSeries, day: DayAhead, permitted: float = 1.0
) -> OverloadsAhead:
    """Say what will be beyond what it may carry.

    Args:
        electricity: the network of ``day``.
        series: says what its columns are.
        day: loads as forecast, and solved.
        permitted: share of its rating that an element may carry.
    """
    each, at = day.each, STEPS - 1
    own = each.middle[at]
    own_low, own_half, own_high = (each.quantile(share)[at] for share in (0.1, 0.5, HIGH))
    elements, unknown = [], []
    for number, name in enumerate(series.elements):
        row = _Line(*(np.array([one[name] for one in side]).T for side in (day.at_middle, day.at_peak)))
        limit_kw = row.kw_at(100.0 * permitted)
        limit = np.interp(_EACH, STEPS, limit_kw)[:, None]
        low, half, high = (row.percent(q[:, number]) / permitted for q in (own_low, own_half, own_high))
        if np.isnan(high).all():
            if name not in electricity.power.supplies or electricity.power.supplies[name].contract_kw:
                unknown.append(name)
            continue
        over = own_high[:, number] - limit_kw
        worst = int(np.nanargmax(high))
        elements.append(
            Ahead(
                name, limit_kw, low, half, high, each.only(number).chance(limit)[at, 0], own[:, number],
                max(float(np.nanmax(over)), 0.0), _relief(electricity, series, name, day.kw[worst]),
            )
        )  # fmt: skip
    elements.sort(key=lambda one: (-float(np.nanmax(one.chance)), -float(np.nanmax(one.high))))
    return OverloadsAhead(STEPS, tuple(elements), tuple(unknown), day.assumed, day.trouble)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Loading over power of one element, step by step, through two solved points (kW, %)."""

    first: F64
    second: F64

    def _slope(self) -> F64:
        apart = self.second[0] - self.first[0]
        between = np.divide(
            self.second[1] - self.first[1], apart, out=np.zeros_like(apart), where=apart > 1.0
        )
        through_zero = np.divide(
            self.first[1], self.first[0], out=np.full_like(apart, np.nan), where=self.first[0] > 1.0
        )
        slope: F64 = np.where(between > 0.0, between, through_zero)
        return slope

    def percent(self, kw: F64) -> F64:
        """Loading at a power."""
        found: F64 = np.maximum(self.first[1] + self._slope() * (kw - self.first[0]), 0.0)
        return found

    def kw_at(self, percent: float) -> F64:
        """Power at a loading."""
        found: F64 = self.first[0] + (percent - self.first[1]) / self._slope()
        return found


class _Solver:
    """Loads to loadings, with breakers, taps and voltage as they are now."""

    def __init__(self, electricity: Electricity, readings: Readings, live: tuple[Load, ...]) -> None:
        self._electricity = electricity
        self._readings = readings
        self._live = live
        self.trouble = ""

    def loadings(self, kw: F64, kvar: F64) -> list[Loadings]:
        """Power [kW] and loading [% of the rating] of every element, step by step."""
        return [self._one(*both) for both in zip(kw, kvar, strict=True)]

    def _one(self, kw: F64, kvar: F64) -> Loadings:
        pairs = zip(self._live, kw.tolist(), kvar.tolist(), strict=True)
        loads = tuple(Load(one.id, one.bus, p / 1000.0, q / 1000.0) for one, p, q in pairs)
        # why there is no answer is looked for once; it takes longer than all the answers together
        solved = self._electricity.solve_loads(self._readings, loads, explain=not self.trouble)
        self.trouble = self.trouble or solved.trouble
        power = self._electricity.power
        loading = self._electricity.loadings(solved)
        nan = float("nan")
        found = {}
        for name in power.metered:
            carried = _carried(solved, name)
            percent = loading.get(name, nan)
            if name in power.supplies:
                contract = power.supplies[name].contract_kw
                percent = 100.0 * carried / contract if contract else nan
            found[name] = (carried, percent)
        return found


def _carried(solved: Solved, name: str) -> float:
    if solved.result is None:
        return float("nan")
    if name in solved.result.mw:
        return 1000.0 * solved.result.mw[name]
    return next((1000.0 * one.mw for one in solved.loads if one.id == name), float("nan"))


def _relief(electricity: Electricity, series: LoadSeries, name: str, kw: F64) -> tuple[Relief, ...]:
    """The greatest loads below an element."""
    below, waiting = {name}, [name]
    while waiting:
        fresh = [one for one in electricity.power.below.get(waiting.pop(), ()) if one not in below]
        below.update(fresh)
        waiting += fresh
    pairs = zip(electricity.power.points, series.points, kw.tolist(), strict=True)
    found = [Relief(point, draws) for one, point, draws in pairs if one.equipment in below and draws > 0.0]
    return tuple(sorted(found, key=lambda one: -one.kw)[:MOST_RELIEF])


def _first(where: np.ndarray) -> int | None:
    found = np.flatnonzero(where)
    return int(found[0]) if len(found) else None
