"""A mechanical press: what every stroke weighs on its two columns, and what lets it stop again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.paris_crack import ParisCrack
from sim.degradation.shock_wear import ShockWear
from sim.instruments import gauge, pressure_gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Input, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.forming import blanking_force_kn, blanking_work_kj
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.physics.last_piece import LastPiece
from sim.rated_machine import Quantity, QuantityBank

FLYWHEEL_RPM = 420.0
_DRIVE_EFFICIENCY = 0.55
"""Work at the die over work of the motor, friction of slide and gear included."""


class PressParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One press.

    Args:
        rated_kn: nominal force [kN].
        motor_kw: rating of the flywheel motor [kW].
        cut_mm: length of the cut of a stroke [mm].
        sheet_mm: thickness of the sheet [mm].
        shear_mpa: shear strength of the sheet [MPa].
        tact_s: time of a stroke at full pace [s].
    """

    rated_kn: float = 1600.0
    motor_kw: float = 11.0
    cut_mm: float = 1700.0
    sheet_mm: float = 2.0
    shear_mpa: float = 320.0
    tact_s: float = 4.0

    def __post_init__(self) -> None:
        force = self.cut_mm * self.sheet_mm * self.shear_mpa / 1000.0
        if not 0 < force < self.rated_kn or self.tact_s <= 0 or self.motor_kw <= 0:
            raise ValueError(
                f"cut of {self.cut_mm} x {self.sheet_mm} mm at {self.shear_mpa} MPa needs {force:.0f} kN: "
                f"above 0 and below rated_kn {self.rated_kn}; tact_s and motor_kw above 0"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("vibration", "Frame vibration"),
        0.2,
        2.2,
        2,
        0.12,
        0.06,
        {"crank_bearing": 5.2, "frame_crack": 1.5},
    ),
    Quantity(
        thermometer("bearing_temperature", "Crank bearing temperature", 0, 150),
        30,
        52,
        1500,
        0.6,
        0.03,
        {"crank_bearing": 30, "lubrication_blockage": 16},
    ),
    Quantity(
        pressure_gauge("lubrication_pressure", "Lubrication pressure", "bar", 0, 60),
        0,
        18,
        5,
        0.2,
        0.02,
        {"lubrication_blockage": 9},
        "powered",
    ),
    Quantity(
        gauge("lubrication_flow", "Lubrication flow", "L/min", 0, 40),
        0,
        7.5,
        5,
        0.08,
        0.03,
        {"lubrication_blockage": -4.6},
        "powered",
    ),
    Quantity(
        thermometer("oil_temperature", "Lubricating oil temperature", 0, 120),
        30,
        43,
        2400,
        0.5,
        0.02,
        {"lubrication_blockage": 6},
    ),
    Quantity(
        pressure_gauge("overload_pressure", "Hydraulic overload pressure", "bar", 0, 400),
        165,
        168,
        10,
        0.8,
        0.01,
        follows="always",
    ),
    Quantity(
        pressure_gauge("counterbalance_pressure", "Counterbalance pressure", "bar", 0, 12),
        5.2,
        5.3,
        10,
        0.03,
        0.01,
        follows="always",
    ),
    Quantity(
        thermometer("die_temperature", "Die temperature", 0, 200), 28, 46, 900, 0.6, 0.03, {"die_wear": 12}
    ),
)

