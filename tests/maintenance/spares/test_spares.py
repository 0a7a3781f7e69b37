"""Spares: demand as what machines truly ask for, orders that meet the service level."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from maintenance.plan.planner import make_plan
from maintenance.plan.site_file import Delivery, Part
from maintenance.spares.demand import demand_distribution, least_enough, meets
from maintenance.spares.reorder import REVIEW_DAYS, PartNeed, spares
from tests.maintenance.plan.sites import NOW_NS, site, told
from twin.contract.health import HealthState, MachineHealth


def _part(**more: object) -> Part:
    return Part.model_validate(
        {
            "id": "bearing",
            "name_vi": "Ổ bi",
            "name_en": "Bearing",
            "price": 5.0,
            "on_hand": 0,
            "lead_days": 20,
        }
        | more
    )


def _need(part: Part, forecasts: list[MachineHealth]) -> PartNeed:
    stocked = site(parts=[part], needs={"bearing": 1})
    (need,) = spares(stocked, forecasts, make_plan(stocked, forecasts, NOW_NS))
    return need


def test_equal_machines_ask_as_a_binomial_and_random_ones_as_a_poisson() -> None:
    np.testing.assert_allclose(
        demand_distribution([(0.3, 1)] * 8), binom.pmf(np.arange(9), 8, 0.3), atol=1e-12
    )
    mixed = demand_distribution([], 2.5)
    np.testing.assert_allclose(mixed, poisson.pmf(np.arange(len(mixed)), 2.5), atol=1e-12)


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.integers(1, 4)), max_size=12), st.floats(0.0, 5.0))
def test_a_demand_is_a_distribution_with_the_right_mean(
    asks: list[tuple[float, int]], at_random: float
) -> None:
    demand = demand_distribution(asks, at_random)
    assert demand.sum() == pytest.approx(1.0, abs=1e-9)
    assert np.arange(len(demand)) @ demand == pytest.approx(sum(p * n for p, n in asks) + at_random, abs=1e-6)
    for level in (0.5, 0.9, 0.99):
        enough = least_enough(demand, level)
        assert meets(demand, enough) >= level - 1e-6
        assert enough == 0 or meets(demand, enough - 1) < level


def test_the_service_level_holds_when_machines_truly_fail() -> None:
    rng = np.random.default_rng(3)
    chances = rng.uniform(0.02, 0.4, 30)
    stock = least_enough(demand_distribution([(p, 1) for p in chances.tolist()]), 0.95)
    asked = (rng.random((20_000, 30)) < chances).sum(axis=1)
    assert np.mean(asked <= stock) >= 0.945
    assert np.mean(asked <= stock - 1) < 0.95


def test_a_planned_job_asks_for_certain_and_what_is_under_way_counts() -> None:
    forecasts = [told("park/a/l/m", 200.0)]
    there = _need(_part(on_hand=1, lead_days=20), forecasts)
    assert (there.planned, there.order, there.meets) == (1, 0, 1.0)
    none = _need(_part(on_hand=0, lead_days=20), forecasts)
    assert none.order == 1
    assert none.price == 5.0
    coming = Delivery(arrives=date(2026, 12, 2), count=1)
    assert _need(_part(on_hand=0, on_order=[coming]), forecasts).order == 0


def test_machines_without_a_forecast_ask_at_their_usual_rate() -> None:
    unknown = [
        MachineHealth(machine=f"park/a/l/m{n}", time=NOW_NS, state=HealthState.NOT_ENOUGH_DATA, kind="pump")
        for n in range(50)
    ]
    need = _need(_part(), unknown)
    hours = 24.0 * (20 + REVIEW_DAYS)
    assert need.expected == pytest.approx(50 * hours / 5000.0, rel=1e-6)
    assert need.order == poisson.ppf(0.95, need.expected)
    assert not need.machines


def test_what_will_be_wanted_later_is_ordered_later() -> None:
    need = _need(_part(on_hand=0, lead_days=7), [told("park/a/l/m", 1800.0, spread=0.05)])
    assert need.order == 0
    assert need.order_by is not None
    assert date(2026, 12, 14) <= need.order_by <= date(2027, 2, 1)


def test_a_longer_lead_time_never_asks_for_less() -> None:
    forecasts = [told(f"park/a/l{n}/m", 300.0 + 200.0 * n, spread=0.4, indicative=True) for n in range(8)]
    enough = [_need(_part(lead_days=days), forecasts).enough for days in (5, 15, 45, 120)]
    assert enough == sorted(enough)
    assert enough[-1] > enough[0]
