from __future__ import annotations

import numpy as np

from sim.physics.r134a import saturation_bar, saturation_c

PRINTED = {-10.0: 2.006, 0.0: 2.928, 5.0: 3.497, 20.0: 5.717, 35.0: 8.870, 50.0: 13.179, 60.0: 16.818}
"""Saturation pressure of R134a [bar] by temperature [°C], NIST Chemistry WebBook."""


def test_pressures_are_those_of_the_tables() -> None:
    celsius, bar = np.array(list(PRINTED)), np.array(list(PRINTED.values()))
    np.testing.assert_allclose(saturation_bar(celsius), bar, rtol=0.01)


def test_temperature_is_the_inverse() -> None:
    celsius = np.linspace(-10, 60, 15)
    np.testing.assert_allclose(saturation_c(saturation_bar(celsius)), celsius)
