"""Pumps against the affinity laws, the hydraulic definition of power, and a worked operating point."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.pump_curve import PumpCurve, npsh_available_m

ONE = np.ones(1)
PUMP = PumpCurve(200 * ONE, 40 * ONE, 0.8 * ONE, 3 * ONE)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.1])
def test_affinity_laws(speed: float) -> None:
    """Flow goes with speed, head with its square, power with its cube; efficiency stays."""
    flow = np.array([160.0])
    full = PUMP.head_m(flow, ONE)
    scaled = PUMP.head_m(flow * speed, speed * ONE)
    np.testing.assert_allclose(scaled, full * speed**2)
    np.testing.assert_allclose(PUMP.efficiency_at(flow * speed, speed * ONE), PUMP.efficiency_at(flow, ONE))
    np.testing.assert_allclose(
        PUMP.shaft_kw(flow * speed, scaled, speed * ONE), PUMP.shaft_kw(flow, full, ONE) * speed**3
    )


def test_operating_point_lies_on_both_curves() -> None:
    """H0 - a q² = Hs + r (k q)², by hand: 50 - 2.5e-4 q² = 20 + 1e-4 · 4 q² gives q² = 30 / 6.5e-4."""
    flow = PUMP.against(np.array([20.0]), np.array([1e-4]), np.array([2.0]))
    assert flow[0] == pytest.approx(np.sqrt(30.0 / 6.5e-4))
    assert PUMP.head_m(flow, ONE)[0] == pytest.approx(20.0 + 1e-4 * (2 * flow[0]) ** 2)


def test_two_pumps_give_less_than_twice_one() -> None:
    static, system = np.array([20.0]), np.array([3e-4])
    one, two = (k * PUMP.against(static, system, k * ONE)[0] for k in (1.0, 2.0))
    assert one < two < 2 * one


def test_no_flow_against_more_than_the_shut_off_head() -> None:
    assert PUMP.against(np.array([55.0]), np.array([1e-4]), ONE)[0] == 0.0


def test_speed_for_a_point_gets_that_point() -> None:
    flow, head = np.array([150.0]), np.array([31.0])
    speed = PUMP.speed_for(flow, head)
    assert PUMP.head_m(flow, speed)[0] == pytest.approx(31.0)
    assert PUMP.speed_for(flow, head, worn=0.2)[0] > speed[0]


def test_efficiency_is_best_at_the_best_point() -> None:
    flows = np.linspace(20.0, 380.0, 37)
    many = PumpCurve(*(np.full(37, value) for value in (200.0, 40.0, 0.8, 3.0)))
    efficiency = many.efficiency_at(flows, np.ones(37))
    assert flows[int(np.argmax(efficiency))] == pytest.approx(200.0)
    assert efficiency.max() == pytest.approx(0.8)


def test_a_standing_pump_takes_nothing_even_when_water_runs_through() -> None:
    assert PUMP.shaft_kw(np.array([50.0]), np.array([0.0]), np.array([0.0]))[0] == 0.0


def test_npsh_falls_with_temperature_and_depth() -> None:
    """Vapour pressure of water at 60 °C is 19.9 kPa (IAPWS): 2.0 m of NPSH gone."""
    cold, hot = (float(npsh_available_m(np.zeros(1), 0.0, np.array([t]))[0]) for t in (20.0, 60.0))
    assert cold - hot == pytest.approx((19_946 - 2339) / (998.0 * 9.80665), rel=0.01)
