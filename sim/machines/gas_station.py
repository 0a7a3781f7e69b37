"""The natural gas station of the park: filters, reduces, meters and odorises what the tenants burn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.never import NEVER
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import clip, column
from sim.physics.lag import Lag
from sim.physics.wander import Wander
from sim.physics.weather import weather

JOULE_THOMSON_K_BAR = 0.45
"""Cooling of natural gas as it is reduced [K/bar] (GPSA data book: 0.4 to 0.5)."""
CALORIFIC_MJ_NM3 = 38.6
"""Gross calorific value; not measured here, a contract value."""


class GasStationParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One station.

    Args:
        inlet_bar: of the grid that feeds it, gauge [bar].
        rated_nm3_h: at which the regulator droops by 6 % [Nm³/h].
        base_nm3_h: what tenants burn that is not simulated machine by machine [Nm³/h].
        pressure_setpoint: of the regulator, gauge [bar].
        leak_nm3_h: what a leak loses at severity 1 [Nm³/h].
    """

    inlet_bar: float = 9.0
    rated_nm3_h: float = 3000.0
    base_nm3_h: float = 120.0
    pressure_setpoint: float = 2.0
    leak_nm3_h: float = 150.0

    def __post_init__(self) -> None:
        if self.inlet_bar <= self.pressure_setpoint or self.rated_nm3_h <= 0:
            raise ValueError(
                f"inlet_bar {self.inlet_bar}, rated_nm3_h {self.rated_nm3_h}: "
                f"above the set point {self.pressure_setpoint} bar, above 0"
            )


