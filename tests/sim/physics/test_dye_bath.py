"""The bath's heat balance against its closed solution and against the first law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.physics.dye_bath import WATER_KJ_L_K, Exchange, mixed_c, step
from sim.physics.steam import condensing_kj_kg

ONE = np.ones(1)


def exchange(coil: float = 0.0, cooler: float = 0.0, loss: float = 1e-9) -> Exchange:
    return Exchange(coil * ONE, 170.0 * ONE, cooler * ONE, 30.0, loss * ONE, 30.0)


def test_a_coil_alone_heats_as_the_logarithm_says() -> None:
    """2,400 L from 30 to 98 °C with 9 kW/K of steam at 170 °C: t = C/k ln((Ts - T0)/(Ts - T))."""
    capacity = 2400.0 * WATER_KJ_L_K
    expected_s = capacity / 9.0 * math.log((170.0 - 30.0) / (170.0 - 98.0))
    bath = 30.0 * ONE
    seconds = 0
    while bath[0] < 98.0:
        bath, _, _ = step(bath, np.array([200.0]), np.array([capacity]), exchange(coil=9.0), 1.0)
        seconds += 1
    assert seconds == pytest.approx(expected_s, abs=1.0)


@pytest.mark.parametrize("dt_s", [1.0, 60.0, 3600.0, 86_400.0])
def test_the_step_does_not_matter_and_never_overshoots(dt_s: float) -> None:
    capacity = np.array([10_000.0])
    many, one = 40.0 * ONE, 40.0 * ONE
    for _ in range(10):
        many, _, _ = step(many, np.array([500.0]), capacity, exchange(coil=8.0, loss=0.2), dt_s / 10.0)
    one, _, _ = step(one, np.array([500.0]), capacity, exchange(coil=8.0, loss=0.2), dt_s)
    np.testing.assert_allclose(many, one, rtol=1e-9)
    assert one[0] <= (8.0 * 170.0 + 0.2 * 30.0) / 8.2 + 1e-9


def test_heat_in_is_heat_stored_and_lost() -> None:
    capacity, bath, heated_kj = np.array([10_000.0]), 40.0 * ONE, 0.0
    lost_kj = 0.0
    for minute in range(120):
        before = bath
        bath, heat_kw, _ = step(
            bath, np.array([40.0 + minute / 3.0]), capacity, exchange(coil=9.0, loss=0.3), 60.0
        )
        heated_kj += heat_kw[0] * 60.0
        lost_kj += 0.3 * (0.5 * (before[0] + bath[0]) - 30.0) * 60.0
    assert heated_kj == pytest.approx(capacity[0] * (bath[0] - 40.0) + lost_kj, rel=1e-9)


def test_steam_for_heating_water_as_spirax_sarco_works_it_out() -> None:
    """m cp dT / hfg: 500 kg from 20 to 80 °C take 126 MJ, 61 kg of steam at 7 bar gauge."""
    kg = 500.0 * 4.19 * 60.0 / condensing_kj_kg(np.array([7.0]))[0]
    assert kg == pytest.approx(61.4, abs=0.2)


def test_mixing_keeps_heat_and_cooling_stops_at_its_water() -> None:
    assert mixed_c(np.array([1000.0]), np.array([90.0]), np.array([1000.0 / WATER_KJ_L_K]), 30.0)[0] == 60.0
    bath, _, cooled_kw = step(95.0 * ONE, -50.0 * ONE, np.array([1000.0]), exchange(cooler=14.0), 1e6)
    assert bath[0] == pytest.approx(30.0, abs=1e-6)
    assert cooled_kw[0] > 0
