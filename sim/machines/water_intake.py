"""The intake at the river: its level and quality, and the bar screen in front of the pumps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.physics.wander import Wander
from sim.physics.weather import smooth_noise, weather


class WaterIntakeParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One intake.

    Args:
        mean_level_m: level of the river above the pumps' floor [m].
        tide_m: half the range of the daily tide [m].
        turbidity_ntu: of the river in dry weather.
    """

    mean_level_m: float = 3.2
    tide_m: float = 0.25
    turbidity_ntu: float = 28.0


class _Fleet:
    def __init__(self, parameters: Sequence[WaterIntakeParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._level_m = column(parameters, "mean_level_m")
        self._tide_m = column(parameters, "tide_m")
        self._turbidity = column(parameters, "turbidity_ntu")
        self._slow = Wander((0.06, 0.08, 0.05), (1800.0, 900.0, 3600.0), n)
        self._runoff = Lag(6 * 3600.0)
        self._total_m3 = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        flow = tick.inputs["raw_m3_h"]
        now = weather(tick.now_ns, self._offset_h)
        time_s = tick.now_ns / 1e9
        wave, turbid, salt = self._slow.step(tick.rng, tick.dt_s)
        # the tide of the Gulf of Tonkin comes once a lunar day
        tide = self._tide_m * np.cos(2.0 * np.pi * time_s / 89_428.0)
        flood = 1.2 * smooth_noise(21, time_s, 5 * 86400.0)
        rain = self._runoff.step(np.full_like(flow, now.rain_mm_h), tick.dt_s)
        level = np.maximum(self._level_m + tide + flood - 0.6 + 0.06 * rain + 0.3 * wave, 0.2)
        screen = tick.severity["screen_fouled"]
        drop_m = (0.02 + 0.35 * screen) * np.square(flow / 400.0) + 0.02 * screen
        spill = tick.severity["turbidity_event"]
        turbidity = self._turbidity * (1.0 + turbid + 0.35 * rain) * (0.7 + 0.6 * flood) + 400.0 * spill
        self._total_m3 += flow * tick.dt_s / 3600.0
        water_c = 0.6 * now.air_c + 9.0
        return {
            "flow": flow,
            "river_level": level,
            "screen_loss": 100.0 * drop_m,
            "turbidity": turbidity,
            "ph": 7.4 + 0.8 * wave,
            "temperature": np.full_like(flow, water_c),
            "conductivity": 0.24 + 0.3 * salt,
            "dissolved_oxygen": 14.65 - 0.41 * water_c + 0.008 * water_c**2 - 1.2 + turbid - 2.5 * spill,
            "ammonia": 0.35 * (1.0 + turbid) + 1.8 * spill,
            "total": self._total_m3.copy(),
            "river_m": level - drop_m,
            "raw_ntu": turbidity,
        }


KIND = MachineKind(
    name="water_intake",
    parameters=WaterIntakeParameters,
    signals=(
        Signal("flow", "Water taken", "m³/h", 0, 2000, sensor=Sensor(0.5, 0.1)),
        Signal("river_level", "Level of the river", "m", -2, 12, sensor=Sensor(0.005, 0.001)),
        Signal("screen_loss", "Head lost in the bar screen", "cm", 0, 200, sensor=Sensor(0.2, 0.1)),
        Signal("turbidity", "Turbidity", "NTU", 0, 2000, sensor=Sensor(0.4, 0.1)),
        Signal("ph", "pH", "pH", 0, 14, sensor=Sensor(0.01, 0.01)),
        Signal("temperature", "Temperature", "°C", 0, 60, sensor=Sensor(0.05, 0.1)),
        Signal("conductivity", "Conductivity", "mS/cm", 0, 10, sensor=Sensor(0.002, 0.001)),
        Signal("dissolved_oxygen", "Dissolved oxygen", "mg/L", 0, 20, sensor=Sensor(0.03, 0.01)),
        Signal("ammonia", "Ammonia as N", "mg/L", 0, 50, sensor=Sensor(0.02, 0.01)),
        Signal("total", "Volume taken", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=("river_m", "raw_ntu"),
    inputs=(Input("raw_m3_h", "water", "downstream", "raw_m3_h", usual=300.0),),
    modes=(
        FailureMode(
            "screen_fouled",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(1200.0),
            "Song chắn rác bị lấp",
            "Fouled bar screen",
            ("screen_loss",),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "turbidity_event",
            "OTH",
            "5.2 Contamination",
            NEVER,
            "Nước sông đục, ô nhiễm đột ngột",
            "Pollution in the river",
            ("turbidity", "ammonia", "dissolved_oxygen"),
            stops=False,
            repair_h=6.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
