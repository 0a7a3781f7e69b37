"""A ring spinning frame: a thousand spindles, cops that fill and are doffed, ends that break and are
pieced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.fouling import Fouling
from sim.degradation.gamma_wear import GammaWear
from sim.instruments import (
    ammeter,
    counter,
    gauge,
    percent,
    pressure_gauge,
    set_value,
    tachometer,
    thermometer,
    vibration_sensor,
)
from sim.kind import ELECTRIC, F64, FailureMode, MachineKind, Setpoint, Site, Tick
from sim.physics.induction_motor import line_current_a
from sim.physics.lag import Lag
from sim.physics.stops import open_after
from sim.physics.yarn import production_kg_h, tex, traveller_rise_k, traveller_speed_m_s, twist_per_m
from sim.rated_machine import ENERGY, POWER, Electrics, Quantity, QuantityBank

# Speed over the build of a cop, as frames are set: slow while the base is wound and for the last layers.
_FILL = np.array([0.0, 0.12, 0.9, 1.0])
_SPEED = np.array([0.85, 1.0, 1.0, 0.92])

_DOFF_S = 150.0  # an automatic doffer takes 2 to 3 minutes
_PIECE_S = 900.0  # one operator patrols six frames; an end waits a quarter of an hour
_BREAKS_PER_1000_H = (
    22.0  # per 1,000 spindle hours at 35 m/s traveller speed; 15 to 40 is usual for combed cotton
)
_HALL_C = 31.0  # spinning halls are kept at 30 to 33 °C and 55 to 60 %RH
_SLIP = 0.006  # tapes slip on the wharves


class RingSpinningParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one frame.

    Args:
        spindles: their number.
        count_ne: yarn count, English cotton count.
        twist_multiplier: turns an inch over the root of the count.
        ring_mm: diameter of the rings [mm].
        spindle_speed_setpoint: at which the main build runs [rpm].
        cop_g: yarn on a full cop [g].
        spindle_w: power at the main motor for one spindle at 17,500 rpm [W].
        suction_kw: fan of the pneumafil [kW].
    """

    spindles: int = 1008
    count_ne: float = 30.0
    twist_multiplier: float = 4.0
    ring_mm: float = 38.0
    spindle_speed_setpoint: float = 17500.0
    cop_g: float = 55.0
    spindle_w: float = 31.0
    suction_kw: float = 6.5


_QUANTITIES = (
    Quantity(
        pressure_gauge("filter_drop", "Pressure drop of the suction filter", "Pa", 0, 2000),
        0, 180, 10, 5, 0.03, {"suction_filter_fouling": 380},
    ),
    Quantity(
        thermometer("motor_temperature", "Main motor winding temperature", -20, 200),
        38, 82, 1500, 1.2, 0.03, {"spindle_bearing_wear": 10},
    ),
    Quantity(
        vibration_sensor("spindle_vibration", "Spindle rail vibration"),
        0, 1.5, 5, 0.08, 0.06, {"spindle_bearing_wear": 4.0},
    ),
    Quantity(
        pressure_gauge("suction_pressure", "Suction at the end of the duct", "Pa", -2000, 0),
        0, -900, 8, 12, 0.02, {"suction_filter_fouling": 420},
    ),
    Quantity(
        gauge("yarn_unevenness", "Yarn unevenness CVm", "%", 0, 40),
        12.6, 12.6, 60, 0.18, 0.02, {"drafting_roller_wear": 4.2, "ring_wear": 0.9},
    ),
    Quantity(
        ammeter("suction_current", "Suction fan current", 40),
        0, 11.4, 3, 0.1, 0.02, {"suction_filter_fouling": -3.0},
    ),
)  # fmt: skip

_MODES = (
    FailureMode(
        "ring_wear", "PDE", "2.4 Wear", GammaWear(6500.0, 0.2),
        "Mòn nồi - khuyên", "Ring and traveller wear",
        ("traveller_temperature", "ends_down", "end_breaks"), stops=False, repair_h=10.0,
    ),
    FailureMode(
        "spindle_bearing_wear", "VIB", "2.4 Wear", ExponentialGrowth(9000.0, 0.3, 5.0),
        "Mòn ổ cọc sợi", "Spindle bearing wear",
        ("spindle_vibration", "active_power", "motor_temperature"), repair_h=8.0,
    ),
    FailureMode(
        "drafting_roller_wear", "PDE", "2.4 Wear", GammaWear(4000.0, 0.25),
        "Mòn suốt kéo dài", "Drafting roller wear",
        ("yarn_unevenness", "ends_down"), stops=False, repair_h=6.0,
    ),
    FailureMode(
        "suction_filter_fouling", "PLU", "5.1 Blockage/plugged", Fouling(700.0, 0.4, 1.25),
        "Tắc lưới lọc bông hút", "Suction filter fouling",
        ("filter_drop", "suction_pressure", "suction_current"), stops=False, repair_h=0.5,
    ),
)  # fmt: skip

_NAMES = tuple(mode.name for mode in _MODES)


