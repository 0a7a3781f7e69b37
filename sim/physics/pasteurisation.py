"""Pasteurisation units and the regeneration of a plate heat exchanger."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


def holding_units(celsius: F64, seconds: float) -> F64:
    """Pasteurisation units of a time at a temperature: a minute at 60 °C is one; ten times at 6.94 K more.

    Del Vecchio, Dayharsh, Baselt, Proc. ASBC 50 (1951): ``PU = t 1.393^(T - 60)``.

    >>> holding_units(np.array([60.0, 72.0]), 15.0).round(1).tolist()
    [0.2, 13.3]
    """
    units: F64 = seconds / 60.0 * np.power(1.393, celsius - 60.0)
    return units


def regenerated_c(inlet_c: float, holding_c: F64, regeneration: F64) -> F64:
    """Temperature of the product after what leaves has warmed it [°C]: equal flows, so the share of the
    temperature difference that is won back.

    >>> regenerated_c(20.0, np.array([70.0]), np.array([0.9])).tolist()
    [65.0]
    """
    return inlet_c + regeneration * (holding_c - inlet_c)
