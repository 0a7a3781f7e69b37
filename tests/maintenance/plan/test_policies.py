"""In expectation, planning by forecasts costs less than letting machines fail, and than any fixed age."""

from __future__ import annotations

import numpy as np
import pytest

from tests.maintenance.plan.policies import fixed_age, lives, oracle, planned, run_to_failure

MACHINES = 50


@pytest.mark.parametrize("seed", [11, 12])
def test_the_plan_is_never_dearer_than_the_naive_policies(seed: int) -> None:
    life = lives(seed, MACHINES)
    ours = planned(life, seed)
    best_age = min((fixed_age(life, age) for age in np.linspace(300.0, 3000.0, 55).tolist()),
                   key=lambda one: one.per_h)  # fmt: skip
    assert ours.per_h < best_age.per_h < run_to_failure(life).per_h
    closed = (best_age.per_h - ours.per_h) / (best_age.per_h - oracle(life).per_h)
    assert closed >= 0.85, f"{closed:.2f} of the gap to the oracle closed, failed {ours.failures:.1%}"
    assert ours.failures <= 1.5 / MACHINES
