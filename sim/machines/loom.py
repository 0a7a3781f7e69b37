"""An air-jet loom: picks that air carries across, stops for broken ends and picks, air that it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.shock_wear import ShockWear
from sim.instruments import counter, flow_meter, gauge, percent, set_value, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Signal, Site, Tick
from sim.physics.lag import Lag
from sim.physics.stops import downtime_after
from sim.rated_machine import POWER, Electrics, Quantity, QuantityBank

_WARP_MEND_S, _WEFT_MEND_S = 95.0, 40.0
"""Mean time until a weaver has mended a stop; a weaver tends 12 to 16 looms."""

_WARP_PER_100K, _WEFT_PER_100K = 1.1, 1.9
"""Stops per 100,000 picks on a sound loom; good mills have 3 to 6 altogether."""

_ARRIVAL_DEG = 232.0
"""Crank angle at which the weft arrives at 6 bar and 600 picks a minute."""


class LoomParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one loom.

    Args:
        pick_rate_setpoint: speed of the main shaft [picks/min].
        picks_per_cm: density of the cloth.
        reed_m: width in the reed [m].
        warp_kn: tension of the whole warp [kN].
        motor_kw: power at 600 picks a minute [kW].
        air_nm3_h: air at 600 picks a minute and a width of 1.9 m [Nm³/h].
        beam_m: warp on a full beam [m].
    """

    pick_rate_setpoint: float = 620.0
    picks_per_cm: float = 24.0
    reed_m: float = 1.9
    warp_kn: float = 2.2
    motor_kw: float = 3.4
    air_nm3_h: float = 46.0
    beam_m: float = 2400.0


