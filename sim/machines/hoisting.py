"""Lifts and cranes: trips with and without load, a hoist motor, a brake, a rope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.paris_crack import ParisCrack
from sim.instruments import counter, gauge, thermometer, vibration_sensor
from sim.kind import ELECTRIC, F64, FailureMode, Fleet, MachineKind, Sensor, Signal, Site, Tick
from sim.physics.columns import column
from sim.physics.induction_motor import line_current_a
from sim.physics.lag import Lag
from sim.physics.trips import Trips
from sim.rated_machine import Electrics, Quantity, QuantityBank

GRAVITY_M_S2 = 9.81


class HoistParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One lift or crane.

    Args:
        capacity_kg: rated load [kg].
        height_m: hoisting height [m].
        span_m, runway_m: how far trolley and bridge of a crane go [m]; 0 for a lift.
        speed_m_s: hoisting speed [m/s].
        dwell_s: mean wait at an end [s].
    """

    capacity_kg: float = 2000.0
    height_m: float = 8.0
    span_m: float = 0.0
    runway_m: float = 0.0
    speed_m_s: float = 0.4
    dwell_s: float = 240.0

    def __post_init__(self) -> None:
        if min(self.capacity_kg, self.height_m, self.speed_m_s, self.dwell_s) <= 0:
            raise ValueError(
                f"capacity_kg {self.capacity_kg}, height_m {self.height_m}, speed_m_s {self.speed_m_s}, "
                f"dwell_s {self.dwell_s}: all above 0"
            )


_QUANTITIES = (
    Quantity(
        vibration_sensor("vibration", "Hoist gear vibration"),
        0.05,
        1.5,
        2,
        0.1,
        0.06,
        {"gear_wear": 5.6},
        "powered",
    ),
    Quantity(
        thermometer("motor_temperature", "Hoist motor temperature", 0, 180),
        29,
        52,
        1500,
        0.7,
        0.03,
        {"gear_wear": 20},
        "powered",
    ),
    Quantity(
        gauge("brake_gap", "Air gap of the brake", "mm", 0, 3),
        0.45,
        0.45,
        60,
        0.004,
        0.04,
        {"brake_wear": 0.75},
        "always",
    ),
    Quantity(
        gauge("brake_time", "Brake release to standstill", "ms", 0, 2000),
        180,
        180,
        60,
        3,
        0.03,
        {"brake_wear": 240},
        "always",
    ),
    Quantity(
        gauge("rope_elongation", "Rope elongation", "%", 0, 5),
        0.12,
        0.12,
        60,
        0.002,
        0.05,
        {"rope_fatigue": 1.1},
        "always",
    ),
    Quantity(
        gauge("broken_wires", "Rope tester, loss of section", "%", 0, 20),
        0.3,
        0.3,
        60,
        0.01,
        0.05,
        {"rope_fatigue": 7.0},
        "always",
    ),
)

_MODES = (
    FailureMode(
        "brake_wear",
        "STP",
        "2.4 Wear",
        GammaWear(6500.0, 0.25),
        "Mòn phanh hãm",
        "Worn hoist brake",
        ("brake_gap", "brake_time"),
        repair_h=6.0,
    ),
    FailureMode(
        "rope_fatigue",
        "STD",
        "2.6 Fatigue",
        ParisCrack(16_000.0, 0.35),
        "Đứt sợi cáp tải",
        "Fatigue of the rope",
        ("rope_elongation", "broken_wires"),
        repair_h=12.0,
    ),
    FailureMode(
        "gear_wear",
        "VIB",
        "2.4 Wear",
        ExponentialGrowth(21_000.0, 0.3, 4.0),
        "Mòn hộp giảm tốc nâng",
        "Worn hoist gear",
        ("vibration", "motor_temperature"),
        repair_h=16.0,
    ),
)
_NAMES = tuple(mode.name for mode in _MODES)


