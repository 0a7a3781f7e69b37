"""Saturated steam: temperature, enthalpy of water and vapour over gauge pressure, as a short table.

International Steam Tables, IAPWS-IF97 (Wagner and Kretzschmar, 2nd ed. 2008), table 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

ATMOSPHERE_BAR = 1.01325

_BAR = np.array([1.01325, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14])
_C = np.array([
    99.97, 111.35, 120.21, 133.52, 143.61, 151.83, 158.83,
    164.95, 170.41, 175.35, 179.88, 184.06, 187.96, 195.04,
])  # fmt: skip
_WATER = np.array([
    419.1, 467.1, 504.7, 561.4, 604.7, 640.1, 670.4,
    697.0, 720.9, 742.6, 762.5, 781.0, 798.3, 830.0,
])  # fmt: skip
_VAPOUR = np.array([
    2675.5, 2693.1, 2706.2, 2724.9, 2738.1, 2748.1, 2756.1,
    2762.8, 2768.3, 2773.0, 2777.1, 2780.6, 2783.7, 2788.8,
])  # fmt: skip


def saturation_c(gauge_bar: F64) -> F64:
    """Temperature of saturated steam [°C].

    >>> saturation_c(np.array([0.0, 7.0])).round(1).tolist()
    [100.0, 170.5]
    """
    found: F64 = np.interp(gauge_bar + ATMOSPHERE_BAR, _BAR, _C)
    return found


def vapour_kj_kg(gauge_bar: F64) -> F64:
    """Enthalpy of dry saturated steam [kJ/kg]."""
    found: F64 = np.interp(gauge_bar + ATMOSPHERE_BAR, _BAR, _VAPOUR)
    return found


def condensing_kj_kg(gauge_bar: F64) -> F64:
    """Heat that a kilogram gives when it condenses and its trap lets it out as hot water [kJ/kg].

    >>> condensing_kj_kg(np.array([7.0])).round(0).tolist()
    [2047.0]
    """
    found: F64 = np.interp(gauge_bar + ATMOSPHERE_BAR, _BAR, _VAPOUR - _WATER)
    return found
