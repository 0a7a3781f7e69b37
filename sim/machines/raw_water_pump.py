"""A raw-water pump at the river: fixed speed, up to the water works, as many of them as the works ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Site, Tick
from sim.machines.pump_set import (
    IMPELLER_HEAD_LOSS,
    NS_PER_DAY,
    PUMP_MODES,
    PUMP_SIGNALS,
    MotorInstruments,
    Rota,
    efficiency_percent,
)
from sim.physics.columns import column, stations
from sim.physics.pipe import BAR_PER_M
from sim.physics.pump_curve import PumpCurve, npsh_available_m
from sim.physics.weather import weather


class RawWaterPumpParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pump.

    Args:
        best_m3_h, best_m: flow and head at best efficiency [m³/h, m].
        efficiency: there.
        npsh_m: NPSH required there [m].
        motor_kw: rating of the motor [kW].
        lift_m: from the river at level 0 to the works [m].
        rising_main: resistance of the rising main [m/(m³/h)²].
    """

    best_m3_h: float = 220.0
    best_m: float = 24.0
    efficiency: float = 0.8
    npsh_m: float = 3.2
    motor_kw: float = 22.0
    lift_m: float = 15.0
    rising_main: float = 4.0e-5

    def __post_init__(self) -> None:
        sizes = (self.best_m3_h, self.best_m, self.motor_kw)
        if min(sizes) <= 0:
            raise ValueError(f"best_m3_h, best_m, motor_kw {sizes}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[RawWaterPumpParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._curve = PumpCurve(
            column(parameters, "best_m3_h"),
            column(parameters, "best_m"),
            column(parameters, "efficiency"),
            column(parameters, "npsh_m"),
        )
        self._lift_m = column(parameters, "lift_m")
        self._system = column(parameters, "rising_main")
        self._together = stations(site.equipment)
        self._rota = Rota(self._together)
        self._motor = MotorInstruments(column(parameters, "motor_kw"), 1500.0, site.rng())
        self._wanted = np.ones(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        worn = IMPELLER_HEAD_LOSS * tick.severity["impeller_wear"]
        plugged = tick.severity["screen_plugged"]
        level_m = tick.inputs["river_m"]
        # one pump more as soon as 60 % of one is missing, one less only when 60 % of one is too much
        asked = tick.inputs["wanted_m3_h"] / self._curve.best_m3_h
        far = np.abs(asked - self._wanted) > 0.6
        self._wanted = np.where(far, np.round(asked), self._wanted)
        on = self._rota.on_duty(tick.running, self._wanted, tick.now_ns // NS_PER_DAY)
        turning = on.astype(np.float64)
        together = np.maximum(self._together @ turning, 1.0)
        static_m = self._lift_m - level_m
        flow = turning * self._curve.against(static_m, self._system, together, worn)
        flow = flow * np.maximum(1.0 - 0.5 * np.square(plugged), 0.0)
        head = self._curve.head_m(flow, turning, worn) * turning
        shaft_kw = self._curve.shaft_kw(flow, head, turning, worn)
        now = weather(tick.now_ns, self._offset_h)
        lost_m = (0.6 + 5.5 * plugged) * np.square(flow / self._curve.best_m3_h)
        water_c = np.full_like(flow, 0.6 * now.air_c + 9.0)
        margin_m = npsh_available_m(level_m - 2.0, lost_m, water_c) - self._curve.npsh_required_m(
            flow, turning
        )
        taken, motor = self._motor.step(tick, on, shaft_kw, turning, now.air_c)
        suction_bar = (level_m - 2.0 - lost_m) * BAR_PER_M
        return {
            **motor,
            "on_duty": turning,
            "flow": flow,
            "suction_pressure": suction_bar,
            "discharge_pressure": np.where(on, suction_bar + head * BAR_PER_M, static_m * BAR_PER_M),
            "head": np.maximum(head, 0.0),
            "npsh_margin": margin_m,
            "efficiency": efficiency_percent(flow, head, taken),
            "seal_leakage": turning * (0.4 + 60.0 * np.square(tick.severity["seal_leak"])),
            "raw_m3_h": flow,
        }


KIND = MachineKind(
    name="raw_water_pump",
    parameters=RawWaterPumpParameters,
    signals=PUMP_SIGNALS,
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, "raw_m3_h"),
    inputs=(
        Input(
            "wanted_m3_h",
            "water",
            "downstream",
            "wanted_m3_h",
            "max",
            default=200.0,
            lagged=True,
            usual=700.0,
        ),
        Input("river_m", "water", "upstream", "river_m", "mean", default=3.0, lagged=True),
    ),
    modes=(
        *PUMP_MODES,
        FailureMode(
            "screen_plugged",
            "PLU",
            "5.1 Blockage/plugged",
            Fouling(2500.0),
            "Lưới chắn rác cửa hút bị tắc",
            "Plugged suction screen",
            ("suction_pressure", "npsh_margin", "flow"),
            stops=False,
            repair_h=1.5,
        ),
    ),
    companion="Pumps",
)
"""See the module."""
