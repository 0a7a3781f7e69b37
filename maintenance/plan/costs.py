"""What doing a job at a time is expected to cost, against what its machine's failing before would cost.

Replacement at a time t of a machine with remaining life T (Barlow and Proschan 1965, chapter 3, for one
cycle; Makis and Jardine 1992 for the long run):

    C(t) = planned P(T > t) + failed P(T <= t) - rate E[min(T, t)]

``rate`` is what a running hour is worth: life that is thrown away must be bought again. It is the cost of
planned replacement over the usual life, which is what a park would pay that knew the future.
"""

from __future__ import annotations

from dataclasses import dataclass

from maintenance.histories import F64
from maintenance.plan.life import Life
from maintenance.plan.site_file import Job, Site, Tenant


@dataclass(frozen=True)
class JobCosts:
    """The money of one job, in the currency of the site.

    Args:
        bare: parts, and what comes after an inspection; without work and standing still.
        failed: of a failure: standing still, waiting for parts, damage, the repair.
        rate_per_h: worth of a running hour.
    """

    bare: float
    failed: float
    rate_per_h: float

    def expected(self, life: Life, run_h: F64, planned: F64) -> F64:
        """[n] expected cost of a job after so many running hours [n] that costs ``planned`` [n] then."""
        fails = life.fails_within(run_h)
        result: F64 = planned * (1.0 - fails) + self.failed * fails - self.rate_per_h * life.used(run_h)
        return result


def job_costs(site: Site, tenant: Tenant, job: Job, *, inspect: bool, running_share: float) -> JobCosts:
    """Work out the money of a job.

    Args:
        site: for prices and crews.
        tenant, job: whose, which.
        inspect: only a look; the repair that it leads to is counted with it.
        running_share: of the time, how much the machine runs; standing still costs nothing else.
    """
    parts = sum(site.part(name).price * count for name, count in job.parts.items())
    rates = [crew.rate_per_h for crew in site.crews if job.skill in crew.skills]
    repair = parts + min(rates) * job.hours
    missing = [name for name, count in job.parts.items() if site.part(name).on_hand < count]
    wait_h = 24.0 * running_share * max((site.part(name).rush_days for name in missing), default=0.0)
    failed = (
        (job.failed_hours + wait_h) * tenant.stop_cost_per_h
        + tenant.stop_cost_fixed
        + job.damage
        + parts
        + max(rates) * job.failed_hours
    )
    return JobCosts(
        bare=repair if inspect else parts,
        failed=max(failed, repair),
        rate_per_h=(repair + tenant.stop_cost_fixed) / job.usual_life_h,
    )


def planned_cost(bare: float, rate_per_h: F64, hours: float, stop_per_h: F64) -> F64:
    """[n] cost of a job that goes as planned, by crews of these rates [n], standing still at these [n]."""
    return bare + hours * (rate_per_h + stop_per_h)
