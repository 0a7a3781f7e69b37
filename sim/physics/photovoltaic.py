"""Photovoltaic arrays after PVWatts version 5 (Dobos 2014, NREL/TP-6A20-62641); ``float64[n]``.

Light on the tilted plane: diffuse share of Erbs et al. (1982), isotropic sky. Cells: Faiman (2008). Power:
PVWatts.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

SOLAR_CONSTANT_W_M2 = 1361.0
ALBEDO = 0.2
FAIMAN_U0, FAIMAN_U1 = 25.0, 6.84
"""Heat loss of a module [W/(m²·K)], and per m/s of wind."""
INVERTER_NOMINAL, INVERTER_REFERENCE = 0.96, 0.9637


def diffuse_share(clearness: float) -> float:
    """Share of diffuse light at a clearness index: Erbs et al. (1982), eq. 1.

    >>> [round(diffuse_share(k), 3) for k in (0.1, 0.5, 0.9)]
    [0.991, 0.659, 0.165]
    """
    k = clearness
    if k <= 0.22:
        return 1.0 - 0.09 * k
    if k <= 0.80:
        return 0.9511 - 0.1604 * k + 4.388 * k**2 - 16.638 * k**3 + 12.336 * k**4
    return 0.165


def on_plane_w_m2(
    level_w_m2: float, zenith_deg: float, azimuth_deg: float, tilt_deg: F64, facing_deg: F64
) -> F64:
    """Irradiance of tilted planes [W/m²].

    A level plane gets what the ground gets:

    >>> on_plane_w_m2(800.0, 30.0, 180.0, np.array([0.0]), np.array([180.0])).round(6).tolist()
    [800.0]

    Args:
        level_w_m2: on level ground.
        zenith_deg, azimuth_deg: of the sun.
        tilt_deg, facing_deg: of the planes; azimuths clockwise from north.
    """
    up = math.cos(math.radians(zenith_deg))
    if level_w_m2 <= 0.0 or up <= 0.02:
        return np.full_like(tilt_deg, max(level_w_m2, 0.0)) * (1.0 + np.cos(np.radians(tilt_deg))) / 2.0
    share = diffuse_share(min(level_w_m2 / (SOLAR_CONSTANT_W_M2 * up), 1.0))
    diffuse = level_w_m2 * share
    beam = (level_w_m2 - diffuse) / up
    tilt = np.radians(tilt_deg)
    incidence = up * np.cos(tilt) + math.sin(math.radians(zenith_deg)) * np.sin(tilt) * np.cos(
        np.radians(azimuth_deg - facing_deg)
    )
    sky = diffuse * (1.0 + np.cos(tilt)) / 2.0
    plane: F64 = beam * np.maximum(incidence, 0.0) + sky + level_w_m2 * ALBEDO * (1.0 - np.cos(tilt)) / 2.0
    return plane


def cell_c(plane_w_m2: F64, air_c: float, wind_m_s: float) -> F64:
    """Module temperature in the end [°C]: Faiman (2008), ``T_air + E / (u0 + u1 v)``.

    >>> cell_c(np.array([800.0]), 20.0, 1.0).round(1).tolist()
    [45.1]
    """
    return air_c + plane_w_m2 / (FAIMAN_U0 + FAIMAN_U1 * wind_m_s)


def dc_kw(rated_kwp: F64, plane_w_m2: F64, cell: F64, per_kelvin: float = -0.0035) -> F64:
    """Power of the modules [kW]: PVWatts eq. 8, ``P0 E/1000 (1 + g (T - 25))``; g of a mono PERC module.

    >>> dc_kw(np.array([100.0]), np.array([1000.0]), np.array([25.0])).tolist()
    [100.0]
    """
    power: F64 = rated_kwp * plane_w_m2 / 1000.0 * (1.0 + per_kelvin * (cell - 25.0))
    return power


def ac_kw(dc: F64, inverter_kw: F64) -> F64:
    """Power behind the inverter [kW]: PVWatts eq. 9 and 10, a loading curve, clipped at the rating.

    Full load runs at 0.96, one tenth at 0.92:

    >>> (ac_kw(np.array([100.0, 10.0, 200.0]) / 0.96, np.array([100.0] * 3)) / 100).round(3).tolist()
    [1.0, 0.096, 1.0]
    """
    limit = inverter_kw / INVERTER_NOMINAL
    load = np.maximum(dc / limit, 1e-6)
    efficiency = INVERTER_NOMINAL / INVERTER_REFERENCE * (-0.0162 * load - 0.0059 / load + 0.9858)
    power: F64 = np.clip(efficiency * dc, 0.0, inverter_kw)
    return power
