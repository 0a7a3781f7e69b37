"""A promised rate of false rejects is kept, for scores of many shapes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from vision_qc.errors import NotEnoughImagesError
from vision_qc.threshold import promise

Draw = Callable[[np.random.Generator, int], np.ndarray]

SHAPES: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "skewed": lambda rng, n: rng.gumbel(size=n),
    "short tail": lambda rng, n: rng.beta(2, 2, size=n),
    "heavy tail": lambda rng, n: rng.standard_t(6, size=n),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [100, 400])
def test_the_realised_rate_is_about_what_was_promised(shape: str, count: int) -> None:
    rng = np.random.default_rng(3)
    rates = []
    for _ in range(60):
        limit = promise(SHAPES[shape](rng, count), 0.02).reject
        rates.append(float((SHAPES[shape](rng, 20_000) >= limit).mean()))
    assert 0.005 < float(np.mean(rates)) < 0.022
    assert float(np.mean([rate > 0.04 for rate in rates])) < 0.1


@pytest.mark.parametrize("count", [20, 30, 50])
def test_few_pictures_are_not_an_excuse(count: int) -> None:
    """Twenty to fifty good pictures are all that many a station has; on average the promise is kept."""
    rng = np.random.default_rng(4)
    for shape in SHAPES.values():
        rates = [
            float((shape(rng, 20_000) >= promise(shape(rng, count), 0.02).reject).mean()) for _ in range(200)
        ]
        assert 0.005 < float(np.mean(rates)) < 0.025


def test_the_review_band_lies_below_the_reject_threshold() -> None:
    limits = promise(np.random.default_rng(0).normal(size=200), 0.02)
    assert limits.review < limits.reject
    assert [limits.verdict(score) for score in (-9.0, limits.review, limits.reject)] == [
        "accept",
        "review",
        "reject",
    ]


def test_what_is_no_number_is_not_accepted() -> None:
    limits = promise(np.random.default_rng(0).normal(size=200), 0.02)
    assert limits.verdict(float("nan")) == "reject"


def test_equal_scores_are_all_accepted() -> None:
    limits = promise(np.full(50, 1.5), 0.02)
    assert limits.verdict(1.5) == "accept"


def test_few_scores_are_refused() -> None:
    with pytest.raises(NotEnoughImagesError, match="9 good pictures"):
        promise(np.zeros(9), 0.02)
