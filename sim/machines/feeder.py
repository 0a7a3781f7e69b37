"""A 22 kV feeder: cubicle, breaker and cable to a tenant.

What it takes from the busbar is its transformers, a base load that is simulated as a whole (workshops of the
tenant that are not modelled machine by machine), and the losses of its cable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.daily_curve import Curve, DailyCurves
from sim.physics.lag import Lag
from sim.physics.transformer import current_a, power_factor
from sim.physics.wander import Wander
from sim.physics.weather import weather

CABLE_R_OHM_KM, CABLE_X_OHM_KM = 0.125, 0.105
"""24 kV XLPE cable, 3 x 240 mm² aluminium (IEC 60502-2 makers' tables)."""
CABLE_RATED_A = 400.0
CABLE_RISE_K = 65.0
"""Conductor at rated current: 90 °C in ground of 25 °C (IEC 60502-2)."""
CABLE_TAU_S = 5400.0


class FeederParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feeder.

    Args:
        cable_km: length of its cable [km].
        base_kw: peak of the load that is not simulated machine by machine [kW].
        base_curve: how that goes through the day.
        base_power_factor: of that load.
    """

    cable_km: float = 0.5
    base_kw: float = 1500.0
    base_curve: Curve = "two_shifts"
    base_power_factor: float = 0.94

    def __post_init__(self) -> None:
        if not 0 < self.base_power_factor <= 1:
            raise ValueError(f"base_power_factor {self.base_power_factor}: must be above 0, at most 1")
        if self.cable_km < 0 or self.base_kw < 0:
            raise ValueError(f"cable_km {self.cable_km}, base_kw {self.base_kw}: must be at least 0")


class _Fleet:
    def __init__(self, parameters: Sequence[FeederParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._km = column(parameters, "cable_km")
        self._base_kw = column(parameters, "base_kw")
        self._tan_phi = np.tan(np.arccos(column(parameters, "base_power_factor")))
        self._curves = DailyCurves([unit.base_curve for unit in parameters])
        self._slow = Wander((0.02, 0.012, 0.012, 0.012), (120.0, 90.0, 90.0, 90.0), n)
        self._cable = Lag(CABLE_TAU_S)
        self._energy_mwh = np.zeros(n)
        self._moves = np.round(site.rng().uniform(60.0, 400.0, n))
        self._was_closed = np.ones(n, np.bool_)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        off, *phases = self._slow.step(tick.rng, tick.dt_s)
        earth = tick.severity["cable_insulation"]
        tripped = (tick.severity["feeder_trip"] >= 0.5) | (earth >= 1.0)
        closed = (tick.setpoints["breaker_closed"] >= 0.5) & ~tripped
        self._moves += closed != self._was_closed
        self._was_closed = closed
        live = tick.powered.astype(np.float64)
        base_kw = self._base_kw * self._curves.at(tick.hour) * (1.0 + off) * live * closed
        out_kw = tick.inputs["load_kw"] + base_kw
        out_kvar = tick.inputs["load_kvar"] + base_kw * self._tan_phi
        mv_kv = tick.inputs["mv_kv"] * live
        amperes = current_a(out_kw, out_kvar, mv_kv)
        # 3 I² R, in kW and kvar for ohms and amperes over a thousand
        squared = 3.0 * np.square(amperes) * self._km / 1000.0
        loss_kw, loss_kvar = squared * CABLE_R_OHM_KM, squared * CABLE_X_OHM_KM
        kw, kvar = out_kw + loss_kw, out_kvar + loss_kvar
        drop_kv = np.divide(
            (CABLE_R_OHM_KM * out_kw + CABLE_X_OHM_KM * out_kvar) * self._km / 1000.0,
            mv_kv,
            out=np.zeros_like(kw),
            where=mv_kv > 1.0,
        )
        skew = np.stack(phases)
        skew -= skew.mean(axis=0)
        each = amperes * (1.0 + skew)
        load = amperes / CABLE_RATED_A
        air_c = weather(tick.now_ns, self._offset_h).air_c
        cable_c = self._cable.step(25.0 + CABLE_RISE_K * np.square(load), tick.dt_s)
        worn = tick.severity["contact_wear"]
        self._energy_mwh += np.maximum(kw, 0.0) / 1000.0 * tick.dt_s / 3600.0
        return {
            "active_power": kw / 1000.0,
            "reactive_power": kvar / 1000.0,
            "voltage": mv_kv,
            "current": amperes,
            "power_factor": power_factor(kw, kvar),
            "energy": self._energy_mwh.copy(),
            "breaker_closed": closed.astype(np.float64),
            "current_l1": each[0],
            "current_l2": each[1],
            "current_l3": each[2],
            "earth_current": 0.3 + 0.002 * amperes + 4.0 * np.square(earth),
            "losses": loss_kw,
            "base_load": base_kw,
            "cable_temperature": cable_c,
            "contact_temperature": air_c + 4.0 + 30.0 * np.square(load) * (1.0 + 2.5 * worn),
            "partial_discharge": 25.0 + 900.0 * np.square(earth),
            "operations": self._moves.copy(),
            "thd_current": (4.0 + 2.0 / np.maximum(load, 0.2)) * live,
            "active_kw": kw,
            "reactive_kvar": kvar,
            "mv_kv": np.maximum(mv_kv - drop_kv, 0.0),
            "closed": closed.astype(np.float64),
        }


KIND = MachineKind(
    name="feeder",
    parameters=FeederParameters,
    signals=(
        Signal("active_power", "Active power", "MW", -80, 80, sensor=Sensor(0.001, 0.001)),
        Signal("reactive_power", "Reactive power", "Mvar", -80, 80, sensor=Sensor(0.001, 0.001)),
        Signal("voltage", "Voltage", "kV", 0, 30, sensor=Sensor(0.005, 0.01)),
        Signal("current", "Current", "A", 0, 800, sensor=Sensor(0.05, 0.1)),
        Signal("power_factor", "Power factor", "", 0, 1, sensor=Sensor(0.0005, 0.001)),
        Signal("energy", "Active energy delivered", "MWh", 0, 1e9, sensor=Sensor(0.0, 0.001)),
        Signal("breaker_closed", "Circuit breaker closed", "", 0, 1, "Boolean"),
        *(
            Signal(f"current_l{phase}", f"Current, phase {phase}", "A", 0, 800, sensor=Sensor(0.05, 0.1))
            for phase in (1, 2, 3)
        ),
        Signal("earth_current", "Earth-fault current", "A", 0, 100, sensor=Sensor(0.01, 0.01)),
        Signal("losses", "Losses of the cable", "kW", 0, 1000, sensor=Sensor(0.0, 0.01)),
        Signal("base_load", "Load not simulated machine by machine", "kW", 0, 20000, sensor=Sensor(0.5, 0.1)),
        Signal("cable_temperature", "Temperature of the cable", "°C", -20, 200, sensor=Sensor(0.1, 0.1)),
        Signal(
            "contact_temperature",
            "Temperature of the breaker's contacts",
            "°C",
            -20,
            200,
            sensor=Sensor(0.1, 0.1),
        ),
        Signal("partial_discharge", "Partial discharge (pC)", "", 0, 5000, sensor=Sensor(3.0, 1.0)),
        Signal("operations", "Operations of the breaker", "", 0, 4e9, "UInt32"),
        Signal("thd_current", "Harmonic distortion of the current", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
    ),
    create=_Fleet,
    flows=(*ELECTRIC, "mv_kv", "closed"),
    inputs=(
        Input("load_kw", "electricity", "downstream", "active_kw", usual=3500.0),
        Input("load_kvar", "electricity", "downstream", "reactive_kvar", usual=1300.0),
        Input("mv_kv", "electricity", "upstream", "mv_kv", "max", default=22.5, lagged=True),
    ),
    modes=(
        FailureMode(
            "feeder_trip",
            "SPO",
            "4.1 Short circuiting",
            NEVER,
            "Máy cắt lộ ra nhảy",
            "The feeder trips",
            ("breaker_closed", "active_power", "current"),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "cable_insulation",
            "ELF",
            "2.0 Material failure",
            ExponentialGrowth(90_000.0, 0.4, growth=6.0),
            "Cách điện cáp suy giảm",
            "Failing insulation of the cable",
            ("partial_discharge", "earth_current", "breaker_closed"),
            stops=False,
            repair_h=24.0,
        ),
        FailureMode(
            "contact_wear",
            "OHE",
            "2.4 Wear",
            GammaWear(70_000.0),
            "Mòn tiếp điểm máy cắt",
            "Worn contacts of the breaker",
            ("contact_temperature",),
            stops=False,
            repair_h=8.0,
        ),
    ),
    setpoints=(Setpoint("breaker_closed", "", 0, 1, 1.0, "Circuit breaker: 1 closes, 0 opens"),),
    operated=False,
    companion="",
)
"""See the module."""
