"""Three-phase induction motors: the equivalent circuit of one phase, and what a loaded motor takes.

The circuit is that of every textbook (Chapman, Electric Machinery Fundamentals, 5th ed., sec. 6.4): stator
R1 + jX1, magnetising jXm, rotor R2/s + jX2. Fleets read it from a curve over the load, worked out once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Circuit:
    """Equivalent circuit of one phase of a star-connected motor.

    Args:
        line_v: voltage between lines [V].
        hz: supply frequency [Hz].
        poles: number of poles.
        r1, r2, x1, x2, xm: resistances and reactances seen from the stator [Ω].
        rotational_w: friction, windage and core losses together [W].
    """

    line_v: float
    hz: float
    poles: int
    r1: float
    r2: float
    x1: float
    x2: float
    xm: float
    rotational_w: float

    @property
    def synchronous_rpm(self) -> float:
        """Speed of the field [rpm]."""
        return 120.0 * self.hz / self.poles

    def at_slip(self, slip: float) -> Working:
        """What the motor does at a slip (share of synchronous speed, above 0)."""
        rotor = self.r2 / slip + 1j * self.x2
        gap = 1j * self.xm * rotor / (rotor + 1j * self.xm)
        whole = self.r1 + 1j * self.x1 + gap
        current = self.line_v / math.sqrt(3.0) / whole
        power = 3.0 * self.line_v / math.sqrt(3.0) * current.conjugate()
        air_gap_w = 3.0 * abs(current) ** 2 * gap.real
        shaft_w = (1.0 - slip) * air_gap_w - self.rotational_w
        rpm = (1.0 - slip) * self.synchronous_rpm
        return Working(abs(current), power.real, power.imag, shaft_w, air_gap_w, rpm)


@dataclass(frozen=True, slots=True)
class Working:
    """One working point.

    Args:
        current_a: line current [A].
        input_w, input_var: active and reactive power taken [W, var].
        shaft_w: mechanical power given [W].
        air_gap_w: power that crosses the air gap [W].
        rpm: speed of the shaft [rpm].
    """

    current_a: float
    input_w: float
    input_var: float
    shaft_w: float
    air_gap_w: float
    rpm: float

    @property
    def power_factor(self) -> float:
        """Active over apparent power."""
        return self.input_w / math.hypot(self.input_w, self.input_var)

    @property
    def efficiency(self) -> float:
        """Mechanical power given over active power taken."""
        return self.shaft_w / self.input_w


class MotorCurve:
    """What a motor takes over its load, each as a share of its rating; ``float64[n]`` in, ``float64[n]`` out.

    Args:
        circuit: the motor it is worked out for; other sizes of its family are scaled.
        rated_w: its mechanical rating [W].
        top: highest load that is asked for, as a share of the rating.
    """

    def __init__(self, circuit: Circuit, rated_w: float, top: float = 1.6) -> None:
        points = [circuit.at_slip(slip) for slip in np.linspace(1e-4, 0.12, 1200)]
        shaft = np.array([point.shaft_w for point in points]) / rated_w
        rising = slice(0, int(np.argmax(shaft)))  # beyond the pull-out torque a motor stalls
        self._load = shaft[rising]
        self._active = np.array([point.input_w for point in points])[rising] / rated_w
        self._reactive = np.array([point.input_var for point in points])[rising] / rated_w
        self._speed = np.array([point.rpm for point in points])[rising] / circuit.synchronous_rpm
        if self._load[-1] < top:
            raise ValueError(f"the motor pulls out at {self._load[-1]:.2f} of its rating, below {top}")

    def active(self, load: F64) -> F64:
        """Active power taken over the rated mechanical power."""
        return np.interp(load, self._load, self._active)

    def reactive(self, load: F64) -> F64:
        """Reactive power taken over the rated mechanical power [kvar/kW]."""
        return np.interp(load, self._load, self._reactive)

    def speed(self, load: F64) -> F64:
        """Speed over synchronous speed."""
        return np.interp(load, self._load, self._speed)


def line_current_a(active_kw: F64, reactive_kvar: F64, line_v: float = 400.0) -> F64:
    """Line current of a three-phase load [A].

    >>> line_current_a(np.array([30.0]), np.array([40.0]), 400.0).round(2).tolist()
    [72.17]
    """
    return np.hypot(active_kw, reactive_kvar) * (1000.0 / (math.sqrt(3.0) * line_v))


IE3_CIRCUIT = Circuit(400.0, 50.0, 4, r1=0.12, r2=0.11, x1=0.42, x2=0.5, xm=13.5, rotational_w=420.0)
"""A 22 kW four-pole motor above efficiency class IE3 (IEC 60034-30-1 asks 93.0 % at full load)."""

IE3 = MotorCurve(IE3_CIRCUIT, 22_000.0)
