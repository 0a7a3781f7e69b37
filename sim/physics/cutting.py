"""Metal cutting: force and power by Kienzle, tool life by Taylor."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def cutting_force_n(kc11: float, mc: float, width_mm: F64, thickness_mm: F64) -> F64:
    """Main cutting force [N] (Kienzle 1952): kc1.1 b h^(1-mc).

    Args:
        kc11: specific cutting force at h = b = 1 mm [N/mm²]; C45: 2220, with mc = 0.14.
        mc: slope of the material.
        width_mm, thickness_mm: of the chip before it is cut.

    >>> cutting_force_n(2220.0, 0.14, np.array([4.0]), np.array([0.2])).round(0).tolist()
    [2225.0]
    """
    return kc11 * width_mm * thickness_mm ** (1.0 - mc)


def cutting_power_kw(force_n: F64, speed_m_min: F64 | float) -> F64:
    """Power at the tool [kW].

    >>> cutting_power_kw(np.array([2225.0]), 180.0).round(2).tolist()
    [6.68]
    """
    return force_n * speed_m_min / 60_000.0


def tool_life_min(speed_m_min: F64 | float, constant: float, exponent: float) -> F64:
    """Life of an edge [min] (Taylor 1907): v T^n = C.

    >>> tool_life_min(np.array([200.0]), constant=400.0, exponent=0.25).tolist()
    [16.0]
    """
    return (constant / np.asarray(speed_m_min, dtype=np.float64)) ** (1.0 / exponent)
