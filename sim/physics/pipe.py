"""Pressure lost in full pipes, Hazen-Williams, and what leaks and short pressure do; ``float64[n]`` in and
out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

BAR_PER_M = 0.0980665
"""Pressure of a metre of water at 1,000 kg/m³ [bar]."""


def resistance(length_m: F64, diameter_mm: F64, roughness_c: F64) -> F64:
    """Resistance ``r`` of a pipe in ``h = r Q^1.852`` [m, m³/s].

    Hazen-Williams in SI units, as EPANET 2.2 uses it (Rossman et al. 2020, table 3.1): ``10.667 C^-1.852
    d^-4.871 L``.
    """
    r: F64 = 10.667 * np.power(roughness_c, -1.852) * np.power(diameter_mm / 1000.0, -4.871) * length_m
    return r


def head_loss_m(r: F64, flow_m3_h: F64) -> F64:
    """Head lost [m], in the direction of the flow [m³/h].

    300 m of DN 200, C = 120, 40 L/s either way:

    >>> r = resistance(np.array([300.0]), np.array([200.0]), np.array([120.0]))
    >>> head_loss_m(r, np.array([144.0, -144.0])).round(2).tolist()
    [2.95, -2.95]
    """
    flow = flow_m3_h / 3600.0
    loss: F64 = r * np.sign(flow) * np.power(np.abs(flow), 1.852)
    return loss


def velocity_m_s(flow_m3_h: F64, diameter_mm: F64) -> F64:
    """Mean velocity [m/s].

    >>> velocity_m_s(np.array([100.0]), np.array([200.0])).round(3).tolist()
    [0.884]
    """
    velocity: F64 = flow_m3_h / 3600.0 / (np.pi / 4.0 * np.square(diameter_mm / 1000.0))
    return velocity


def leak_m3_h(at_reference: F64, pressure_bar: F64, reference_bar: float = 4.0) -> F64:
    """What runs out of a hole [m³/h]: an orifice, ``Q = Q0 sqrt(p / p0)``; nothing without pressure.

    >>> leak_m3_h(np.array([10.0]), np.array([1.0])).tolist()
    [5.0]
    """
    leak: F64 = at_reference * np.sqrt(np.maximum(pressure_bar, 0.0) / reference_bar)
    return leak


def delivered_share(pressure_bar: F64, required_bar: float = 1.5) -> F64:
    """Share of a demand that is met at a pressure: Wagner et al. (1988), as WNTR's pressure-dependent demand.

    >>> delivered_share(np.array([-0.5, 0.375, 1.5, 5.0])).tolist()
    [0.0, 0.5, 1.0, 1.0]
    """
    share: F64 = np.sqrt(np.clip(pressure_bar / required_bar, 0.0, 1.0))
    return share