_QUANTITIES = (
    Quantity(
        vibration_sensor("shaft_vibration", "Main shaft vibration"),
        0, 3.2, 3, 0.15, 0.06, {"shaft_bearing_wear": 7.0},
    ),
    Quantity(
        thermometer("oil_temperature", "Gearbox oil temperature", -20, 150),
        32, 56, 1800, 0.8, 0.03, {"shaft_bearing_wear": 14},
    ),
    Quantity(
        thermometer("motor_temperature", "Main motor temperature", -20, 200),
        34, 68, 1500, 1.0, 0.03, {"shaft_bearing_wear": 9},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "shaft_bearing_wear", "VIB", "2.6 Fatigue", ExponentialGrowth(11000.0, 0.35, 5.0),
        "Hỏng ổ đỡ trục chính", "Main shaft bearing wear",
        ("shaft_vibration", "oil_temperature", "active_power"), repair_h=8.0,
    ),
    FailureMode(
        "relay_nozzle_wear", "PDE", "2.3 Erosion", GammaWear(7000.0, 0.2),
        "Mòn kim phun phụ", "Relay nozzle wear",
        ("air_flow", "weft_arrival", "weft_stop_rate"), stops=False, repair_h=3.0,
    ),
    FailureMode(
        "heald_wear", "PDE", "2.4 Wear", ShockWear(5000.0, 0.4, 10.0),
        "Mòn dây go và lược", "Heald and reed wear",
        ("warp_stop_rate", "warp_tension"), stops=False, repair_h=5.0,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class LoomFleet:
    """All looms. A stop holds a loom (``ready`` is 0) until a weaver has mended it."""

    def __init__(self, parameters: Sequence[LoomParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._per_m, self._reed, self._warp_kn, self._motor_kw, self._air, self._beam_m = (
            np.array([float(getattr(one, name)) for one in parameters])
            for name in ("picks_per_cm", "reed_m", "warp_kn", "motor_kw", "air_nm3_h", "beam_m")
        )
        self._per_m = 100.0 * self._per_m
        self._habit = np.clip(1.0 + 0.15 * rng.standard_normal((2, n)), 0.6, 1.5)
        self._warp_left_s, self._weft_left_s = np.zeros(n), np.zeros(n)
        self._warp_stops, self._weft_stops = np.zeros(n), np.zeros(n)
        self._picks = np.zeros(n)
        self._cloth_m = np.zeros(n)
        self._beam_left_m = self._beam_m * rng.uniform(0.1, 1.0, n)
        self._speed = Lag(1.5)
        self._efficiency = Lag(3600.0, np.full(n, 0.92))
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.8)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        dt_s, severity, rng = tick.dt_s, tick.severity, tick.rng
        setpoint = tick.setpoints["pick_rate_setpoint"]
        waits_s = np.maximum(self._warp_left_s, self._weft_left_s)
        # held by its own stop it is not "running", but it begins again on its own when mended
        tended = tick.powered & (tick.running | (waits_s > 0.0))
        turns = np.maximum(1.0 - waits_s / max(dt_s, 1e-9), 0.0) * tended
        rate = self._speed.step(setpoint * turns, dt_s)

        air_bar = np.maximum(tick.inputs["air_bar"], 0.5)
        # a weft flies with the root of the air's pressure; worn nozzles scatter the jet
        flight = np.sqrt(6.5 / air_bar) * (1.0 + 0.055 * severity["relay_nozzle_wear"])
        late = np.clip(flight * (setpoint / 600.0) ** 0.5, 0.7, 1.5)
        arrival = 80.0 + (_ARRIVAL_DEG - 80.0) * late
        warp_rate = _WARP_PER_100K * self._habit[0] * (1.0 + 3.5 * severity["heald_wear"])
        weft_rate = _WEFT_PER_100K * self._habit[1] * np.exp(np.minimum((arrival - _ARRIVAL_DEG) / 9.0, 4.0))
        picks_per_s = setpoint / 60.0 * tick.running
        before = self._warp_left_s, self._weft_left_s
        self._warp_left_s = downtime_after(before[0], warp_rate * picks_per_s / 1e5, _WARP_MEND_S, dt_s, rng)
        self._weft_left_s = downtime_after(before[1], weft_rate * picks_per_s / 1e5, _WEFT_MEND_S, dt_s, rng)
        self._warp_stops = self._warp_stops + (self._warp_left_s > np.maximum(before[0] - dt_s, 0.0))
        self._weft_stops = self._weft_stops + (self._weft_left_s > np.maximum(before[1] - dt_s, 0.0))

        picks = setpoint * turns * (dt_s / 60.0)
        self._picks = self._picks + picks
        woven_m = picks / self._per_m
        self._cloth_m = self._cloth_m + woven_m
        left = self._beam_left_m - woven_m
        self._beam_left_m = np.where(left > 0.0, left, left + self._beam_m)  # a new beam is knotted in
        share = rate / 600.0
        efficiency = self._efficiency.step(turns, dt_s)
        wasted = 1.0 + 0.3 * severity["relay_nozzle_wear"]
        air = self._air * (self._reed / 1.9) * share * (air_bar / 6.5) * wasted
        out = self._bank.step(tick, turns)
        load_kw = self._motor_kw * share**1.8 * (1.0 + 0.25 * severity["shaft_bearing_wear"]) + 0.25
        out |= self._electrics.step(tick, load_kw)
        out |= {
            "pick_rate_setpoint": setpoint,
            "pick_rate": rate,
            "efficiency": 100.0 * efficiency,
            "warp_stops": self._warp_stops,
            "weft_stops": self._weft_stops,
            "warp_stop_rate": np.minimum(warp_rate, 50.0),
            "weft_stop_rate": np.minimum(weft_rate, 50.0),
            "warp_tension": self._warp_kn * (0.93 + 0.07 * turns) * (1.0 + 0.12 * severity["heald_wear"]),
            "weft_arrival": arrival,
            "air_flow": air,
            "cloth_length": self._cloth_m,
            "beam_left": self._beam_left_m,
            "ready": np.where(np.maximum(self._warp_left_s, self._weft_left_s) > 0.0, 0.0, 1.0),
            "air_nm3_h": air,
        }
        return out


KIND = MachineKind(
    "loom",
    LoomParameters,
    signals=(
        set_value("pick_rate_setpoint", "Pick rate set point", "pcs/min", 0, 1200),
        Signal("pick_rate", "Pick rate", "pcs/min", 0, 1200),
        percent("efficiency", "Efficiency over the last hour"),
        counter("warp_stops", "Stops for broken ends"),
        counter("weft_stops", "Stops for broken picks"),
        gauge("warp_stop_rate", "Warp stops per 100,000 picks", "", 0, 50),
        gauge("weft_stop_rate", "Weft stops per 100,000 picks", "", 0, 50),
        gauge("warp_tension", "Warp tension", "kN", 0, 8, 0.002),
        gauge("weft_arrival", "Crank angle at weft arrival", "°", 0, 360, 0.001),
        flow_meter("air_flow", "Air used", "Nm³/h", 150),
        counter("cloth_length", "Cloth woven", "m"),
        gauge("beam_left", "Warp left on the beam", "m", 0, 6000, 0.0),
        POWER,
        *(row.signal for row in _QUANTITIES),
    ),
    create=LoomFleet,
    flows=(*ELECTRIC, "air_nm3_h", "ready"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    every_s=2.0,
    setpoints=(Setpoint("pick_rate_setpoint", "pcs/min", 300, 1100, 620, "Speed of the main shaft"),),
)
