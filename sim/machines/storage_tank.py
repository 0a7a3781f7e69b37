"""A service tank of treated water: its level is what came in less what was drawn, and it asks the works for
more.

Input and draw of a step are exact, so the level integrates them to the last digit; water that does not fit
runs over and is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.weather import weather

CHLORINE_DECAY_H = 0.012
"""First-order decay of free chlorine in bulk water at 25 °C [1/h] (Rossman et al. 1994: 0.1 to 1 per day)."""


class StorageTankParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tank.

    Args:
        area_m2: of its floor [m²].
        height_m: where it runs over [m].
        above_pumps_m: of its floor over the pumps' suction [m].
        start_level: at the start, share of the height.
        level_setpoint: what it asks the works to keep, share of the height.
        leak_m3_h: what a leak loses at severity 1 [m³/h].
    """

    area_m2: float = 420.0
    height_m: float = 5.0
    above_pumps_m: float = 1.0
    start_level: float = 0.72
    level_setpoint: float = 0.75
    leak_m3_h: float = 30.0

    def __post_init__(self) -> None:
        if self.area_m2 <= 0 or self.height_m <= 0 or not 0 <= self.start_level <= 1:
            raise ValueError(
                f"area_m2 {self.area_m2}, height_m {self.height_m}, start_level {self.start_level}: "
                "above 0, and the level a share of the height"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[StorageTankParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._area_m2 = column(parameters, "area_m2")
        self._height_m = column(parameters, "height_m")
        self._above_m = column(parameters, "above_pumps_m")
        self._leak_m3_h = column(parameters, "leak_m3_h")
        self._capacity_m3 = self._area_m2 * self._height_m
        self._volume_m3 = self._capacity_m3 * column(parameters, "start_level")
        self._usual = Lag(6 * 3600.0)
        self._chlorine: F64 | None = None
        self._in_m3 = np.zeros(len(parameters))
        self._out_m3 = np.zeros(len(parameters))
        self._over_m3 = np.zeros(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        hours = tick.dt_s / 3600.0
        inflow, demand = tick.inputs["inflow_m3_h"], tick.inputs["water_demand_m3_h"]
        fed = tick.inputs["chlorine_mg_l"]
        level_m = self._volume_m3 / self._area_m2
        leak = self._leak_m3_h * tick.severity["leak"] * np.sqrt(level_m / self._height_m)
        before = self._volume_m3
        there = before + inflow * hours
        gone = clip((demand + leak) * hours, 0.0, np.maximum(there, 0.0))
        over = np.maximum(there - gone - self._capacity_m3, 0.0)
        self._volume_m3 = np.maximum(there - gone - over, 0.0)
        outflow = np.divide(gone, hours) if hours > 0 else demand + leak
        self._in_m3 += inflow * hours
        self._out_m3 += gone
        self._over_m3 += over
        if self._chlorine is None:
            self._chlorine = fed * 0.9
        fresh = clip(np.maximum(inflow, 0.0) * hours / np.maximum(there, 1e-6), 0.0, 1.0)
        decay = CHLORINE_DECAY_H * (1.0 + 6.0 * tick.severity["biofilm"])
        self._chlorine = (self._chlorine + (fed - self._chlorine) * fresh) * np.exp(-decay * hours)
        usual = self._usual.step(demand, tick.dt_s)
        level_m = self._volume_m3 / self._area_m2
        short_m3 = self._capacity_m3 * tick.setpoints["level_setpoint"] - self._volume_m3
        stuck = tick.severity["inlet_valve_stuck"] >= 0.5
        wanted = np.where(stuck, 0.0, clip(usual + short_m3 / 5.0, 0.0, 1.6 * usual + 200.0))
        empties_h = np.where(outflow > inflow, self._volume_m3 / np.maximum(outflow - inflow, 1e-3), 999.0)
        air_c = weather(tick.now_ns, self._offset_h).air_c
        return {
            "level": level_m,
            "level_percent": 100.0 * level_m / self._height_m,
            "volume": self._volume_m3.copy(),
            "inflow": np.maximum(inflow, 0.0),
            "outflow": outflow,
            "time_to_empty": np.minimum(empties_h, 999.0),
            "temperature": np.full_like(level_m, 0.5 * air_c + 12.0),
            "chlorine": self._chlorine.copy(),
            "total_in": np.maximum(self._in_m3, 0.0),
            "total_out": self._out_m3.copy(),
            "overflow": self._over_m3.copy(),
            "inlet_valve": np.where(
                stuck, 0.0, np.minimum(100.0 * wanted / np.maximum(1.2 * usual, 1.0), 100.0)
            ),
            "suction_m": level_m + self._above_m,
            "chlorine_mg_l": self._chlorine.copy(),
            "wanted_m3_h": wanted,
            "inflow_m3_h": inflow.copy(),
            "outflow_m3_h": outflow,
            "leak_m3_h": leak,
            "overflow_m3_h": np.divide(over, hours) if hours > 0 else over,
        }


KIND = MachineKind(
    name="storage_tank",
    parameters=StorageTankParameters,
    signals=(
        Signal("level", "Level", "m", 0, 12, sensor=Sensor(0.002, 0.001)),
        Signal("level_percent", "Level", "%", 0, 100, sensor=Sensor(0.04, 0.1)),
        Signal("volume", "Volume", "m³", 0, 100000, sensor=Sensor(0.5, 0.1)),
        Signal("inflow", "Inflow", "m³/h", 0, 2000, sensor=Sensor(0.3, 0.1)),
        Signal("outflow", "Draw", "m³/h", 0, 2000, sensor=Sensor(0.3, 0.1)),
        Signal("time_to_empty", "Time until empty at this rate", "h", 0, 999, sensor=Sensor(0.0, 0.1)),
        Signal("temperature", "Temperature", "°C", 0, 60, sensor=Sensor(0.05, 0.1)),
        Signal("chlorine", "Free chlorine", "mg/L", 0, 10, sensor=Sensor(0.01, 0.01)),
        Signal("total_in", "Volume taken in", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("total_out", "Volume drawn", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("inlet_valve", "Opening of the inlet valve", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("overflow", "Volume that ran over", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(
        "suction_m",
        "chlorine_mg_l",
        "wanted_m3_h",
        "inflow_m3_h",
        "outflow_m3_h",
        "leak_m3_h",
        "overflow_m3_h",
    ),
    inputs=(
        Input("inflow_m3_h", "water", "upstream", "product_m3_h", usual=200.0),
        Input("water_demand_m3_h", "water", "downstream", "water_m3_h", usual=190.0),
        Input("chlorine_mg_l", "water", "upstream", "chlorine_mg_l", "mean", default=0.8),
    ),
    modes=(
        FailureMode(
            "leak",
            "ELU",
            "1.1 Leakage",
            ExponentialGrowth(90_000.0, 0.4, growth=3.0),
            "Nứt, rò bể chứa",
            "Cracked tank leaks",
            ("level", "outflow"),
            stops=False,
            repair_h=48.0,
        ),
        FailureMode(
            "biofilm",
            "OTH",
            "5.2 Contamination",
            Fouling(9000.0),
            "Màng sinh học tiêu hao clo",
            "Biofilm eats the chlorine",
            ("chlorine",),
            stops=False,
            repair_h=12.0,
        ),
        FailureMode(
            "inlet_valve_stuck",
            "FTO",
            "1.6 Sticking",
            NEVER,
            "Van cấp nước vào kẹt đóng",
            "Inlet valve stuck shut",
            ("inlet_valve",),
            stops=False,
            repair_h=3.0,
        ),
    ),
    setpoints=(Setpoint("level_setpoint", "", 0.2, 0.95, 0.75, "Level to be kept, share of the height"),),
    operated=False,
    companion="",
)
"""See the module."""
