"""What to order now, and what later: (s, S) from forecasts, one shared store for all tenants.

A part that is ordered now comes after its lead time, one that is ordered at the next look a review time
later. So what is there and under way must last for both with the wanted probability; if it does not, the
order fills up to what lasts until then. Planned jobs ask for their parts for certain; machines that are
watched ask with the probability that they fail; machines that no model forecasts, and healthy ones, ask at
random, at the usual rate of their kind. A machine that fails twice within a lead time is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from maintenance.plan.life import life_of
from maintenance.plan.orders import MaintenancePlan, WorkOrder
from maintenance.plan.site_file import Job, Part, Site
from maintenance.plan.spans import NS_PER_H, SiteClock
from maintenance.plan.stock import arrivals
from maintenance.spares.demand import demand_distribution, least_enough, meets
from twin.contract.health import MachineHealth

REVIEW_DAYS = 7
"""The report is read once a week: what is not ordered now is ordered then at the earliest."""
_LOOK_WEEKS = 26


@dataclass(frozen=True)
class PartNeed:
    """One part: what there is, what is asked for, what to order.

    Args:
        part: which.
        coming: under way.
        expected: mean number asked for until an order of next week has come.
        enough: so many are enough until then, with the service level of the part.
        meets: probability that what is there and under way is enough.
        planned: number that planned jobs need until then.
        order: how many to order now; 0 = none.
        order_by: when the next order is due if none is due now; None = not within half a year.
        machines: which may ask for it, the most probable first, with the probability of each.
    """

    part: Part
    coming: int
    expected: float
    enough: int
    meets: float
    planned: int
    order: int
    order_by: date | None
    machines: Sequence[tuple[str, float]]

    @property
    def price(self) -> float:
        """Of the order."""
        return self.order * self.part.price


def spares(site: Site, forecasts: Iterable[MachineHealth], plan: MaintenancePlan) -> list[PartNeed]:
    """Reckon every part of the store, what must be ordered first."""
    clock = SiteClock(plan.now_ns, site.zone)
    newest = sorted(forecasts, key=lambda one: one.machine)
    orders = {order.health.machine: order for order in plan.orders}
    needs = [_need(site, part, newest, orders, clock) for part in site.parts]
    return sorted(needs, key=lambda one: (not one.order, one.order_by or date.max, one.meets, one.part.id))


def _need(
    site: Site,
    part: Part,
    newest: Sequence[MachineHealth],
    orders: dict[str, WorkOrder],
    clock: SiteClock,
) -> PartNeed:
    def asked(days: float) -> tuple[list[tuple[str, float, int]], float]:
        return _asked(site, part, newest, orders, clock, days)

    def lasts(days: float) -> int:
        asks, at_random = asked(days)
        return least_enough(demand_distribution([(p, n) for _, p, n in asks], at_random), part.service_level)

    there = part.on_hand + sum(count for _, count in arrivals(part, clock))
    covered = part.lead_days + REVIEW_DAYS
    asks, at_random = asked(covered)
    distribution = demand_distribution([(p, n) for _, p, n in asks], at_random)
    enough = least_enough(distribution, part.service_level)
    order = max(0, enough - there)
    order_by = None
    if not order:
        for week in range(1, _LOOK_WEEKS + 1):
            if lasts(covered + 7 * week) > there:
                order_by = clock.today + timedelta(days=7 * week)
                break
    return PartNeed(
        part,
        coming=there - part.on_hand,
        expected=float(np.arange(len(distribution)) @ distribution),
        enough=enough,
        meets=meets(distribution, there),
        planned=sum(n for _, p, n in asks if p >= 1.0),
        order=order,
        order_by=order_by,
        machines=sorted(((m, p) for m, p, _ in asks), key=lambda one: (-one[1], one[0])),
    )


def _asked(
    site: Site,
    part: Part,
    newest: Sequence[MachineHealth],
    orders: dict[str, WorkOrder],
    clock: SiteClock,
    days: float,
) -> tuple[list[tuple[str, float, int]], float]:
    """Machines that may ask within so many days, with probability and number; and the mean number that the
    others ask for. Machines are taken to run all the time: a stock may last longer, not shorter."""
    hours = 24.0 * days
    asks: list[tuple[str, float, int]] = []
    at_random = 0.0
    for health in newest:
        kind = site.kind(health.kind)
        if kind is None or site.tenant(health.machine) is None:
            continue
        users = [(job, job.parts[part.id]) for job in kind.jobs if part.id in job.parts]
        if not users:
            continue
        order = orders.get(health.machine)
        planned = dict((one.id, count) for one, count in order.parts) if order is not None else {}
        if order is not None and order.begin_ns < clock.now_ns + hours * NS_PER_H and part.id in planned:
            asks.append((health.machine, 1.0, planned[part.id]))
            continue
        life = life_of(health)
        if life is None or not health.modes:
            # nobody knows which mode is on its way: each at the usual rate of its kind
            at_random += sum(count * hours / job.usual_life_h for job, count in users)
            continue
        fails = float(life.fails_within(np.array([hours]))[0])
        probability = fails * sum(_probability(health, job, kind.jobs) for job, _ in users)
        if probability > 0.0:
            asks.append((health.machine, min(probability, 1.0), max(count for _, count in users)))
    return asks, at_random


def _probability(health: MachineHealth, job: Job, jobs: Sequence[Job]) -> float:
    """Probability that a failure of this machine is one that this job is about."""
    named = {one.mode for one in jobs}
    if job.mode != "*":
        return sum(mode.probability for mode in health.modes if mode.mode == job.mode)
    return sum(mode.probability for mode in health.modes if mode.mode not in named)
