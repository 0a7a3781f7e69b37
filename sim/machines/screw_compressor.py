"""An oil-flooded screw compressor at fixed speed: it loads and unloads by the pressure of the receiver it
fills.

Shaft power is that of adiabatic compression over an efficiency, against the receiver's pressure plus what
the oil separator costs; unloaded it idles, and after a while the motor stops.
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
    pressure_gauge,
    set_value,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Setpoint, Signal, Site, Tick
from sim.physics.bearing import BAND_GAIN, SKF_6205, defect_amplitude
from sim.physics.columns import column
from sim.physics.compressed_air import adiabatic_kw
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.physics.weather import weather
from sim.rated_machine import Quantity, QuantityBank

ADIABATIC_EFFICIENCY = 0.74
"""Of an air end with its drive; packages of this size take 6.0 to 6.6 kW per m³/min at 7 bar (CAGI data
sheets)."""
IDLE_SHARE = 0.27
"""Shaft power unloaded over that loaded at 7 bar."""
COMPENSATION = 0.4
"""Reactive power of the capacitor bolted to the motor over its rating [kvar/kW]."""
STOP_AFTER_S = 600.0
"""How long it idles before the motor stops [s]."""


class ScrewCompressorParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One compressor.

    Args:
        motor_kw: rating of its motor [kW].
        delivery_nm3_h: what it delivers loaded [Nm³/h].
        load_setpoint, unload_setpoint: receiver pressure at which it loads and unloads [bar gauge].
    """

    motor_kw: float = 75.0
    delivery_nm3_h: float = 690.0
    load_setpoint: float = 6.6
    unload_setpoint: float = 7.4

    def __post_init__(self) -> None:
        if not 0 < self.load_setpoint < self.unload_setpoint <= 9.5:
            raise ValueError(
                f"load_setpoint {self.load_setpoint}, unload_setpoint {self.unload_setpoint}: "
                "rising, at most 9.5 bar"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("vibration", "Air end vibration", 50),
        0.05,
        2.4,
        2,
        0.12,
        0.08,
        {"air_end_bearing": 7.0},
    ),
    Quantity(
        gauge("separator_dp", "Pressure drop of the oil separator", "bar", 0, 3),
        0,
        0.22,
        5,
        0.01,
        0.05,
        {"separator_clogging": 0.95},
    ),
    Quantity(
        gauge("intake_filter_dp", "Pressure drop of the intake filter", "mbar", 0, 200),
        0,
        24,
        5,
        1.0,
        0.08,
        {"intake_clogging": 48},
    ),
    Quantity(
        thermometer("bearing_temperature", "Air end bearing temperature", 0, 160),
        38,
        74,
        900,
        0.6,
        0.02,
        {"air_end_bearing": 26},
    ),
)

