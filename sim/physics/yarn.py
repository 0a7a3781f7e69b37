"""Yarn arithmetic of ring spinning: count, twist, delivery, production, and how hot the traveller runs.

Count and twist: W. Klein, The Technology of Short-staple Spinning, Rieter Manual of Spinning vol. 1 (2014).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

TEX_PER_NE = 590.5
"""Count in tex = 590.5 / English cotton count."""

PER_METRE = 39.37
"""Inches in a metre."""


def tex(ne: F64) -> F64:
    """Linear density [g/km] of an English cotton count (Ne).

    >>> tex(np.array([30.0])).round(2).tolist()
    [19.68]
    """
    return TEX_PER_NE / ne


def twist_per_m(ne: F64, multiplier: F64 | float) -> F64:
    """Turns a metre: the twist multiplier times the root of the count is turns an inch.

    >>> twist_per_m(np.array([30.0]), 4.0).round(0).tolist()
    [863.0]
    """
    return multiplier * np.sqrt(ne) * PER_METRE


def production_kg_h(spindles: F64, delivery_m_min: F64, count_tex: F64) -> F64:
    """Yarn that so many working spindles make [kg/h].

    >>> production_kg_h(np.array([1000.0]), np.array([20.0]), np.array([20.0])).tolist()
    [24.0]
    """
    return spindles * delivery_m_min * 60.0 * count_tex * 1e-6


def traveller_speed_m_s(ring_mm: F64, spindle_rpm: F64) -> F64:
    """Speed of the traveller on its ring, which lags the spindle by less than 2 % [m/s].

    >>> traveller_speed_m_s(np.array([38.0]), np.array([18000.0])).round(1).tolist()
    [35.8]
    """
    return np.pi * ring_mm / 1000.0 * spindle_rpm / 60.0


def traveller_rise_k(speed_m_s: F64) -> F64:
    """How much hotter than the hall a traveller runs on a sound ring [K].

    Its normal force grows with the square of speed, friction power with the cube, and forced convection
    carries off with the root: rise ~ v^2.5. Scaled to about 200 K at 35 m/s, where steel travellers are at
    their limit of wear.
    """
    return 200.0 * (speed_m_s / 35.0) ** 2.5
