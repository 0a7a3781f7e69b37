"""A distribution pump: speed-controlled, keeps the pressure of the mains with as many of its station as it
takes.

The station gives what the mains ask for, no more and no less: its flow is theirs, shared among the pumps on
duty, and the speed follows from the curve by the affinity laws. Beyond full speed the pressure falls. Where
all stand, water runs through them by gravity, with the pressure of the tank alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Setpoint, Signal, Site, Tick
from sim.machines.pump_set import (
    IMPELLER_HEAD_LOSS,
    NS_PER_DAY,
    PUMP_MODES,
    PUMP_SIGNALS,
    MotorInstruments,
    Rota,
    efficiency_percent,
)
from sim.physics.columns import clip, column, stations
from sim.physics.lag import Lag
from sim.physics.pipe import BAR_PER_M
from sim.physics.pump_curve import PumpCurve, npsh_available_m
from sim.physics.weather import weather

TOP_SPEED, LEAST_SPEED = 1.04, 0.45


class DistributionPumpParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pump.

    Args:
        best_m3_h, best_m: flow and head at best efficiency and full speed [m³/h, m].
        efficiency: there.
        npsh_m: NPSH required there [m].
        motor_kw: rating of the motor [kW].
        pressure_setpoint: what the station keeps in the mains [bar].
    """

    best_m3_h: float = 140.0
    best_m: float = 52.0
    efficiency: float = 0.79
    npsh_m: float = 3.0
    motor_kw: float = 37.0
    pressure_setpoint: float = 4.6

    def __post_init__(self) -> None:
        sizes = (self.best_m3_h, self.best_m, self.motor_kw)
        if min(sizes) <= 0:
            raise ValueError(f"best_m3_h, best_m, motor_kw {sizes}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[DistributionPumpParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._curve = PumpCurve(
            column(parameters, "best_m3_h"),
            column(parameters, "best_m"),
            column(parameters, "efficiency"),
            column(parameters, "npsh_m"),
        )
        self._together = stations(site.equipment)
        self._size = self._together.sum(axis=1)
        self._rota = Rota(self._together)
        self._motor = MotorInstruments(column(parameters, "motor_kw"), 3000.0, site.rng(), converter=True)
        self._wanted = np.ones(len(parameters))
        self._header = Lag(4.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        worn = np.minimum(
            IMPELLER_HEAD_LOSS * tick.severity["impeller_wear"] + 0.5 * tick.severity["drive_derated"], 0.8
        )
        demand = tick.inputs["water_demand_m3_h"]  # the station's: every pump feeds every main
        level_m = tick.inputs["tank_m"]
        asked = demand / self._curve.best_m3_h
        wrong = (asked > self._wanted * 1.05) | (asked < (self._wanted - 1.0) * 0.9)
        self._wanted = np.maximum(np.where(wrong, np.ceil(asked), self._wanted), 1.0)
        on = self._rota.on_duty(tick.running, self._wanted, tick.now_ns // NS_PER_DAY)
        turning = on.astype(np.float64)
        working = self._together @ turning
        share = np.where(working > 0.0, turning / np.maximum(working, 1.0), 1.0 / self._size)
        flow = demand * share
        target_m = tick.setpoints["pressure_setpoint"] / BAR_PER_M - level_m
        speed = turning * clip(self._curve.speed_for(flow, target_m, worn), LEAST_SPEED, TOP_SPEED)
        head = turning * np.maximum(self._curve.head_m(flow, speed, worn), 0.0)
        # pumps side by side share a header: its pressure is that of their mean head
        header_m = np.divide(self._together @ head, working, out=np.zeros_like(head), where=working > 0.0)
        header_bar = self._header.step(np.maximum(level_m + header_m, 0.0) * BAR_PER_M, tick.dt_s)
        shaft_kw = turning * self._curve.shaft_kw(flow, head, speed, worn)
        now = weather(tick.now_ns, self._offset_h)
        taken, motor = self._motor.step(tick, on, shaft_kw, speed, now.air_c + 3.0)
        lost_m = 0.5 * np.square(flow / self._curve.best_m3_h)
        available_m = npsh_available_m(level_m, lost_m, np.full_like(flow, 0.5 * now.air_c + 12.0))
        return {
            **motor,
            "on_duty": turning,
            "flow": flow,
            "suction_pressure": (level_m - lost_m) * BAR_PER_M,
            "discharge_pressure": header_bar,
            "head": head,
            "npsh_margin": available_m - self._curve.npsh_required_m(flow, speed),
            "efficiency": efficiency_percent(flow, head, taken),
            "seal_leakage": turning * (0.3 + 50.0 * np.square(tick.severity["seal_leak"])),
            "pressure_setpoint": tick.setpoints["pressure_setpoint"].copy(),
            "water_m3_h": flow,
            "water_bar": header_bar,
        }


KIND = MachineKind(
    name="distribution_pump",
    parameters=DistributionPumpParameters,
    signals=(*PUMP_SIGNALS, Signal("pressure_setpoint", "Pressure to be kept", "bar", 0, 10)),
    create=_Fleet,
    flows=(*ELECTRIC, "water_m3_h", "water_bar"),
    inputs=(
        Input("water_demand_m3_h", "water", "downstream", "water_m3_h", usual=420.0),
        Input("tank_m", "water", "upstream", "suction_m", "mean", default=3.0, lagged=True),
    ),
    modes=(
        *PUMP_MODES,
        FailureMode(
            "drive_derated",
            "LOO",
            "4.0 Electrical failure",
            NEVER,
            "Biến tần giảm công suất",
            "Frequency converter derates itself",
            ("speed", "discharge_pressure"),
            stops=False,
            repair_h=3.0,
        ),
    ),
    setpoints=(
        Setpoint("pressure_setpoint", "bar", 1, 8, 4.6, "Pressure that the station keeps in the mains"),
    ),
    companion="Pumps",
)
"""See the module."""
