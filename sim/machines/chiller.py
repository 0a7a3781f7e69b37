"""A water-cooled screw chiller with R134a: a share of the Carnot cycle between its two water circuits.

What it takes is cooling over COP; the temperatures of evaporation and condensation follow from the water on
either side and the approach of each heat exchanger, pressures from saturation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import (
    ammeter,
    flow_meter,
    gauge,
    percent,
    pressure_gauge,
    set_value,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.induction_motor import line_current_a
from sim.physics.lag import Lag
from sim.physics.r134a import saturation_bar
from sim.rated_machine import Quantity, QuantityBank

CARNOT_SHARE = 0.62
"""COP over that of Carnot at full load; good screw chillers: 0.6 to 0.65."""
WATER_KWH_M3_K = 1.163
"""Heat that a cubic metre of water takes per kelvin [kWh/(m³ K)]."""
_TAN_PHI = 0.48


class ChillerParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One chiller.

    Args:
        rated_kw: cooling capacity [kW].
        evaporator_k, condenser_k: approach of the clean heat exchangers at full load [K].
    """

    rated_kw: float = 420.0
    evaporator_k: float = 2.2
    condenser_k: float = 2.4

    def __post_init__(self) -> None:
        if min(self.rated_kw, self.evaporator_k, self.condenser_k) <= 0:
            raise ValueError(
                f"rated_kw {self.rated_kw}, evaporator_k {self.evaporator_k}, "
                f"condenser_k {self.condenser_k}: all above 0"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("vibration", "Compressor vibration", 30),
        0.05,
        2.1,
        3,
        0.1,
        0.08,
        {"compressor_bearing": 6.8},
    ),
    Quantity(
        thermometer("oil_temperature", "Oil temperature", 0, 120),
        38,
        52,
        900,
        0.6,
        0.02,
        {"compressor_bearing": 14},
    ),
    Quantity(
        pressure_gauge("oil_pressure", "Oil differential pressure", "bar", 0, 10),
        0,
        2.6,
        3,
        0.04,
        0.03,
        {"compressor_bearing": -0.9},
    ),
    Quantity(
        gauge("superheat", "Superheat at the suction", "K", 0, 40),
        5.5,
        5.5,
        60,
        0.25,
        0.03,
        {"refrigerant_leak": 9},
    ),
    Quantity(
        gauge("subcooling", "Subcooling of the liquid", "K", 0, 30),
        1,
        5.0,
        120,
        0.2,
        0.03,
        {"refrigerant_leak": -4.2},
    ),
    Quantity(
        percent("refrigerant_level", "Refrigerant level in the evaporator"),
        52,
        50,
        120,
        0.4,
        0.02,
        {"refrigerant_leak": -30},
        "always",
    ),
)

