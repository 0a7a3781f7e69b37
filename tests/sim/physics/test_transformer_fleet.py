"""Transformers of a fleet against IEC 60076-7 and textbook answers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.physics.lag import Lag
from sim.physics.transformer import (
    ONAF,
    ONAN_DISTRIBUTION,
    Ratings,
    current_a,
    power_factor,
    relative_ageing,
)

ONE = np.ones(1)
UNIT = Ratings(63e3 * ONE, 35 * ONE, 230 * ONE, 0.002 * ONE, 0.12 * ONE, 115 * ONE, 23 * ONE, 0.0178 * ONE)


def test_efficiency_is_best_where_iron_and_copper_losses_are_equal() -> None:
    """At K = sqrt(P0/Pk), a textbook result."""
    loads = np.linspace(0.05, 1.2, 400)
    many = Ratings(
        *(np.full(400, float(value)) for value in (63e3, 35.0, 230.0, 0.002, 0.12, 115.0, 23.0, 0.0178))
    )
    loss_kw, _ = many.losses(63e3 * loads)
    best = loads[int(np.argmax(63e3 * loads / (63e3 * loads + loss_kw)))]
    assert best == pytest.approx(np.sqrt(35.0 / 230.0), abs=0.005)


def test_no_load_voltage_follows_the_ratio_and_the_tap() -> None:
    none = np.zeros(1)
    assert UNIT.low_side(115 * ONE, none, none, none)[0] == pytest.approx(23.0)
    assert UNIT.low_side(115 * ONE, 2 * ONE, none, none)[0] == pytest.approx(23.0 * 1.0356)


def test_reactive_load_drops_the_voltage_by_its_reactance() -> None:
    """1 per unit of lagging reactive load through 12 %."""
    assert UNIT.low_side(115 * ONE, np.zeros(1), np.zeros(1), 63e3 * ONE)[0] == pytest.approx(23.0 * 0.88)


def test_heat_at_rated_load_is_the_type_test() -> None:
    ratio = UNIT.load_loss_kw / UNIT.no_load_kw
    assert ONAF.oil_end_k(ratio, ONE)[0] == pytest.approx(50.0)
    assert ONAF.winding_end_k(ONE)[0] == pytest.approx(24.0)
    assert ONAF.oil_end_k(ratio, np.zeros(1))[0] == pytest.approx(50.0 * (1 / (1 + ratio[0])) ** 0.8)


@pytest.mark.parametrize(("thermal", "share"), [(ONAF, 0.632), (ONAN_DISTRIBUTION, 0.632)])
def test_oil_has_gone_63_percent_of_the_way_after_its_time_constant(thermal: object, share: float) -> None:
    oil = Lag(thermal.oil_lag_s, np.array([30.0]))  # type: ignore[attr-defined]
    assert oil.step(np.array([80.0]), thermal.oil_lag_s)[0] == pytest.approx(30 + 50 * share, abs=0.05)  # type: ignore[attr-defined]


def test_six_kelvin_halve_the_life() -> None:
    assert relative_ageing(np.array([110.0, 116.0]))[1] / relative_ageing(np.array([110.0]))[
        0
    ] == pytest.approx(2.0)


def test_current_and_power_factor() -> None:
    assert current_a(np.array([100.0]), np.array([0.0]), np.array([0.4]))[0] == pytest.approx(
        144.34, rel=1e-4
    )
    assert power_factor(np.array([-80.0]), np.array([60.0]))[0] == pytest.approx(0.8)
