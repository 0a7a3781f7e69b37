"""A machining centre: a piece is loaded, roughed and finished; spindle, axes, tool and coolant show it.

Spindle load is cutting power by Kienzle, which a blunt edge makes dearer; an edge lasts as Taylor says and
is then changed for its sister. The spindle's bearing sounds at its pass frequencies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.weibull_sudden import WeibullSudden
from sim.instruments import counter, gauge, percent, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.bearing import BAND_GAIN, SPINDLE_7014, defect_amplitude, together
from sim.physics.columns import column
from sim.physics.cutting import cutting_force_n, cutting_power_kw, tool_life_min
from sim.physics.lag import Lag
from sim.rated_machine import Electrics, Quantity, QuantityBank

KC11, MC = 2220.0, 0.14
"""Specific cutting force of C45 [N/mm²] and its slope (Sandvik Coromant, Metalcutting Technical Guide)."""
TAYLOR_C, TAYLOR_N = 520.0, 0.25
"""Coated carbide in steel: an edge lasts 70 min at 180 m/min."""
WORN_OUT_UM = 300.0
"""Flank wear at which an edge is changed [µm] (ISO 8688-2, uniform wear)."""

_PHASE_S = (0.0, 12.0, 14.0, 74.0, 78.0, 84.0, 146.0, 150.0, 158.0, 168.0, 170.0, 180.0)
"""Seconds in the cycle of a piece: load, rough, change tool, finish, change tool, drill, unload."""
_WIDTH_MM = (0.0, 0.0, 3.6, 3.6, 0.0, 0.0, 1.0, 0.0, 0.0, 1.6, 0.0, 0.0)
_SPEED = (0.0, 0.0, 0.55, 0.55, 0.0, 0.9, 0.9, 0.0, 0.7, 0.7, 0.0, 0.0)


class CncMachineParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One machine.

    Args:
        spindle_kw: rating of the spindle drive [kW].
        spindle_rpm: highest speed [rpm].
        cutting_m_min: cutting speed [m/min].
        feed_mm: thickness of the chip [mm].
        coolant_l: coolant in its tank [L].
    """

    spindle_kw: float = 15.0
    spindle_rpm: float = 8000.0
    cutting_m_min: float = 180.0
    feed_mm: float = 0.25
    coolant_l: float = 400.0

    def __post_init__(self) -> None:
        if min(self.spindle_kw, self.spindle_rpm, self.cutting_m_min, self.feed_mm, self.coolant_l) <= 0:
            raise ValueError(f"{self}: every parameter must be above 0")


_QUANTITIES = (
    Quantity(
        gauge("axis_x_load", "X axis drive load", "%", 0, 200), 4, 22, 2, 1.5, 0.05, {"ball_screw_wear": 26}
    ),
    Quantity(gauge("axis_y_load", "Y axis drive load", "%", 0, 200), 4, 19, 2, 1.5, 0.05),
    Quantity(gauge("axis_z_load", "Z axis drive load", "%", 0, 200), 12, 27, 2, 1.5, 0.05),
    Quantity(
        thermometer("spindle_temperature", "Spindle bearing temperature", 0, 150),
        27,
        46,
        1200,
        0.6,
        0.03,
        {"spindle_bearing": 24},
    ),
    Quantity(
        pressure_gauge("coolant_pressure", "Coolant pressure", "bar", 0, 50),
        0,
        19,
        2,
        0.2,
        0.02,
        {"coolant_pump_wear": -8.5},
    ),
    Quantity(thermometer("coolant_temperature", "Coolant temperature", 0, 80), 26, 31, 2400, 0.4, 0.02),
    Quantity(
        pressure_gauge("hydraulic_pressure", "Hydraulic clamping pressure", "bar", 0, 160),
        62,
        63,
        5,
        0.3,
        0.01,
        follows="powered",
    ),
    Quantity(
        gauge("position_error", "Positioning error, x", "µm", 0, 200),
        3,
        6,
        60,
        0.4,
        0.05,
        {"ball_screw_wear": 26},
    ),
)

