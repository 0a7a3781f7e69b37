"""A fire pump: stands by, starts when the pressure of the fire main falls, is tried every week.

The set of a station (jockey, electric, diesel) shares one main: hydrants open as a fault of the pump that
must answer, and what is drawn comes from the tank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.machines.pump_set import NS_PER_DAY
from sim.physics.columns import clip, column, stations
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.physics.pipe import BAR_PER_M
from sim.physics.pump_curve import PumpCurve

MAIN_TAU_S = 27_000.0
"""How fast a closed fire main loses its pressure through its joints [s]."""
TEST_HOUR, TEST_S = 8.0, 600.0


class FirePumpParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pump.

    Args:
        best_m3_h, best_m: flow and head at best efficiency [m³/h, m].
        motor_kw: of the motor or engine [kW].
        start_bar: pressure at which it starts [bar].
        diesel: driven by an engine; needs no electricity to run.
        hydrant_m3_h: what hydrants draw at severity 1 of ``hydrants_open`` [m³/h].
    """

    best_m3_h: float = 220.0
    best_m: float = 80.0
    motor_kw: float = 75.0
    start_bar: float = 6.0
    diesel: bool = False
    hydrant_m3_h: float = 180.0

    def __post_init__(self) -> None:
        if self.best_m3_h <= 0 or self.best_m <= 0 or self.motor_kw <= 0:
            raise ValueError(
                f"best_m3_h {self.best_m3_h}, best_m {self.best_m}, motor_kw {self.motor_kw}: must be above 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[FirePumpParameters], site: Site) -> None:
        n = len(parameters)
        best_m3_h = column(parameters, "best_m3_h")
        self._curve = PumpCurve(best_m3_h, column(parameters, "best_m"), np.full(n, 0.72), np.full(n, 4.0))
        self._motor_kw = column(parameters, "motor_kw")
        self._start_bar = column(parameters, "start_bar")
        self._diesel = column(parameters, "diesel") > 0.0
        self._hydrant_m3_h = column(parameters, "hydrant_m3_h")
        self._together = stations(site.equipment)
        self._main_bar = np.full(n, 7.4)
        self._on = np.zeros(n, np.bool_)
        self._engine = Lag(600.0)
        self._fuel = np.full(n, 92.0)
        self._hours = np.round(site.rng().uniform(20.0, 160.0, n), 1)
        self._starts = np.round(site.rng().uniform(40.0, 220.0, n))
        self._battery_v = site.rng().uniform(25.4, 26.2, n)
        self._turn = np.arange(n) % 5

    def step(self, tick: Tick) -> Mapping[str, F64]:
        able = (tick.running | self._diesel) & (tick.severity["no_start"] < 1.0)
        opened = clip(tick.severity["hydrants_open"], 0.0, 1.0)
        drawn = self._together @ (self._hydrant_m3_h * opened)
        # each is tried for ten minutes once a week, on a day of its own (NFPA 25, 8.3.1)
        weekday = (tick.now_ns // NS_PER_DAY + 3) % 7
        tried = (weekday == self._turn) & (0.0 <= tick.hour - TEST_HOUR < TEST_S / 3600.0)
        low = self._main_bar < self._start_bar
        full = self._main_bar > self._start_bar + 1.2
        self._starts += able & ~self._on & (low | tried)
        self._on = able & (low | tried | (self._on & ~full))
        on = self._on.astype(np.float64)
        working = np.maximum(self._together @ on, 1.0)
        flow = on * np.minimum(drawn / working, 1.5 * self._curve.best_m3_h)
        head = on * np.maximum(self._curve.head_m(flow, on), 0.0)
        reached_bar = np.max(self._together * (head * BAR_PER_M)[None, :], axis=1)
        # without a pump the main sinks: slowly through its joints, at once through open hydrants
        leaky = np.max(self._together * tick.severity["main_leak"][None, :], axis=1)
        tau_s = np.where(drawn > 0.0, 20.0, MAIN_TAU_S / (1.0 + 24.0 * leaky))
        sunk = self._main_bar * np.exp(-tick.dt_s / tau_s)
        raised = reached_bar + (self._main_bar - reached_bar) * np.exp(-tick.dt_s / 15.0)
        self._main_bar = clip(np.where((reached_bar > 0.0), raised, sunk), 0.3, 12.0)
        load = clip(self._curve.shaft_kw(flow, head, on) / self._motor_kw, 0.0, 1.5)
        electric = tick.powered & ~self._diesel
        kw = np.where(
            electric, on * self._motor_kw * IE3.active(load) + 0.15, np.where(tick.powered, 0.4, 0.0)
        )
        kvar = np.where(electric, on * self._motor_kw * IE3.reactive(load), 0.05 * tick.powered)
        self._hours += on * tick.dt_s / 3600.0
        self._fuel -= on * self._diesel * load * self._motor_kw * 0.25 * tick.dt_s / 3600.0 / 4.0
        self._fuel = np.where(self._fuel < 40.0, 95.0, self._fuel)
        return {
            "active_power": kw,
            "pumping": on,
            "available": able.astype(np.float64),
            "flow": flow,
            "discharge_pressure": np.where(self._on, head * BAR_PER_M, self._main_bar),
            "main_pressure": self._main_bar.copy(),
            "current": line_current_a(kw, kvar),
            "speed": on * np.where(self._diesel, 2800.0, 2970.0),
            "engine_temperature": self._engine.step(30.0 + on * 55.0 * (0.6 + 0.4 * load), tick.dt_s),
            "battery_voltage": self._battery_v
            - 5.5 * tick.severity["battery_weak"]
            - 0.8 * on * self._diesel,
            "fuel_level": np.where(self._diesel, self._fuel, 0.0),
            "running_hours": self._hours.copy(),
            "starts": self._starts.copy(),
            "active_kw": kw,
            "reactive_kvar": kvar,
            "water_m3_h": flow,
        }


KIND = MachineKind(
    name="fire_pump",
    parameters=FirePumpParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 300, sensor=Sensor(0.02, 0.01)),
        Signal("pumping", "Running", "", 0, 1, "Boolean"),
        Signal("available", "Can start", "", 0, 1, "Boolean"),
        Signal("flow", "Flow", "m³/h", 0, 1000, sensor=Sensor(0.2, 0.1)),
        Signal("discharge_pressure", "Discharge pressure", "bar", 0, 25, sensor=Sensor(0.01, 0.01)),
        Signal("main_pressure", "Pressure of the fire main", "bar", 0, 25, sensor=Sensor(0.01, 0.01)),
        Signal("current", "Motor current", "A", 0, 600, sensor=Sensor(0.1, 0.1)),
        Signal("speed", "Speed", "rpm", 0, 3600, sensor=Sensor(1.0, 1.0)),
        Signal(
            "engine_temperature", "Temperature of engine or motor", "°C", -20, 200, sensor=Sensor(0.2, 0.1)
        ),
        Signal("battery_voltage", "Starter battery", "V", 0, 40, sensor=Sensor(0.02, 0.01)),
        Signal("fuel_level", "Fuel", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("running_hours", "Hours run", "h", 0, 1e6, sensor=Sensor(0.0, 0.1)),
        Signal("starts", "Starts", "", 0, 4e9, "UInt32"),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, "water_m3_h"),
    modes=(
        FailureMode(
            "no_start",
            "FTS",
            "4.0 Electrical failure",
            WeibullSudden(45_000.0, 1.3, warning_h=50.0),
            "Không khởi động được",
            "Fails to start on demand",
            ("available",),
            repair_h=8.0,
        ),
        FailureMode(
            "battery_weak",
            "FTS",
            "2.0 Material failure",
            ExponentialGrowth(26_000.0, 0.25, growth=4.0),
            "Ắc quy đề yếu",
            "Weak starter battery",
            ("battery_voltage",),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "main_leak",
            "ELU",
            "1.1 Leakage",
            ExponentialGrowth(40_000.0, 0.4, growth=4.0),
            "Mạng chữa cháy rò, tụt áp",
            "The fire main loses its pressure",
            ("main_pressure",),
            stops=False,
            repair_h=16.0,
        ),
        FailureMode(
            "hydrants_open",
            "OTH",
            "5.3 Miscellaneous external influences",
            NEVER,
            "Mở trụ chữa cháy (có cháy hoặc diễn tập)",
            "Hydrants open: a fire, or a drill",
            ("flow", "main_pressure", "pumping"),
            stops=False,
            repair_h=2.0,
        ),
    ),
    companion="Pumps",
)
"""See the module."""
