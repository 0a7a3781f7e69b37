"""A 400 V main switchboard with a multifunction meter: three phases, harmonics, energy, an incoming breaker.

What it takes is what its consumers take plus a base load that is simulated as a whole (lighting, sockets,
small drives of the hall), so that its transformer carries a plausible load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.daily_curve import Curve, DailyCurves
from sim.physics.lag import Lag
from sim.physics.transformer import SQRT3, power_factor
from sim.physics.wander import Wander
from sim.physics.weather import weather

BUSBAR_TAU_S = 2400.0
BUSBAR_RISE_K = 45.0
"""Rise of a busbar at rated current; IEC 61439-1, table 6 leaves 105 K for bare copper, 70 K at terminals."""


class LvBoardParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One board.

    Args:
        rated_a: rated current of the incoming breaker [A]; 3200 for 2,000 kVA.
        base_kw: peak of the load that is not simulated machine by machine [kW].
        base_curve: how that goes through the day.
        base_power_factor: of that load.
        thd_current: harmonic distortion of the current at full load [%].
    """

    rated_a: float = 3200.0
    base_kw: float = 0.0
    base_curve: Curve = "two_shifts"
    base_power_factor: float = 0.93
    thd_current: float = 9.0

    def __post_init__(self) -> None:
        if not 0 < self.base_power_factor <= 1:
            raise ValueError(f"base_power_factor {self.base_power_factor}: must be above 0, at most 1")
        if self.rated_a <= 0 or self.base_kw < 0:
            raise ValueError(f"rated_a {self.rated_a}, base_kw {self.base_kw}: must be above 0, at least 0")


