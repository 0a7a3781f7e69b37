"""A switched capacitor bank on the 22 kV busbar: as many steps as bring the busbar's reactive power near
zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.transformer import current_a
from sim.physics.weather import weather

DELAY_S = 30.0
RATED_KV = 22.0
LOSS_W_KVAR = 0.2
"""Losses of film capacitors with their discharge resistors [W/kvar] (IEC 60871-1 makers' data)."""


class CapacitorBankParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bank.

    Args:
        steps: number of steps.
        step_kvar: of each at 22 kV [kvar].
    """

    steps: int = 6
    step_kvar: float = 900.0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.step_kvar <= 0:
            raise ValueError(f"steps {self.steps}, step_kvar {self.step_kvar}: at least 1, above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[CapacitorBankParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._steps = column(parameters, "steps")
        self._step_kvar = column(parameters, "step_kvar")
        self._on = np.zeros(n)
        self._wrong_s = np.zeros(n)
        self._heat = Lag(1800.0)
        self._switched = np.round(site.rng().uniform(2000.0, 9000.0, n))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        seen_kvar = tick.inputs["bus_kvar"]
        running = tick.running
        steps = np.where(running, self._on, 0.0)
        more = (seen_kvar > 0.65 * self._step_kvar) & (steps < self._steps)
        fewer = (seen_kvar < -0.65 * self._step_kvar) & (steps > 0.0)
        self._wrong_s = np.where((more | fewer) & running, self._wrong_s + tick.dt_s, 0.0)
        due = self._wrong_s >= DELAY_S
        self._on = clip(steps + due * (1.0 * more - 1.0 * fewer), 0.0, self._steps)
        self._wrong_s[due] = 0.0
        self._switched += np.abs(self._on - steps)
        lost = clip(1.0 - 0.4 * tick.severity["capacitance_loss"], 0.0, 1.0)
        blown = clip(tick.severity["fuse_blown"], 0.0, 1.0)
        kv = tick.inputs["mv_kv"] * tick.powered
        kvar = self._on * self._step_kvar * lost * (1.0 - blown / 6.0) * np.square(kv / RATED_KV)
        kw = kvar * LOSS_W_KVAR / 1000.0
        air_c = weather(tick.now_ns, self._offset_h).air_c
        case_c = self._heat.step(air_c + 3.0 + 2.0 * self._on * (1.0 + 2.0 * (1.0 - lost)), tick.dt_s)
        return {
            "steps_on": self._on.copy(),
            "reactive_power": -kvar,
            "bus_reactive_power": seen_kvar.copy(),
            "current": current_a(kw, kvar, kv),
            "voltage": kv,
            "case_temperature": case_c,
            "unbalance_current": 0.05 + 4.0 * blown + 0.3 * (1.0 - lost),
            "switchings": self._switched.copy(),
            "active_kw": kw,
            "reactive_kvar": -kvar,
        }


KIND = MachineKind(
    name="capacitor_bank",
    parameters=CapacitorBankParameters,
    signals=(
        Signal("steps_on", "Steps switched on", "", 0, 20, "UInt32"),
        Signal(
            "reactive_power",
            "Reactive power, less than 0 as it is given",
            "kvar",
            -20000,
            0,
            sensor=Sensor(2.0, 1.0),
        ),
        Signal(
            "bus_reactive_power",
            "Reactive power of the busbar",
            "kvar",
            -40000,
            40000,
            sensor=Sensor(3.0, 1.0),
        ),
        Signal("current", "Current", "A", 0, 500, sensor=Sensor(0.05, 0.1)),
        Signal("voltage", "Voltage", "kV", 0, 30, sensor=Sensor(0.005, 0.01)),
        Signal("case_temperature", "Temperature of the cans", "°C", -20, 120, sensor=Sensor(0.1, 0.1)),
        Signal(
            "unbalance_current", "Unbalance current between the stars", "A", 0, 50, sensor=Sensor(0.005, 0.01)
        ),
        Signal("switchings", "Switchings", "", 0, 4e9, "UInt32"),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=ELECTRIC,
    inputs=(
        Input("bus_kvar", "electricity", "upstream", "low_kvar", default=0.0, lagged=True, usual=2500.0),
        Input("mv_kv", "electricity", "upstream", "mv_kv", "max", default=22.5, lagged=True),
    ),
    modes=(
        FailureMode(
            "capacitance_loss",
            "LOO",
            "2.0 Material failure",
            GammaWear(60_000.0),
            "Tụ suy giảm điện dung",
            "Capacitors lose capacitance",
            ("reactive_power", "case_temperature"),
            stops=False,
            repair_h=12.0,
        ),
        FailureMode(
            "fuse_blown",
            "BRD",
            "4.1 Short circuiting",
            WeibullSudden(40_000.0, 1.2, warning_h=1.0),
            "Nổ cầu chì tụ",
            "Blown fuse of a can",
            ("unbalance_current", "reactive_power"),
            repair_h=6.0,
        ),
    ),
)
"""See the module."""
