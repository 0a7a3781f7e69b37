"""From the newest forecasts and the site file to a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from maintenance.histories import F64, I64, Bools
from maintenance.plan.costs import JobCosts, job_costs, planned_cost
from maintenance.plan.life import Life, life_of
from maintenance.plan.orders import Left, MaintenancePlan, OrderState, Pin, Task, Why, WorkOrder
from maintenance.plan.site_file import Job, Kind, Site, Tenant
from maintenance.plan.solver import LATER, TIME_LIMIT_S, Problem, StockLimit, is_feasible, solve
from maintenance.plan.spans import NS_PER_H
from maintenance.plan.stock import arrivals
from maintenance.plan.windows import TenantTimes, Windows, crew_windows, tenant_times
from twin.contract.health import HealthState, MachineHealth

STALE_H = 72.0
"""A forecast older than this says nothing of today."""
_KEEP = 10.0
"""An accepted job is moved only if it cannot be held: leaving it costs so many failures."""


@dataclass(frozen=True)
class _Candidate:
    """A machine for which there may be a job."""

    health: MachineHealth
    life: Life
    tenant: Tenant
    times: TenantTimes
    kind: Kind
    job: Job
    task: Task
    costs: JobCosts
    hours: float
    cost: F64
    planned: F64
    waiting: float
    later: float
    pin: Pin | None


def make_plan(
    site: Site,
    forecasts: Iterable[MachineHealth],
    now_ns: int,
    *,
    pins: Sequence[Pin] = (),
    time_limit_s: float = TIME_LIMIT_S,
) -> MaintenancePlan:
    """Plan the work on every machine.

    Args:
        site: crews, calendars, jobs, parts.
        forecasts: the newest of every machine.
        now_ns: the moment of planning.
        pins: what people have decided; the plan is made around it.
        time_limit_s: for the solver.

    Raises:
        PlanError: the solver found nothing in time.
    """
    windows = crew_windows(site, now_ns)
    times = {tenant.prefix: tenant_times(site, tenant, windows) for tenant in site.tenants}
    pinned = {pin.machine: pin for pin in pins}
    left: list[Left] = []
    candidates: list[_Candidate] = []
    broken: list[str] = []
    for health in sorted(forecasts, key=lambda one: one.machine):
        pin = pinned.get(health.machine)
        found = _candidate(site, windows, times, health, pin)
        if isinstance(found, Left):
            left.append(found)
            continue
        if pin is not None and found.pin is None:
            broken.append(health.machine)
        candidates.append(found)
    problem = _problem(site, windows, candidates)
    chosen = solve(problem, time_limit_s=time_limit_s)
    placed = chosen.window
    saved = sum(one.waiting for one in candidates) - chosen.cost
    lost = {
        candidate.health.machine
        for candidate, at in zip(candidates, placed.tolist(), strict=True)
        if candidate.pin is not None and at == LATER
    }
    if lost:
        again = make_plan(
            site,
            [*(one.health for one in candidates), *(one.health for one in left)],
            now_ns,
            pins=[pin for pin in pins if pin.machine not in lost],
            time_limit_s=time_limit_s,
        )
        return replace(again, broken_pins=sorted({*again.broken_pins, *broken, *lost}))
    for number in np.flatnonzero(placed == LATER).tolist():
        one = candidates[number]
        risk = float(one.life.fails_within(np.array([one.times.run_horizon_h]))[0])
        left.append(Left(one.health, _why_later(problem, placed, number), risk))
    return MaintenancePlan(
        now_ns,
        windows.clock.ns(windows.horizon_h),
        _orders(site, windows, candidates, placed),
        sorted(left, key=lambda one: one.health.machine),
        sorted(broken),
        saved,
        chosen.gap,
    )


def _candidate(
    site: Site, windows: Windows, times: dict[str, TenantTimes], health: MachineHealth, pin: Pin | None
) -> _Candidate | Left:
    if health.state is HealthState.NOT_ENOUGH_DATA:
        return Left(health, Why.NOT_ENOUGH_DATA)
    tenant, kind = site.tenant(health.machine), site.kind(health.kind)
    if tenant is None:
        return Left(health, Why.UNKNOWN_TENANT)
    if kind is None:
        return Left(health, Why.UNKNOWN_KIND)
    if windows.clock.now_ns - health.time > STALE_H * NS_PER_H:
        return Left(health, Why.STALE)
    stand = times[tenant.prefix]
    life = life_of(health)
    if life is None or health.remaining is None:
        risk = None if life is None else float(life.fails_within(np.array([stand.run_horizon_h]))[0])
        return Left(health, Why.HEALTHY, risk)
    if pin is not None and not pin.crew:
        return Left(health, Why.REJECTED, float(life.fails_within(np.array([stand.run_horizon_h]))[0]))
    task = Task.INSPECT if health.indicative else Task.REPAIR
    job = kind.job(health.modes[0].mode if health.modes else "*")
    inspect = task is Task.INSPECT
    hours = kind.inspection_hours if inspect else job.hours
    costs = job_costs(site, tenant, job, inspect=inspect, running_share=stand.running_share)
    skilled = np.array([job.skill in crew.skills for crew in site.crews])[windows.crew]
    rate = np.array([crew.rate_per_h for crew in site.crews])[windows.crew]
    allowed: Bools = skilled & stand.open & (windows.end - windows.begin >= hours)
    if job.needs_power:
        allowed &= stand.power
    if not allowed.any():
        return Left(health, Why.TOO_LONG, float(life.fails_within(np.array([stand.run_horizon_h]))[0]))
    planned = planned_cost(costs.bare, rate, hours, np.where(stand.runs, tenant.stop_cost_per_h, 0.0))
    cost = costs.expected(life, stand.run_h, planned)
    idle = planned_cost(costs.bare, np.array([rate[allowed].min()]), hours, np.zeros(1))
    waiting = later = float(costs.expected(life, np.array([stand.run_horizon_h]), idle)[0])
    at_pin = allowed & _is_pinned(site, windows, pin)
    held = bool(at_pin.any())
    if held:
        allowed, later = at_pin, float(cost[at_pin].max()) + _KEEP * costs.failed
    else:
        allowed = allowed & (windows.begin >= site.notice_h)
    return _Candidate(
        health, life, tenant, stand, kind, job, task, costs, hours,
        np.where(allowed, cost, np.inf), planned, waiting, later, pin if held else None,
    )  # fmt: skip


def _is_pinned(site: Site, windows: Windows, pin: Pin | None) -> Bools:
    """[w] the window in which an accepted job begins."""
    if pin is None:
        return np.zeros(len(windows.crew), np.bool_)
    crew = np.array([one.id == pin.crew for one in site.crews])[windows.crew]
    at = (pin.begin_ns - windows.clock.now_ns) / NS_PER_H
    return crew & (windows.begin - 1e-3 <= at) & (at < windows.end - 1e-3)


def _problem(site: Site, windows: Windows, candidates: Sequence[_Candidate]) -> Problem:
    jobs, shifts = len(candidates), int(windows.shift.max(initial=-1)) + 1
    lines = sorted({_line(one.health.machine) for one in candidates})
    number = {line: place for place, line in enumerate(lines)}
    stop_cost = np.zeros((len(lines), shifts))
    for one in candidates:
        running = np.where(one.times.runs, one.tenant.stop_cost_fixed, 0.0)
        np.maximum.at(stop_cost[number[_line(one.health.machine)]], windows.shift, running)
    parts = np.zeros((jobs, len(site.parts)), np.int64)
    for row, one in enumerate(candidates):
        if one.task is Task.REPAIR:
            for column, part in enumerate(site.parts):
                parts[row, column] = one.job.parts.get(part.id, 0)
    return Problem(
        cost=np.array([one.cost for one in candidates]).reshape(jobs, len(windows.crew)),
        later=np.array([one.later for one in candidates], np.float64),
        hours=np.array([one.hours for one in candidates], np.float64),
        window_h=windows.end - windows.begin,
        line=np.array([number[_line(one.health.machine)] for one in candidates], np.int64),
        shift=windows.shift,
        stop_cost=stop_cost,
        parts=parts,
        stock=list(_stock_limits(site, windows)),
    )


def _stock_limits(site: Site, windows: Windows) -> Iterable[StockLimit]:
    """Until each delivery no more may be used than has come; an order of today brings as many as wanted."""
    for place, part in enumerate(site.parts):
        there = part.on_hand
        for at_h, count in [*arrivals(part, windows.clock), (24.0 * part.lead_days, 0)]:
            before: Bools = windows.begin < at_h
            if before.any():
                yield StockLimit(place, before, there)
            there += count


def _why_later(problem: Problem, placed: I64, number: int) -> Why:
    """Whether waiting is right, or there was no room or no part."""
    best = float(np.min(problem.cost[number]))
    if best >= problem.later[number]:
        return Why.LATER_IS_CHEAPER
    room = replace(problem, stock=())
    for window in np.argsort(problem.cost[number], kind="stable").tolist():
        if problem.cost[number, window] >= problem.later[number]:
            break
        trial = placed.copy()
        trial[number] = window
        if is_feasible(problem, trial):
            return Why.LATER_IS_CHEAPER  # with the stop of the line that it would need
        if is_feasible(room, trial):
            return Why.NO_PARTS
    return Why.NO_ROOM


def _orders(
    site: Site, windows: Windows, candidates: Sequence[_Candidate], placed: I64
) -> tuple[WorkOrder, ...]:
    """Put the jobs of each window one after the other, line by line."""
    together: dict[tuple[str, int], list[str]] = defaultdict(list)
    for one, window in zip(candidates, placed.tolist(), strict=True):
        if window != LATER:
            together[_line(one.health.machine), int(windows.shift[window])].append(one.health.machine)
    orders = []
    for window in sorted(set(placed.tolist()) - {LATER}):
        mine = [candidates[number] for number in np.flatnonzero(placed == window).tolist()]
        for one, at in _sequence(mine, windows, window):
            shared = together[_line(one.health.machine), int(windows.shift[window])]
            orders.append(_order(site, windows, one, window, at, shared))
    return tuple(sorted(orders, key=lambda order: (order.begin_ns, order.health.machine)))


def _sequence(
    mine: Sequence[_Candidate], windows: Windows, window: int
) -> Iterator[tuple[_Candidate, float]]:
    """Jobs of one window with their begin [h], one after the other: an accepted one at its hour if all others
    still fit around it, else as near to it as they allow."""
    accepted = sorted(
        ((one.pin.begin_ns - windows.clock.now_ns) / NS_PER_H, place)
        for place, one in enumerate(mine)
        if one.pin is not None
    )
    others = sorted((one for one in mine if one.pin is None), key=lambda one: one.health.machine)
    at, work = float(windows.begin[window]), sum(one.hours for one in mine)
    for wanted, place in accepted:
        while others and at + others[0].hours <= wanted + 1e-9:
            yield others[0], at
            at, work = at + others[0].hours, work - others[0].hours
            others = others[1:]
        at = min(max(at, wanted), float(windows.end[window]) - work)
        yield mine[place], at
        at, work = at + mine[place].hours, work - mine[place].hours
    for one in others:
        yield one, at
        at += one.hours


def _order(
    site: Site, windows: Windows, one: _Candidate, window: int, at: float, shared: Sequence[str]
) -> WorkOrder:
    planned, run = one.planned[window : window + 1], one.times.run_h[window : window + 1]
    week = one.costs.expected(one.life, one.times.run_week_h[window : window + 1], planned)
    now = one.costs.expected(one.life, run, planned)
    horizon = one.costs.expected(one.life, np.array([one.times.run_horizon_h]), planned)
    needs = one.job.parts if one.task is Task.REPAIR else {}
    return WorkOrder(
        health=one.health,
        task=one.task,
        mode=one.health.modes[0] if one.health.modes else None,
        crew=site.crews[int(windows.crew[window])].id,
        begin_ns=windows.clock.ns(at),
        end_ns=windows.clock.ns(at + one.hours),
        state=OrderState.ACCEPTED if one.pin else OrderState.PROPOSED,
        parts=tuple((site.part(name), count) for name, count in needs.items()),
        cost_planned=float(planned[0]),
        cost_failed=one.costs.failed,
        fails_before=float(one.life.fails_within(run)[0]),
        wait_week=float((week - now)[0]),
        wait_horizon=float((horizon - now)[0]),
        stops_production=bool(one.times.runs[window]),
        shares_stop=tuple(name for name in shared if name != one.health.machine),
    )


def _line(machine: str) -> str:
    """The line of a machine: what it is a part of."""
    return machine.rpartition("/")[0]
