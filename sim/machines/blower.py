"""A blower of the aeration basins: speed-controlled, gives its share of the air the basins ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.machines.pump_set import BEARING_WEAR, MOTOR_SIGNALS, NS_PER_DAY, MotorInstruments, Rota
from sim.physics.columns import clip, column, stations
from sim.physics.weather import weather

NORMAL_KPA, NORMAL_K = 101.325, 273.15
KAPPA = 0.283
"""(k - 1) / k of air."""


class BlowerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One blower.

    Args:
        rated_nm3_h: air at full speed [Nm³/h].
        depth_kpa: pressure of the water over the diffusers [kPa].
        pipe_kpa: pressure lost in pipes and new diffusers at the rated flow [kPa].
        efficiency: isentropic, with gears and belts.
        motor_kw: rating of the motor [kW].
    """

    rated_nm3_h: float = 800.0
    depth_kpa: float = 48.0
    pipe_kpa: float = 6.0
    efficiency: float = 0.68
    motor_kw: float = 30.0

    def __post_init__(self) -> None:
        if self.rated_nm3_h <= 0 or not 0 < self.efficiency <= 1 or self.motor_kw <= 0:
            raise ValueError(
                f"rated_nm3_h {self.rated_nm3_h}, efficiency {self.efficiency}, motor_kw {self.motor_kw}: "
                "above 0, and an efficiency of at most 1"
            )


def isentropic_kw(air_nm3_h: F64, inlet_k: float, inlet_kpa: F64, outlet_kpa: F64) -> F64:
    """Power to compress air without losses [kW]: ``m cp T1 ((p2/p1)^k - 1)``.

    1,000 Nm³/h from 101.325 to 151.325 kPa at 20 °C:

    >>> isentropic_kw(np.array([1000.0]), 293.15, np.array([101.325]), np.array([151.325])).round(1).tolist()
    [12.7]
    """
    mass_kg_s = air_nm3_h * 1.2929 / 3600.0
    power: F64 = mass_kg_s * 1.006 * inlet_k * (np.power(outlet_kpa / inlet_kpa, KAPPA) - 1.0)
    return power


class _Fleet:
    def __init__(self, parameters: Sequence[BlowerParameters], site: Site) -> None:
        self._offset_h = site.utc_offset_h
        self._rated = column(parameters, "rated_nm3_h")
        self._depth_kpa = column(parameters, "depth_kpa")
        self._pipe_kpa = column(parameters, "pipe_kpa")
        self._efficiency = column(parameters, "efficiency")
        self._together = stations(site.equipment)
        self._rota = Rota(self._together)
        self._motor = MotorInstruments(column(parameters, "motor_kw"), 3000.0, site.rng(), converter=True)
        self._wanted = np.ones(len(parameters))
        self._total_nm3 = np.zeros(len(parameters))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        demand = tick.inputs["aeration_nm3_h"]
        slip = 1.0 - 0.25 * tick.severity["lobe_wear"]
        full = self._rated * slip
        asked = demand / full
        wrong = (asked > self._wanted * 0.98) | (asked < (self._wanted - 1.0) * 0.85)
        self._wanted = np.maximum(np.where(wrong, np.ceil(asked / 0.98), self._wanted), 1.0)
        on = self._rota.on_duty(tick.running, self._wanted, tick.now_ns // NS_PER_DAY)
        turning = on.astype(np.float64)
        working = np.maximum(self._together @ turning, 1.0)
        air = turning * np.minimum(demand / working, full)
        speed = turning * clip(air / full, 0.25, 1.0)
        load = air / self._rated
        now = weather(tick.now_ns, self._offset_h)
        inlet_k = now.air_c + 4.0 + NORMAL_K
        clogged = tick.severity["filter_clogged"]
        filter_kpa = turning * (0.4 + 4.5 * clogged) * np.square(load)
        inlet_kpa = np.full_like(air, now.pressure_hpa / 10.0) - filter_kpa
        outlet_kpa = now.pressure_hpa / 10.0 + turning * (self._depth_kpa + self._pipe_kpa * np.square(load))
        ideal_kw = isentropic_kw(air, inlet_k, inlet_kpa, outlet_kpa)
        efficiency = self._efficiency * slip
        shaft_kw = ideal_kw / efficiency + turning * 0.8
        ratio = np.power(outlet_kpa / inlet_kpa, KAPPA) - 1.0
        outlet_c = inlet_k - NORMAL_K + turning * inlet_k * ratio / efficiency
        taken, motor = self._motor.step(tick, on, shaft_kw, speed, now.air_c + 6.0)
        self._total_nm3 += air * tick.dt_s / 3600.0
        return {
            **motor,
            "on_duty": turning,
            "flow": air,
            "pressure": (outlet_kpa - now.pressure_hpa / 10.0) / 100.0,
            "outlet_temperature": outlet_c,
            "filter_loss": 10.0 * filter_kpa,
            "specific_energy": np.divide(1000.0 * taken.kw, air, out=np.zeros_like(air), where=air > 1.0),
            "total": self._total_nm3.copy(),
            "blown_nm3_h": air,
        }


KIND = MachineKind(
    name="blower",
    parameters=BlowerParameters,
    signals=(
        Signal("on_duty", "On duty", "", 0, 1, "Boolean"),
        Signal("flow", "Air", "Nm³/h", 0, 10000, sensor=Sensor(3.0, 1.0)),
        Signal("pressure", "Discharge pressure", "bar", 0, 2, sensor=Sensor(0.001, 0.001)),
        Signal("outlet_temperature", "Discharge temperature", "°C", -20, 250, sensor=Sensor(0.2, 0.1)),
        Signal("filter_loss", "Pressure lost in the inlet filter", "mbar", 0, 200, sensor=Sensor(0.05, 0.1)),
        Signal("specific_energy", "Energy for air (Wh/Nm³)", "", 0, 200, sensor=Sensor(0.05, 0.1)),
        Signal("total", "Air blown (Nm³)", "", 0, 1e12, sensor=Sensor(0.0, 1.0)),
        *MOTOR_SIGNALS,
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, "blown_nm3_h"),
    inputs=(
        Input(
            "aeration_nm3_h", "air", "downstream", "aeration_nm3_h", default=0.0, lagged=True, usual=2100.0
        ),
    ),
    modes=(
        BEARING_WEAR,
        FailureMode(
            "filter_clogged",
            "PLU",
            "5.2 Contamination",
            Fouling(3500.0),
            "Lọc khí vào bị tắc",
            "Clogged inlet filter",
            ("filter_loss", "outlet_temperature", "specific_energy"),
            stops=False,
            repair_h=1.0,
        ),
        FailureMode(
            "lobe_wear",
            "LOO",
            "2.4 Wear",
            ExponentialGrowth(38_000.0, 0.3, growth=3.0),
            "Mòn cánh rô-to",
            "Worn lobes",
            ("specific_energy", "outlet_temperature", "speed"),
            repair_h=24.0,
        ),
    ),
)
"""See the module."""
