"""An air handling unit: mixed air over filters, a chilled-water coil, an electric reheater and a
speed-controlled fan.

Air is mixed, dried on the coil down to its dew point and warmed up to the supply set point; the coil's duty
is what the enthalpies ask for, at most what its surface and the chilled water can give. The fan holds the
air flow: dirty filters cost it speed and power, until it can give no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.weibull_sudden import WeibullSudden
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
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.physics.moist_air import enthalpy_kj_kg, humidity_ratio, relative_humidity
from sim.physics.weather import weather
from sim.rated_machine import Quantity, QuantityBank

AIR_KG_M3 = 1.2
COIL_OFF_C = 12.5
"""Air behind the coil while it keeps up [°C]; nearly saturated."""
_SYSTEM_PA, _PREFILTER_PA, _HEPA_PA = 430.0, 65.0, 145.0
"""Ducts and coil, pre-filter, HEPA filter; all clean and at nominal flow [Pa]."""
_FAN_EFFICIENCY = 0.62
_CLEAN_SPEED = 0.8
"""Speed with clean filters, as a share of the highest."""


class AirHandlingUnitParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit.

    Args:
        supply_m3_h: nominal air flow [m³/h].
        outdoor_share: share of fresh air, 0 to 1.
        fan_kw: rating of the fan motor [kW].
        coil_kw: what a clean coil takes from air at 27 °C with water at 7 °C [kW].
    """

    supply_m3_h: float = 14_000.0
    outdoor_share: float = 0.25
    fan_kw: float = 7.5
    coil_kw: float = 150.0

    def __post_init__(self) -> None:
        if not (
            self.supply_m3_h > 0 and 0 <= self.outdoor_share <= 1 and self.fan_kw > 0 and self.coil_kw > 0
        ):
            raise ValueError(
                f"supply_m3_h {self.supply_m3_h}, outdoor_share {self.outdoor_share}, fan_kw {self.fan_kw}, "
                f"coil_kw {self.coil_kw}: all above 0, the share at most 1"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("fan_vibration", "Fan vibration", 30), 0.05, 1.5, 5, 0.08, 0.08, {"fan_bearing": 6.4}
    ),
    Quantity(
        vibration_sensor("motor_vibration", "Motor vibration", 30),
        0.05,
        1.0,
        5,
        0.05,
        0.08,
        {"fan_bearing": 1.8},
    ),
    Quantity(
        thermometer("bearing_temperature", "Fan bearing temperature", 0, 150),
        27,
        47,
        1500,
        0.6,
        0.03,
        {"fan_bearing": 36},
    ),
)