_MODES = (
    FailureMode(
        "air_end_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(22_000.0, 0.3, 5.0),
        "Hỏng ổ bi đầu nén",
        "Air end bearing damage",
        ("vibration", "vibration_bpfo", "bearing_temperature", "motor_current"),
        repair_h=36.0,
    ),
    FailureMode(
        "separator_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(5200.0, 0.25),
        "Tắc lọc tách dầu",
        "Clogged oil separator",
        ("separator_dp", "motor_current", "active_power"),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "cooler_fouling",
        "OHE",
        "5.2 Contamination",
        Fouling(3600.0, 0.3),
        "Bám bẩn két làm mát dầu",
        "Fouled oil cooler",
        ("air_end_temperature", "outlet_temperature"),
        repair_h=4.0,
    ),
    FailureMode(
        "intake_clogging",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(2400.0, 0.3),
        "Tắc lọc gió vào",
        "Clogged intake filter",
        ("intake_filter_dp", "delivery"),
        stops=False,
        repair_h=1.0,
    ),
    FailureMode(
        "inlet_valve_sticking",
        "ERO",
        "1.6 Sticking",
        WeibullSudden(18_000.0, 1.5, 96.0),
        "Kẹt van hút",
        "Sticking inlet valve",
        ("delivery", "load", "active_power"),
        stops=False,
        repair_h=4.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class ScrewCompressorFleet:
    """All compressors."""

    def __init__(self, parameters: Sequence[ScrewCompressorParameters], site: Site) -> None:
        n = len(parameters)
        self._offset_h = site.utc_offset_h
        self._motor_kw = column(parameters, "motor_kw")
        self._delivery = column(parameters, "delivery_nm3_h")
        self._loaded = np.ones(n, np.bool_)
        self._idle_s = np.zeros(n)
        self._load_lag = Lag(2.0)
        self._heat = Lag(np.array([[420.0], [200.0]]))
        self._hours = np.zeros((2, n))
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, site.rng())

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, dt_s = tick.severity, tick.dt_s
        bar = tick.inputs["receiver_bar"]
        low, high = tick.setpoints["load_setpoint"], tick.setpoints["unload_setpoint"]
        self._loaded = ((bar < low) | (self._loaded & (bar < high))) & tick.running
        self._idle_s = np.where(self._loaded | ~tick.running, 0.0, self._idle_s + dt_s)
        turning = (tick.running & (self._idle_s < STOP_AFTER_S)).astype(np.float64)
        loaded = self._loaded.astype(np.float64)
        stuck = 0.45 * severity["inlet_valve_sticking"]
        load = self._load_lag.step(loaded * (1.0 - stuck) + (turning - loaded) * 0.2 * stuck, dt_s)
        outdoors_c = weather(tick.now_ns, self._offset_h).air_c
        hall_c = outdoors_c + 6.0
        thin = (
            1.0 - 0.12 * severity["intake_clogging"]
        )  # a throttled intake delivers less for nearly the same power
        delivery = self._delivery * load * thin * (293.15 / (hall_c + 273.15))

        out = self._bank.step(tick, turning)
        against = np.maximum(bar, 0.5) + out["separator_dp"]
        full_kw = adiabatic_kw(self._delivery, against, 20.0) / ADIABATIC_EFFICIENCY
        shaft_kw = (
            full_kw * (load + (turning - load) * IDLE_SHARE) * (1.0 + 0.1 * severity["air_end_bearing"])
        )
        share = np.minimum(shaft_kw / self._motor_kw, 1.5)
        active = np.where(turning > 0, IE3.active(share) * self._motor_kw, 0.0) + 0.3 * tick.powered
        # a capacitor at the motor makes up for most of its magnetisation
        reactive = np.where(turning > 0, (IE3.reactive(share) - COMPENSATION) * self._motor_kw, 0.0)
        air_end_c = hall_c + turning * (28.0 + 18.0 * load + 30.0 * severity["cooler_fouling"])
        air_end_c, outlet_c = self._heat.step(
            np.array([air_end_c, hall_c + 8.0 * load + 14.0 * load * severity["cooler_fouling"]]), dt_s
        )
        self._hours = self._hours + np.array([turning, loaded]) * (dt_s / 3600.0)
        spall = defect_amplitude(severity["air_end_bearing"], 6.0)
        out |= {
            "active_power": active,
            "discharge_pressure": bar + 0.06 * load,
            "delivery": delivery,
            "loaded": loaded,
            "load": 100.0 * load,
            "air_end_temperature": air_end_c,
            "outlet_temperature": outlet_c,
            "room_temperature": hall_c + np.zeros_like(bar),
            "motor_current": line_current_a(active, reactive),
            "motor_speed": np.where(turning > 0, 1500.0 * IE3.speed(share), 0.0),
            "vibration_bpfo": turning * (0.06 + BAND_GAIN * spall),
            "bpfo_frequency": SKF_6205.bpfo * 50.0 * turning * IE3.speed(share),
            "load_setpoint": low,
            "unload_setpoint": high,
            "running_hours": self._hours[0],
            "loaded_hours": self._hours[1],
            "active_kw": active,
            "reactive_kvar": reactive,
            "air_supply_nm3_h": delivery,
        }
        return out


KIND = MachineKind(
    "screw_compressor",
    ScrewCompressorParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 400, sensor=Sensor(0.05, 0.1)),
        pressure_gauge("discharge_pressure", "Discharge pressure, gauge", "bar", 0, 16),
        flow_meter("delivery", "Air delivered", "Nm³/h", 3000),
        Signal("loaded", "Loaded", data_type="Boolean"),
        gauge("load", "Load", "%", 0, 100, 0.0),
        thermometer("air_end_temperature", "Air end outlet temperature", 0, 160),
        thermometer("outlet_temperature", "Air temperature behind the aftercooler", 0, 120),
        thermometer("room_temperature", "Room temperature", -10, 60),
        ammeter("motor_current", "Motor current", 600),
        gauge("motor_speed", "Motor speed", "rpm", 0, 4000, 0.0001),
        gauge("vibration_bpfo", "Air end, envelope at outer ring frequency", "m/s²", 0, 100, 0.00005),
        gauge("bpfo_frequency", "Outer ring frequency", "Hz", 0, 1000, 0.0),
        set_value("load_setpoint", "Pressure to load at", "bar", 0, 16),
        set_value("unload_setpoint", "Pressure to unload at", "bar", 0, 16),
        Signal("running_hours", "Running hours", "h", 0, 1e6, sensor=Sensor(0, 0.1)),
        Signal("loaded_hours", "Loaded hours", "h", 0, 1e6, sensor=Sensor(0, 0.1)),
        *(row.signal for row in _QUANTITIES),
    ),
    create=ScrewCompressorFleet,
    flows=(*ELECTRIC, "air_supply_nm3_h"),
    inputs=(Input("receiver_bar", "air", "downstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    setpoints=(
        Setpoint("load_setpoint", "bar", 3, 9, 6.6, "Receiver pressure at which it loads"),
        Setpoint("unload_setpoint", "bar", 3.5, 9.5, 7.4, "Receiver pressure at which it unloads"),
    ),
    every_s=2.0,
)
"""See the module."""
