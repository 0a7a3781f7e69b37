"""Clean rooms: the classes of ISO 14644-1 and how many particles a ventilated room holds."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def class_limit(iso_class: F64 | float, size_um: float) -> F64:
    """Most particles of at least a size [1/m³] that a class allows (ISO 14644-1:2015, formula A.1).

    ``C = 10^N (0.1/D)^2.08``; the standard prints three digits of it.

    >>> float(f"{float(class_limit(7.0, 0.5)):.3g}")
    352000.0
    """
    limit: F64 = np.power(10.0, iso_class) * (0.1 / size_um) ** 2.08
    return limit


def class_of(per_m3: F64, size_um: float) -> F64:
    """The class number, with its decimals, that just allows a concentration [1/m³].

    >>> class_of(np.array([352_000.0]), 0.5).round(2).tolist()
    [7.0]
    """
    number: F64 = np.log10(np.maximum(per_m3, 1.0)) + 2.08 * math.log10(size_um / 0.1)
    return number


def settled_per_m3(emitted_per_h: F64, air_m3_h: F64, supply_per_m3: F64) -> F64:
    """Concentration of a well-mixed room in the long run [1/m³]: what air and people bring leaves by air.

    >>> settled_per_m3(np.array([6e8]), np.array([6000.0]), np.array([500.0])).tolist()
    [100500.0]
    """
    return supply_per_m3 + emitted_per_h / np.maximum(air_m3_h, 1.0)
