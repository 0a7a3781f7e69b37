"""Power transformers of a fleet: losses, voltage, tap changer and heat, ``float64[n]`` in and out.

Heat after IEC 60076-7:2018: the end of the top-oil rise by 8.2.2, first-order lags of oil and winding by
8.2.3 with k21 = k22 = 1 (the winding's overshoot is left out), relative ageing of insulation by 6.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

SQRT3 = math.sqrt(3.0)


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Nameplates, one element a unit.

    Args:
        rated_kva: rated power [kVA].
        no_load_kw, load_loss_kw: losses at rated voltage and current, IEC 60076-1 [kW].
        magnetising: no-load current, per unit.
        reactance: short-circuit reactance, per unit.
        rated_hv, rated_lv: rated voltages at the middle tap, in one unit.
        tap_step: change of the ratio per tap, per unit.
    """

    rated_kva: F64
    no_load_kw: F64
    load_loss_kw: F64
    magnetising: F64
    reactance: F64
    rated_hv: F64
    rated_lv: F64
    tap_step: F64

    def losses(self, load_kva: F64) -> tuple[F64, F64]:
        """Active and reactive losses [kW, kvar] at an apparent load on the low side [kVA].

        >>> one = np.ones(1)
        >>> unit = Ratings(63e3 * one, 35 * one, 230 * one, 0.002 * one, 0.12 * one, one, one, 0 * one)
        >>> [float(loss[0]) for loss in unit.losses(np.array([63e3]))]
        [265.0, 7686.0]
        """
        squared = np.square(load_kva / self.rated_kva)
        return self.no_load_kw + self.load_loss_kw * squared, self.rated_kva * (
            self.magnetising + self.reactance * squared
        )

    def low_side(self, high_side: F64, tap: F64, load_kw: F64, load_kvar: F64) -> F64:
        """Voltage on the low side under load: no-load voltage less R·p + X·q (first order; IEC 60909-0 gives
        R and X from the losses). A positive tap raises it."""
        no_load = high_side * self.rated_lv / self.rated_hv * (1.0 + tap * self.tap_step)
        resistance = self.load_loss_kw / self.rated_kva
        drop: F64 = no_load * (1.0 - (resistance * load_kw + self.reactance * load_kvar) / self.rated_kva)
        return drop


@dataclass(frozen=True, slots=True)
class Thermal:
    """Constants of the thermal model, IEC 60076-7:2018 table 4.

    Args:
        oil_rise_k: top-oil rise over ambient at rated losses [K].
        winding_rise_k: hot spot over top oil at rated current [K].
        oil_tau_s, winding_tau_s: time constants [s].
        oil_exponent, winding_exponent: x and y of the table.
        k11: of the table.
    """

    oil_rise_k: float
    winding_rise_k: float
    oil_tau_s: float
    winding_tau_s: float
    oil_exponent: float
    winding_exponent: float
    k11: float

    def oil_end_k(self, loss_ratio: F64, load: F64) -> F64:
        """Top-oil rise in the end [K]: ``rise ((1 + R K²) / (1 + R))^x``.

        >>> ONAF.oil_end_k(np.array([6.0]), np.array([1.0])).tolist()
        [50.0]
        """
        share = (1.0 + loss_ratio * np.square(load)) / (1.0 + loss_ratio)
        end: F64 = self.oil_rise_k * np.power(share, self.oil_exponent)
        return end

    def winding_end_k(self, load: F64) -> F64:
        """Hot spot over top oil in the end [K]: ``gradient K^y``."""
        end: F64 = self.winding_rise_k * np.power(load, self.winding_exponent)
        return end

    @property
    def oil_lag_s(self) -> float:
        """Time constant of the top oil as the model uses it, k11 tau_o [s]."""
        return self.k11 * self.oil_tau_s


ONAF = Thermal(50.0, 24.0, 9000.0, 420.0, 0.8, 1.3, 0.5)
"""Medium and large power transformers with fans."""

ONAN_DISTRIBUTION = Thermal(55.0, 23.0, 10_800.0, 240.0, 0.8, 1.6, 1.0)
"""Distribution transformers up to 2,500 kVA, oil rise of TCVN 6306-2 (60 K) less a margin."""


def relative_ageing(hot_spot_c: F64) -> F64:
    """Ageing of non-thermally upgraded paper over that at 98 °C: ``2^((θ - 98) / 6)`` (6.3, eq. 2).

    >>> relative_ageing(np.array([98.0, 104.0, 86.0])).tolist()
    [1.0, 2.0, 0.25]
    """
    ageing: F64 = np.exp2((hot_spot_c - 98.0) / 6.0)
    return ageing


def current_a(kw: F64, kvar: F64, kv: F64) -> F64:
    """Current per phase [A], 0 where there is no voltage: ``S / (sqrt(3) U)``.

    >>> current_a(np.array([63e3, 5.0]), np.zeros(2), np.array([110.0, 0.0])).round(1).tolist()
    [330.7, 0.0]
    """
    kva = np.hypot(kw, kvar)
    amperes: F64 = np.divide(kva, SQRT3 * kv, out=np.zeros_like(kva), where=kv > 1e-6)
    return amperes


def power_factor(kw: F64, kvar: F64) -> F64:
    """Active over apparent power, 1 where nothing flows.

    >>> power_factor(np.array([3.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.6, 1.0]
    """
    kva = np.hypot(kw, kvar)
    factor: F64 = np.divide(np.abs(kw), kva, out=np.ones_like(kva), where=kva > 1e-9)
    return factor
