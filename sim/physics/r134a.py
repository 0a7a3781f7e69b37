"""Saturation of the refrigerant R134a, as chillers of this size still carry it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

_A, _B = 10.8200, 2662.0
"""ln p [bar] = A - B/T [K]: Clausius-Clapeyron with one heat of evaporation, fitted to NIST REFPROP between
0 and 40 °C; within 1 % from -10 to 60 °C."""


def saturation_bar(celsius: F64) -> F64:
    """Absolute pressure at which it boils [bar], ``float64[n]``.

    >>> saturation_bar(np.array([0.0, 40.0])).round(2).tolist()
    [2.93, 10.17]
    """
    return np.exp(_A - _B / (celsius + 273.15))


def saturation_c(bar: F64) -> F64:
    """Temperature at which it boils [°C] at an absolute pressure [bar]; inverse of :func:`saturation_bar`.

    >>> saturation_c(np.array([2.93])).round(1).tolist()
    [0.0]
    """
    return _B / (_A - np.log(bar)) - 273.15
