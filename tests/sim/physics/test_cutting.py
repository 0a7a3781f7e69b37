from __future__ import annotations

import math

import numpy as np
import pytest

from sim.physics.cutting import cutting_force_n, cutting_power_kw, tool_life_min


def test_turning_steel_needs_what_the_formula_book_says() -> None:
    """C45 (kc1.1 2220 N/mm², mc 0.14), 3 mm by 0.3 mm, 200 m/min: kc = 2628 N/mm², 2365 N, 7.9 kW."""
    force = cutting_force_n(2220.0, 0.14, np.array([3.0]), np.array([0.3]))
    assert force[0] / (3.0 * 0.3) == pytest.approx(2220.0 * 0.3**-0.14)
    assert force[0] == pytest.approx(2365, rel=0.001)
    assert cutting_power_kw(force, 200.0)[0] == pytest.approx(7.88, abs=0.01)


def test_taylors_law_is_a_straight_line_on_logarithmic_paper() -> None:
    speeds = np.array([100.0, 150.0, 225.0])
    lives = tool_life_min(speeds, 350.0, 0.25)
    np.testing.assert_allclose(speeds * lives**0.25, 350.0)
    slope = (math.log(lives[2]) - math.log(lives[0])) / (math.log(speeds[2]) - math.log(speeds[0]))
    assert slope == pytest.approx(-4.0)
