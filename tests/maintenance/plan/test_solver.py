"""The solver: as good as trying everything, and never against a rule."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from maintenance.plan.solver import LATER, Problem, StockLimit, is_feasible, solve, total_cost


def _draw(rng: np.random.Generator, jobs: int, windows: int) -> Problem:
    cost = rng.uniform(-5.0, 20.0, (jobs, windows))
    cost[rng.random((jobs, windows)) < 0.2] = np.inf
    shifts = rng.integers(0, 2, windows)
    return Problem(
        cost=cost,
        later=rng.uniform(0.0, 20.0, jobs),
        hours=rng.uniform(1.0, 6.0, jobs),
        window_h=rng.uniform(4.0, 10.0, windows),
        line=rng.integers(0, 2, jobs),
        shift=shifts,
        stop_cost=rng.uniform(0.0, 8.0, (2, 2)),
        parts=rng.integers(0, 2, (jobs, 1)),
        stock=[StockLimit(0, np.arange(windows) < windows // 2 + 1, int(rng.integers(0, 2)))],
    )


def _best(problem: Problem) -> float:
    jobs, windows = problem.cost.shape
    choices = (np.array(one) for one in product(range(LATER, windows), repeat=jobs))
    return min(total_cost(problem, one) for one in choices if is_feasible(problem, one))


def test_it_is_as_good_as_trying_everything() -> None:
    rng = np.random.default_rng(5)
    shared = 0
    for _ in range(40):
        problem = _draw(rng, jobs=4, windows=3)
        found = solve(problem, gap=0.0)
        assert is_feasible(problem, found.window)
        np.testing.assert_allclose(found.cost, _best(problem), atol=1e-6)
        np.testing.assert_allclose(found.cost, total_cost(problem, found.window))
        placed = found.window[found.window != LATER]
        shared += len(placed) > len(set(problem.shift[placed].tolist()))
    assert shared > 10  # jobs did meet in one shift, so that sharing stops was put to the test


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 12))
def test_it_keeps_every_rule_and_is_never_worse_than_doing_nothing(
    seed: int, jobs: int, windows: int
) -> None:
    problem = _draw(np.random.default_rng(seed), jobs, windows)
    found = solve(problem, time_limit_s=5.0)
    assert is_feasible(problem, found.window)
    assert found.cost <= problem.later.sum() + 1e-6
    assert 0.0 <= found.gap <= 1.0


def test_two_jobs_of_a_line_share_one_stop_though_alone_each_would_wait() -> None:
    problem = Problem(
        cost=np.array([[1.0], [1.0]]),
        later=np.array([4.0, 4.0]),
        hours=np.array([2.0, 2.0]),
        window_h=np.array([4.0]),
        line=np.array([0, 0]),
        shift=np.array([0]),
        stop_cost=np.array([[5.0]]),
        parts=np.zeros((2, 0), np.int64),
    )
    assert solve(problem).window.tolist() == [0, 0]
    alone = Problem(
        problem.cost[:1], problem.later[:1], problem.hours[:1], problem.window_h, problem.line[:1],
        problem.shift, problem.stop_cost, problem.parts[:1],
    )  # fmt: skip
    assert solve(alone).window.tolist() == [LATER]


def test_a_park_without_jobs_is_no_error() -> None:
    empty = Problem(
        np.empty((0, 3)), np.empty(0), np.empty(0), np.full(3, 8.0), np.empty(0, np.int64),
        np.arange(3), np.empty((0, 3)), np.empty((0, 0), np.int64),
    )  # fmt: skip
    assert solve(empty).cost == 0.0
