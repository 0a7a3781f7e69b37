"""Forecasts laid on the calendar: a machine ages only while its tenant produces.

A forecast counts running hours; people plan in days. Until the horizon of planning the tenant's shifts,
holidays and shutdowns say when the machine runs, beyond it runs as large a share of the time as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from maintenance.histories import F64
from maintenance.plan.life import life_of
from maintenance.plan.site_file import Site, Tenant
from maintenance.plan.windows import HOURS_A_WEEK, TenantTimes, Windows, crew_windows, tenant_times
from twin.contract.health import MachineHealth

_UNKNOWN = Tenant(prefix="*", name="*", stop_cost_per_h=0.0)
"""Of whom nothing is known: its machines count as running always."""


@dataclass(frozen=True)
class Outlook:
    """When a machine may be expected to fail.

    Args:
        machine: equipment id.
        p10_ns, p50_ns, p90_ns: by then it has failed with 10, 50, 90 %; None where no number is told.
        healthy_until_ns: with 95 % it lasts at least so long; None where it is not called healthy.
        fails_week: probability to fail within seven days from now, None where not known.
        calendar_known: whether the site file knows its tenant; otherwise it is taken to run always.
    """

    machine: str
    p10_ns: int | None
    p50_ns: int | None
    p90_ns: int | None
    healthy_until_ns: int | None
    fails_week: float | None
    calendar_known: bool


def outlooks(site: Site, forecasts: Iterable[MachineHealth], now_ns: int) -> list[Outlook]:
    """Lay forecasts on the calendar, by machine.

    Args:
        site: for the calendars of tenants.
        forecasts: the newest of every machine.
        now_ns: from when they count.
    """
    windows = crew_windows(site, now_ns)
    ages: dict[str, _Ageing] = {}
    found = []
    for health in sorted(forecasts, key=lambda one: one.machine):
        tenant = site.tenant(health.machine)
        known = tenant or _UNKNOWN
        if known.prefix not in ages:
            times = tenant_times(site, known, windows)
            ages[known.prefix] = _Ageing(*run_until(times, windows.horizon_h), times.running_share)
        found.append(_outlook(health, ages[known.prefix], windows, known=tenant is not None))
    return found


@dataclass(frozen=True)
class _Ageing:
    """How the machines of a tenant age: of :func:`run_until`, and the share beyond."""

    knots: F64
    run: F64
    share: float


def _outlook(health: MachineHealth, age: _Ageing, windows: Windows, *, known: bool) -> Outlook:
    remaining, life = health.remaining, life_of(health)

    def at(hours: float | None) -> int | None:
        when = None if hours is None else calendar_h(hours, age.knots, age.run, age.share)
        return None if when is None else windows.clock.ns(when)

    week = float(np.interp(HOURS_A_WEEK, age.knots, age.run))
    return Outlook(
        machine=health.machine,
        p10_ns=at(remaining.p10 if remaining else None),
        p50_ns=at(remaining.p50 if remaining else None),
        p90_ns=at(remaining.p90 if remaining else None),
        healthy_until_ns=at(health.healthy_beyond_h),
        fails_week=None if life is None else float(life.fails_within(np.array([week]))[0]),
        calendar_known=known,
    )


def run_until(times: TenantTimes, horizon_h: float) -> tuple[F64, F64]:
    """Hours from now, rising, and the running hours [h] that have passed by then."""
    edges = sorted(
        {0.0, horizon_h, *(min(max(edge, 0.0), horizon_h) for span in times.running for edge in span)}
    )
    knots = np.array(edges)
    inside = [
        sum(max(0.0, min(last, b) - max(first, a)) for first, last in times.running)
        for a, b in pairwise(edges)
    ]
    return knots, np.concatenate([[0.0], np.cumsum(inside)])


def calendar_h(running_h: float, knots: F64, run: F64, share: float) -> float | None:
    """Hours from now until so many running hours have passed; None of a machine that never runs.

    Args:
        running_h: wanted.
        knots, run: of :func:`run_until`.
        share: of the time that it runs beyond the last knot.

    Example:
        >>> knots, run = np.array([0.0, 8.0, 24.0, 32.0]), np.array([0.0, 8.0, 8.0, 16.0])
        >>> [calendar_h(hours, knots, run, 0.5) for hours in (4.0, 10.0, 20.0)]
        [4.0, 26.0, 40.0]
    """
    if running_h <= run[-1]:
        place = int(np.searchsorted(run, running_h))
        if place == 0:
            return float(knots[0])
        part = (running_h - run[place - 1]) / (run[place] - run[place - 1])
        return float(knots[place - 1] + part * (knots[place] - knots[place - 1]))
    if share <= 0.0:
        return None
    return float(knots[-1] + (running_h - run[-1]) / share)
