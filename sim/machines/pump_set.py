"""What all pump sets of the park have in common: motor, bearings, seal, their instruments and how they
fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.degradation.exponential import ExponentialGrowth
from sim.degradation.gamma_wear import GammaWear
from sim.degradation.paris_crack import ParisCrack
from sim.kind import F64, Bools, FailureMode, Sensor, Signal, Tick
from sim.physics.bearing import BAND_GAIN, defect_amplitude, together
from sim.physics.columns import clip
from sim.physics.induction_motor import IE3, line_current_a
from sim.physics.lag import Lag
from sim.physics.pump_curve import GRAVITY_M_S2, WATER_KG_M3
from sim.physics.wander import Wander

NS_PER_DAY = 86_400_000_000_000

BEARING_TAU_S, WINDING_TAU_S = 1500.0, 1800.0
AT_FAILURE_MM_S = 7.0
"""Vibration that a spalled bearing adds at the end of its life: zone D of ISO 20816-3 for medium machines."""
CONVERTER_EFFICIENCY, CONVERTER_TAN_PHI = 0.97, 0.3
"""Of a frequency converter with a diode bridge and choke: a displacement factor of 0.96."""
IMPELLER_HEAD_LOSS = 0.22
"""Share of head that a worn-out impeller has lost."""

MOTOR_SIGNALS = (
    Signal("active_power", "Active power", "kW", 0, 500, sensor=Sensor(0.05, 0.01)),
    Signal("current", "Motor current", "A", 0, 1000, sensor=Sensor(0.1, 0.1)),
    Signal("speed", "Speed", "rpm", 0, 3600, sensor=Sensor(0.5, 1.0)),
    Signal("vibration_de", "Vibration, drive end", "mm/s", 0, 50, sensor=Sensor(0.03, 0.01)),
    Signal("vibration_nde", "Vibration, non-drive end", "mm/s", 0, 50, sensor=Sensor(0.03, 0.01)),
    Signal(
        "bearing_temperature_de", "Bearing temperature, drive end", "°C", -20, 200, sensor=Sensor(0.1, 0.1)
    ),
    Signal(
        "bearing_temperature_nde",
        "Bearing temperature, non-drive end",
        "°C",
        -20,
        200,
        sensor=Sensor(0.1, 0.1),
    ),
    Signal("winding_temperature", "Winding temperature", "°C", -20, 250, sensor=Sensor(0.1, 0.1)),
    Signal("running_hours", "Hours run", "h", 0, 1e6, sensor=Sensor(0.0, 0.1)),
    Signal("starts", "Starts", "", 0, 4e9, "UInt32"),
)

PUMP_SIGNALS = (
    Signal("on_duty", "On duty", "", 0, 1, "Boolean"),
    Signal("flow", "Flow", "m³/h", 0, 2000, sensor=Sensor(0.3, 0.1)),
    Signal("suction_pressure", "Suction pressure", "bar", -1, 10, sensor=Sensor(0.003, 0.001)),
    Signal("discharge_pressure", "Discharge pressure", "bar", -1, 25, sensor=Sensor(0.008, 0.001)),
    Signal("head", "Head", "m", 0, 200, sensor=Sensor(0.05, 0.01)),
    Signal("npsh_margin", "NPSH available over required", "m", -20, 20, sensor=Sensor(0.03, 0.01)),
    Signal("efficiency", "Efficiency of pump and motor", "%", 0, 100, sensor=Sensor(0.2, 0.1)),
    Signal("seal_leakage", "Leakage of the shaft seal", "L/h", 0, 500, sensor=Sensor(0.02, 0.01)),
    *MOTOR_SIGNALS,
)

BEARING_WEAR = FailureMode(
    "bearing_wear",
    "VIB",
    "2.4 Wear",
    ParisCrack(26_000.0, 0.35),
    "Mòn, tróc rỗ ổ lăn phía dẫn động",
    "Spalled drive-end bearing",
    ("vibration_de", "vibration_nde", "bearing_temperature_de"),
    repair_h=10.0,
)

PUMP_MODES = (
    BEARING_WEAR,
    FailureMode(
        "impeller_wear",
        "LOO",
        "2.3 Erosion",
        GammaWear(30_000.0),
        "Mòn bánh công tác",
        "Worn impeller",
        ("efficiency", "speed", "active_power"),
        stops=False,
        repair_h=16.0,
    ),
    FailureMode(
        "seal_leak",
        "ELU",
        "1.1 Leakage",
        ExponentialGrowth(16_000.0, 0.4),
        "Rò rỉ phớt làm kín trục",
        "Leaking shaft seal",
        ("seal_leakage",),
        repair_h=6.0,
    ),
)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What a motor takes now [kW, kvar]."""

    kw: F64
    kvar: F64


