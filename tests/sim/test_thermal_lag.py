from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.thermal_lag import relax


@given(
    value=st.floats(-50, 400),
    target=st.floats(-50, 400),
    tau_s=st.floats(1, 10_000),
    dt_s=st.floats(0, 10_000),
    parts=st.integers(1, 20),
)
def test_many_small_steps_are_one_large_step(
    value: float, target: float, tau_s: float, dt_s: float, parts: int
) -> None:
    once = relax(value, target, dt_s, tau_s)
    for _ in range(parts):
        value = relax(value, target, dt_s / parts, tau_s)
    assert value == pytest.approx(once, abs=1e-6)


def test_it_solves_its_differential_equation() -> None:
    tau_s, dt_s = 45.0, 1e-3
    value, target = 180.0, 235.0
    slope = (relax(value, target, dt_s, tau_s) - value) / dt_s
    assert slope == pytest.approx((target - value) / tau_s, rel=1e-4)
