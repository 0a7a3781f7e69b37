"""The ammonia cycle against the equation of state it is fitted to, and against a textbook's limits."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.refrigeration import cycle, liquid_kj_kg, saturation_bar, saturation_c

# CoolProp 8.0.0, PropsSI, R717, IIR reference: evaporating, condensing [°C], superheat [K] -> suction
# pressure [bar], enthalpy after the evaporator, after isentropic compression and before the valve [kJ/kg],
# temperature after compression [°C], specific volume sucked in [m³/kg].
REFERENCE = (
    (-30.0, 35.0, 5.0, 1.19376, 1580.53, 1962.12, 511.56, 157.23, 0.98662),
    (-10.0, 35.0, 5.0, 2.90640, 1608.58, 1836.90, 511.56, 107.38, 0.42828),
    (-10.0, 40.0, 0.0, 2.90640, 1595.95, 1843.46, 536.12, 112.35, 0.41828),
    (-35.0, 40.0, 10.0, 0.93042, 1584.03, 2051.59, 536.12, 194.28, 1.27408),
)


@pytest.mark.parametrize("row", REFERENCE)
def test_state_points_and_cop(row: tuple[float, ...]) -> None:
    evaporating_c, condensing_c, superheat_k, bar, h1, h2, h3, end_c, volume = row
    state = cycle(np.array([evaporating_c]), np.array([condensing_c]), superheat_k)
    assert state.suction_bar[0] == pytest.approx(bar, rel=1e-3)
    assert state.suction_kj_kg[0] == pytest.approx(h1, abs=1.0)
    assert state.liquid_kj_kg[0] == pytest.approx(h3, abs=0.1)
    assert 1.0 / state.density[0] == pytest.approx(volume, rel=0.005)
    assert state.isentropic_kj_kg[0] == pytest.approx(h2 - h1, rel=0.012)
    assert state.isentropic_c[0] == pytest.approx(end_c, abs=4.0)
    assert state.ideal_cop[0] == pytest.approx((h1 - h3) / (h2 - h1), rel=0.012)


def test_no_cycle_beats_carnot() -> None:
    evaporating_c = np.linspace(-40.0, 0.0, 9)
    state = cycle(evaporating_c, np.full(9, 35.0), 0.0)
    carnot = (evaporating_c + 273.15) / (35.0 - evaporating_c)
    assert (state.ideal_cop < carnot).all()
    assert (state.ideal_cop > 0.7 * carnot).all()
    assert (np.diff(state.ideal_cop) > 0).all()


def test_saturation_is_its_own_inverse_and_boils_at_minus_33() -> None:
    celsius = np.linspace(-44.0, 59.0, 50)
    np.testing.assert_allclose(saturation_c(saturation_bar(celsius)), celsius, atol=1e-9)
    assert saturation_c(np.array([1.01325]))[0] == pytest.approx(-33.33, abs=0.1)
    assert np.all(np.diff(liquid_kj_kg(celsius)) > 0)
