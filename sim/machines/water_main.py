"""A water main: gives what the meters behind it take plus what it leaks; loses head by Hazen-Williams on the
way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.never import NEVER
from sim.kind import F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.lag import Lag
from sim.physics.pipe import BAR_PER_M, head_loss_m, leak_m3_h, resistance, velocity_m_s
from sim.physics.wander import Wander
from sim.physics.weather import weather


class WaterMainParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One main.

    Args:
        length_m, diameter_mm: of the pipe.
        roughness_c: Hazen-Williams; 130 for ductile iron, lined.
        falls_m: by how much its end lies lower than its beginning [m].
        leak_m3_h: what a leak loses at severity 1 and 4 bar [m³/h].
        background_m3_h: what joints lose at 4 bar in good order [m³/h].
    """

    length_m: float = 650.0
    diameter_mm: float = 300.0
    roughness_c: float = 130.0
    falls_m: float = 0.5
    leak_m3_h: float = 60.0
    background_m3_h: float = 0.4

    def __post_init__(self) -> None:
        if self.diameter_mm < 20 or self.length_m <= 0 or self.roughness_c <= 0:
            raise ValueError(
                f"diameter_mm {self.diameter_mm}, length_m {self.length_m}, roughness_c {self.roughness_c}: "
                "at least 20, above 0, above 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[WaterMainParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._diameter_mm = column(parameters, "diameter_mm")
        self._pipe = resistance(
            column(parameters, "length_m"), self._diameter_mm, column(parameters, "roughness_c")
        )
        self._length_m = column(parameters, "length_m")
        self._falls_m = column(parameters, "falls_m")
        self._leak_m3_h = column(parameters, "leak_m3_h")
        self._background = column(parameters, "background_m3_h")
        self._slow = Wander((1.2,), (120.0,), n)
        self._least = Lag(1800.0)
        self._total_m3 = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        start_bar = tick.inputs["water_bar"]
        taken = tick.inputs["water_demand_m3_h"]
        hole = self._leak_m3_h * tick.severity["leak"] + self._background * (
            1.0 + 12.0 * tick.severity["joint_wear"]
        )
        leak = leak_m3_h(hole, start_bar)
        flow = taken + leak
        rough = 1.0 + 1.5 * tick.severity["tuberculation"]
        lost_m = head_loss_m(self._pipe * rough, flow)
        end_bar = np.maximum(start_bar + (self._falls_m - lost_m) * BAR_PER_M, 0.0)
        velocity = velocity_m_s(flow, self._diameter_mm)
        age_h = self._length_m / np.maximum(velocity, 0.02) / 3600.0
        self._total_m3 += flow * tick.dt_s / 3600.0
        air_c = weather(tick.now_ns, self._offset_h).air_c
        # a hydrophone hears a jet: level with the logarithm of the leak
        noise_db = 24.0 + 9.0 * np.log10(1.0 + 4.0 * leak) + self._slow.step(tick.rng, tick.dt_s)[0]
        return {
            "flow": flow,
            "pressure_in": start_bar.copy(),
            "pressure_out": end_bar,
            "pressure_loss": start_bar - end_bar,
            "velocity": velocity,
            "leak_noise": noise_db,
            "chlorine": tick.inputs["chlorine_mg_l"] * np.exp(-0.02 * age_h),
            "turbidity": 0.12 + 0.25 * np.square(velocity) * tick.severity["tuberculation"] + 0.05 * velocity,
            "temperature": np.full_like(flow, 24.0 + 0.3 * (air_c - 24.0)),
            "flow_30min": self._least.step(flow, tick.dt_s),
            "total": self._total_m3.copy(),
            "water_m3_h": flow,
            "water_bar": end_bar,
            "leak_m3_h": leak,
        }


KIND = MachineKind(
    name="water_main",
    parameters=WaterMainParameters,
    signals=(
        Signal("flow", "Flow at its beginning", "m³/h", 0, 2000, sensor=Sensor(0.15, 0.01)),
        Signal("pressure_in", "Pressure at its beginning", "bar", 0, 16, sensor=Sensor(0.005, 0.001)),
        Signal("pressure_out", "Pressure at its end", "bar", 0, 16, sensor=Sensor(0.005, 0.001)),
        Signal("pressure_loss", "Pressure lost on the way", "bar", -2, 16, sensor=Sensor(0.005, 0.001)),
        Signal("velocity", "Velocity", "m/s", 0, 10, sensor=Sensor(0.003, 0.001)),
        Signal("leak_noise", "Level of the leak noise logger", "dB", 0, 120, sensor=Sensor(0.5, 0.1)),
        Signal("chlorine", "Free chlorine at its end", "mg/L", 0, 10, sensor=Sensor(0.01, 0.01)),
        Signal("turbidity", "Turbidity at its end", "NTU", 0, 100, sensor=Sensor(0.005, 0.001)),
        Signal("temperature", "Temperature", "°C", 0, 60, sensor=Sensor(0.05, 0.1)),
        Signal("flow_30min", "Flow, half-hour mean", "m³/h", 0, 2000, sensor=Sensor(0.0, 0.01)),
        Signal("total", "Volume supplied", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    flows=("water_m3_h", "water_bar", "leak_m3_h"),
    inputs=(
        Input("water_demand_m3_h", "water", "downstream", "water_m3_h", usual=180.0),
        Input("water_bar", "water", "upstream", "water_bar", "max", default=4.6, lagged=True),
        Input("chlorine_mg_l", "water", "upstream", "chlorine_mg_l", "mean", default=0.7, lagged=True),
    ),
    modes=(
        FailureMode(
            "leak",
            "ELU",
            "1.1 Leakage",
            NEVER,
            "Vỡ, rò rỉ đường ống chính",
            "Burst or leak of the main",
            ("flow", "leak_noise", "pressure_out"),
            stops=False,
            repair_h=8.0,
        ),
        FailureMode(
            "joint_wear",
            "ELU",
            "2.6 Fatigue",
            ExponentialGrowth(45_000.0, 0.4),
            "Mối nối ống rò rỉ dần",
            "Joints begin to leak",
            ("leak_noise", "flow"),
            stops=False,
            repair_h=16.0,
        ),
        FailureMode(
            "tuberculation",
            "PLU",
            "2.2 Corrosion",
            ExponentialGrowth(80_000.0, 0.3, growth=2.0),
            "Lòng ống đóng cặn gỉ",
            "Tuberculation of the pipe",
            ("pressure_loss", "turbidity"),
            stops=False,
            repair_h=72.0,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
