"""Activated sludge in completely mixed basins: oxygen-limited Monod removal of COD and ammonia.

A reduction of ASM1 (Henze et al. 2000) to what an operator sees: biodegradable COD, ammonia, dissolved
oxygen and sludge. Inert COD passes. Constants at 20 °C, with Arrhenius factors, after Metcalf & Eddy,
Wastewater Engineering, 5th ed., tables 8-14 and 7-12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

OXYGEN_OF_NITROGEN = 4.57
"""Oxygen to nitrify a gram of ammonia nitrogen [g/g]."""
SUBSTEP_S = 30.0
SUBSTEPS = 240


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Constants at 20 °C.

    Args:
        uptake_d: COD taken up by a gram of sludge at most [g/(g·d)].
        half_cod: COD at half of that [mg/L].
        nitrify_d: ammonia nitrogen taken up by a gram of sludge at most [g/(g·d)].
        half_nh4: ammonia nitrogen at half of that [mg/L].
        half_o2: dissolved oxygen at half rate, for both [mg/L].
        yield_cod: sludge made of a gram of COD [g/g].
        oxygen_cod: oxygen used for a gram of COD [g/g].
        decay_d: sludge that burns itself [1/d].
        theta_cod, theta_nh4: rate per kelvin.
    """

    uptake_d: float = 1.6
    half_cod: float = 40.0
    nitrify_d: float = 0.12
    half_nh4: float = 0.8
    half_o2: float = 0.4
    yield_cod: float = 0.4
    oxygen_cod: float = 0.5
    decay_d: float = 0.06
    theta_cod: float = 1.04
    theta_nh4: float = 1.07


KINETICS = Kinetics()


def saturation_mg_l(temperature_c: F64) -> F64:
    """Dissolved oxygen in equilibrium with air at sea level [mg/L]: Elmore and Hayes (1960), the ASCE
    polynomial.

    >>> saturation_mg_l(np.array([20.0, 30.0])).round(2).tolist()
    [9.02, 7.44]
    """
    t = temperature_c
    saturation: F64 = 14.652 - 0.41022 * t + 0.007991 * t**2 - 7.7774e-5 * t**3
    return saturation


class Basins:
    """Completely mixed basins of constant volume.

    All rates are frozen over a substep except in what they remove, which makes each balance linear: it is
    advanced by its exact solution, so nothing becomes negative and mass closes whatever the step.

    Args:
        volume_m3: ``float64[n]``.
        cod, nh4, oxygen, sludge: at the start [mg/L], ``float64[n]``; COD is the biodegradable part.
        constants: of the sludge.
    """

    def __init__(
        self,
        volume_m3: F64,
        cod: F64,
        nh4: F64,
        oxygen: F64,
        sludge: F64,
        constants: Kinetics = KINETICS,
    ) -> None:
        self.volume_m3 = volume_m3
        self.cod, self.nh4, self.oxygen, self.sludge = cod, nh4, oxygen, sludge
        self._k = constants

    def step(
        self,
        flow_m3_h: F64,
        cod_kg_h: F64,
        nh4_kg_h: F64,
        *,
        temperature_c: F64,
        transfer_h: F64,
        activity: F64,
        dt_s: float,
    ) -> Turnover:
        """Go forward by ``dt_s`` [s].

        Args:
            flow_m3_h: through the basin.
            cod_kg_h, nh4_kg_h: biodegradable COD and ammonia nitrogen that enter.
            temperature_c: of the water.
            transfer_h: oxygen transfer coefficient kLa [1/h].
            activity: share of the sludge's activity that is left, 0 to 1.
            dt_s: length of the step.
        """
        steps = min(max(math.ceil(dt_s / SUBSTEP_S), 1), SUBSTEPS)
        h = dt_s / 3600.0 / steps
        left_cod, left_nh4, used_cod, used_nh4, used_o2, grown = np.zeros((6, len(flow_m3_h)))
        k = self._k
        hot = temperature_c - 20.0
        uptake = k.uptake_d / 24.0 * np.power(k.theta_cod, hot) * activity
        nitrify = k.nitrify_d / 24.0 * np.power(k.theta_nh4, hot) * activity
        decay = k.decay_d / 24.0 * np.power(k.theta_cod, hot)
        saturation = saturation_mg_l(temperature_c)
        dilution = flow_m3_h / self.volume_m3
        cod_in, nh4_in = 1000.0 * cod_kg_h / self.volume_m3, 1000.0 * nh4_kg_h / self.volume_m3
        for _ in range(steps):
            breathing = self.oxygen / (k.half_o2 + self.oxygen)
            rate_cod = uptake * self.sludge / (k.half_cod + self.cod) * breathing
            rate_nh4 = nitrify * self.sludge / (k.half_nh4 + self.nh4) * breathing
            self.cod, mean_cod = _advance(self.cod, cod_in, dilution + rate_cod, h)
            self.nh4, mean_nh4 = _advance(self.nh4, nh4_in, dilution + rate_nh4, h)
            demand = (
                k.oxygen_cod * rate_cod * mean_cod
                + OXYGEN_OF_NITROGEN * rate_nh4 * mean_nh4
                + decay * self.sludge * breathing
            )
            # what is used is a share of what is there: demand over oxygen, so that it never becomes negative
            sink = demand / np.maximum(self.oxygen, 1e-3)
            self.oxygen, _ = _advance(self.oxygen, transfer_h * saturation, transfer_h + dilution + sink, h)
            left_cod += dilution * mean_cod * h
            left_nh4 += dilution * mean_nh4 * h
            used_cod += rate_cod * mean_cod * h
            used_nh4 += rate_nh4 * mean_nh4 * h
            used_o2 += demand * h
            grown += (k.yield_cod * rate_cod * mean_cod - decay * self.sludge) * h
        scale = self.volume_m3 / 1000.0 / (h * steps) if h > 0 else np.zeros_like(self.volume_m3)
        if h <= 0:
            return Turnover(
                flow_m3_h * self.cod / 1000.0, flow_m3_h * self.nh4 / 1000.0, *np.zeros((4, len(flow_m3_h)))
            )
        return Turnover(
            left_cod * scale,
            left_nh4 * scale,
            used_cod * scale,
            used_nh4 * scale,
            used_o2 * scale,
            grown * scale,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Turnover:
    """Mean rates of a step [kg/h], ``float64[n]``.

    Args:
        cod, nh4: what left with the water.
        cod_used, nh4_used: what was removed.
        oxygen_used: for that, and for the sludge itself.
        sludge_grown: net.
    """

    cod: F64
    nh4: F64
    cod_used: F64
    nh4_used: F64
    oxygen_used: F64
    sludge_grown: F64


def _advance(value: F64, gain: F64, rate: F64, hours: float) -> tuple[F64, F64]:
    """``dv/dt = gain - rate v`` for ``hours``: the value then, and its mean over the step.

    >>> after, mean = _advance(np.array([0.0]), np.array([1.0]), np.array([1.0]), 1.0)
    >>> after.round(3).tolist(), mean.round(3).tolist()
    ([0.632], [0.368])
    """
    if hours <= 0.0:
        return value, value
    rate = np.maximum(rate, 1e-12)
    end = gain / rate
    fade = -np.expm1(-rate * hours)
    after: F64 = value + (end - value) * fade
    mean: F64 = end + (value - end) * fade / (rate * hours)
    return after, mean
