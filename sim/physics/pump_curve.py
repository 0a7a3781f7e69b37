"""Centrifugal pumps: head, power and NPSH over flow and speed, and where they meet a system; ``float64[n]``.

The curve at full speed is ``H = H0 - a q²``; the affinity laws (ISO 9906, annex; Karassik, Pump Handbook,
4th ed., ch. 2.3) carry it to any speed s: q ~ s, H ~ s², P ~ s³, so ``H = H0 s² - a q²``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

GRAVITY_M_S2 = 9.80665
WATER_KG_M3 = 998.0
SHUT_OFF = 1.25
"""Head at no flow over the head at best efficiency; usual for a specific speed of 30 to 50."""
LEAST_EFFICIENCY = 0.1
"""Far beyond the best point, where the parabola would end at nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class PumpCurve:
    """Pumps described by their best point, one element a unit.

    Args:
        best_m3_h, best_m: flow and head at best efficiency and full speed [m³/h, m].
        efficiency: there, 0 to 1.
        npsh_m: NPSH required there [m].
    """

    best_m3_h: F64
    best_m: F64
    efficiency: F64
    npsh_m: F64

    @property
    def slope(self) -> F64:
        """``a`` of ``H = H0 - a q²`` [m/(m³/h)²]."""
        return (SHUT_OFF - 1.0) * self.best_m / np.square(self.best_m3_h)

    @property
    def shut_off_m(self) -> F64:
        """``H0`` [m]."""
        return SHUT_OFF * self.best_m

    def head_m(self, flow_m3_h: F64, speed: F64, worn: F64 | float = 0.0) -> F64:
        """Head [m] at a flow and a speed (share of full speed); ``worn`` is the share of head that is lost.

        Twice the flow at twice the speed has four times the head:

        >>> one = np.ones(1)
        >>> pump = PumpCurve(200 * one, 40 * one, 0.8 * one, 3 * one)
        >>> pump.head_m(np.array([100.0]), np.array([0.5])).tolist(), pump.head_m(200 * one, one).tolist()
        ([10.0], [40.0])
        """
        return self.shut_off_m * (1.0 - worn) * np.square(speed) - self.slope * np.square(flow_m3_h)

    def speed_for(self, flow_m3_h: F64, head_m: F64, worn: F64 | float = 0.0) -> F64:
        """Speed at which a flow gets a head: the curve solved for s.

        >>> one = np.ones(1)
        >>> pump = PumpCurve(200 * one, 40 * one, 0.8 * one, 3 * one)
        >>> pump.speed_for(np.array([100.0]), np.array([10.0])).tolist()
        [0.5]
        """
        needed = np.maximum(head_m + self.slope * np.square(flow_m3_h), 0.0)
        speed: F64 = np.sqrt(needed / (self.shut_off_m * (1.0 - worn)))
        return speed

    def against(self, static_m: F64, system: F64, together: F64, worn: F64 | float = 0.0) -> F64:
        """Flow of each of ``together`` equal pumps at full speed into a system ``H = static + system Q²``
        [m³/h].

        ``H0 - a q² = Hs + r (k q)²`` has the answer ``q = sqrt((H0 - Hs) / (a + r k²))``; 0 if the static
        head is above the shut-off head.
        """
        room = np.maximum(self.shut_off_m * (1.0 - worn) - static_m, 0.0)
        flow: F64 = np.sqrt(room / (self.slope + system * np.square(together)))
        return flow

    def efficiency_at(self, flow_m3_h: F64, speed: F64, worn: F64 | float = 0.0) -> F64:
        """Efficiency: a parabola through nothing at no flow and the best point, at the flow scaled to full
        speed."""
        x = np.divide(flow_m3_h, self.best_m3_h * speed, out=np.zeros_like(flow_m3_h), where=speed > 1e-6)
        efficiency: F64 = np.maximum(self.efficiency * x * (2.0 - x) * (1.0 - 0.5 * worn), 0.0)
        return efficiency

    def shaft_kw(self, flow_m3_h: F64, head_m: F64, speed: F64, worn: F64 | float = 0.0) -> F64:
        """Power at the shaft [kW]: hydraulic power over efficiency, never less than churning at no flow, s³.

        >>> one = np.ones(1)
        >>> pump = PumpCurve(200 * one, 40 * one, 0.8 * one, 3 * one)
        >>> pump.shaft_kw(200 * one, 40 * one, one).round(2).tolist()
        [27.19]
        """
        hydraulic = WATER_KG_M3 * GRAVITY_M_S2 * flow_m3_h / 3600.0 * np.maximum(head_m, 0.0) / 1000.0
        best = WATER_KG_M3 * GRAVITY_M_S2 * self.best_m3_h / 3600.0 * self.best_m / 1000.0 / self.efficiency
        at_work = np.divide(
            hydraulic,
            np.maximum(self.efficiency_at(flow_m3_h, speed, worn), LEAST_EFFICIENCY),
            out=np.zeros_like(hydraulic),
            where=(speed > 0.0) & (flow_m3_h > 0.02 * self.best_m3_h * speed),
        )
        power: F64 = np.where(speed > 0.0, np.maximum(at_work, 0.4 * best * speed**3), 0.0)
        return power

    def npsh_required_m(self, flow_m3_h: F64, speed: F64) -> F64:
        """NPSH required [m]: ``s² (0.5 + 0.5 (q / s q_best)²)`` of that at the best point."""
        x = np.divide(flow_m3_h, self.best_m3_h * speed, out=np.zeros_like(flow_m3_h), where=speed > 1e-6)
        needed: F64 = self.npsh_m * np.square(speed) * (0.5 + 0.5 * np.square(x))
        return needed


def npsh_available_m(level_m: F64, lost_m: F64 | float, temperature_c: F64) -> F64:
    """NPSH that the suction side has [m]: air pressure and level less losses and vapour pressure (Magnus).

    >>> npsh_available_m(np.array([0.0]), 0.0, np.array([20.0])).round(2).tolist()
    [10.11]
    """
    vapour_pa = 611.2 * np.exp(17.62 * temperature_c / (243.12 + temperature_c))
    available: F64 = (101_325.0 - vapour_pa) / (WATER_KG_M3 * GRAVITY_M_S2) + level_m - lost_m
    return available
