"""A question to the history costs what is looked through: little trends hardly anything, years of many tags
are refused, with what would be cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from tests.end_to_end.test_tenants import Estate, ask, estate
from tests.twin.networks.demo_park import demo_park
from twin.api.history_cost import MOST_OF_FIGURES, READINGS_A_UNIT, HistoryCost
from twin.contract.clock import NS_PER_S
from twin.identity.errors import TooMuchError, TooOftenError
from twin.identity.rates import CHARGING, LIMITS, Rates

__all__ = ["estate"]

HOUR, YEAR = 3600 * NS_PER_S, 365 * 86_400 * NS_PER_S
NOW = 1_790_000_000 * NS_PER_S
BURST = LIMITS["person"].burst
TAGS = [tag.tag for tag in demo_park().tags if tag.source]


@contextmanager
def charging(rates: Rates) -> Iterator[None]:
    """As the gate has it while a question of somebody is answered."""
    token = CHARGING.set(partial(rates.charge, "person", "lan"))
    try:
        yield
    finally:
        CHARGING.reset(token)


def taken(rates: Rates) -> float:
    """How much of a full bucket is gone."""
    left = 0.0
    step = BURST
    while step > 0.01:  # as much as can be taken at once, found by halves, and put back by forgetting
        step /= 2
        try:
            rates.charge("person", "lan", step)
            left += step
        except TooOftenError:
            continue
    return BURST - left


@pytest.fixture
def rates() -> Rates:
    return Rates(lambda: NOW, 1.0)


@pytest.fixture(scope="module")
def cost() -> HistoryCost:
    return HistoryCost(demo_park())


def price(cost: HistoryCost, tags: int, span: float, points: int) -> float:
    """What a question costs somebody who has asked nothing yet."""
    rates = Rates(lambda: NOW, 1.0)
    with charging(rates):
        cost.charge(TAGS[:tags], NOW - int(span), NOW, points)
    return taken(rates)


def test_an_hour_of_a_tag_costs_less_than_a_plain_question(cost: HistoryCost) -> None:
    assert price(cost, 1, HOUR, 600) < 1


def test_it_grows_with_tags_time_and_points(cost: HistoryCost) -> None:
    asked = [(1, HOUR, 10), (1, HOUR, 10_000), (1, YEAR / 12, 10), (1, YEAR, 10), (3, YEAR, 10)]
    prices = [price(cost, *one) for one in asked]
    year = cost.readings(TAGS[:1], 0, YEAR) / READINGS_A_UNIT
    assert prices[0] < prices[1]
    assert prices[3] == pytest.approx(year, abs=0.1)
    assert prices[2] == pytest.approx(year / 12, abs=0.1)
    assert prices[4] == pytest.approx(cost.readings(TAGS[:3], 0, YEAR) / READINGS_A_UNIT, abs=0.1)


def test_a_hundred_tag_years_are_refused_with_what_is_cheaper_and_nothing_is_taken(
    rates: Rates, cost: HistoryCost
) -> None:
    rule = r"100 tags in 365.0 days; a day of them costs .* shorter"
    with charging(rates), pytest.raises(TooMuchError, match=rule):
        cost.charge(TAGS[:100], NOW - YEAR, NOW, 600)
    assert taken(rates) < 0.1


def test_one_after_the_other_they_are_held_up(rates: Rates, cost: HistoryCost) -> None:
    year = cost.readings(TAGS[:1], 0, YEAR) / READINGS_A_UNIT
    with charging(rates):
        for _ in range(int(BURST / (year + 1))):
            cost.charge(TAGS[:1], NOW - YEAR, NOW, 600)
        with pytest.raises(TooOftenError, match="fewer tags") as refused:
            cost.charge(TAGS[:2], NOW - YEAR, NOW, 600)
    assert refused.value.retry_after_s >= 1


def test_figures_over_many_tags_cost_so_much_at_most(rates: Rates, cost: HistoryCost) -> None:
    with charging(rates):
        cost.charge(TAGS, NOW - YEAR, NOW, at_most=MOST_OF_FIGURES)
    assert taken(rates) == pytest.approx(MOST_OF_FIGURES, abs=0.1)


def test_nobody_is_charged_where_nothing_is_secured(cost: HistoryCost) -> None:
    cost.charge(TAGS, NOW - YEAR, NOW, 600)


def test_over_http_the_refusal_says_what_is_cheaper_and_others_are_answered(estate: Estate) -> None:
    year = {"tag": "thu/alpha/f1/oven0:heat", "from": "now-365d", "points": "10000"}
    codes = []
    for _ in range(100):
        answer = ask(estate, "alpha", "planner", "GET", "/api/history", params=year)
        codes.append(answer.status_code)
        if not answer.is_success:
            break
    assert codes[-1] == 429, codes
    assert 200 in codes
    problem = answer.json()
    assert problem["code"] == "too_often"
    assert "shorter time" in problem["detail"]
    assert int(answer.headers["retry-after"]) >= 1
    hour = {**year, "from": "now-1h", "points": "600"}
    for role in ("viewer", "planner"):
        assert ask(estate, "alpha", role, "GET", "/api/history", params=hour).status_code == 200
