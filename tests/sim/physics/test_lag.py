from __future__ import annotations

import numpy as np

from sim.physics.lag import Lag


def test_a_step_response_is_the_solution_of_its_equation() -> None:
    """tau dv/dt = target - v from 20 °C towards 220 °C: v = 220 - 200 exp(-t/tau)."""
    lag = Lag(np.array([45.0, 90.0]), np.array([20.0, 20.0]))
    for second in range(1, 301):
        value = lag.step(np.array([220.0, 220.0]), 1.0)
        np.testing.assert_allclose(value, 220.0 - 200.0 * np.exp(-second / lag.tau_s), rtol=1e-12)


def test_the_length_of_a_step_does_not_matter() -> None:
    fine, coarse = Lag(30.0, np.array([0.0])), Lag(30.0, np.array([0.0]))
    for _ in range(1000):
        fine.step(np.array([1.0]), 0.1)
    np.testing.assert_allclose(coarse.step(np.array([1.0]), 100.0), fine.step(np.array([1.0]), 0.0))


def test_the_first_target_is_where_it_starts_and_a_day_is_stable() -> None:
    lag = Lag(5.0)
    assert lag.step(np.array([7.0]), 1.0).tolist() == [7.0]
    assert lag.step(np.array([9.0]), 86_400.0).tolist() == [9.0]
    assert lag.step(np.array([1.0]), 0.0).tolist() == [9.0]


def test_a_value_once_given_is_never_changed() -> None:
    lag = Lag(5.0, np.array([1.0]))
    given = lag.step(np.array([2.0]), 1.0)
    kept = given.copy()
    lag.step(np.array([3.0]), 1.0)
    assert given.tolist() == kept.tolist()
