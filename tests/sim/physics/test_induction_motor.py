from __future__ import annotations

import numpy as np
import pytest

from sim.physics.induction_motor import IE3, IE3_CIRCUIT, Circuit, MotorCurve, line_current_a

CHAPMAN = Circuit(460.0, 60.0, 4, 0.641, 0.332, 1.106, 0.464, 26.3, 1100.0)
"""Example 6-3 of Chapman, Electric Machinery Fundamentals, 5th edition: 25 hp, slip 2.2 %."""


def test_the_example_of_the_textbook() -> None:
    working = CHAPMAN.at_slip(0.022)
    assert working.rpm == pytest.approx(1760, abs=1)
    assert working.current_a == pytest.approx(18.88, rel=0.002)
    assert working.power_factor == pytest.approx(0.833, rel=0.002)
    assert working.input_w == pytest.approx(12_530, rel=0.002)
    assert working.air_gap_w == pytest.approx(11_845, rel=0.002)
    assert working.shaft_w == pytest.approx(10_485, rel=0.002)
    assert working.efficiency == pytest.approx(0.837, rel=0.002)


def test_losses_are_where_the_power_that_is_not_given_goes() -> None:
    working = IE3_CIRCUIT.at_slip(0.018)
    stator_w = 3 * working.current_a**2 * IE3_CIRCUIT.r1
    rotor_w = 0.018 * working.air_gap_w
    lost = stator_w + rotor_w + IE3_CIRCUIT.rotational_w
    assert working.input_w - working.shaft_w == pytest.approx(lost, rel=1e-9)


def test_the_curve_gives_what_a_22_kw_motor_has_on_its_plate() -> None:
    full = np.array([1.0])
    active_kw, reactive_kvar = 22 * IE3.active(full), 22 * IE3.reactive(full)
    assert 22 / active_kw[0] == pytest.approx(0.94, abs=0.01)
    assert line_current_a(active_kw, reactive_kvar)[0] == pytest.approx(40, abs=1.5)
    assert 1500 * IE3.speed(full)[0] == pytest.approx(1472, abs=5)


def test_an_idling_motor_has_a_bad_power_factor() -> None:
    idle = np.array([0.0])
    assert IE3.active(idle)[0] < 0.06 < 0.4 < IE3.reactive(idle)[0]


def test_more_than_the_motor_can_give_is_refused() -> None:
    with pytest.raises(ValueError, match="pulls out at"):
        MotorCurve(CHAPMAN, 18_600.0, top=9.0)
