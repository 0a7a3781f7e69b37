"""The benchmark of planning: machines that ran to failure, replaced when forecasts of that moment say so.

Every machine is forecast by members that have not seen it, and replaced at a threshold learned from machines
of other folds; nothing of its own end is known to whoever decides. Its rivals know more: the best fixed age
is the best of all in hindsight, the oracle replaces in the last cycle before the failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from maintenance.backtest import HeldOut
from maintenance.histories import F64, Bools, Histories
from maintenance.plan.replacement import THRESHOLDS, Crossings, crossings, threshold_for

FAILURE_COST = 10.0
"""In replacements."""


@dataclass(frozen=True)
class Bill:
    """What a policy costs.

    Args:
        per_cycle: in replacements a cycle.
        failed: share of lives that ended with a failure.
        used: mean cycles used of a life.
    """

    per_cycle: float
    failed: float
    used: float


@dataclass(frozen=True)
class PlanningScore:
    """Bills of the policies on the same machines.

    Args:
        machines: how many.
        threshold: mean of the thresholds learned [cycles].
        planned, fixed_age, run_to_failure, oracle: the policies.
        age: the best fixed one [cycles].
    """

    machines: int
    threshold: float
    planned: Bill
    fixed_age: Bill
    age: float
    run_to_failure: Bill
    oracle: Bill

    @property
    def gap_closed(self) -> float:
        """1 = as good as knowing the future, 0 = as good as the best fixed age."""
        worst, best = self.fixed_age.per_cycle, self.oracle.per_cycle
        return (worst - self.planned.per_cycle) / (worst - best)


def score_planning(told: HeldOut, h: Histories, *, failure_cost: float = FAILURE_COST) -> PlanningScore:
    """Let every policy keep all machines, each from new until it is replaced or fails."""
    life = h.lengths.astype(np.float64)
    past = crossings(told.lowest, h.starts)
    fold = told.fold[h.starts[:-1]]
    used, failed = np.empty(len(life)), np.empty(len(life), np.bool_)
    chosen = []
    for one in np.unique(fold):
        mine = fold == one
        others = Crossings(past.used[~mine], past.lowest[~mine])
        chosen.append(threshold_for(others, failure_cost=failure_cost))
        column = int(np.searchsorted(THRESHOLDS, chosen[-1]))
        used[mine], failed[mine] = past.used[mine, column], past.lowest[mine] > chosen[-1]

    def bill(used: F64, failed: Bools) -> Bill:
        cost = 1.0 + (failure_cost - 1.0) * failed
        return Bill(float(cost.sum() / used.sum()), float(failed.mean()), float(used.mean()))

    ages = np.unique(life)
    fixed = [bill(np.minimum(life, age), life <= age) for age in ages.tolist()]
    best = int(np.argmin([one.per_cycle for one in fixed]))
    return PlanningScore(
        len(life),
        float(np.mean(chosen)),
        planned=bill(used, failed),
        fixed_age=fixed[best],
        age=float(ages[best]),
        run_to_failure=bill(life, np.ones(len(life), np.bool_)),
        oracle=bill(life - 1.0, np.zeros(len(life), np.bool_)),
    )


def lines(score: PlanningScore, failure_cost: float = FAILURE_COST) -> Iterator[str]:
    """The result as text, one policy a line."""
    yield f"planning, {score.machines} machines, a failure as dear as {failure_cost:g} replacements:"
    for name, bill in (
        ("run to failure", score.run_to_failure),
        (f"replaced at {score.age:.0f} cycles, the best age in hindsight", score.fixed_age),
        (f"replaced when the lowest member says {score.threshold:.1f} or less", score.planned),
        ("oracle", score.oracle),
    ):
        yield (
            f"  {name}: cost {1000 * bill.per_cycle:.2f} a 1,000 cycles, {bill.failed:.1%} failed, "
            f"{bill.used:.0f} cycles used"
        )
    yield f"  {score.gap_closed:.1%} of the gap between the best age and the oracle closed"
