"""Compressed air: the power that compresses it, and the pressure of a receiver that is filled and drawn from.

A normal cubic metre (Nm³) is one at 0 °C and 1.01325 bar (DIN 1343); pressures of vessels are gauge.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

ATMOSPHERE_BAR = 1.01325
ZERO_C_K = 273.15
KAPPA = 1.4
"""Ratio of specific heats of dry air."""


def isothermal_kw(nm3_h: float, gauge_bar: float, inlet_c: float = 25.0) -> float:
    """Least power that compresses a flow of air to a pressure [kW]: p V ln(p2/p1).

    >>> round(isothermal_kw(60.0, 7.0, inlet_c=0.0), 2)  # 1 Nm³/min to 7 bar
    3.49
    """
    volume_m3_s = nm3_h / 3600.0 * (inlet_c + ZERO_C_K) / ZERO_C_K
    return 1e2 * ATMOSPHERE_BAR * volume_m3_s * math.log1p(gauge_bar / ATMOSPHERE_BAR)


def adiabatic_kw(nm3_h: F64, gauge_bar: F64, inlet_c: F64 | float = 25.0) -> F64:
    """Power of compression without exchange of heat [kW]: κ/(κ-1) p V ((p2/p1)^((κ-1)/κ) - 1).

    >>> adiabatic_kw(np.array([60.0]), np.array([7.0]), 0.0).round(2).tolist()
    [4.76]
    """
    exponent = (KAPPA - 1.0) / KAPPA
    volume_m3_s = nm3_h * ((inlet_c + ZERO_C_K) / (3600.0 * ZERO_C_K))
    lift = (1.0 + gauge_bar / ATMOSPHERE_BAR) ** exponent - 1.0
    return 1e2 * ATMOSPHERE_BAR / exponent * volume_m3_s * lift


def receiver_bar(gauge_bar: F64, net_nm3_h: F64, dt_s: float, volume_m3: F64, air_c: F64 | float) -> F64:
    """Pressure of a receiver after a steady net flow [bar gauge]: ideal gas, constant temperature.

    One normal cubic metre is one atmosphere at 0 °C in a cubic metre, so V dp = p0 (T/T0) Q dt.

    >>> receiver_bar(np.array([6.0]), np.array([360.0]), 10.0, np.array([1.01325]), 0.0).round(6).tolist()
    [7.0]
    """
    gained_bar = net_nm3_h * (dt_s / 3600.0) * ATMOSPHERE_BAR * ((air_c + ZERO_C_K) / ZERO_C_K) / volume_m3
    return np.maximum(gauge_bar + gained_bar, 0.0)


def orifice_nm3_h(diameter_mm: F64, gauge_bar: F64, discharge: float = 0.65) -> F64:
    """Air lost through a hole while the flow is choked [Nm³/h], ``float64[n]`` (ISO 6358 with b = 0.528).

    A round hole of 3 mm at 7 bar loses 37 Nm³/h, a torn hose (discharge 0.65) two thirds of that.

    >>> orifice_nm3_h(np.array([3.0]), np.array([7.0])).round(0).tolist()
    [24.0]
    """
    area_m2 = discharge * math.pi / 4.0 * np.square(diameter_mm * 1e-3)
    # choked: m = A p sqrt(κ/(R T)) (2/(κ+1))^((κ+1)/(2(κ-1))); 287.05 J/kgK, 20 °C, 1.2929 kg/Nm³
    factor = math.sqrt(KAPPA / (287.05 * 293.15)) * (2.0 / (KAPPA + 1.0)) ** 3
    return area_m2 * (gauge_bar + ATMOSPHERE_BAR) * (1e5 * factor / 1.2929 * 3600.0)
