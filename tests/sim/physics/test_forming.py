from __future__ import annotations

import numpy as np
import pytest

from sim.physics.forming import blanking_force_kn, blanking_work_kj


def test_a_round_blank_needs_the_force_of_the_textbook() -> None:
    """Disc of 150 mm from 3.2 mm cold-rolled steel with 310 MPa (Groover, Fundamentals of Modern
    Manufacturing, 4th ed., example 20.1): 467,314 N."""
    force = blanking_force_kn(np.array([np.pi * 150.0]), np.array([3.2]), 310.0)
    assert force[0] == pytest.approx(467.3, abs=0.3)


def test_work_is_the_area_under_the_force() -> None:
    way_mm = np.linspace(0.0, 2.0, 100_001)
    force_kn = np.where(way_mm < 1.2, 400.0, 0.0)  # the sheet is through after 60 % of its thickness
    area_kj = float(np.trapezoid(force_kn, way_mm)) / 1000.0
    assert blanking_work_kj(np.array([400.0]), np.array([2.0]))[0] == pytest.approx(area_kj, rel=1e-4)
