"""Which job in which window: a mixed-integer linear programme, solved by HiGHS through scipy.

A job goes into one window or is left for later. Within a window a crew does one job after the other. Jobs of
one line in the same shift share one stop of the line. Parts must be in the store when they are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from maintenance.errors import MaintenanceError
from maintenance.histories import F64, I64, Bools

LATER = -1
TIME_LIMIT_S = 40.0
RELATIVE_GAP = 5e-3


class PlanError(MaintenanceError, ValueError):
    """No plan could be made."""

    code = "maintenance.plan"


@dataclass(frozen=True)
class StockLimit:
    """Of one part, no more than ``most`` may be used in these windows [w] together."""

    part: int
    windows: Bools
    most: int


@dataclass(frozen=True)
class Problem:
    """What is to be decided.

    Args:
        cost: [j, w] expected cost of job j in window w, without the stop of its line; infinite = not allowed.
        later: [j] expected cost of leaving it for later.
        hours: [j] of work.
        window_h: [w] length of each window.
        line: [j] number of the line that is stopped for it.
        shift: [w] number of the shift; jobs of one line in one shift share the stop.
        stop_cost: [l, s] of stopping line l in shift s.
        parts: [j, p] how many of each part it uses.
        stock: what there is.
    """

    cost: F64
    later: F64
    hours: F64
    window_h: F64
    line: I64
    shift: I64
    stop_cost: F64
    parts: I64
    stock: Sequence[StockLimit] = ()


@dataclass(frozen=True)
class Assignment:
    """What was decided.

    Args:
        window: [j] of each job, ``LATER`` for later.
        cost: of all of it.
        gap: by how much at most another plan could be better, as a share of what planning saves.
    """

    window: I64
    cost: float
    gap: float


def total_cost(problem: Problem, window: I64) -> float:
    """Cost of an assignment [j]."""
    planned = np.flatnonzero(window != LATER)
    stops = {(int(problem.line[job]), int(problem.shift[window[job]])) for job in planned}
    return float(
        problem.later[window == LATER].sum()
        + problem.cost[planned, window[planned]].sum()
        + sum(problem.stop_cost[line, shift] for line, shift in stops)
    )


def is_feasible(problem: Problem, window: I64) -> bool:
    """Whether an assignment [j] keeps every rule."""
    planned = np.flatnonzero(window != LATER)
    if not np.all(np.isfinite(problem.cost[planned, window[planned]])):
        return False
    work = np.bincount(window[planned], problem.hours[planned], len(problem.window_h))
    if np.any(work > problem.window_h + 1e-6):
        return False
    for limit in problem.stock:
        inside = planned[limit.windows[window[planned]]]
        if problem.parts[inside, limit.part].sum() > limit.most:
            return False
    return True


def solve(problem: Problem, *, time_limit_s: float = TIME_LIMIT_S, gap: float = RELATIVE_GAP) -> Assignment:
    """Find the cheapest assignment, to within ``gap`` or as good as ``time_limit_s`` allows.

    Raises:
        PlanError: the solver found nothing in that time.
    """
    jobs = len(problem.later)
    # what costs no less than later, even with the stop paid by others, is never chosen: leave it out
    allowed = np.isfinite(problem.cost) & (problem.cost < problem.later[:, None])
    allowed &= problem.hours[:, None] <= problem.window_h[None, :] + 1e-9
    job, window = np.nonzero(allowed)
    if not len(job):
        return Assignment(np.full(jobs, LATER), float(problem.later.sum()), 0.0)
    x = len(job)
    stops, stop_of = np.unique(
        problem.line[job] * problem.stop_cost.shape[1] + problem.shift[window], return_inverse=True
    )
    line, shift = np.divmod(stops, problem.stop_cost.shape[1])
    scale = max(float(np.max(problem.later)), 1.0)
    cost = np.concatenate([problem.cost[job, window] - problem.later[job], problem.stop_cost[line, shift]])
    each = np.arange(x)
    rows = [
        _rows(job, each, np.ones(x), jobs, len(cost), np.ones(jobs)),
        _rows(window, each, problem.hours[job], len(problem.window_h), len(cost), problem.window_h + 1e-9),
        _rows(
            np.concatenate([each, each]),
            np.concatenate([each, x + stop_of]),
            np.concatenate([np.ones(x), -np.ones(x)]),
            x, len(cost), np.zeros(x),
        ),
    ]  # fmt: skip
    for limit in problem.stock:
        mine = np.flatnonzero(limit.windows[window] & (problem.parts[job, limit.part] > 0))
        if len(mine):
            used = problem.parts[job[mine], limit.part].astype(np.float64)
            rows.append(
                _rows(np.zeros(len(mine), np.int64), mine, used, 1, len(cost), np.array([limit.most]))
            )
    result = milp(
        cost / scale,
        integrality=np.concatenate([np.ones(x), np.zeros(len(stops))]),
        bounds=Bounds(0.0, 1.0),
        constraints=rows,
        options={"time_limit": time_limit_s, "mip_rel_gap": gap},
    )
    if result.x is None:
        raise PlanError(
            f"plan of {jobs} jobs in {len(problem.window_h)} windows: nothing found in {time_limit_s:g} s "
            f"({result.message}); shorten horizon_weeks"
        )
    chosen = np.full(jobs, LATER)
    taken = result.x[:x] > 0.5
    chosen[job[taken]] = window[taken]
    total = total_cost(problem, chosen)
    most_saved = -float(result.mip_dual_bound) * scale
    saved = float(problem.later.sum()) - total
    return Assignment(chosen, total, max(0.0, (most_saved - saved) / max(most_saved, 1e-9)))


def _rows(row: I64, column: I64, value: F64, height: int, width: int, most: F64) -> LinearConstraint:
    matrix = coo_array((value, (row, column)), shape=(height, width)).tocsr()
    return LinearConstraint(matrix, -np.inf, most)
