"""One joint of an industrial robot: torque over a trapezoidal move, what that does to its motor, lost motion.

``tau = J a + b + m g r``: inertia, Coulomb friction, gravity. The thermal load of a servo motor is its root
mean square torque over the cycle, as makers of drives size it (IEC 60034-1, duty S8; Siciliano et al.,
Robotics, 2009, ch. 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

GRAVITY_M_S2 = 9.81


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """A joint with its load, at the output of its gear; numbers, or columns ``float64[axes, 1]`` of an arm.

    Args:
        inertia_kg_m2: of everything beyond it, at a middle pose.
        friction_n_m: Coulomb friction of gear and seals.
        gravity_n_m: mean torque against gravity over the move, ``m g r``; balanced by a spring where there
        is one. angle_rad: of the move. rated_n_m: torque that its motor stands for ever, at the output.
    """

    inertia_kg_m2: float | F64
    friction_n_m: float | F64
    gravity_n_m: float | F64
    angle_rad: float | F64
    rated_n_m: float | F64


def acceleration_rad_s2(angle_rad: F64 | float, move_s: F64 | float) -> F64 | float:
    """Acceleration of a move of a third speeding up, a third at constant speed, a third slowing down
    [rad/s²].

    Area of the trapezoid of speed: ``angle = 2/3 v t`` with ``v = a t / 3``.

    >>> round(float(acceleration_rad_s2(2.0, 3.0)), 3)
    1.0
    """
    return 4.5 * angle_rad / move_s**2


def rms_torque_n_m(joint: Joint, move_s: F64, rest_s: F64 | float, friction: F64 | float = 1.0) -> F64:
    """Root mean square torque over a cycle of one move and one rest [N·m], ``float64[n]``.

    Args:
        joint: which.
        move_s, rest_s: durations [s].
        friction: of now over that of the sound joint.

    A flywheel without friction and weight that is moved without a rest feels two thirds of the time its
    inertia:

    >>> rms_torque_n_m(Joint(10.0, 0.0, 0.0, 2.0, 1.0), np.array([3.0]), np.array([0.0])).round(3).tolist()
    [8.165]
    """
    inertial = joint.inertia_kg_m2 * acceleration_rad_s2(joint.angle_rad, move_s)
    steady = joint.friction_n_m * friction + joint.gravity_n_m
    third = move_s / 3.0
    squared = third * ((inertial + steady) ** 2 + steady**2 + (steady - inertial) ** 2)
    squared = squared + rest_s * joint.gravity_n_m**2
    found: F64 = np.sqrt(squared / (move_s + rest_s))
    return found


def motor_rise_k(torque_n_m: F64, rated_n_m: float | F64, rated_rise_k: float = 85.0) -> F64:
    """Rise of the winding in the end [K]: copper losses go with the square of torque.

    >>> motor_rise_k(np.array([50.0]), 100.0, 80.0).tolist()
    [20.0]
    """
    return rated_rise_k * (torque_n_m / rated_n_m) ** 2