_MODES = (
    FailureMode(
        "spindle_bearing",
        "VIB",
        "2.6 Fatigue",
        ExponentialGrowth(11_000.0, 0.35, 5.0),
        "Tróc rỗ ổ bi trục chính",
        "Spindle bearing spalling",
        ("vibration_bpfo", "vibration_bpfi", "spindle_vibration", "spindle_temperature"),
        repair_h=24.0,
    ),
    FailureMode(
        "ball_screw_wear",
        "PDE",
        "2.4 Wear",
        GammaWear(17_000.0, 0.25),
        "Mòn vít me bi trục X",
        "Worn ball screw of the x axis",
        ("axis_x_load", "position_error", "reject_count"),
        stops=False,
        repair_h=16.0,
    ),
    FailureMode(
        "coolant_pump_wear",
        "LOO",
        "2.4 Wear",
        GammaWear(9000.0, 0.3),
        "Mòn bơm nước làm mát",
        "Worn coolant pump",
        ("coolant_pressure", "tool_wear_rate"),
        stops=False,
        repair_h=3.0,
    ),
    FailureMode(
        "coolant_decay",
        "PDE",
        "5.2 Contamination",
        Fouling(1300.0, 0.3),
        "Suy giảm nồng độ dung dịch tưới nguội",
        "Coolant loses its concentration",
        ("coolant_concentration", "tool_wear_rate"),
        stops=False,
        repair_h=2.0,
    ),
    FailureMode(
        "tool_chipping",
        "BRD",
        "2.5 Breakage",
        WeibullSudden(900.0, 1.2, 3.0),
        "Mẻ lưỡi cắt",
        "Chipped cutting edge",
        ("spindle_load", "spindle_vibration", "reject_count"),
        stops=False,
        repair_h=0.3,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class CncMachineFleet:
    """All machines."""

    def __init__(self, parameters: Sequence[CncMachineParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._kw, self._rpm, self._cutting, self._feed, self._coolant_l = (
            column(parameters, name)
            for name in ("spindle_kw", "spindle_rpm", "cutting_m_min", "feed_mm", "coolant_l")
        )
        self._life_min = tool_life_min(self._cutting, TAYLOR_C, TAYLOR_N) * np.exp(rng.normal(0.0, 0.1, n))
        self._since_s = rng.uniform(0.0, 180.0, n)
        self._cycle_s = np.full(n, 180.0)
        self._edge = rng.uniform(0.0, 0.9, n)
        self._changes = np.zeros(n)
        self._tank = rng.uniform(0.72, 0.95, n)
        self._hum = rng.uniform(0.5, 0.8, n)
        self._drive = Lag(1.5)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.84)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, dt_s, work = tick.severity, tick.dt_s, tick.work
        chipped, screw = severity["tool_chipping"], severity["ball_screw_wear"]
        # the programme is stretched to the time that the piece before took: products differ
        begun = tick.begun > 0
        since_s = self._since_s + dt_s * work
        self._cycle_s = np.where(begun, np.minimum(np.maximum(since_s, 5.0), 1800.0), self._cycle_s)
        self._since_s = np.where(begun, 0.0, since_s)
        phase_s = np.minimum(self._since_s * (180.0 / self._cycle_s), 180.0)
        width = np.interp(phase_s, _PHASE_S, _WIDTH_MM) * work
        turning = np.interp(phase_s, _PHASE_S, _SPEED) * (work > 0)

        decayed = severity["coolant_decay"]
        hot = 1.0 + 0.5 * severity["coolant_pump_wear"] + 0.6 * decayed
        self._edge = self._edge + (width > 0.2) * dt_s / 60.0 / self._life_min * hot
        changed = self._edge >= 1.0
        if changed.any():
            self._changes = self._changes + changed
            self._edge = np.where(changed, 0.0, self._edge)
        force = cutting_force_n(KC11, MC, width, self._feed)
        cutting = cutting_power_kw(force, self._cutting) * (1.0 + 0.28 * self._edge + 0.45 * chipped)
        cutting, rpm = self._drive.step(np.array([cutting, turning * self._rpm]), dt_s)
        friction = 0.05 * self._kw * rpm / self._rpm * (1.0 + 1.2 * severity["spindle_bearing"])
        load = (cutting + friction) / self._kw

        spall = defect_amplitude(severity["spindle_bearing"], 12.0) * (rpm > 100.0)
        outer = 0.15 * (rpm > 100.0) + BAND_GAIN * spall
        inner = 0.12 * (rpm > 100.0) + 0.6 * BAND_GAIN * spall
        shaking = together(
            self._hum * (0.1 + turning),
            1.1 * load + 0.5 * self._edge * (width > 0.2),
            0.62 * spall,
            3.4 * chipped * (width > 0.2),
        )
        # coolant leaves with chips and parts; the level is made up when the tank is a quarter down
        tank = self._tank - 0.9 / self._coolant_l * work * dt_s / 180.0
        self._tank = np.where(tank < 0.55, 0.95, tank)
        bar = tick.inputs["air_bar"]
        out = self._bank.step(tick, work * (turning > 0))
        out |= self._electrics.step(tick, 1.4 + work * 2.6 + (cutting + friction) / 0.88)
        out |= {
            "spindle_load": np.minimum(100.0 * load, 200.0),
            "spindle_speed": rpm,
            "spindle_vibration": shaking,
            "vibration_bpfo": outer,
            "vibration_bpfi": inner,
            "bpfo_frequency": SPINDLE_7014.bpfo * rpm / 60.0,
            "tool_wear": WORN_OUT_UM * np.minimum(self._edge, 1.0),
            "tool_life_left": 100.0 * (1.0 - np.minimum(self._edge, 1.0)),
            "tool_wear_rate": WORN_OUT_UM * 60.0 * hot / self._life_min,
            "tools_changed": self._changes,
            "coolant_level": 100.0 * self._tank,
            "coolant_concentration": 7.2 - 4.0 * decayed + 0.6 * (0.75 - self._tank),
            "air_pressure": bar,
            "air_nm3_h": tick.powered * (2.0 + 9.0 * work),
            "pace": np.maximum(1.0 - 0.1 * screw * screw - 0.1 * severity["coolant_pump_wear"], 0.3),
            "reject_share": np.minimum(0.03 * screw * screw + 0.25 * chipped + 0.004 * self._edge, 0.9),
            "ready": (bar > 4.0).astype(np.float64),
        }
        return out


KIND = MachineKind(
    "cnc_machine",
    CncMachineParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 80, sensor=Sensor(0.02, 0.01)),
        gauge("spindle_load", "Spindle load", "%", 0, 200),
        gauge("spindle_speed", "Spindle speed", "rpm", 0, 24_000, 0.0001),
        vibration_sensor("spindle_vibration", "Spindle vibration"),
        gauge("vibration_bpfo", "Spindle, envelope at outer ring frequency", "m/s²", 0, 200, 0.00005),
        gauge("vibration_bpfi", "Spindle, envelope at inner ring frequency", "m/s²", 0, 200, 0.00005),
        gauge("bpfo_frequency", "Outer ring frequency", "Hz", 0, 5000, 0.0),
        gauge("tool_wear", "Flank wear, from the tool model", "µm", 0, 400, 0.0),
        percent("tool_life_left", "Tool life left"),
        gauge("tool_wear_rate", "Flank wear an hour of cutting", "µm", 0, 2000, 0.0001),
        counter("tools_changed", "Tools changed"),
        percent("coolant_level", "Coolant level"),
        gauge("coolant_concentration", "Coolant concentration", "%", 0, 20, 0.001),
        pressure_gauge("air_pressure", "Compressed air pressure", "bar", 0, 12),
        *(row.signal for row in _QUANTITIES),
    ),
    create=CncMachineFleet,
    flows=(*ELECTRIC, "air_nm3_h", "pace", "reject_share", "ready"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
