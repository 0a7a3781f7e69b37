"""Moist air: saturation, dew point, humidity ratio, enthalpy, wet bulb; at sea level.

Buck 1981 (as revised 1996) for saturation over water; Stull 2011 for the wet bulb; the rest is the ASHRAE
Handbook Fundamentals 2017, ch. 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

PRESSURE_PA = 101_325.0


def saturation_pa(air_c: F64 | float) -> F64:
    """Vapour pressure of saturated air over water [Pa].

    >>> round(float(saturation_pa(20.0)), 0)
    2338.0
    """
    t = np.asarray(air_c, dtype=np.float64)
    return 611.21 * np.exp((18.678 - t / 234.5) * t / (257.14 + t))


def humidity_ratio(air_c: F64 | float, rh: F64 | float) -> F64:
    """Mass of vapour per mass of dry air [kg/kg] at a relative humidity [%].

    >>> round(float(humidity_ratio(25.0, 50.0)), 4)
    0.0099
    """
    vapour = saturation_pa(air_c) * (np.asarray(rh, dtype=np.float64) * 0.01)
    return 0.621945 * vapour / (PRESSURE_PA - vapour)


def relative_humidity(air_c: F64 | float, ratio: F64 | float) -> F64:
    """Relative humidity [%] of air with a humidity ratio [kg/kg]; inverse of :func:`humidity_ratio`.

    >>> round(float(relative_humidity(25.0, humidity_ratio(25.0, 50.0))), 6)
    50.0
    """
    w = np.asarray(ratio, dtype=np.float64)
    return 100.0 * PRESSURE_PA * w / (0.621945 + w) / saturation_pa(air_c)


def dew_point_c(air_c: F64 | float, rh: F64 | float) -> F64:
    """Dew point [°C] (inverse of Magnus' form with the constants of WMO-No. 8: 17.62, 243.12 °C).

    >>> round(float(dew_point_c(20.0, 50.0)), 1)
    9.3
    """
    t = np.asarray(air_c, dtype=np.float64)
    g = np.log(np.maximum(rh, 0.1) * 0.01) + 17.62 * t / (243.12 + t)
    return 243.12 * g / (17.62 - g)


def enthalpy_kj_kg(air_c: F64 | float, ratio: F64 | float) -> F64:
    """Enthalpy of moist air per mass of dry air [kJ/kg], 0 for dry air at 0 °C.

    >>> round(float(enthalpy_kj_kg(25.0, 0.0099)), 1)
    50.4
    """
    t = np.asarray(air_c, dtype=np.float64)
    return 1.006 * t + np.asarray(ratio) * (2501.0 + 1.86 * t)


def wet_bulb_c(air_c: F64 | float, rh: F64 | float) -> F64:
    """Wet-bulb temperature [°C] for 5 to 99 % and -20 to 50 °C (Stull 2011, eq. 1; off by 0.65 K at most).

    >>> round(float(wet_bulb_c(20.0, 50.0)), 1)
    13.7
    """
    t, h = np.asarray(air_c, dtype=np.float64), np.asarray(rh, dtype=np.float64)
    return (
        t * np.arctan(0.151977 * np.sqrt(h + 8.313659))
        + np.arctan(t + h)
        - np.arctan(h - 1.676331)
        + 0.00391838 * h**1.5 * np.arctan(0.023101 * h)
        - 4.686035
    )