_MODES = (
    FailureMode(
        "condenser_fouling",
        "IHT",
        "5.2 Contamination",
        Fouling(4200.0, 0.3),
        "Cáu cặn bình ngưng",
        "Scaled condenser tubes",
        ("condenser_approach", "condensing_pressure", "condensing_temperature", "cop"),
        stops=False,
        repair_h=8.0,
    ),
    FailureMode(
        "refrigerant_leak",
        "ELU",
        "1.1 Leakage",
        GammaWear(12_000.0, 0.3),
        "Rò rỉ môi chất lạnh",
        "Loss of refrigerant",
        ("evaporating_pressure", "superheat", "subcooling", "refrigerant_level", "leaving_temperature"),
        stops=False,
        repair_h=10.0,
    ),
    FailureMode(
        "compressor_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(24_000.0, 0.3, 5.0),
        "Hỏng ổ bi máy nén lạnh",
        "Compressor bearing damage",
        ("vibration", "oil_temperature", "oil_pressure", "current"),
        repair_h=48.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class ChillerFleet:
    """All chillers."""

    def __init__(self, parameters: Sequence[ChillerParameters], site: Site) -> None:
        n = len(parameters)
        self._rated, self._evaporator_k, self._condenser_k = (
            column(parameters, name) for name in ("rated_kw", "evaporator_k", "condenser_k")
        )
        self._flow = self._rated / (WATER_KWH_M3_K * 5.0)
        self._condenser_flow = self._rated * 1.25 / (WATER_KWH_M3_K * 5.0)
        self._water = Lag(np.array([[90.0], [90.0], [25.0], [25.0]]))
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())
        self._hours = np.zeros(n)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        leak, scale = severity["refrigerant_leak"], severity["condenser_fouling"]
        work = tick.work * tick.powered
        asked = tick.inputs["cooling_kw"]
        most = self._rated * 1.05 * (1.0 - 0.35 * leak) * work
        cooling = np.minimum(asked, most)
        load = cooling / self._rated
        setpoint = tick.setpoints["leaving_setpoint"]
        # what is not taken out stays in the water: it warms up until the coils take less
        short_k = np.minimum((asked - cooling) / (self._flow * WATER_KWH_M3_K) * 2.0, 18.0)
        leaving_c = setpoint + short_k
        entering_c = leaving_c + cooling / (self._flow * WATER_KWH_M3_K)
        evaporating_c = leaving_c - self._evaporator_k * load * (1.0 + 1.4 * leak) - 5.0 * leak * (work > 0)
        cooling_water_c = tick.inputs["condenser_c"]
        # one round of the fixed point suffices: heat is cooling and a fifth more
        rise_k = cooling * 1.2 / (self._condenser_flow * WATER_KWH_M3_K)
        approach = self._condenser_k * load * (1.0 + 3.2 * scale)
        condensing_c = cooling_water_c + rise_k + approach
        lift = np.maximum(condensing_c - evaporating_c, 8.0)
        part = 1.0 - 0.25 * np.square(1.0 - load)
        cop = CARNOT_SHARE * part * (evaporating_c + 273.15) / lift
        drawn = (
            cooling / cop * (1.0 + 0.12 * severity["compressor_bearing"]) + 1.2 * work + 0.4 * tick.powered
        )
        heat = cooling + drawn
        leaving_c, entering_c, evaporating_c, condensing_c = self._water.step(
            np.array([leaving_c, entering_c, evaporating_c, condensing_c]), tick.dt_s
        )
        self._hours = self._hours + work * (tick.dt_s / 3600.0)
        reactive = drawn * _TAN_PHI
        out = self._bank.step(tick, work)
        out |= {
            "active_power": drawn,
            "leaving_temperature": leaving_c,
            "entering_temperature": entering_c,
            "leaving_setpoint": setpoint,
            "chilled_water_flow": self._flow * work,
            "cooling_power": cooling,
            "load": 100.0 * load,
            "cop": np.where(cooling > 1.0, cooling / np.maximum(drawn, 0.1), 0.0),
            "current": line_current_a(drawn, reactive),
            "evaporating_temperature": evaporating_c,
            "condensing_temperature": condensing_c,
            "evaporating_pressure": saturation_bar(evaporating_c) - 1.013,
            "condensing_pressure": saturation_bar(condensing_c) - 1.013,
            "discharge_temperature": condensing_c + 18.0 + 0.6 * out["superheat"],
            "condenser_approach": approach,
            "cooling_water_temperature": cooling_water_c,
            "running_hours": self._hours,
            "active_kw": drawn,
            "reactive_kvar": reactive,
            "heat_kw": heat * work,
            "chilled_c": leaving_c,
        }
        return out


KIND = MachineKind(
    "chiller",
    ChillerParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 400, sensor=Sensor(0.1, 0.1)),
        thermometer("leaving_temperature", "Chilled water, leaving", -10, 60),
        thermometer("entering_temperature", "Chilled water, entering", -10, 60),
        set_value("leaving_setpoint", "Chilled water set point", "°C", -10, 60),
        flow_meter("chilled_water_flow", "Chilled water flow", "m³/h", 200),
        gauge("cooling_power", "Cooling power", "kW", 0, 1000),
        percent("load", "Load", 120),
        gauge("cop", "Coefficient of performance", "", 0, 15, 0.001),
        ammeter("current", "Compressor current", 800),
        thermometer("evaporating_temperature", "Evaporating temperature", -40, 60),
        thermometer("condensing_temperature", "Condensing temperature", -10, 90),
        pressure_gauge("evaporating_pressure", "Evaporating pressure, gauge", "bar", -1, 15),
        pressure_gauge("condensing_pressure", "Condensing pressure, gauge", "bar", -1, 25),
        thermometer("discharge_temperature", "Discharge gas temperature", -10, 150),
        gauge("condenser_approach", "Approach of the condenser", "K", 0, 30, 0.001),
        thermometer("cooling_water_temperature", "Cooling water, entering", -10, 60),
        Signal("running_hours", "Running hours", "h", 0, 1e6, sensor=Sensor(0, 0.1)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ChillerFleet,
    flows=(*ELECTRIC, "heat_kw", "chilled_c"),
    inputs=(
        Input("cooling_kw", "water", "downstream", "cooling_kw", usual=290.0),
        Input("condenser_c", "water", "upstream", "condenser_c", "mean", default=30.0, lagged=True),
    ),
    modes=_MODES,
    setpoints=(Setpoint("leaving_setpoint", "°C", 5, 15, 7, "Chilled water temperature"),),
    every_s=5.0,
)
"""See the module."""
