"""The 110 kV revenue meter where the park meets the grid: it reads the sum of the transformers' high sides.

Voltage and frequency of the line wander a little. When the line fails, everything below is dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.transformer import SQRT3, current_a, power_factor
from sim.physics.wander import Wander


class GridMeterParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One meter.

    Args:
        hv_kv: mean voltage of the incoming line [kV].
        contracted_mw: the demand that was agreed with the grid [MW].
    """

    hv_kv: float = 115.0
    contracted_mw: float = 45.0

    def __post_init__(self) -> None:
        if self.hv_kv <= 0 or self.contracted_mw <= 0:
            raise ValueError(f"hv_kv {self.hv_kv}, contracted_mw {self.contracted_mw}: must be above 0")


class _Fleet:
    def __init__(self, parameters: Sequence[GridMeterParameters], site: Site) -> None:
        n = len(parameters)
        self._hv_kv = column(parameters, "hv_kv")
        self._contracted = column(parameters, "contracted_mw")
        self._line = Wander((0.004, 0.012, 0.003, 0.003, 0.003), (60.0, 20.0, 90.0, 90.0, 90.0), n)
        self._demand = Lag(1800.0)
        self._counts = np.zeros((3, n))
        self._highest = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        level, hertz, *phases = self._line.step(tick.rng, tick.dt_s)
        on = tick.severity["grid_outage"] < 0.5
        dip = clip(tick.severity["voltage_dip"], 0.0, 1.0)
        hv_kv = self._hv_kv * (1.0 + level) * (1.0 - 0.3 * dip) * on
        kw, kvar = tick.inputs["load_kw"], tick.inputs["load_kvar"]
        mw, mvar = kw / 1000.0, kvar / 1000.0
        hours = tick.dt_s / 3600.0
        self._counts += np.array([np.maximum(mw, 0.0), np.maximum(mvar, 0.0), np.maximum(-mw, 0.0)]) * hours
        demand = self._demand.step(mw, tick.dt_s)
        self._highest = np.maximum(self._highest, demand)
        off = np.stack(phases)
        off -= off.mean(axis=0)
        amperes = current_a(kw, kvar, hv_kv)
        volts = hv_kv / SQRT3 * (1.0 - 0.5 * off)
        return {
            "active_power": mw,
            "reactive_power": mvar,
            "apparent_power": np.hypot(mw, mvar),
            "power_factor": power_factor(kw, kvar),
            "voltage": hv_kv,
            "current": amperes,
            "frequency": np.where(on, 50.0 + hertz - 0.25 * dip, 0.0),
            "energy_import": self._counts[0].copy(),
            "reactive_energy_import": self._counts[1].copy(),
            "energy_export": self._counts[2].copy(),
            "voltage_l1": volts[0],
            "voltage_l2": volts[1],
            "voltage_l3": volts[2],
            "current_l1": amperes * (1.0 + off[0]),
            "current_l2": amperes * (1.0 + off[1]),
            "current_l3": amperes * (1.0 + off[2]),
            "thd_voltage": np.where(on, 1.1 + 60.0 * np.abs(level), 0.0),
            "demand": demand,
            "highest_demand": self._highest.copy(),
            "contract_use": 100.0 * demand / self._contracted,
            "active_kw": kw.copy(),
            "reactive_kvar": kvar.copy(),
            "hv_kv": hv_kv,
            "closed": on.astype(np.float64),
        }


KIND = MachineKind(
    name="grid_meter",
    parameters=GridMeterParameters,
    signals=(
        Signal("active_power", "Active power", "MW", -80, 80, sensor=Sensor(0.001, 0.001)),
        Signal("reactive_power", "Reactive power", "Mvar", -80, 80, sensor=Sensor(0.001, 0.001)),
        Signal("apparent_power", "Apparent power", "MVA", 0, 140, sensor=Sensor(0.001, 0.01)),
        Signal("power_factor", "Power factor", "", 0, 1, sensor=Sensor(0.0003, 0.001)),
        Signal("voltage", "Voltage of the incoming line", "kV", 0, 145, sensor=Sensor(0.02, 0.01)),
        Signal("current", "Current of the incoming line", "A", 0, 800, sensor=Sensor(0.05, 0.1)),
        Signal("frequency", "Frequency", "Hz", 0, 55, sensor=Sensor(0.0005, 0.001)),
        Signal("energy_import", "Active energy drawn", "MWh", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        Signal("reactive_energy_import", "Reactive energy drawn", "Mvarh", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        Signal("energy_export", "Active energy given to the grid", "MWh", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        *(
            Signal(f"voltage_l{phase}", f"Voltage, phase {phase}", "kV", 0, 90, sensor=Sensor(0.01, 0.01))
            for phase in (1, 2, 3)
        ),
        *(
            Signal(f"current_l{phase}", f"Current, phase {phase}", "A", 0, 800, sensor=Sensor(0.05, 0.1))
            for phase in (1, 2, 3)
        ),
        Signal("thd_voltage", "Harmonic distortion of the voltage", "%", 0, 100, sensor=Sensor(0.02, 0.01)),
        Signal("demand", "Demand, 30 min", "MW", -80, 80, sensor=Sensor(0.0, 0.001)),
        Signal("highest_demand", "Highest demand", "MW", 0, 80, sensor=Sensor(0.0, 0.001)),
        Signal("contract_use", "Demand, share of the contract", "%", -200, 300, sensor=Sensor(0.0, 0.1)),
    ),
    create=_Fleet,
    flows=(*ELECTRIC, "hv_kv", "closed"),
    inputs=(
        Input("load_kw", "electricity", "downstream", "active_kw", usual=28000.0),
        Input("load_kvar", "electricity", "downstream", "reactive_kvar", usual=8000.0),
    ),
    modes=(
        FailureMode(
            "grid_outage",
            "PDE",
            "5.3 Miscellaneous external influences",
            NEVER,
            "Mất điện lưới 110 kV",
            "The 110 kV line is dead",
            ("voltage", "frequency"),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "voltage_dip",
            "PDE",
            "5.3 Miscellaneous external influences",
            NEVER,
            "Sụt áp lưới",
            "Voltage dip of the grid",
            ("voltage", "frequency"),
            stops=False,
            repair_h=0.1,
        ),
    ),
    operated=False,
    companion="",
)
"""See the module."""
