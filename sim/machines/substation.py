"""A 110/22 kV substation: incoming meter, two transformers, four outgoing feeders.

Feeders follow a daily curve plus what simulated lines draw; each transformer carries two feeders. Balances
close at
every step: a transformer's high side is its feeders plus its losses, the meter is both high sides.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from sim.machine import F64, Columns, MachineModel, Output, Signal
from sim.thermal_lag import relax
from sim.transformer import Flow, Transformer, TransformerParameters, losses, low_side_kv
from twin.contract.clock import NS_PER_S

FEEDERS = ("f1", "f2", "f3", "f4")
FED_BY = {"f1": "t1", "f2": "t1", "f3": "t2", "f4": "t2"}
SLOTS = ("meter", "t1", "t2", *FEEDERS)

DAILY_CURVE = (
    0.62, 0.60, 0.58, 0.58, 0.60, 0.68, 0.80, 0.92, 0.98, 1.00, 0.99, 0.90,
    0.93, 0.99, 1.00, 0.98, 0.95, 0.90, 0.88, 0.87, 0.84, 0.78, 0.72, 0.66,
)  # fmt: skip
"""Load at each full hour as a share of the day's peak: two shifts, a dip at noon."""


class SubstationParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A substation.

    Args:
        peak_mw: each feeder's peak, f1 to f4, without what simulated lines draw.
        power_factor: of every feeder.
        hv_kv: mean voltage of the incoming line.
        drift: standard deviation of a feeder's slow wandering, share of its load.
        drift_tau_s: its correlation time [s].
        ambient_mean_c, ambient_swing_c: day mean and half the day's swing, coldest at 5, warmest at 14 h
        [°C].
        transformer: both units.
    """

    peak_mw: tuple[float, float, float, float] = (11.0, 16.0, 13.5, 9.0)
    power_factor: float = 0.94
    hv_kv: float = 115.0
    drift: float = 0.02
    drift_tau_s: float = 120.0
    ambient_mean_c: float = 29.0
    ambient_swing_c: float = 5.0
    transformer: TransformerParameters = msgspec.field(default_factory=TransformerParameters)

    def __post_init__(self) -> None:
        if not 0 < self.power_factor <= 1:
            raise ValueError(f"power_factor {self.power_factor}: must be above 0, at most 1")


_FLOW = (
    Signal("active_power", "Active power", "MW", -80, 80),
    Signal("reactive_power", "Reactive power", "Mvar", -80, 80),
)
_OUTPUTS: dict[str, tuple[Signal, ...]] = {
    "meter": (
        *_FLOW,
        Signal("apparent_power", "Apparent power", "MVA", 0, 140),
        Signal("power_factor", "Power factor", "", 0, 1),
        Signal("voltage", "Voltage of the incoming line", "kV", 0, 145),
        Signal("current", "Current of the incoming line", "A", 0, 800),
        Signal("frequency", "Frequency", "Hz", 45, 55),
        Signal("energy_import", "Active energy drawn", "MWh", 0, 1e9),
        Signal("reactive_energy_import", "Reactive energy drawn", "Mvarh", 0, 1e9),
    ),
    "transformer": (
        *_FLOW,
        Signal("load", "Load", "%", 0, 200),
        Signal("hv_current", "Current, 110 kV side", "A", 0, 600),
        Signal("lv_current", "Current, 22 kV side", "A", 0, 3000),
        Signal("lv_voltage", "Voltage, 22 kV side", "kV", 0, 30),
        Signal("losses", "Losses", "kW", 0, 1000),
        Signal("tap_position", "Tap position", "", -9, 9, "Int32"),
        Signal("oil_temperature", "Top-oil temperature", "°C", -20, 140),
        Signal("hot_spot_temperature", "Winding hot-spot temperature", "°C", -20, 180),
        Signal("ambient_temperature", "Air temperature in the yard", "°C", -20, 60),
    ),
    "feeder": (
        *_FLOW,
        Signal("voltage", "Voltage", "kV", 0, 30),
        Signal("current", "Current", "A", 0, 800),
        Signal("power_factor", "Power factor", "", 0, 1),
        Signal("energy", "Active energy delivered", "MWh", 0, 1e9),
        Signal("breaker_closed", "Circuit breaker closed", "", 0, 1, "Boolean"),
    ),
}


def _signals_of(slot: str) -> tuple[Signal, ...]:
    return _OUTPUTS["feeder" if slot in FEEDERS else "transformer" if slot in {"t1", "t2"} else "meter"]


def share_of_peak(hour: float) -> float:
    """The daily curve at an hour of the local day, between full hours in a straight line.

    >>> share_of_peak(9.0), share_of_peak(23.5), share_of_peak(24.0) == share_of_peak(0.0)
    (1.0, 0.64, True)
    """
    return round(float(np.interp(hour % 24, range(25), (*DAILY_CURVE, DAILY_CURVE[0]))), 9)


class Substation:
    """See the module."""

    outputs: tuple[Output, ...] = tuple(
        Output(slot, signal) for slot in SLOTS for signal in _signals_of(slot)
    )
    inputs: tuple[str, ...] = tuple(f"{feeder}_kw" for feeder in FEEDERS)

    def __init__(self, parameters: SubstationParameters, utc_offset_h: float) -> None:
        self.parameters = parameters
        self._utc_offset_h = utc_offset_h
        self._drift = np.zeros(len(FEEDERS))
        self._hv_off = 0.0
        self._hz_off = 0.0
        self._transformers: dict[str, Transformer] = {}
        self._energy_mwh = dict.fromkeys(("meter", *FEEDERS), 0.0)
        self._reactive_mvarh = 0.0

    def step(self, now_ns: int, dt_s: float, rng: np.random.Generator, inputs: F64) -> Columns:
        """See :class:`sim.machine.Machine`; inputs are what simulated lines draw from each feeder [kW]."""
        hour = (now_ns / NS_PER_S / 3600.0 + self._utc_offset_h) % 24
        ambient_c = self._ambient_c(hour)
        hv_kv, frequency_hz = self._grid(dt_s, rng)
        load_mw = self._loads_mw(hour, dt_s, rng, inputs)
        values: dict[str, list[float]] = {}
        incoming = [self._transform(name, hv_kv, load_mw, ambient_c, dt_s, values) for name in ("t1", "t2")]
        p_mw, q_mvar = sum(flow.p_mw for flow in incoming), sum(flow.q_mvar for flow in incoming)
        total = Flow(p_mw, q_mvar, hv_kv)
        self._energy_mwh["meter"] += total.p_mw * dt_s / 3600.0
        self._reactive_mvarh += total.q_mvar * dt_s / 3600.0
        values["meter"] = [
            total.p_mw,
            total.q_mvar,
            total.s_mva,
            total.p_mw / total.s_mva,
            hv_kv,
            total.i_a,
            frequency_hz,
            self._energy_mwh["meter"],
            self._reactive_mvarh,
        ]
        value = np.array([number for slot in SLOTS for number in values[slot]])
        return Columns(value, np.zeros(len(value), np.uint32))

    def _ambient_c(self, hour: float) -> float:
        since_warmest = (hour - 14.0) / 24.0
        swing = self.parameters.ambient_swing_c * math.cos(2 * math.pi * since_warmest)
        return self.parameters.ambient_mean_c + swing

    def _grid(self, dt_s: float, rng: np.random.Generator) -> tuple[float, float]:
        """Voltage and frequency of the 110 kV line wander a little."""
        self._hv_off = _wander(self._hv_off, 0.006, 60.0, dt_s, rng)
        self._hz_off = _wander(self._hz_off, 0.012, 20.0, dt_s, rng)
        return self.parameters.hv_kv * (1 + self._hv_off), 50.0 + self._hz_off

    def _loads_mw(self, hour: float, dt_s: float, rng: np.random.Generator, inputs: F64) -> dict[str, float]:
        share = share_of_peak(hour)
        loads = {}
        for number, feeder in enumerate(FEEDERS):
            off = _wander(self._drift[number], self.parameters.drift, self.parameters.drift_tau_s, dt_s, rng)
            self._drift[number] = off
            own_mw = self.parameters.peak_mw[number] * share * max(1 + off, 0.0)
            loads[feeder] = own_mw + float(inputs[number]) / 1000.0
        return loads

    def _transform(
        self,
        name: str,
        hv_kv: float,
        load_mw: dict[str, float],
        ambient_c: float,
        dt_s: float,
        values: dict[str, list[float]],
    ) -> Flow:
        """One transformer and its feeders; its high side."""
        rated = self.parameters.transformer
        feeders = [feeder for feeder in FEEDERS if FED_BY[feeder] == name]
        tan_phi = math.tan(math.acos(self.parameters.power_factor))
        p_mw = sum(load_mw[feeder] for feeder in feeders)
        factor = math.hypot(p_mw, p_mw * tan_phi) / rated.rated_mva
        unit = self._transformers.setdefault(name, Transformer(rated, factor, ambient_c))
        lv_kv = low_side_kv(rated, hv_kv, unit.tap, p_mw, p_mw * tan_phi)
        unit.regulate(lv_kv, dt_s)
        unit.warm(factor, ambient_c, dt_s)
        low = Flow(p_mw, p_mw * tan_phi, lv_kv)
        loss_mw, loss_mvar = losses(rated, low)
        high = Flow(low.p_mw + loss_mw, low.q_mvar + loss_mvar, hv_kv)
        values[name] = [
            high.p_mw,
            high.q_mvar,
            100.0 * low.s_mva / rated.rated_mva,
            high.i_a,
            low.i_a,
            lv_kv,
            1000.0 * loss_mw,
            float(unit.tap),
            unit.oil_c,
            unit.hot_spot_c,
            ambient_c,
        ]
        for feeder in feeders:
            out = Flow(load_mw[feeder], load_mw[feeder] * tan_phi, lv_kv)
            self._energy_mwh[feeder] += out.p_mw * dt_s / 3600.0
            factor_out = out.p_mw / out.s_mva if out.s_mva else 1.0
            energy_mwh = self._energy_mwh[feeder]
            values[feeder] = [out.p_mw, out.q_mvar, lv_kv, out.i_a, factor_out, energy_mwh, 1.0]
        return high


def _wander(off: float, spread: float, tau_s: float, dt_s: float, rng: np.random.Generator) -> float:
    """One exact step of an Ornstein-Uhlenbeck process of standard deviation ``spread`` about 0, kept within
    four of them."""
    fade = math.exp(-dt_s / tau_s)
    off = relax(off, 0.0, dt_s, tau_s) + spread * math.sqrt(1 - fade**2) * rng.normal()
    return max(-4 * spread, min(4 * spread, off))


MODEL = MachineModel("substation", SubstationParameters, SLOTS, Substation)
