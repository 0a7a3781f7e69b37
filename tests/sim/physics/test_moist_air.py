from __future__ import annotations

import numpy as np
import pytest

from sim.physics.moist_air import (
    dew_point_c,
    enthalpy_kj_kg,
    humidity_ratio,
    relative_humidity,
    saturation_pa,
    wet_bulb_c,
)


@pytest.mark.parametrize(("air_c", "pascal"), [(0.0, 611.2), (10.0, 1228.0), (25.0, 3169.9), (40.0, 7384.9)])
def test_saturation_is_that_of_the_steam_tables(air_c: float, pascal: float) -> None:
    """ASHRAE Fundamentals 2017, chapter 1, table 3."""
    assert float(saturation_pa(air_c)) == pytest.approx(pascal, rel=0.001)


def test_a_point_of_the_psychrometric_chart() -> None:
    """30 °C and 50 %: 13.3 g/kg, 64.3 kJ/kg, dew point 18.4 °C, wet bulb 22.0 °C."""
    ratio = humidity_ratio(30.0, 50.0)
    assert 1000 * float(ratio) == pytest.approx(13.3, abs=0.1)
    assert float(enthalpy_kj_kg(30.0, ratio)) == pytest.approx(64.3, abs=0.2)
    assert float(dew_point_c(30.0, 50.0)) == pytest.approx(18.4, abs=0.1)
    assert float(wet_bulb_c(30.0, 50.0)) == pytest.approx(22.0, abs=0.5)


def test_air_at_its_dew_point_is_saturated() -> None:
    air_c = np.array([10.0, 25.0, 35.0])
    dew_c = dew_point_c(air_c, np.array([40.0, 55.0, 80.0]))
    np.testing.assert_allclose(
        relative_humidity(dew_c, humidity_ratio(air_c, np.array([40.0, 55.0, 80.0]))), 100.0, rtol=0.003
    )
