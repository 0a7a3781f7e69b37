"""Thresholds by cost: where theory has them, lower for dear escapes, with what counts leave open."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good
from vision_qc.costs import Costs, price, read_costs
from vision_qc.errors import CostsError, NotEnoughImagesError
from vision_qc.features import shared_network
from vision_qc.teach import teach

RNG = np.random.default_rng(11)
GOOD, BAD = RNG.normal(0, 1, 4000), RNG.normal(4, 1, 2000)


def test_two_normal_distributions_are_parted_where_chow_has_it() -> None:
    share = 50.5 / 1001
    told = price(GOOD, BAD, Costs(escape=100, false_reject=10, review=2, defective=50, of=1000))
    # likelihood ratio exp(4 s - 8); accept while p escape < review, reject once (1 - p) false_reject < review
    odds = (1 - share) / share
    accept_to = (np.log(odds * 2 / (100 - 2)) + 8) / 4
    reject_from = (np.log(odds * (10 - 2) / 2) + 8) / 4
    assert told.threshold.review == pytest.approx(accept_to, abs=0.15)
    # an exponential fall-off is heavier than a normal one: it rejects later, rather than too early
    assert reject_from - 0.1 < told.threshold.reject < reject_from + 0.35
    assert told.review_low <= told.threshold.review <= told.review_high
    assert told.per_1000_low < told.per_1000 < told.per_1000_high
    assert told.per_1000 < told.without_review_per_1000 < told.accept_all_per_1000


def test_dear_escapes_lower_and_dear_rejects_raise_the_thresholds() -> None:
    def at(escape: float, reject: float) -> float:
        return price(GOOD, BAD, Costs(escape, reject, reject, 5, 1000)).threshold.reject

    assert at(1000, 10) < at(100, 10) < at(100, 100)


def test_a_review_as_dear_as_a_false_reject_leaves_no_band() -> None:
    told = price(GOOD, BAD, Costs(100, 10, 10, 50, 1000))
    assert told.threshold.reject - told.threshold.review < 0.1
    assert told.reviews < 5


def test_few_counts_leave_more_open_than_many() -> None:
    few, many = (price(GOOD, BAD, Costs(100, 10, 2, n, 100 * n)) for n in (1, 100))
    assert few.per_1000_high - few.per_1000_low > 2 * (many.per_1000_high - many.per_1000_low)


def test_the_expected_cost_is_that_of_products_to_come() -> None:
    costs = Costs(100, 10, 2, 50, 1000)
    told = price(GOOD[:400], BAD[:200], costs)
    rng = np.random.default_rng(5)
    defective = rng.random(200_000) < 0.05
    scores = np.where(defective, rng.normal(4, 1, 200_000), rng.normal(0, 1, 200_000))
    verdicts = np.array([told.threshold.verdict(score) for score in scores])
    spent = 100 * (defective & (verdicts == "accept")).mean() + 2 * (verdicts == "review").mean()
    spent += 10 * (~defective & (verdicts == "reject")).mean()
    assert told.per_1000_low < 1000 * spent < told.per_1000_high


def test_what_says_nothing_is_refused() -> None:
    with pytest.raises(NotEnoughImagesError, match="3 bad"):
        price(GOOD, BAD[:3], Costs(1, 1, 1, 0, 10))
    with pytest.raises(CostsError, match="11 defective of 10"):
        price(GOOD, BAD, Costs(1, 1, 1, 11, 10))
    for text in ("200,5,1", "200,5,x,3/1000", "-1,5,1,3/1000"):
        with pytest.raises(CostsError):
            read_costs(text)


FAINT = np.linspace(0.05, 0.6, 12)


def test_a_station_is_taught_by_cost() -> None:
    # scratches so faint that some are told from good plates and some are not: else no price would matter
    goods = [good(n) for n in range(30)]
    bads = [
        np.asarray(cv2.addWeighted(bad(n), s, good(5_000 + n), 1 - s, 0), np.uint8)
        for n, s in enumerate(FAINT)
    ]
    dear, cheap = (
        teach(goods, bads, shared_network(), registration="off", costs=read_costs(text))
        for text in ("1000,5,1,3/100", "6,5,1,3/1000")
    )
    assert dear.priced is not None
    assert dear.station.threshold == dear.priced.threshold
    assert dear.station.threshold.review < cheap.station.threshold.review
    with pytest.raises(NotEnoughImagesError, match="0 bad"):
        teach(goods, [], shared_network(), registration="off", costs=read_costs("9,5,1,3/1000"))