class RingSpinningFleet:
    """All ring frames. Begins with cops at every stage, as a mill doffs its frames one after the other."""

    def __init__(self, parameters: Sequence[RingSpinningParameters], site: Site) -> None:
        n = len(parameters)
        rng = site.rng()
        columns = {
            name: np.array([float(getattr(one, name)) for one in parameters])
            for name in RingSpinningParameters.__struct_fields__
        }
        self._spindles = columns["spindles"]
        self._ring_mm = columns["ring_mm"]
        self._count_ne = columns["count_ne"] * (1.0 + 0.004 * rng.standard_normal(n))
        self._tex = tex(self._count_ne)
        self._twist = twist_per_m(self._count_ne, columns["twist_multiplier"])
        self._spindle_kw = columns["spindle_w"] * self._spindles / 1000.0
        self._suction_kw = columns["suction_kw"]
        rated = production_kg_h(np.ones(n), columns["spindle_speed_setpoint"] / self._twist, self._tex)
        self._build_s = columns["cop_g"] / 1000.0 / rated * 3600.0
        self._clock_s = rng.uniform(0.0, 1.0, n) * self._build_s
        self._doffs = np.zeros(n)
        self._down = np.floor(rng.uniform(2.0, 7.0, n))
        self._breaks = np.zeros(n)
        self._made_kg = np.zeros(n)
        self._speed = Lag(6.0)
        self._heat = Lag(
            45.0
        )  # the traveller itself answers in a second, the ring rail it is read at in a minute
        self._bank = QuantityBank(_QUANTITIES, _NAMES, n, rng)
        self._electrics = Electrics(n, 0.86)

    def step(self, tick: Tick) -> Mapping[str, F64]:
        """See :class:`sim.kind.Fleet`."""
        severity, dt_s = tick.severity, tick.dt_s
        cycle_s = self._build_s + _DOFF_S
        clock_s = self._clock_s + dt_s * tick.running
        doffed = np.floor(clock_s / cycle_s)
        self._clock_s = clock_s - doffed * cycle_s
        self._doffs = self._doffs + doffed
        fill = np.minimum(self._clock_s / self._build_s, 1.0)
        spins = tick.running & (self._clock_s < self._build_s)

        setpoint = tick.setpoints["spindle_speed_setpoint"]
        wanted_rpm = setpoint * (1.0 - _SLIP) * np.interp(fill, _FILL, _SPEED) * spins
        rpm = self._speed.step(wanted_rpm, dt_s)
        delivery = rpm / self._twist
        speed_m_s = traveller_speed_m_s(self._ring_mm, rpm)
        rise_k = traveller_rise_k(speed_m_s) * (1.0 + 0.5 * severity["ring_wear"])
        traveller_c = _HALL_C + self._heat.step(rise_k, dt_s)

        # breaks follow spinning tension, which is the traveller's centrifugal force, with the square of speed
        worse = (
            1.0
            + 2.4 * severity["ring_wear"]
            + 0.8 * severity["drafting_roller_wear"]
            + 0.6 * severity["suction_filter_fouling"]
        )
        per_1000_h = _BREAKS_PER_1000_H * (speed_m_s / 35.0) ** 2 * worse
        per_s = per_1000_h * self._spindles / 3.6e6
        self._down = np.minimum(open_after(self._down, per_s, _PIECE_S, dt_s, tick.rng), self._spindles)
        self._breaks = self._breaks + per_s * dt_s
        made_kg_h = production_kg_h(self._spindles - self._down, delivery, self._tex)
        self._made_kg = self._made_kg + made_kg_h * (dt_s / 3600.0)

        out = self._bank.step(tick, spins.astype(np.float64))
        share = rpm / 17500.0
        spindle_kw = self._spindle_kw * share**2.4 * (1.0 + 0.18 * severity["spindle_bearing_wear"])
        out |= self._electrics.step(tick, spindle_kw + self._suction_kw * tick.running + 0.8, energy=True)
        out |= {
            "spindle_speed_setpoint": setpoint,
            "spindle_speed": rpm,
            "delivery_speed": delivery,
            "twist": self._twist,
            "yarn_count": self._count_ne,
            "traveller_temperature": np.minimum(traveller_c, 450.0),
            "cop_fill": 100.0 * fill,
            "doffs": self._doffs,
            "ends_down": self._down,
            "end_breaks": np.minimum(per_1000_h, 500.0),
            "production_rate": made_kg_h,
            "production": self._made_kg,
            "motor_current": line_current_a(out["active_kw"], out["reactive_kvar"]),
        }
        return out


KIND = MachineKind(
    "ring_spinning_frame",
    RingSpinningParameters,
    signals=(
        set_value("spindle_speed_setpoint", "Spindle speed set point", "rpm", 0, 25000),
        tachometer("spindle_speed", "Spindle speed", 25000),
        gauge("delivery_speed", "Delivery speed of the front roller", "m/min", 0, 40),
        set_value("twist", "Twist, turns per metre", "", 0, 2500),
        gauge("yarn_count", "Yarn count Ne", "", 0, 120, 0.0004),
        thermometer("traveller_temperature", "Traveller temperature, hottest rail", 0, 500),
        percent("cop_fill", "Fill of the cops"),
        counter("doffs", "Doffs"),
        counter("ends_down", "Ends down"),
        gauge("end_breaks", "End breaks per 1,000 spindle hours", "", 0, 500),
        gauge("production_rate", "Production rate", "kg/h", 0, 80),
        counter("production", "Yarn produced", "kg"),
        POWER,
        ENERGY,
        ammeter("motor_current", "Main motor current", 250),
        *(row.signal for row in _QUANTITIES),
    ),
    create=RingSpinningFleet,
    flows=ELECTRIC,
    modes=_MODES,
    every_s=2.0,
    setpoints=(
        Setpoint("spindle_speed_setpoint", "rpm", 8000, 22000, 17500, "Spindle speed of the main build"),
    ),
)
