"""Windows: the shifts of crews until the horizon, and how each tenant's machines stand in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64, I64, Bools
from maintenance.plan.site_file import Crew, Site, Tenant
from maintenance.plan.spans import (
    SiteClock,
    Span,
    day_spans,
    days_off,
    elapsed,
    overlap_h,
    period_spans,
    shift_spans,
    without,
)

HOURS_A_WEEK = 168.0


@dataclass(frozen=True)
class Windows:
    """Shifts of crews, in order of their begin.

    Args:
        clock: of the site.
        horizon_h: end of planning [h].
        crew: [w] place of each window's crew in the site.
        begin, end: [w] in hours from now.
        shift: [w] number of the shift; crews that work the same hours share it.
    """

    clock: SiteClock
    horizon_h: float
    crew: I64
    begin: F64
    end: F64
    shift: I64


def crew_windows(site: Site, now_ns: int) -> Windows:
    """Lay out the shifts of every crew; one that has begun is there too, for what was accepted in it."""
    clock = SiteClock(now_ns, site.zone)
    horizon_h = site.horizon_weeks * HOURS_A_WEEK
    found = [
        (begin, end, place)
        for place, crew in enumerate(site.crews)
        for begin, end in _crew_shifts(site, crew, clock, horizon_h)
        if end > 0.0 and end <= horizon_h
    ]
    found.sort()
    spans = sorted({(begin, end) for begin, end, _ in found})
    number = {span: place for place, span in enumerate(spans)}
    return Windows(
        clock,
        horizon_h,
        crew=np.array([place for _, _, place in found], np.int64),
        begin=np.array([begin for begin, _, _ in found], np.float64),
        end=np.array([end for _, end, _ in found], np.float64),
        shift=np.array([number[begin, end] for begin, end, _ in found], np.int64),
    )


def _crew_shifts(site: Site, crew: Crew, clock: SiteClock, horizon_h: float) -> list[Span]:
    country = "" if crew.works_holidays else site.public_holidays
    return shift_spans(crew.shifts, clock, horizon_h, days_off(country, crew.away, clock, horizon_h))


@dataclass(frozen=True)
class TenantTimes:
    """How a tenant's machines stand.

    Args:
        running: spans in which they run.
        run_h: [w] running hours until the end of each window; the whole window counts if they run in it.
        run_week_h: [w] the same, a week later.
        run_horizon_h: until the horizon.
        runs: [w] whether they run in any of it; then a job is taken to stop them for its whole length.
        open: [w] whether one may come in all the while.
        power: [w] whether there is power all the while.
    """

    running: Sequence[Span]
    run_h: F64
    run_week_h: F64
    run_horizon_h: float
    runs: Bools
    open: Bools
    power: Bools

    @property
    def running_share(self) -> float:
        """Of the time until the horizon, how much they run."""
        return (
            overlap_h(self.running, 0.0, self.running[-1][1]) / self.running[-1][1] if self.running else 0.0
        )


def tenant_times(site: Site, tenant: Tenant, windows: Windows) -> TenantTimes:
    """Lay the calendar of a tenant beside the windows."""
    clock, beyond = windows.clock, windows.horizon_h + HOURS_A_WEEK
    cuts = period_spans(tenant.power_cuts, clock)
    closed = period_spans(tenant.closed, clock)
    if tenant.production:
        country = "" if tenant.works_holidays else site.public_holidays
        running = shift_spans(tenant.production, clock, beyond, days_off(country, (), clock, beyond))
    else:
        running = [(0.0, beyond)]
    running = without(running, [*cuts, *day_spans(tenant.shutdowns, clock)])

    def overlaps(spans: Sequence[Span]) -> Bools:
        return np.array(
            [
                overlap_h(spans, a, b) > 0.0
                for a, b in zip(windows.begin.tolist(), windows.end.tolist(), strict=True)
            ],
            np.bool_,
        )

    return TenantTimes(
        running,
        run_h=elapsed(running, windows.end),
        run_week_h=elapsed(running, windows.end + HOURS_A_WEEK),
        run_horizon_h=float(elapsed(running, np.array([windows.horizon_h]))[0]),
        runs=overlaps(running),
        open=~overlaps(closed),
        power=~overlaps(cuts),
    )
