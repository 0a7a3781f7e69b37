"""How much of a carrier was taken, lost or emitted: from counters, and from power where nothing counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import I64
from twin.kpi.counters import steps
from twin.kpi.plan import KpiPlan
from twin.kpi.series import NO_SPANS, Series, cut
from twin.kpi.spans import Ruler, length, spans, without
from twin.park.kpi import BalanceRule, Carrier, EmissionFactor

UNITS: Mapping[Carrier, str] = {"electricity": "kWh", "water": "m³", "wastewater": "m³", "gas": "m³"}
"""In what an amount is told."""

_FACTORS = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3, "GWh": 1e6, "L": 1e-3, "m³": 1.0, "Nm³": 1.0}
"""Of the unit of a counter, to those."""

_HOUR_NS = 3600 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Amount:
    """How much, in the unit of its carrier.

    Args:
        value: all of it.
        own: of it, what was made on the spot.
        unknown_ns: time for which it was not known, summed over the counters; a counter goes on in a gap, so
            what it counted there is in ``value``; power does not.
        counted_ns: time of the interval, summed over the counters.
        missing: machines below the place of which nobody measures it.
    """

    value: float = 0.0
    own: float = 0.0
    unknown_ns: int = 0
    counted_ns: int = 0
    missing: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(
            self.value + other.value,
            self.own + other.own,
            self.unknown_ns + other.unknown_ns,
            self.counted_ns + other.counted_ns,
            self.missing + other.missing,
        )

    @property
    def gap_share(self) -> float | None:
        """Share of the time for which it was not known."""
        return self.unknown_ns / self.counted_ns if self.counted_ns else None


NOTHING = Amount()


def counted(series: Series, start: int, end: int) -> float:
    """Return by how much a counter went on in ``[start, end)``, in its unit."""
    found = steps(series)
    inside = (found.time >= start) & (found.time < end)
    return float(found.step[inside].sum())


def integrated(series: Series, start: int, end: int) -> float:
    """Return the time integral of a power over what is known of ``[start, end)`` [unit x h]."""
    part = cut(series, start, end)
    known = Ruler(without(spans([(start, end)]), series.unknown(start, end)))
    begins = np.clip(part.time, start, end)
    spent = known.between(begins, np.append(begins[1:], end))
    return float(np.nansum(np.where(spent > 0, part.value, 0.0) * spent)) / _HOUR_NS


def needed(plan: KpiPlan, place: str, carrier: Carrier) -> Iterator[str]:
    """Yield the tags that :func:`consumption` wants."""
    meter = plan.meters.get((place, carrier))
    if meter is not None:
        yield from (*meter.add, *meter.subtract, *meter.own)
    elif place in plan.machines:
        if carrier == "electricity" and (tag := plan.tag(place, "energy") or plan.tag(place, "power")):
            yield tag
    else:
        for child in plan.children.get(place, ()):
            yield from needed(plan, child, carrier)


def consumption(
    plan: KpiPlan, series: Mapping[str, Series], place: str, carrier: Carrier, start: int, end: int
) -> Amount:
    """Return what a place or machine took: by its meter, or else the sum of what is below it."""
    meter = plan.meters.get((place, carrier))
    if meter is not None:
        drawn = reduce(add, (_counter(plan, series, tag, start, end) for tag in meter.add))
        for tag in meter.subtract:
            less = _counter(plan, series, tag, start, end)
            drawn += Amount(-less.value, 0.0, less.unknown_ns, less.counted_ns)
        for tag in meter.own:
            own = _counter(plan, series, tag, start, end)
            drawn += Amount(own.value, own.value, own.unknown_ns, own.counted_ns)
        return drawn
    if place in plan.machines:
        return _machine(plan, series, place, carrier, start, end)
    parts = (consumption(plan, series, child, carrier, start, end) for child in plan.children.get(place, ()))
    return reduce(add, parts, NOTHING)


def _machine(
    plan: KpiPlan, series: Mapping[str, Series], machine: str, carrier: Carrier, start: int, end: int
) -> Amount:
    if carrier == "electricity":
        if tag := plan.tag(machine, "energy"):
            return _counter(plan, series, tag, start, end)
        if tag := plan.tag(machine, "power"):
            unknown = length(series[tag].unknown(start, end))
            return Amount(integrated(series[tag], start, end), 0.0, unknown, end - start)
    return Amount(missing=1)


def _counter(plan: KpiPlan, series: Mapping[str, Series], tag: str, start: int, end: int) -> Amount:
    one = series[tag]
    first = int(one.time[0]) if len(one) else end
    unknown = spans(np.concatenate((_clip(one.gaps, start, end), np.array([[start, min(first, end)]]))))
    factor = _FACTORS.get(plan.tags[tag].signal.unit, 1.0)
    return Amount(factor * counted(one, start, end), 0.0, length(_clip(unknown, start, end)), end - start)


def _clip(some: I64, start: int, end: int) -> I64:
    return spans(np.clip(some, start, end)) if len(some) else NO_SPANS


@dataclass(frozen=True, slots=True)
class Balance:
    """What went in, came out, stayed and is lost, in the unit of the carrier.

    Args:
        loss: inputs - outputs - stored.
        loss_share: of the inputs.
        gap_share: of the time, for the counters together.
    """

    inputs: float
    outputs: float
    stored: float
    loss: float
    loss_share: float | None
    gap_share: float | None


def balance(plan: KpiPlan, series: Mapping[str, Series], rule: BalanceRule, start: int, end: int) -> Balance:
    """Reckon a balance of the park file."""
    inputs = reduce(add, (_counter(plan, series, tag, start, end) for tag in rule.inputs), NOTHING)
    outputs = reduce(add, (_counter(plan, series, tag, start, end) for tag in rule.outputs), NOTHING)
    stored = sum(_growth(series[tag], start, end) for tag in rule.stored)
    loss = inputs.value - outputs.value - stored
    return Balance(
        inputs.value,
        outputs.value,
        stored,
        loss,
        loss / inputs.value if inputs.value > 0 else None,
        (inputs + outputs).gap_share,
    )


def _growth(series: Series, start: int, end: int) -> float:
    time, value = cut(series, start, end).told()
    return float(value[-1] - value[0]) if len(time) else 0.0


@dataclass(frozen=True, slots=True)
class Emission:
    """What the electricity from the grid emitted.

    Args:
        kg: CO2 equivalent [kg].
        factors: the factors that were used; of a year without one the newest before it.
    """

    kg: float
    factors: tuple[EmissionFactor, ...]


def factor_of(factors: tuple[EmissionFactor, ...], year: int) -> EmissionFactor | None:
    """Return the factor of a year, or the newest before it, or None."""
    known = [factor for factor in factors if factor.year <= year]
    return max(known, key=lambda factor: factor.year) if known else None


def emission(
    plan: KpiPlan, series: Mapping[str, Series], place: str, start: int, end: int
) -> Emission | None:
    """Return the emission of a place, location-based (GHG Protocol Scope 2 Guidance, 6.2): electricity from
    the grid times the factor of the year, by the park's clock; None without a factor."""
    kg, used = 0.0, []
    for first, last in pairwise((start, *turns_of_years(plan, start, end), end)):
        year = datetime.fromtimestamp(first / NS_PER_S, plan.zone).year
        factor = factor_of(plan.rules.emission_factors, year)
        if factor is None:
            return None
        amount = consumption(plan, series, place, "electricity", first, last)
        kg += (amount.value - amount.own) * factor.kg_per_kwh
        used.append(factor)
    return Emission(kg, tuple(dict.fromkeys(used)))


def turns_of_years(plan: KpiPlan, start: int, end: int) -> list[int]:
    """Return the turns of the year by the park's clock within an interval, its ends left out [ns]."""
    first, last = (datetime.fromtimestamp(each / NS_PER_S, plan.zone).year for each in (start, end))
    turns = (
        round(datetime(year, 1, 1, tzinfo=plan.zone).timestamp()) * NS_PER_S
        for year in range(first + 1, last + 1)
    )
    return [turn for turn in turns if start < turn < end]
