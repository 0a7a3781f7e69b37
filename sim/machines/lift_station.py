"""A lift station at the inlet of the treatment plant: a wet well and two pumps whose speed follows its
level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Sensor, Signal, Site, Tick
from sim.machines.pump_set import BEARING_WEAR, MOTOR_SIGNALS, MotorInstruments
from sim.physics.columns import clip, column
from sim.physics.mixed_store import MixedStore
from sim.physics.sewage import (
    DOMESTIC,
    FLOW,
    SEWAGE,
    loads_of,
    outputs,
    quality,
    sewage_inputs,
    sewage_signals,
)
from sim.physics.weather import weather


class LiftStationParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One station.

    Args:
        area_m2, depth_m: of the wet well.
        pumps_m3_h: what both pumps together lift at full speed [m³/h].
        lift_m: how high [m].
        motor_kw: of both motors together [kW].
    """

    area_m2: float = 14.0
    depth_m: float = 4.0
    pumps_m3_h: float = 220.0
    lift_m: float = 9.0
    motor_kw: float = 11.0

    def __post_init__(self) -> None:
        if min(self.area_m2, self.depth_m, self.pumps_m3_h, self.motor_kw) <= 0:
            raise ValueError(
                f"area_m2 {self.area_m2}, depth_m {self.depth_m}, pumps_m3_h {self.pumps_m3_h}, "
                f"motor_kw {self.motor_kw}: must be above 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[LiftStationParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._area_m2 = column(parameters, "area_m2")
        self._depth_m = column(parameters, "depth_m")
        self._pumps_m3_h = column(parameters, "pumps_m3_h")
        self._lift_m = column(parameters, "lift_m")
        volume = self._area_m2 * self._depth_m * 0.3
        self._well = MixedStore(self._area_m2 * self._depth_m, volume, DOMESTIC[:, None] * volume)
        self._motor = MotorInstruments(column(parameters, "motor_kw"), 1500.0, site.rng(), converter=True)
        self._total_m3 = np.zeros(len(parameters))
        self._spilled_m3 = np.zeros(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        inflow = tick.inputs[FLOW]
        level = self._well.volume_m3 / self._area_m2
        room = self._pumps_m3_h * (1.0 - 0.7 * clip(tick.severity["ragging"], 0.0, 1.0))
        # proportional to the level over a quarter of the depth, all of it at three quarters
        asked = (
            clip((level / self._depth_m - 0.25) / 0.5, 0.0, 1.0)
            * room
            * (tick.running & (tick.severity["pumps_fail"] < 1.0))
        )
        drawn = self._well.step(inflow, loads_of(tick.inputs), asked, tick.dt_s)
        hours = tick.dt_s / 3600.0
        self._total_m3 += drawn.flow_m3_h * hours
        self._spilled_m3 += drawn.spilled_m3_h * hours
        on = drawn.flow_m3_h > 0.5
        speed = np.where(on, 0.6 + 0.4 * drawn.flow_m3_h / self._pumps_m3_h, 0.0)
        shaft_kw = 998.0 * 9.80665 * drawn.flow_m3_h / 3600.0 * (self._lift_m - level) / 1000.0 / 0.68
        shaft_kw = shaft_kw * (1.0 + 0.6 * tick.severity["ragging"])
        air_c = weather(tick.now_ns, self._offset_h).air_c
        _, motor = self._motor.step(tick, on, shaft_kw, speed, air_c)
        return {
            **motor,
            "inflow": inflow.copy(),
            "flow": drawn.flow_m3_h,
            "level": self._well.volume_m3 / self._area_m2,
            "level_percent": 100.0 * self._well.volume_m3 / self._area_m2 / self._depth_m,
            "total": self._total_m3.copy(),
            "spilled": self._spilled_m3.copy(),
            **quality(self._well.concentration),
            **outputs(drawn.flow_m3_h, drawn.loads),
            "volume_m3": self._well.volume_m3.copy(),
        }


KIND = MachineKind(
    name="lift_station",
    parameters=LiftStationParameters,
    signals=(
        Signal("inflow", "Inflow", "m³/h", 0, 2000, sensor=Sensor(0.2, 0.1)),
        Signal("flow", "Flow lifted", "m³/h", 0, 2000, sensor=Sensor(0.2, 0.1)),
        Signal("level", "Level of the wet well", "m", 0, 20, sensor=Sensor(0.003, 0.001)),
        Signal("level_percent", "Level of the wet well", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("total", "Volume lifted", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("spilled", "Volume spilled", "m³", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        *sewage_signals(),
        *MOTOR_SIGNALS,
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, *SEWAGE, "volume_m3"),
    inputs=sewage_inputs(),
    modes=(
        BEARING_WEAR,
        FailureMode(
            "ragging",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(1500.0, 0.4),
            "Rác quấn cánh bơm",
            "Rags in the impellers",
            ("level", "active_power", "current"),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "pumps_fail",
            "STP",
            "4.0 Electrical failure",
            NEVER,
            "Cả hai bơm dừng",
            "Both pumps stop",
            ("flow", "level"),
            repair_h=3.0,
        ),
    ),
    companion="Pumps",
)
"""See the module."""
