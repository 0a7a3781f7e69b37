"""Machines that wear out over many lives, kept by rival policies; the plan decides by forecasts that are
right on average and never certain, exactly as Bayes' rule makes them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64
from maintenance.plan.life import LEVELS
from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import Crew, Job, Kind, Shift, Site, Tenant
from tests.maintenance.plan.sites import NOW_NS
from twin.contract.health import HealthState, MachineHealth, RemainingLife

SHAPE, SCALE_H = 3.0, 2000.0
NOISE = 0.3
"""Standard deviation of what instruments say of the logarithm of the life that is left."""
WEEK_H = 168.0
PREVENT, FAIL = 1.0, 10.0
_GRID = np.linspace(0.5, 4.0 * SCALE_H, 1600)


@dataclass(frozen=True)
class Bill:
    """What keeping machines cost: per running hour, and the share of lives that ended with a failure."""

    per_h: float
    failures: float


def lives(seed: int, count: int) -> F64:
    """[count] lives of machines that wear (Weibull)."""
    return SCALE_H * np.random.default_rng(seed).weibull(SHAPE, count)


def bill(used: F64, failed: F64) -> Bill:
    """The bill of lives of which so many hours [n] were used."""
    return Bill(float((PREVENT + (FAIL - PREVENT) * failed).sum() / used.sum()), float(failed.mean()))


def run_to_failure(life: F64) -> Bill:
    """Nobody does anything before a machine fails."""
    return bill(life, np.ones(len(life)))


def fixed_age(life: F64, age: float) -> Bill:
    """Every machine is replaced at this age."""
    return bill(np.minimum(life, age), (life <= age).astype(np.float64))


def oracle(life: F64) -> Bill:
    """Somebody knows the future, and replaces just before."""
    return bill(life, np.zeros(len(life)))


def posterior_quantiles(age: float, said: float) -> F64:
    """[5] of the life left at this age, when instruments say this logarithm of what is left."""
    life = age + _GRID
    log_density = (SHAPE - 1.0) * np.log(life) - (life / SCALE_H) ** SHAPE
    log_density -= 0.5 * ((np.log(_GRID) - said) / NOISE) ** 2
    weight = np.exp(log_density - log_density.max())
    total = np.cumsum(weight)
    quantiles: F64 = np.interp(LEVELS, total / total[-1], _GRID)
    return quantiles


def site() -> Site:
    """Replacement costs 1, a failure 10; a crew is there every day, all day, and stops cost nothing."""
    return Site(
        crews=(Crew(id="c", name_vi="c", name_en="c", skills=("s",), rate_per_h=0.0,
                    shifts=(Shift(start="00:00", end="00:00"),)),),
        tenants=(Tenant(prefix="p", name="p", stop_cost_per_h=0.0, stop_cost_fixed=0.0),),
        kinds=(Kind(kind="k", name_vi="k", name_en="k", jobs=(
            Job(skill="s", usual_life_h=SCALE_H * 0.893, hours=0.1, failed_hours=0.1, damage=FAIL - PREVENT,
                parts={"unit": 1}),)),),
        parts=({"id": "unit", "name_vi": "u", "name_en": "u", "price": PREVENT, "on_hand": 10**6,
                "lead_days": 1},),  # type: ignore[arg-type]
        horizon_weeks=8, notice_h=0.0, public_holidays="",
    )  # fmt: skip


def planned(life: F64, seed: int, *, every_h: float = WEEK_H) -> Bill:
    """All machines are planned anew every so many hours, from forecasts of that moment; what is placed
    before the next time is done."""
    rng = np.random.default_rng(seed)
    where = site()
    used, failed = np.zeros(len(life)), np.zeros(len(life))
    alive = np.ones(len(life), np.bool_)
    now_h = 0.0
    while alive.any():
        forecasts = []
        for place in np.flatnonzero(alive).tolist():
            said = float(np.log(life[place] - now_h) + NOISE * rng.standard_normal())
            q = posterior_quantiles(now_h, said).tolist()
            left = RemainingLife(p05=q[0], p10=q[1], p50=q[2], p90=q[3], p95=q[4])
            forecasts.append(
                MachineHealth(
                    machine=f"p/l{place}/m",
                    time=NOW_NS,
                    state=HealthState.DEGRADING,
                    kind="k",
                    remaining=left,
                )
            )
        plan = make_plan(where, forecasts, NOW_NS)
        for order in plan.orders:
            begin_h = (order.begin_ns - NOW_NS) / 3600e9
            place = int(order.health.machine[3:-2])
            if begin_h < every_h and life[place] > now_h + begin_h:
                alive[place], used[place] = False, now_h + begin_h
        now_h += every_h
        gone = alive & (life <= now_h)
        used[gone], failed[gone] = life[gone], 1.0
        alive &= ~gone
    return bill(used, failed)
