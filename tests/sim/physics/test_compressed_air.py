from __future__ import annotations

import math

import numpy as np
import pytest

from sim.physics.compressed_air import (
    ATMOSPHERE_BAR,
    adiabatic_kw,
    isothermal_kw,
    orifice_nm3_h,
    receiver_bar,
)


def test_a_receiver_fills_as_the_gas_law_says() -> None:
    """12 Nm³ into 5 m³ at 40 °C by n R T / V; a mole of an ideal gas is 22.414 L at normal conditions."""
    moles = 12.0 / 0.022414
    rise_bar = moles * 8.314462 * 313.15 / 5.0 / 1e5
    after = receiver_bar(np.array([6.0]), np.array([720.0]), 60.0, np.array([5.0]), 40.0)
    assert after[0] - 6.0 == pytest.approx(rise_bar, rel=2e-4)


def test_what_goes_in_and_out_again_leaves_the_pressure() -> None:
    bar = np.array([7.0])
    up = receiver_bar(bar, np.array([300.0]), 12.0, np.array([3.0]), 30.0)
    assert receiver_bar(up, np.array([-300.0]), 12.0, np.array([3.0]), 30.0)[0] == pytest.approx(7.0)


def test_an_empty_receiver_stays_at_the_atmosphere() -> None:
    assert receiver_bar(np.array([0.1]), np.array([-1e6]), 3600.0, np.array([1.0]), 20.0).tolist() == [0.0]


def test_compression_without_cooling_takes_more_than_with() -> None:
    adiabatic = adiabatic_kw(np.array([60.0]), np.array([7.0]), 20.0)[0]
    assert isothermal_kw(60.0, 7.0, 20.0) < adiabatic
    # the same by integrating V dp along p V^κ = const
    p = np.linspace(ATMOSPHERE_BAR, ATMOSPHERE_BAR + 7.0, 200_001)
    volume = (60.0 / 3600.0 * 293.15 / 273.15) * (ATMOSPHERE_BAR / p) ** (1 / 1.4)
    assert adiabatic == pytest.approx(float(np.trapezoid(volume, p)) * 100.0, rel=1e-6)


def test_a_leak_of_three_millimetres_is_that_of_the_tables() -> None:
    """A perfect nozzle passes 0.183 L/s of normal air per mm² and bar absolute while it is choked (20 °C)."""
    flow = orifice_nm3_h(np.array([3.0]), np.array([7.0]), discharge=1.0)[0] / 3.6
    assert flow == pytest.approx(0.183 * math.pi / 4 * 9.0 * 8.01325, rel=0.01)
    one, two = orifice_nm3_h(np.array([2.0, 4.0]), np.array([7.0, 7.0]))
    assert two == pytest.approx(4 * one)
