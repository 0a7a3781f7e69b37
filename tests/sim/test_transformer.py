"""The transformer against its formulas worked out by hand."""

from __future__ import annotations

import math

import pytest

from sim.transformer import (
    Flow,
    Transformer,
    TransformerParameters,
    losses,
    low_side_kv,
    oil_rise_k,
    winding_rise_k,
)

RATED = TransformerParameters()


def test_at_no_load_only_the_core_loses() -> None:
    p_mw, q_mvar = losses(RATED, Flow(0.0, 0.0, 23.0))
    assert p_mw == pytest.approx(0.035)
    assert q_mvar == pytest.approx(63 * 0.002)


def test_load_losses_grow_with_the_square_of_the_load() -> None:
    half, _ = losses(RATED, Flow(31.5, 0.0, 23.0))
    full, _ = losses(RATED, Flow(63.0, 0.0, 23.0))
    assert (full - 0.035) / (half - 0.035) == pytest.approx(4)


def test_a_reactive_load_drops_the_voltage_by_the_reactance() -> None:
    free = low_side_kv(RATED, 115.0, 0, 0.0, 0.0)
    assert free == pytest.approx(23.0)
    loaded = low_side_kv(RATED, 115.0, 0, 0.0, 31.5)
    assert 1 - loaded / free == pytest.approx(0.12 / 2)


def test_current_is_power_over_root_three_voltage() -> None:
    assert Flow(30.0, 40.0, 22.5).i_a == pytest.approx(50e6 / (math.sqrt(3) * 22.5e3))


def test_oil_follows_a_load_step_as_the_standard_says() -> None:
    """IEC 60076-7:2005, 8.2.2: the rise after t is the last rise plus the difference times 1 - exp(-t/(k11
    tau))."""
    unit = Transformer(RATED, 0.4, 30.0)
    started_c = unit.oil_c
    assert started_c == pytest.approx(30.0 + oil_rise_k(RATED, 0.4))
    for _ in range(7200):
        unit.warm(1.0, 30.0, 0.5)
    share = 1 - math.exp(-3600 / (0.5 * 150 * 60))
    assert unit.oil_c == pytest.approx(started_c + share * (oil_rise_k(RATED, 1.0) - oil_rise_k(RATED, 0.4)))


def test_the_hot_spot_settles_at_the_sum_of_the_rises() -> None:
    unit = Transformer(RATED, 0.2, 25.0)
    unit.warm(0.8, 25.0, 1e6)
    ratio = 230 / 35
    oil_k = 50 * ((1 + ratio * 0.64) / (1 + ratio)) ** 0.8
    assert unit.hot_spot_c == pytest.approx(25 + oil_k + 24 * 0.8**1.3)
    assert winding_rise_k(RATED, 1.0) == 24.0


def test_the_tap_moves_after_the_delay_towards_the_target_and_rests_there() -> None:
    unit = Transformer(RATED, 0.5, 30.0)
    hv_kv = 105.0

    def lv_kv() -> float:
        return low_side_kv(RATED, hv_kv, unit.tap, 20.0, 8.0)

    unit.regulate(lv_kv(), 39.0)
    assert unit.tap == 0
    unit.regulate(lv_kv(), 1.0)
    assert unit.tap == 1
    for _ in range(2000):
        unit.regulate(lv_kv(), 1.0)
    settled = unit.tap
    assert abs(lv_kv() / RATED.target_lv_kv - 1) <= RATED.deadband
    for _ in range(500):
        unit.regulate(lv_kv(), 1.0)
    assert unit.tap == settled


def test_the_tap_ends_at_its_last_position() -> None:
    unit = Transformer(RATED, 0.5, 30.0)
    for _ in range(2000):
        unit.regulate(10.0, 1.0)
    assert unit.tap == RATED.tap_steps