def efficiency_percent(flow_m3_h: F64, head_m: F64, taken: Drawn) -> F64:
    """Hydraulic power over what the motor takes [%], 0 where nothing is taken."""
    useful_kw = WATER_KG_M3 * GRAVITY_M_S2 * flow_m3_h / 3600.0 * head_m / 1000.0
    percent: F64 = 100.0 * np.divide(useful_kw, taken.kw, out=np.zeros_like(useful_kw), where=taken.kw > 0.1)
    return percent


class MotorInstruments:
    """Motors of a fleet and what is measured on them.

    Args:
        rated_kw: mechanical ratings, ``float64[n]``.
        synchronous_rpm: of the motors at full speed.
        rng: for the spread from unit to unit.
        converter: they are fed by frequency converters, which take hardly any reactive power.
    """

    def __init__(
        self, rated_kw: F64, synchronous_rpm: float, rng: np.random.Generator, *, converter: bool = False
    ) -> None:
        n = len(rated_kw)
        self.rated_kw = rated_kw
        self._rpm = synchronous_rpm
        self._converter = converter
        self._healthy_mm_s = rng.uniform(0.7, 1.25, (2, n))
        self._wander = Wander((0.05, 0.05), (40.0, 40.0), n)
        self._heat = Lag(np.array([[BEARING_TAU_S], [BEARING_TAU_S], [WINDING_TAU_S]]))
        self._hours = np.round(rng.uniform(1500.0, 14_000.0, n), 1)
        self._starts = np.round(rng.uniform(40.0, 400.0, n))
        self._was_on = np.zeros(n, np.bool_)

    def step(
        self, tick: Tick, on: Bools, shaft_kw: F64, speed: F64, air_c: float
    ) -> tuple[Drawn, Mapping[str, F64]]:
        """Go forward by a tick.

        Args:
            tick: with a severity ``bearing_wear``.
            on: which motors turn.
            shaft_kw: mechanical power asked of each.
            speed: share of full speed.
            air_c: of the room.
        """
        load = clip(shaft_kw / self.rated_kw, 0.0, 1.5)
        kw = np.where(on, self.rated_kw * IE3.active(load), 0.0) * tick.powered
        if self._converter:
            kw, kvar = kw / CONVERTER_EFFICIENCY, kw * CONVERTER_TAN_PHI
        else:
            kvar = np.where(on, self.rated_kw * IE3.reactive(load), 0.0) * tick.powered
        off = 1.0 + self._wander.step(tick.rng, tick.dt_s)
        spall = BAND_GAIN * defect_amplitude(tick.severity["bearing_wear"], AT_FAILURE_MM_S)
        healthy = self._healthy_mm_s * off * np.square(speed) * (0.8 + 0.2 * load)
        turning = on.astype(np.float64)
        rise_k = turning * np.array(
            [
                22.0 * speed + 8.0 * load + 38.0 * np.square(tick.severity["bearing_wear"]),
                20.0 * speed + 6.0 * load,
                12.0 * speed + 58.0 * np.square(load),
            ]
        )
        de_c, nde_c, winding_c = self._heat.step(air_c + rise_k, tick.dt_s)
        self._hours += turning * tick.dt_s / 3600.0
        self._starts += on & ~self._was_on
        self._was_on = on.copy()
        return Drawn(kw, kvar), {
            "active_power": kw,
            "current": line_current_a(kw, kvar),
            "speed": turning * speed * self._rpm * IE3.speed(load),
            "vibration_de": turning * together(healthy[0], spall * speed),
            "vibration_nde": turning * together(healthy[1], 0.35 * spall * speed),
            "bearing_temperature_de": de_c,
            "bearing_temperature_nde": nde_c,
            "winding_temperature": winding_c,
            "running_hours": self._hours.copy(),
            "starts": self._starts.copy(),
            "active_kw": kw,
            "reactive_kvar": kvar,
        }


class Rota:
    """Which of the pumps of a station are on duty: as many as are wanted, of those that can run, the first
    in a turn that begins with another pump every day.

    Args:
        together: which units share a station, ``float64[n, n]``, see :func:`sim.physics.columns.stations`.

    >>> rota = Rota(np.ones((3, 3)))
    >>> rota.on_duty(np.array([True, True, True]), np.full(3, 2.0), day=0).tolist()
    [True, True, False]
    >>> rota.on_duty(np.array([True, False, True]), np.full(3, 2.0), day=0).tolist()
    [True, False, True]
    """

    def __init__(self, together: F64) -> None:
        self._together = together
        self._in_station = np.tril(together, -1).sum(axis=1)
        self._size = together.sum(axis=1)
        self._day = -1
        self._before = together

    def on_duty(self, can_run: Bools, wanted: F64, day: int) -> Bools:
        """Choose, ``bool[n]``; ``wanted`` is the number for the station of each unit."""
        if day != self._day:
            self._day = day
            turn = np.mod(self._in_station - day, self._size)
            self._before = self._together * (turn[None, :] < turn[:, None])
        ahead = self._before @ can_run.astype(np.float64)
        chosen: Bools = can_run & (ahead < wanted)
        return chosen
