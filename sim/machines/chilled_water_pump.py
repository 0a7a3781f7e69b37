"""A pump of a chilled-water circuit: it carries cold from its chiller to the coils, as fast as they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import ammeter, flow_meter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.rated_machine import Quantity, QuantityBank

WATER_KWH_M3_K = 1.163
SPREAD_K = 5.0
"""Between flow and return, which the valves of the coils keep up by throttling [K]."""
_KW_PER_M3_H_M = 9.81 / 3600.0
"""Hydraulic power of a cubic metre an hour over a metre of head [kW]."""


class ChilledWaterPumpParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pump.

    Args:
        rated_m3_h, rated_m: flow and head at its best point [m³/h, m].
        motor_kw: rating of its motor [kW].
        static_m: head that the circuit's valves keep at no flow [m].
    """

    rated_m3_h: float = 72.0
    rated_m: float = 26.0
    motor_kw: float = 11.0
    static_m: float = 8.0

    def __post_init__(self) -> None:
        if not 0 <= self.static_m < self.rated_m or self.rated_m3_h <= 0 or self.motor_kw <= 0:
            raise ValueError(
                f"static_m {self.static_m}, rated_m {self.rated_m}, rated_m3_h {self.rated_m3_h}: "
                "static below rated head, all above 0"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("vibration", "Vibration, drive end"), 0, 1.4, 3, 0.08, 0.06, {"bearing_wear": 6.2}
    ),
    Quantity(
        thermometer("bearing_temperature", "Bearing temperature", 0, 150),
        27,
        46,
        1500,
        0.5,
        0.03,
        {"bearing_wear": 34},
    ),
    Quantity(
        gauge("seal_leakage", "Leakage of the shaft seal", "L/h", 0, 100),
        0,
        0.05,
        60,
        0.01,
        0.1,
        {"seal_leak": 14},
    ),
    Quantity(
        pressure_gauge("suction_pressure", "Suction pressure", "bar", 0, 10),
        1.9,
        1.7,
        30,
        0.02,
        0.01,
        {"seal_leak": -0.5},
    ),
)

_MODES = (
    FailureMode(
        "bearing_wear",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(19_000.0, 0.3, 5.0),
        "Mòn ổ bi bơm",
        "Pump bearing damage",
        ("vibration", "bearing_temperature"),
        repair_h=8.0,
    ),
    FailureMode(
        "seal_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(11_000.0, 0.3),
        "Rò phớt bơm",
        "Leaking shaft seal",
        ("seal_leakage", "suction_pressure"),
        stops=False,
        repair_h=5.0,
    ),
    FailureMode(
        "impeller_wear",
        "LOO",
        "2.3 Erosion",
        GammaWear(26_000.0, 0.25),
        "Mòn bánh công tác",
        "Worn impeller",
        ("speed", "motor_current", "efficiency"),
        stops=False,
        repair_h=10.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class ChilledWaterPumpFleet:
    """All pumps. What the coils take is passed on to the chiller, what the chiller gives to the coils."""

    def __init__(self, parameters: Sequence[ChilledWaterPumpParameters], site: Site) -> None:
        n = len(parameters)
        self._flow_rated, self._head_rated, self._motor_kw, self._static = (
            column(parameters, name) for name in ("rated_m3_h", "rated_m", "motor_kw", "static_m")
        )
        self._flow = Lag(20.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._volume = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        worn = tick.severity["impeller_wear"]
        work = tick.work * tick.powered
        cooling, cold_c = tick.inputs["cooling_kw"], tick.inputs["chiller_c"]
        asked = np.minimum(cooling / (WATER_KWH_M3_K * SPREAD_K), 1.1 * self._flow_rated)
        flow = self._flow.step(np.maximum(asked, 0.2 * self._flow_rated) * work, tick.dt_s)
        share = flow / self._flow_rated
        head = (self._static + (self._head_rated - self._static) * share * share) * (work > 0)
        # affinity: the curve H = 1.25 Hr s² - 0.25 Hr q², less what the impeller has lost
        speed = np.sqrt((head / self._head_rated + 0.25 * share * share) / (1.25 * (1.0 - 0.25 * worn)))
        efficiency = np.maximum(
            0.76 * (1.0 - 0.45 * np.square(1.0 - np.minimum(share / np.maximum(speed, 0.1), 1.4))), 0.2
        )
        efficiency = efficiency * (1.0 - 0.2 * worn)
        shaft_kw = _KW_PER_M3_H_M * flow * head / efficiency
        load = shaft_kw / self._motor_kw
        turning = work > 0
        active = np.where(turning, IE3.active(load) * self._motor_kw, 0.0) + 0.05 * tick.powered
        reactive = np.where(turning, 0.35 * active, 0.0)  # behind a frequency converter
        self._volume = self._volume + flow * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, work)
        out |= {
            "active_power": active,
            "flow": flow,
            "head": head,
            "speed": 100.0 * np.minimum(speed, 1.2) * work,
            "discharge_pressure": out["suction_pressure"] + head * 0.0981,
            "motor_current": line_current_a(active, reactive),
            "efficiency": 100.0 * efficiency * turning,
            "supply_temperature": cold_c,
            "volume": self._volume,
            "active_kw": active,
            "reactive_kvar": reactive,
            "cooling_kw": cooling * turning,
            "chilled_c": np.where(turning, cold_c, 26.0),
        }
        return out


KIND = MachineKind(
    "chilled_water_pump",
    ChilledWaterPumpParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 60, sensor=Sensor(0.01, 0.01)),
        flow_meter("flow", "Flow", "m³/h", 300),
        gauge("head", "Head", "m", 0, 100),
        percent("speed", "Speed", 120),
        pressure_gauge("discharge_pressure", "Discharge pressure", "bar", 0, 16),
        ammeter("motor_current", "Motor current", 100),
        gauge("efficiency", "Pump efficiency", "%", 0, 100),
        thermometer("supply_temperature", "Supply temperature", -10, 60),
        Signal("volume", "Volume moved", "m³", 0, 1e9, sensor=Sensor(0, 0.1)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ChilledWaterPumpFleet,
    flows=(*ELECTRIC, "cooling_kw", "chilled_c"),
    inputs=(
        Input("cooling_kw", "water", "downstream", "cooling_kw", usual=280.0),
        Input("chiller_c", "water", "upstream", "chilled_c", "mean", default=7.0, lagged=True),
    ),
    modes=_MODES,
    companion="Pumps",
    every_s=5.0,
)
"""See the module."""