_MODES = (
    FailureMode(
        "crank_bearing",
        "VIB",
        "2.4 Wear",
        ExponentialGrowth(20_000.0, 0.3, 4.0),
        "Mòn bạc trục khuỷu",
        "Worn crank bearing",
        ("vibration", "bearing_temperature"),
        repair_h=48.0,
    ),
    FailureMode(
        "die_wear",
        "PDE",
        "2.4 Wear",
        ShockWear(620.0, 0.3, 8.0),
        "Mòn khuôn dập",
        "Worn die",
        ("tonnage", "burr_height", "die_temperature", "reject_count"),
        stops=False,
        repair_h=6.0,
    ),
    FailureMode(
        "brake_wear",
        "STP",
        "2.4 Wear",
        GammaWear(7000.0, 0.25),
        "Mòn phanh ly hợp",
        "Worn clutch and brake",
        ("brake_time", "clutch_pressure"),
        repair_h=10.0,
    ),
    FailureMode(
        "frame_crack",
        "STD",
        "2.6 Fatigue",
        ParisCrack(38_000.0, 0.4),
        "Nứt mỏi thân máy",
        "Fatigue crack of the frame",
        ("tonnage_left", "tonnage_imbalance", "vibration"),
        repair_h=160.0,
    ),
    FailureMode(
        "lubrication_blockage",
        "PLU",
        "5.1 Blockage/plugged",
        Fouling(4600.0, 0.3),
        "Tắc đường dầu bôi trơn",
        "Clogged lubrication line",
        ("lubrication_flow", "lubrication_pressure", "bearing_temperature"),
        repair_h=4.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class PressFleet:
    """All presses."""

    def __init__(self, parameters: Sequence[PressParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._rated, self._motor_kw, self._cut, self._sheet, self._shear, self._tact_s = (
            column(parameters, name)
            for name in ("rated_kn", "motor_kw", "cut_mm", "sheet_mm", "shear_mpa", "tact_s")
        )
        self._force = blanking_force_kn(self._cut, self._sheet, self._shear)
        self._stroke = LastPiece((9.0, 0.004, 2.0, 1.5), n)
        self._lean = rng.normal(0.0, 0.008, n)
        self._strokes = np.floor(rng.uniform(2e6, 2e7, n))
        self._rate = Lag(20.0)
        self._wheel = Lag(15.0)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, work = tick.severity, tick.work
        die, brake, crack = severity["die_wear"], severity["brake_wear"], severity["frame_crack"]
        force = self._force * (1.0 + 0.2 * die)
        mean = np.array(
            [force, 0.5 + self._lean + 0.11 * crack, 28.0 + 115.0 * die * die, 112.0 + 85.0 * brake]
        )
        tonnage, left, burr, brake_ms = self._stroke.step(tick.made, mean, tick.rng)
        rate = self._rate.step(60.0 / self._tact_s * work, tick.dt_s)
        # the flywheel's motor gives what the strokes take, and turns the wheel while it is switched on
        work_kw = blanking_work_kj(force, self._sheet) * rate / 60.0 / _DRIVE_EFFICIENCY
        idle_kw = 0.11 * self._motor_kw * (1.0 + 0.8 * severity["crank_bearing"])
        load = (work_kw + idle_kw + 1.6 * rate / 15.0) / self._motor_kw
        on = tick.powered.astype(np.float64)
        active = (IE3.active(load) * self._motor_kw + 0.8) * on
        reactive = IE3.reactive(load) * self._motor_kw * on
        bar = tick.inputs["air_bar"]
        out = self._bank.step(tick, work)
        out |= {
            "active_power": active,
            "tonnage": tonnage,
            "tonnage_left": tonnage * left,
            "tonnage_right": tonnage * (1.0 - left),
            "tonnage_imbalance": 100.0 * np.abs(2.0 * left - 1.0),
            "load": 100.0 * tonnage / self._rated,
            "stroke_rate": rate,
            "strokes": self._strokes + tick.made,
            "burr_height": np.maximum(burr, 0.0),
            "brake_time": brake_ms,
            "clutch_pressure": np.minimum(bar, 5.6) - 0.55 * brake,
            "flywheel_speed": self._wheel.step(FLYWHEEL_RPM * IE3.speed(load) * on, tick.dt_s),
            "motor_current": line_current_a(active, reactive),
            "active_kw": active,
            "reactive_kvar": reactive,
            "air_nm3_h": 1.5 * on + 22.0 * work,
            "pace": np.maximum(1.0 - 0.06 * brake, 0.5),
            "reject_share": np.minimum(0.025 * die * die + 0.02 * crack * crack, 0.5),
            "ready": (bar > 4.2).astype(np.float64),
        }
        return out


KIND = MachineKind(
    "press",
    PressParameters,
    signals=(
        Signal("active_power", "Active power", "kW", 0, 150, sensor=Sensor(0.03, 0.01)),
        gauge("tonnage", "Force of the last stroke", "kN", 0, 4000),
        gauge("tonnage_left", "Force of the last stroke, left column", "kN", 0, 3000),
        gauge("tonnage_right", "Force of the last stroke, right column", "kN", 0, 3000),
        gauge("tonnage_imbalance", "Imbalance of the columns", "%", 0, 100, 0.0002),
        gauge("load", "Force over the rating", "%", 0, 200),
        gauge("stroke_rate", "Strokes a minute", "pcs/min", 0, 120),
        Signal("strokes", "Strokes since it was built", "pcs", 0, 9e15, "Int64"),
        gauge("burr_height", "Burr height, last panel", "µm", 0, 500),
        gauge("brake_time", "Stopping time", "ms", 0, 1000),
        pressure_gauge("clutch_pressure", "Clutch air pressure", "bar", 0, 12),
        gauge("flywheel_speed", "Flywheel speed", "rpm", 0, 1000),
        gauge("motor_current", "Motor current", "A", 0, 200),
        *(row.signal for row in _QUANTITIES),
    ),
    create=PressFleet,
    flows=(*ELECTRIC, "air_nm3_h", "pace", "reject_share", "ready"),
    inputs=(Input("air_bar", "air", "upstream", "air_bar", "max", default=7.0, lagged=True),),
    modes=_MODES,
    station=True,
    companion="PackML",
)
"""See the module."""
