"""A joint's torque against the integral of its motion."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.robot_joint import Joint, acceleration_rad_s2, motor_rise_k, rms_torque_n_m


def sampled_rms(joint: Joint, move_s: float, rest_s: float) -> float:
    """Root mean square of the torque sampled along the trapezoid, and the angle it covers checked on the
    way."""
    steps = 300_000
    time = (np.arange(steps) + 0.5) / steps * (move_s + rest_s)
    top = float(acceleration_rad_s2(joint.angle_rad, move_s))
    acceleration = np.where(
        time < move_s / 3, top, np.where((time > 2 * move_s / 3) & (time < move_s), -top, 0.0)
    )
    speed = np.cumsum(acceleration) * (move_s + rest_s) / steps
    assert speed.sum() * (move_s + rest_s) / steps == pytest.approx(joint.angle_rad, rel=1e-3)
    moving = time < move_s
    torque = joint.inertia_kg_m2 * acceleration + joint.gravity_n_m + joint.friction_n_m * moving
    return float(np.sqrt(np.mean(torque**2)))


@pytest.mark.parametrize(
    "joint",
    [
        Joint(320.0, 90.0, 0.0, 1.7, 300.0),
        Joint(260.0, 120.0, 340.0, 0.8, 620.0),
        Joint(14.0, 0.0, 0.0, 1.6, 20.0),
    ],
)
def test_rms_torque_is_that_of_the_motion(joint: Joint) -> None:
    closed = rms_torque_n_m(joint, np.array([2.6]), np.array([2.4]))[0]
    assert closed == pytest.approx(sampled_rms(joint, 2.6, 2.4), rel=1e-3)


def test_a_joint_that_only_holds_feels_its_weight() -> None:
    """Friction and inertia play no part when almost all of the cycle is rest."""
    joint = Joint(10.0, 50.0, 200.0, 0.001, 300.0)
    assert rms_torque_n_m(joint, np.array([0.01]), np.array([1000.0]))[0] == pytest.approx(200.0, rel=1e-3)


def test_half_the_torque_warms_a_quarter() -> None:
    np.testing.assert_allclose(motor_rise_k(np.array([300.0, 150.0]), 300.0, 84.0), [84.0, 21.0])