class _Fleet:
    def __init__(self, parameters: Sequence[GasStationParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._inlet_bar = column(parameters, "inlet_bar")
        self._rated = column(parameters, "rated_nm3_h")
        self._base = column(parameters, "base_nm3_h")
        self._leak = column(parameters, "leak_nm3_h")
        self._slow = Wander((0.12, 0.05, 0.3), (1800.0, 300.0, 20.0), n)
        self._outlet = Lag(6.0)
        self._total_nm3 = np.zeros(n)
        self._odorant = np.full(n, 78.0)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        supply, usage, hunting = self._slow.step(tick.rng, tick.dt_s)
        shut = tick.severity["slam_shut"] >= 0.5
        used = tick.inputs["gas_demand_nm3_h"] + self._base * (1.0 + usage)
        leak = self._leak * clip(tick.severity["leak"], 0.0, 1.5)
        flow = np.where(shut, 0.0, used + leak)
        load = flow / self._rated
        inlet = self._inlet_bar * (1.0 + 0.3 * supply)
        clogged = tick.severity["filter_clogged"]
        filter_bar = (0.03 + 0.45 * clogged) * np.square(load + 0.15)
        worn = tick.severity["regulator_wear"]
        target = tick.setpoints["pressure_setpoint"] * (1.0 - 0.06 * load)
        creep = (
            0.18 * worn * np.exp(-8.0 * load)
        )  # a worn seat leaks: the pressure creeps up when little flows
        outlet = self._outlet.step(np.where(shut, 0.0, target + creep), tick.dt_s)
        outlet = outlet * (1.0 + 0.02 * worn * hunting)
        air_c = weather(tick.now_ns, self._offset_h).air_c
        self._total_nm3 += flow * tick.dt_s / 3600.0
        self._odorant -= flow * tick.dt_s / 3600.0 * 2.5e-5
        self._odorant = np.where(self._odorant < 15.0, 95.0, self._odorant)
        kw = 1.2 * tick.powered
        return {
            "flow": flow,
            "inlet_pressure": inlet,
            "outlet_pressure": outlet,
            "filter_loss": 1000.0 * filter_bar,
            "gas_temperature": 0.4 * air_c
            + 16.0
            - JOULE_THOMSON_K_BAR * (inlet - outlet) * np.minimum(load * 3, 1),
            "load": 100.0 * load,
            "energy_flow": flow * CALORIFIC_MJ_NM3 / 3.6,
            "total": self._total_nm3.copy(),
            "odorant_level": self._odorant.copy(),
            "gas_detector": 1.0 + 0.6 * np.maximum(hunting, 0.0) + 0.35 * leak,
            "pressure_setpoint": tick.setpoints["pressure_setpoint"].copy(),
            "slam_shut": shut.astype(np.float64),
            "active_power": kw,
            "active_kw": kw,
            "reactive_kvar": 0.4 * kw,
            "gas_bar": outlet,
            "leak_nm3_h": leak,
        }


KIND = MachineKind(
    name="gas_station",
    parameters=GasStationParameters,
    signals=(
        Signal("flow", "Flow", "Nm³/h", 0, 10000, sensor=Sensor(0.8, 0.1)),
        Signal("inlet_pressure", "Inlet pressure", "bar", 0, 25, sensor=Sensor(0.005, 0.001)),
        Signal("outlet_pressure", "Outlet pressure", "bar", 0, 10, sensor=Sensor(0.002, 0.001)),
        Signal("filter_loss", "Pressure lost in the filter", "mbar", 0, 2000, sensor=Sensor(0.3, 0.1)),
        Signal("gas_temperature", "Gas temperature", "°C", -40, 80, sensor=Sensor(0.1, 0.1)),
        Signal("load", "Load", "%", 0, 300, sensor=Sensor(0.05, 0.1)),
        Signal("energy_flow", "Gross energy", "kW", 0, 200000, sensor=Sensor(5.0, 1.0)),
        Signal("total", "Gas supplied (Nm³)", "", 0, 1e9, sensor=Sensor(0.0, 0.1)),
        Signal("odorant_level", "Odorant", "%", 0, 100, sensor=Sensor(0.05, 0.1)),
        Signal(
            "gas_detector",
            "Gas in the air of the station, share of the lower explosive limit",
            "%",
            0,
            100,
            sensor=Sensor(0.1, 0.1),
        ),
        Signal("pressure_setpoint", "Pressure to be kept", "bar", 0, 5),
        Signal("slam_shut", "Slam-shut valve closed", "", 0, 1, "Boolean"),
        Signal("active_power", "Active power", "kW", 0, 20, sensor=Sensor(0.003, 0.001)),
    ),
    create=_Fleet,
    every_s=5.0,
    flows=(*ELECTRIC, "gas_bar", "leak_nm3_h"),
    inputs=(Input("gas_demand_nm3_h", "gas", "downstream", "gas_nm3_h", usual=800.0),),
    modes=(
        FailureMode(
            "filter_clogged",
            "PLU",
            "5.2 Contamination",
            Fouling(14_000.0),
            "Lọc khí bị tắc",
            "Clogged filter",
            ("filter_loss",),
            stops=False,
            repair_h=4.0,
        ),
        FailureMode(
            "regulator_wear",
            "INL",
            "2.4 Wear",
            GammaWear(25_000.0),
            "Van giảm áp mòn, rò trong",
            "Worn seat of the regulator",
            ("outlet_pressure",),
            stops=False,
            repair_h=6.0,
        ),
        FailureMode(
            "leak",
            "ELP",
            "1.1 Leakage",
            NEVER,
            "Rò rỉ khí đốt",
            "Gas leak",
            ("gas_detector", "flow"),
            stops=False,
            repair_h=4.0,
        ),
        FailureMode(
            "slam_shut",
            "SPO",
            "3.3 Faulty signal/indication/alarm",
            NEVER,
            "Van ngắt khẩn cấp đóng",
            "The slam-shut valve closes",
            ("slam_shut", "outlet_pressure", "flow"),
            stops=False,
            repair_h=2.0,
        ),
    ),
    setpoints=(Setpoint("pressure_setpoint", "bar", 0.5, 4, 2.0, "Pressure of the regulator"),),
    operated=False,
    companion="",
)
"""See the module."""
