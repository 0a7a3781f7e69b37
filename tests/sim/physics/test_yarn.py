"""Yarn arithmetic against a worked example."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.yarn import production_kg_h, tex, traveller_rise_k, traveller_speed_m_s, twist_per_m


def test_a_frame_of_ne_30_makes_24_grams_a_spindle_and_hour() -> None:
    """17,500 rpm, twist multiplier 4: 863 turns a metre, 20.3 m/min, 19.7 tex; 24 g an hour and spindle,
    which is what mills reckon with for this count."""
    ne = np.array([30.0])
    delivery = 17_500.0 / twist_per_m(ne, 4.0)
    assert delivery[0] == pytest.approx(20.28, abs=0.02)
    assert 1000.0 * production_kg_h(np.ones(1), delivery, tex(ne))[0] == pytest.approx(23.95, abs=0.05)


def test_finer_yarn_has_more_twist_and_is_made_slower() -> None:
    ne = np.array([20.0, 40.0])
    twist = twist_per_m(ne, 4.0)
    assert twist[1] / twist[0] == pytest.approx(np.sqrt(2.0))
    made = production_kg_h(np.ones(2), 17_500.0 / twist, tex(ne))
    assert made[0] / made[1] == pytest.approx(2.0**1.5)


def test_the_traveller_warms_with_the_two_and_a_halfth_power_of_speed() -> None:
    speed = traveller_speed_m_s(np.array([38.0, 38.0]), np.array([10_000.0, 20_000.0]))
    rise = traveller_rise_k(speed)
    assert rise[1] / rise[0] == pytest.approx(2.0**2.5)