_MODES = (
    FailureMode(
        "filter_fouling",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(2600.0, 0.3),
        "Nghẹt phin lọc thô",
        "Clogged pre-filter",
        ("prefilter_dp", "fan_speed", "fan_current", "supply_flow"),
        stops=False,
        repair_h=2.0,
    ),
    FailureMode(
        "fan_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(17_000.0, 0.35, 5.0),
        "Hỏng ổ bi quạt",
        "Fan bearing damage",
        ("fan_vibration", "motor_vibration", "bearing_temperature"),
        repair_h=8.0,
    ),
    FailureMode(
        "coil_fouling",
        "IHT",
        "5.2 Contamination",
        Fouling(6500.0, 0.3),
        "Bám bẩn dàn lạnh",
        "Fouled cooling coil",
        ("cooling_valve", "coil_temperature", "supply_humidity"),
        stops=False,
        repair_h=6.0,
    ),
    FailureMode(
        "valve_sticking",
        "ERO",
        "1.6 Sticking",
        WeibullSudden(21_000.0, 1.5, 200.0),
        "Kẹt van nước lạnh",
        "Sticking chilled-water valve",
        ("cooling_valve", "supply_temperature", "coil_temperature"),
        stops=False,
        repair_h=3.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class AirHandlingUnitFleet:
    """All units."""

    def __init__(self, parameters: Sequence[AirHandlingUnitParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._offset_h = site.utc_offset_h
        self._nominal = column(parameters, "supply_m3_h")
        self._outdoor = column(parameters, "outdoor_share")
        self._fan_kw = column(parameters, "fan_kw")
        self._coil_kw = column(parameters, "coil_kw")
        self._dirt = rng.uniform(1.0, 1.12, n)
        self._air = Lag(np.array([[120.0], [60.0], [180.0]]))
        self._flow = Lag(8.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity = tick.severity
        fouled, stuck = severity["coil_fouling"], severity["valve_sticking"]
        work = tick.work * tick.powered

        prefilter = _PREFILTER_PA * self._dirt * (1.0 + 6.0 * severity["filter_fouling"])
        clean_pa = _SYSTEM_PA + _PREFILTER_PA + _HEPA_PA
        asked_pa = _SYSTEM_PA + prefilter + _HEPA_PA
        speed = np.minimum(_CLEAN_SPEED * np.sqrt(asked_pa / clean_pa), 1.0)
        # at full speed the flow gives way along the fan law
        reached = np.minimum(np.sqrt(clean_pa / asked_pa) / _CLEAN_SPEED, 1.0)
        share = self._flow.step(reached * work, tick.dt_s)
        flow = self._nominal * share
        square = share * share
        shaft_kw = flow / 3600.0 * asked_pa * square / (1000.0 * _FAN_EFFICIENCY)
        load = shaft_kw * (1.0 + 0.1 * severity["fan_bearing"]) / self._fan_kw
        fan_kw = np.where(work > 0, IE3.active(load) * self._fan_kw, 0.0)
        fan_kvar = np.where(work > 0, IE3.reactive(load) * self._fan_kw, 0.0)

        outdoors = weather(tick.now_ns, self._offset_h)
        room_c, room_ratio = tick.inputs["room_c"], tick.inputs["room_ratio"]
        outdoor_ratio = float(humidity_ratio(outdoors.air_c, outdoors.humidity))
        mixed_c = room_c + self._outdoor * (outdoors.air_c - room_c)
        mixed_ratio = room_ratio + self._outdoor * (outdoor_ratio - room_ratio)
        air_kg_s = flow * (AIR_KG_M3 / 3600.0)
        off_ratio = np.minimum(mixed_ratio, humidity_ratio(COIL_OFF_C, 95.0))
        needed = air_kg_s * np.maximum(
            enthalpy_kj_kg(mixed_c, mixed_ratio) - enthalpy_kj_kg(COIL_OFF_C, off_ratio), 0.0
        )
        chilled_c = tick.inputs["chilled_c"]
        most = (
            self._coil_kw
            * np.maximum(mixed_c - chilled_c, 0.0)
            / 20.0
            * (1.0 - 0.5 * fouled)
            * (1 - 0.45 * stuck)
        )
        cooling = np.minimum(needed, most)
        missing_k = (needed - cooling) / np.maximum(air_kg_s * 2.6, 0.01)
        setpoint = tick.setpoints["supply_setpoint"]
        off_c = np.where(work > 0, COIL_OFF_C + missing_k + 3.0 * stuck, room_c)
        reheat = air_kg_s * 1.006 * np.maximum(setpoint - off_c, 0.0)
        supply_c = np.where(work > 0, np.maximum(setpoint, off_c), room_c)
        supply_ratio = off_ratio + np.maximum(missing_k, 0.0) * 0.00055
        coil_c, supply_c, ratio = self._air.step(np.array([off_c, supply_c, supply_ratio]), tick.dt_s)

        active = (fan_kw + reheat * tick.powered) + 0.15 * tick.powered
        out = self._bank.step(tick, work)
        out |= {
            "active_power": active,
            "fan_speed": 100.0 * speed * work,
            "fan_current": line_current_a(fan_kw, fan_kvar),
            "supply_flow": flow,
            "supply_pressure": (_SYSTEM_PA + _HEPA_PA) * square,
            "prefilter_dp": prefilter * square,
            "hepa_dp": _HEPA_PA * self._dirt * square,
            "supply_temperature": supply_c,
            "supply_setpoint": setpoint,
            "supply_humidity": np.minimum(relative_humidity(supply_c, ratio), 100.0),
            "return_temperature": room_c,
            "mixed_temperature": mixed_c,
            "coil_temperature": coil_c,
            "chilled_water_temperature": chilled_c,
            "cooling_valve": 100.0 * np.minimum(needed / np.maximum(most, 0.1), 1.0) * (work > 0),
            "cooling_power": cooling,
            "reheat_power": reheat,
            "active_kw": active,
            "reactive_kvar": fan_kvar,
            "cooling_kw": cooling,
            "supply_m3_h": flow,
            "supply_c": supply_c,
            "supply_ratio": ratio,
        }
        return out


KIND = MachineKind(
    "air_handling_unit",
    AirHandlingUnitParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 100, sensor=Sensor(0.02, 0.01)),
        percent("fan_speed", "Fan speed"),
        ammeter("fan_current", "Fan motor current", 60),
        flow_meter("supply_flow", "Supply air flow", "m³/h", 40_000),
        pressure_gauge("supply_pressure", "Static pressure in the supply duct", "Pa", 0, 2000),
        pressure_gauge("prefilter_dp", "Pressure drop of the pre-filter", "Pa", 0, 1000),
        pressure_gauge("hepa_dp", "Pressure drop of the HEPA filter", "Pa", 0, 1000),
        thermometer("supply_temperature", "Supply air temperature", -10, 60),
        set_value("supply_setpoint", "Supply air set point", "°C", -10, 60),
        gauge("supply_humidity", "Supply air humidity", "%RH", 0, 100, 0.002),
        thermometer("return_temperature", "Return air temperature", -10, 60),
        thermometer("mixed_temperature", "Mixed air temperature", -10, 60),
        thermometer("coil_temperature", "Air temperature behind the coil", -10, 60),
        thermometer("chilled_water_temperature", "Chilled water temperature", -10, 60),
        percent("cooling_valve", "Chilled-water valve position"),
        gauge("cooling_power", "Cooling duty", "kW", 0, 500),
        gauge("reheat_power", "Reheater power", "kW", 0, 100),
        *(row.signal for row in _QUANTITIES),
    ),
    create=AirHandlingUnitFleet,
    flows=(*ELECTRIC, "cooling_kw", "supply_m3_h", "supply_c", "supply_ratio"),
    inputs=(
        Input("room_c", "air", "downstream", "room_c", "mean", default=23.0, lagged=True),
        Input("room_ratio", "air", "downstream", "room_ratio", "mean", default=0.0088, lagged=True),
        Input("chilled_c", "water", "upstream", "chilled_c", "mean", default=7.0, lagged=True),
    ),
    modes=_MODES,
    setpoints=(Setpoint("supply_setpoint", "°C", 10, 26, 15, "Supply air temperature"),),
    every_s=5.0,
)
"""See the module."""