class _Fleet:
    def __init__(self, parameters: Sequence[LvBoardParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._offset_h = site.utc_offset_h
        self._rated_a = column(parameters, "rated_a")
        self._base_kw = column(parameters, "base_kw")
        self._tan_phi = np.tan(np.arccos(column(parameters, "base_power_factor")))
        self._curves = DailyCurves([unit.base_curve for unit in parameters])
        self._thd = column(parameters, "thd_current")
        # phases: a fixed unbalance that sums up to nothing, and a slow one on top
        fixed = rng.normal(0.0, 0.03, (3, n))
        self._unbalance = fixed - fixed.mean(axis=0)
        self._phase = Wander((0.012, 0.012, 0.012), (90.0, 90.0, 90.0), n)
        self._slow = Wander((0.03, 0.06), (300.0, 200.0), n)
        self._busbar = Lag(BUSBAR_TAU_S)
        self._active_kwh = np.zeros(n)
        self._export_kwh = np.zeros(n)
        self._reactive_kvarh = np.zeros(n)
        self._demand = Lag(900.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        live = tick.powered.astype(np.float64)
        base_off, thd_off = self._slow.step(tick.rng, tick.dt_s)
        closed = (tick.setpoints["breaker_closed"] >= 0.5) & (tick.severity["incomer_trip"] < 0.5)
        # what is opened now is dark from the next step on, with everything below: the base load goes with it
        base_kw = self._base_kw * self._curves.at(tick.hour) * (1.0 + base_off) * live * closed
        kw = tick.inputs["load_kw"] + base_kw
        kvar = tick.inputs["load_kvar"] + base_kw * self._tan_phi
        kva = np.hypot(kw, kvar)
        line_v = tick.inputs["lv_v"] * live
        phase_v = line_v / SQRT3
        off = self._unbalance + self._phase.step(tick.rng, tick.dt_s)
        off -= off.mean(axis=0)
        skew = tick.severity["phase_unbalance"]
        off[0] += 0.35 * skew
        off[1:] -= 0.175 * skew
        mean_a = np.divide(1000.0 * kva, 3.0 * phase_v, out=np.zeros_like(kva), where=phase_v > 1.0)
        current = mean_a * (1.0 + off)
        volts = phase_v * (1.0 - 0.06 * off)
        neutral = np.sqrt(
            np.maximum(
                np.square(current).sum(axis=0)
                - current[0] * current[1]
                - current[1] * current[2]
                - current[2] * current[0],
                0.0,
            )
        )
        load = mean_a / self._rated_a
        # harmonics are driven by the rectifiers that always run: less load, more distortion
        thd_a = np.minimum(self._thd * (0.6 + 0.4 / np.maximum(load, 0.1)) * (1.0 + thd_off), 60.0) * live
        thd_v = (1.0 + 0.22 * thd_a * np.minimum(load, 1.2)) * live
        air_c = weather(tick.now_ns, self._offset_h).air_c
        rise_k = BUSBAR_RISE_K * np.square(load) * (1.0 + 1.8 * tick.severity["loose_joint"])
        busbar_c = self._busbar.step(air_c + 5.0 + rise_k, tick.dt_s)
        hours = tick.dt_s / 3600.0
        self._active_kwh += np.maximum(kw, 0.0) * hours
        self._export_kwh += np.maximum(-kw, 0.0) * hours
        self._reactive_kvarh += np.maximum(kvar, 0.0) * hours
        return {
            "active_power": kw,
            "reactive_power": kvar,
            "apparent_power": kva,
            "power_factor": power_factor(kw, kvar),
            "current_l1": current[0],
            "current_l2": current[1],
            "current_l3": current[2],
            "current_n": neutral,
            "voltage_l1": volts[0],
            "voltage_l2": volts[1],
            "voltage_l3": volts[2],
            "voltage_ll": line_v,
            "voltage_unbalance": 100.0 * np.ptp(volts, axis=0) / np.maximum(phase_v, 1.0) / 2.0,
            "thd_voltage": thd_v,
            "thd_current": thd_a,
            "load": 100.0 * load,
            "demand": self._demand.step(kw, tick.dt_s),
            "base_load": base_kw,
            "energy": self._active_kwh.copy(),
            "energy_export": self._export_kwh.copy(),
            "reactive_energy": self._reactive_kvarh.copy(),
            "busbar_temperature": busbar_c,
            "breaker_closed": closed.astype(np.float64),
            "active_kw": kw,
            "reactive_kvar": kvar,
            "line_v": line_v,
            "closed": closed.astype(np.float64),
        }


KIND = MachineKind(
    name="lv_board",
    parameters=LvBoardParameters,
    signals=(
        Signal("active_power", "Active power", "kW", -5000, 5000, sensor=Sensor(0.3, 0.1)),
        Signal("reactive_power", "Reactive power", "kvar", -5000, 5000, sensor=Sensor(0.3, 0.1)),
        Signal("apparent_power", "Apparent power", "kVA", 0, 7000, sensor=Sensor(0.3, 0.1)),
        Signal("power_factor", "Power factor", "", 0, 1, sensor=Sensor(0.001, 0.001)),
        *(
            Signal(f"current_l{phase}", f"Current, phase {phase}", "A", 0, 10000, sensor=Sensor(0.8, 0.1))
            for phase in (1, 2, 3)
        ),
        Signal("current_n", "Current, neutral", "A", 0, 10000, sensor=Sensor(0.8, 0.1)),
        *(
            Signal(
                f"voltage_l{phase}",
                f"Voltage, phase {phase} to neutral",
                "V",
                0,
                300,
                sensor=Sensor(0.1, 0.1),
            )
            for phase in (1, 2, 3)
        ),
        Signal("voltage_ll", "Voltage between phases", "V", 0, 500, sensor=Sensor(0.2, 0.1)),
        Signal("voltage_unbalance", "Voltage unbalance", "%", 0, 100, sensor=Sensor(0.02, 0.01)),
        Signal("thd_voltage", "Harmonic distortion of the voltage", "%", 0, 100, sensor=Sensor(0.03, 0.01)),
        Signal("thd_current", "Harmonic distortion of the current", "%", 0, 100, sensor=Sensor(0.1, 0.1)),
        Signal("load", "Load of the incoming breaker", "%", 0, 300, sensor=Sensor(0.05, 0.1)),
        Signal("demand", "Demand, 15 min", "kW", -5000, 5000, sensor=Sensor(0.0, 0.1)),
        Signal("base_load", "Load not simulated machine by machine", "kW", 0, 5000, sensor=Sensor(0.1, 0.1)),
        Signal("energy", "Active energy drawn", "kWh", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("energy_export", "Active energy given back", "kWh", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("reactive_energy", "Reactive energy drawn", "kvarh", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("busbar_temperature", "Busbar temperature", "°C", -20, 200, sensor=Sensor(0.2, 0.1)),
        Signal("breaker_closed", "Incoming breaker closed", "", 0, 1, "Boolean"),
    ),
    create=_Fleet,
    flows=(*ELECTRIC, "line_v", "closed"),
    inputs=(
        Input("load_kw", "electricity", "downstream", "active_kw", usual=900.0),
        Input("load_kvar", "electricity", "downstream", "reactive_kvar", usual=400.0),
        Input("lv_v", "electricity", "upstream", "lv_v", combine="max", default=400.0, lagged=True),
    ),
    modes=(
        FailureMode(
            "loose_joint",
            "OHE",
            "1.5 Looseness",
            ExponentialGrowth(50_000.0, 0.4),
            "Mối nối thanh cái lỏng, phát nhiệt",
            "Loose busbar joint",
            ("busbar_temperature",),
            stops=False,
            repair_h=3.0,
        ),
        FailureMode(
            "phase_unbalance",
            "PDE",
            "4.0 Electrical failure",
            NEVER,
            "Lệch pha",
            "Load leans on one phase",
            ("current_l1", "current_l2", "current_l3", "current_n", "voltage_unbalance"),
            stops=False,
            repair_h=2.0,
        ),
        FailureMode(
            "incomer_trip",
            "SPO",
            "3.3 Faulty signal/indication/alarm",
            NEVER,
            "Máy cắt tổng nhảy",
            "Incoming breaker trips",
            ("breaker_closed",),
            stops=False,
            repair_h=1.0,
        ),
    ),
    setpoints=(Setpoint("breaker_closed", "", 0, 1, 1.0, "Incoming breaker: 1 closes, 0 opens"),),
    operated=False,
    companion="",
)
"""See the module."""
