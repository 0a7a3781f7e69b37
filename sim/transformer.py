"""A power transformer: losses, voltage drop, tap changer and thermal model, as functions and one small
state."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec

from sim.thermal_lag import relax


class TransformerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nameplate and thermal constants; defaults are those of a 63 MVA, 115/23 kV, ONAN/ONAF unit.

    Args:
        rated_mva: rated power.
        rated_hv_kv, rated_lv_kv: rated voltages at the middle tap.
        no_load_kw: no-load loss (IEC 60076-1).
        load_loss_kw: load loss at rated current.
        magnetising: no-load current, per unit.
        reactance: short-circuit reactance, per unit.
        tap_steps: taps on each side of the middle.
        tap_step: change of ratio per tap, per unit.
        target_lv_kv: what the tap changer holds.
        deadband: half width of its dead band, per unit of the target; above half a tap, or it hunts.
        tap_delay_s: how long the voltage must be outside before it moves [s].
        oil_rise_k: top-oil rise at rated losses [K].
        winding_rise_k: hot-spot to top-oil gradient at rated current [K].
        oil_tau_s, winding_tau_s: time constants; IEC 60076-7:2005, table 5 (ONAF: 150 min, 7 min).
        oil_exponent, winding_exponent: x and y of that table (ONAF: 0.8, 1.3).
        k11: thermal model constant of that table (ONAF: 0.5).
    """

    rated_mva: float = 63.0
    rated_hv_kv: float = 115.0
    rated_lv_kv: float = 23.0
    no_load_kw: float = 35.0
    load_loss_kw: float = 230.0
    magnetising: float = 0.002
    reactance: float = 0.12
    tap_steps: int = 9
    tap_step: float = 0.0178
    target_lv_kv: float = 22.5
    deadband: float = 0.012
    tap_delay_s: float = 40.0
    oil_rise_k: float = 50.0
    winding_rise_k: float = 24.0
    oil_tau_s: float = 9000.0
    winding_tau_s: float = 420.0
    oil_exponent: float = 0.8
    winding_exponent: float = 1.3
    k11: float = 0.5


@dataclass(frozen=True, slots=True)
class Flow:
    """Power and voltage on one side: MW, Mvar, kV (between phases)."""

    p_mw: float
    q_mvar: float
    u_kv: float

    @property
    def s_mva(self) -> float:
        """Apparent power [MVA]."""
        return math.hypot(self.p_mw, self.q_mvar)

    @property
    def i_a(self) -> float:
        """Current per phase [A]: I = S / (sqrt(3) U).

        >>> round(Flow(63.0, 0.0, 110.0).i_a, 1)
        330.7
        """
        return 1000.0 * self.s_mva / (math.sqrt(3) * self.u_kv)


def losses(parameters: TransformerParameters, load: Flow) -> tuple[float, float]:
    """Active and reactive losses [MW, Mvar] at a load on the low side.

    >>> losses(TransformerParameters(), Flow(63.0, 0.0, 22.5))
    (0.265, 7.686)
    """
    per_unit_squared = (load.s_mva / parameters.rated_mva) ** 2
    p_mw = (parameters.no_load_kw + parameters.load_loss_kw * per_unit_squared) / 1000.0
    q_mvar = parameters.rated_mva * (parameters.magnetising + parameters.reactance * per_unit_squared)
    return p_mw, q_mvar


def low_side_kv(
    parameters: TransformerParameters, hv_kv: float, tap: int, p_mw: float, q_mvar: float
) -> float:
    """Voltage on the low side under load [kV]: no-load voltage less R·p + X·q (first order, IEC 60909-0
    gives R and X from the losses).

    Args:
        parameters: of the transformer.
        hv_kv: voltage on the high side.
        tap: position, positive raises the low side.
        p_mw, q_mvar: load.
    """
    no_load_kv = hv_kv * parameters.rated_lv_kv / parameters.rated_hv_kv * (1 + tap * parameters.tap_step)
    resistance = parameters.load_loss_kw / 1000.0 / parameters.rated_mva
    drop = (resistance * p_mw + parameters.reactance * q_mvar) / parameters.rated_mva
    return no_load_kv * (1 - drop)


def oil_rise_k(parameters: TransformerParameters, load_factor: float) -> float:
    """Top-oil rise over ambient in the end [K]: IEC 60076-7:2005, 8.2.2, with R the loss ratio and K the load
    factor: ``rise_r * ((1 + R K^2) / (1 + R)) ** x``.

    >>> oil_rise_k(TransformerParameters(), 1.0)
    50.0
    """
    ratio = parameters.load_loss_kw / parameters.no_load_kw
    share = (1 + ratio * load_factor**2) / (1 + ratio)
    return parameters.oil_rise_k * math.pow(share, parameters.oil_exponent)


def winding_rise_k(parameters: TransformerParameters, load_factor: float) -> float:
    """Hot spot over top oil in the end [K]: ``gradient * K ** y`` of the same clause."""
    return parameters.winding_rise_k * math.pow(load_factor, parameters.winding_exponent)


class Transformer:
    """One transformer at work.

    Args:
        parameters: what it is.
        load_factor, ambient_c: it starts in thermal balance with these.
    """

    def __init__(self, parameters: TransformerParameters, load_factor: float, ambient_c: float) -> None:
        self.parameters = parameters
        self.tap = 0
        self.oil_c = ambient_c + oil_rise_k(parameters, load_factor)
        self.winding_rise_k = winding_rise_k(parameters, load_factor)
        self._outside_s = 0.0

    @property
    def hot_spot_c(self) -> float:
        """Winding hot spot [°C]."""
        return self.oil_c + self.winding_rise_k

    def warm(self, load_factor: float, ambient_c: float, dt_s: float) -> None:
        """Let oil and winding follow the load for ``dt_s`` [s] (first-order form of IEC 60076-7:2005,
        8.2.3, with k21 = k22 = 1: the winding's overshoot is left out)."""
        parameters = self.parameters
        oil_end_c = ambient_c + oil_rise_k(parameters, load_factor)
        self.oil_c = relax(self.oil_c, oil_end_c, dt_s, parameters.k11 * parameters.oil_tau_s)
        winding_end_k = winding_rise_k(parameters, load_factor)
        self.winding_rise_k = relax(self.winding_rise_k, winding_end_k, dt_s, parameters.winding_tau_s)

    def regulate(self, lv_kv: float, dt_s: float) -> None:
        """Move the tap by one when the low side has been outside its dead band for the delay."""
        parameters = self.parameters
        off = lv_kv / parameters.target_lv_kv - 1
        self._outside_s = self._outside_s + dt_s if abs(off) > parameters.deadband else 0.0
        if self._outside_s >= parameters.tap_delay_s:
            step = -1 if off > 0 else 1
            self.tap = max(-parameters.tap_steps, min(parameters.tap_steps, self.tap + step))
            self._outside_s = 0.0
