"""A tenant's water meter at the end of its service pipe: flow, pressure, the counter.

What the main gives is what the meter counts plus what the service pipe loses before it. Where pressure is
short, less is delivered than is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.daily_curve import Curve, DailyCurves
from sim.physics.pipe import BAR_PER_M, delivered_share, head_loss_m, leak_m3_h, resistance, velocity_m_s
from sim.physics.wander import Wander
from sim.physics.weather import weather


class WaterMeterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One meter.

    Args:
        diameter_mm: of the meter and its service pipe [mm].
        service_m: length of the service pipe from the main [m].
        roughness_c: of the pipe, Hazen-Williams; 130 for ductile iron, lined.
        base_m3_h: peak of the demand behind the meter that is not simulated machine by machine [m³/h].
        base_curve: how that goes through the day.
        leak_m3_h: what a leak of the service pipe loses at severity 1 and 4 bar [m³/h].
    """

    diameter_mm: float = 150.0
    service_m: float = 180.0
    roughness_c: float = 130.0
    base_m3_h: float = 3.0
    base_curve: Curve = "two_shifts"
    leak_m3_h: float = 20.0

    def __post_init__(self) -> None:
        if self.diameter_mm < 20 or self.service_m < 0:
            raise ValueError(f"diameter_mm {self.diameter_mm}, service_m {self.service_m}: at least 20 and 0")


class _Fleet:
    def __init__(self, parameters: Sequence[WaterMeterParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._diameter_mm = column(parameters, "diameter_mm")
        self._pipe = resistance(
            column(parameters, "service_m"), self._diameter_mm, column(parameters, "roughness_c")
        )
        self._base_m3_h = column(parameters, "base_m3_h")
        self._curves = DailyCurves([unit.base_curve for unit in parameters])
        self._leak_m3_h = column(parameters, "leak_m3_h")
        self._slow = Wander((0.08,), (180.0,), n)
        self._total_m3 = np.round(site.rng().uniform(20_000, 90_000, n))
        self._day_m3 = np.zeros(n)
        self._hour = -1.0

    def step(self, tick: Tick) -> Mapping[str, F64]:
        main_bar = tick.inputs["water_bar"]
        base = self._base_m3_h * self._curves.at(tick.hour) * (1.0 + self._slow.step(tick.rng, tick.dt_s)[0])
        asked = tick.inputs["water_demand_m3_h"] + base
        flow = asked * delivered_share(main_bar)
        leak = leak_m3_h(self._leak_m3_h * tick.severity["service_leak"], main_bar)
        # a clogged strainer takes sixteen velocity heads and more, a clean one two
        velocity = velocity_m_s(flow, self._diameter_mm)
        strainer = (2.0 + 60.0 * np.square(tick.severity["strainer_plugged"])) * np.square(velocity) / 19.62
        lost_m = head_loss_m(self._pipe, flow + leak) + strainer
        bar = np.maximum(main_bar - lost_m * BAR_PER_M, 0.0)
        passed = flow * tick.dt_s / 3600.0
        self._total_m3 += passed
        if tick.hour < self._hour:
            self._day_m3[:] = 0.0
        self._hour = tick.hour
        self._day_m3 += passed
        soil_c = 24.0 + 0.3 * (weather(tick.now_ns, self._offset_h).air_c - 24.0)
        return {
            "flow": flow,
            "pressure": bar,
            "pressure_loss": main_bar - bar,
            "velocity": velocity,
            "temperature": np.full_like(flow, soil_c),
            "total": self._total_m3.copy(),
            "today": self._day_m3.copy(),
            "battery_voltage": 3.6 - 0.9 * tick.severity["battery_flat"],
            "water_m3_h": flow + leak,
            "water_bar": bar,
            "leak_m3_h": leak,
            "base_m3_h": base,
        }


KIND = MachineKind(
    name="water_meter",
    parameters=WaterMeterParameters,
    signals=(
        Signal("flow", "Flow", "m³/h", 0, 1000, sensor=Sensor(0.05, 0.01)),
        Signal("pressure", "Pressure behind the meter", "bar", 0, 16, sensor=Sensor(0.005, 0.001)),
        Signal("pressure_loss", "Pressure lost since the main", "bar", -1, 16, sensor=Sensor(0.005, 0.001)),
        Signal("velocity", "Velocity", "m/s", 0, 10, sensor=Sensor(0.005, 0.001)),
        Signal("temperature", "Water temperature", "°C", 0, 60, sensor=Sensor(0.05, 0.1)),
        Signal("total", "Volume drawn", "m³", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        Signal("today", "Volume drawn today", "m³", 0, 1e6, sensor=Sensor(0.0, 0.01)),
        Signal(
            "battery_voltage", "Voltage of the transmitter's battery", "V", 0, 5, sensor=Sensor(0.002, 0.01)
        ),
    ),
    create=_Fleet,
    flows=("water_m3_h", "water_bar", "leak_m3_h", "base_m3_h"),
    inputs=(
        Input("water_demand_m3_h", "water", "downstream", "water_m3_h", usual=60.0),
        Input("water_bar", "water", "upstream", "water_bar", combine="max", default=4.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "service_leak",
            "ELU",
            "1.1 Leakage",
            NEVER,
            "Rò rỉ ống nhánh trước đồng hồ",
            "Leak of the service pipe before the meter",
            ("pressure", "pressure_loss"),
            stops=False,
            repair_h=8.0,
        ),
        FailureMode(
            "strainer_plugged",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(12_000.0),
            "Lọc rác của đồng hồ bị tắc",
            "Plugged strainer",
            ("pressure_loss",),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "battery_flat",
            "PDE",
            "4.0 Electrical failure",
            WeibullSudden(60_000.0, 4.0, warning_h=2000.0),
            "Pin bộ truyền yếu",
            "Flat battery of the transmitter",
            ("battery_voltage",),
            stops=False,
            repair_h=1.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
