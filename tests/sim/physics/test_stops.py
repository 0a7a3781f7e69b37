"""Breaks and their mending against the queue M/M/inf and the renewal theorem."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.stops import downtime_after, open_after


@pytest.mark.parametrize("dt_s", [1.0, 300.0, 7200.0])
def test_open_breaks_are_poisson_with_the_mean_of_their_load(dt_s: float) -> None:
    """In the long run rate x time to mend = 30/h x 0.25 h = 7.5, mean and variance, whatever the step."""
    rng = np.random.default_rng(4)
    n = 4000
    rate, mend_s = np.full(n, 30.0 / 3600.0), 900.0
    now = np.full(n, 7.0)
    for _ in range(max(int(7200.0 / dt_s), 3) if dt_s > 1 else 3000):
        now = open_after(now, rate, mend_s, dt_s, rng)
    assert now.mean() == pytest.approx(7.5, abs=0.25)
    assert now.var() == pytest.approx(7.5, abs=0.7)


def test_without_new_ones_half_are_mended_in_a_half_life() -> None:
    rng = np.random.default_rng(1)
    left = open_after(np.full(20_000, 10.0), np.zeros(20_000), 600.0, 600.0 * np.log(2.0), rng)
    assert left.mean() == pytest.approx(5.0, abs=0.05)


def test_a_machine_that_waits_for_its_mender_runs_the_share_renewal_theory_says() -> None:
    """Up for 1/rate, down for the mending: 1 / (1 + rate x mend) = 1 / (1 + 12/h x 60 s) = 0.833."""
    rng = np.random.default_rng(2)
    left = np.zeros(500)
    up = 0.0
    for _ in range(20_000):
        up += float((left <= 0.0).mean())
        left = downtime_after(left, np.full(500, 12.0 / 3600.0), 60.0, 1.0, rng)
    assert up / 20_000 == pytest.approx(1.0 / 1.2, abs=0.01)