class HoistFleet:
    """All lifts, or all cranes."""

    def __init__(self, row: Hoist, parameters: Sequence[HoistParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        self._row = row
        self._capacity, self._speed = column(parameters, "capacity_kg"), column(parameters, "speed_m_s")
        self._box = np.array([[unit.height_m, unit.span_m, unit.runway_m] for unit in parameters]).T
        # trips are made in shares of the way, so that units of one fleet may differ in size
        longest = np.maximum(self._box.max(axis=1), 1.0)
        fast = (float(self._speed.mean()) / longest[0], 0.5 / longest[1], 1.0 / longest[2])
        dwell_s = float(column(parameters, "dwell_s").mean())
        self._trips = Trips((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), fast, dwell_s, n, rng)
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.78)
        self._drive = Lag(0.6)
        self._hours = np.floor(rng.uniform(500.0, 9000.0, n))

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        place, speed = self._trips.step(tick.dt_s, tick.running.astype(np.float64), tick.rng)
        place, speed = place * self._box, speed * self._box
        load_kg = self._trips.load * self._capacity
        moving = (np.abs(speed) > 1e-9).any(axis=0).astype(np.float64)
        up = speed[0] > 1e-9
        lift_kw = (load_kg + 0.12 * self._capacity) * GRAVITY_M_S2 * np.maximum(speed[0], 0.0) / 1000.0 / 0.8
        travel_kw = 0.0004 * (load_kg + self._capacity) * np.abs(speed[1:]).sum(axis=0)
        lowering_kw = 0.5 * (speed[0] < -1e-9)
        drive_kw = self._drive.step(lift_kw * up + travel_kw + lowering_kw, tick.dt_s) * tick.powered
        self._hours = self._hours + moving * (tick.dt_s / 3600.0)
        out = self._bank.step(tick, moving)
        out |= self._electrics.step(tick, 0.35 + drive_kw * (1.0 + 0.15 * tick.severity["gear_wear"]))
        out |= {
            "load": load_kg,
            "height": place[0],
            "hoist_speed": speed[0],
            "motor_current": line_current_a(drive_kw, 0.75 * drive_kw),
            "moving": moving,
            "trips": self._trips.trips,
            "operating_hours": self._hours,
        }
        if self._row.travels:
            out |= {"trolley_position": place[1], "bridge_position": place[2]}
        return out


@dataclass(frozen=True, slots=True)
class Hoist:
    """A kind that hoists; ``travels``: it has a trolley and a bridge."""

    name: str
    travels: bool

    @property
    def kind(self) -> MachineKind:
        """The row of the table of kinds."""

        def create(parameters: Sequence[HoistParameters], site: Site) -> Fleet:
            return HoistFleet(self, parameters, site)

        travel = (
            gauge("trolley_position", "Trolley position", "m", 0, 60, 0.0001),
            gauge("bridge_position", "Bridge position", "m", 0, 200, 0.0001),
        )
        return MachineKind(
            self.name,
            HoistParameters,
            signals=(
                Signal("active_power", "Active power", "kW", 0, 60, sensor=Sensor(0.01, 0.01)),
                gauge("load", "Load", "kg", 0, 20_000, 0.0002),
                gauge("height", "Height of the load", "m", 0, 30, 0.0002),
                gauge("hoist_speed", "Hoisting speed, upwards", "m/s", -3, 3, 0.0005),
                *(travel if self.travels else ()),
                gauge("motor_current", "Hoist motor current", "A", 0, 150),
                Signal("moving", "Moving", data_type="Boolean"),
                counter("trips", "Trips"),
                Signal("operating_hours", "Operating hours", "h", 0, 1e6, sensor=Sensor(0, 0.01)),
                *(row.signal for row in _QUANTITIES),
            ),
            create=create,
            flows=ELECTRIC,
            modes=_MODES,
            every_s=2.0,
        )


KINDS = (Hoist("freight_lift", travels=False).kind, Hoist("overhead_crane", travels=True).kind)
"""See the module."""
