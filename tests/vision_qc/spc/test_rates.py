"""Intervals, agreement, rates and drift against worked examples and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from vision_qc.picture_figures import FIGURES
from vision_qc.spc.agreement import agreement, kappa
from vision_qc.spc.drift import kolmogorov_smirnov, picture_drift, score_drift
from vision_qc.spc.intervals import wilson
from vision_qc.spc.rates import Reviewed, rates


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    # Brown, Cai, DasGupta, Statistical Science 16 (2001), by their formula (4)
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)],
)
def test_wilson(count: int, of: int, low: float, high: float) -> None:
    share = wilson(count, of)
    assert share.low == pytest.approx(low, abs=1e-4)
    assert share.high == pytest.approx(high, abs=1e-4)


def test_the_interval_covers_what_it_promises() -> None:
    rng = np.random.default_rng(1)
    for p in (0.01, 0.05, 0.3):
        covered = [
            share.low <= p <= share.high
            for share in (wilson(int(count), 120) for count in rng.binomial(120, p, 4000))
        ]
        assert np.mean(covered) > 0.92


def test_nothing_known_is_said_so() -> None:
    assert wilson(0, 0).share is None
    assert kappa([]) is None
    assert kappa([(False, False)] * 5) is None
    assert agreement([]).rating is None
    told = rates({"pass": Reviewed(100, 0, 0), "reject": Reviewed(3, 0, 0)})
    assert (told.false_reject.value, told.escape.value) == (None, None)
    assert told.escape.low == 0.0
    assert rates({}).escapes_of_passed.share is None


def test_kappa_of_cohens_own_example() -> None:
    # 50 grants, two readers: yes/yes 20, yes/no 5, no/yes 10, no/no 15: kappa 0.40
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.40)


def test_agreement_is_rated_by_the_worst_of_the_three() -> None:
    right = [(True, True)] * 60 + [(False, False)] * 140
    assert agreement(right).rating == "acceptable"
    assert agreement([*right, *[(False, True)] * 2]).rating == "marginal"  # misses 3 %
    assert agreement([*right, *[(False, True)] * 5]).rating == "unacceptable"  # misses 8 %
    assert agreement([*right, *[(True, False)] * 10]).rating == "marginal"  # 7 % false alarms


def test_rates_are_found_again_from_a_sample() -> None:
    rng = np.random.default_rng(4)
    truth = rng.random(20_000) < 0.03
    rejected = np.where(truth, rng.random(20_000) < 0.9, rng.random(20_000) < 0.02)
    looked = np.where(rejected, rng.random(20_000) < 0.8, rng.random(20_000) < 0.1)

    def reviewed(which: np.ndarray) -> Reviewed:
        return Reviewed(int(which.sum()), int((which & looked).sum()), int((which & looked & truth).sum()))

    told = rates({"pass": reviewed(~rejected), "reject": reviewed(rejected)})
    real_false_reject = (rejected & ~truth).sum() / (~truth).sum()
    real_escape = (~rejected & truth).sum() / truth.sum()
    assert told.false_reject.value == pytest.approx(real_false_reject, rel=0.15)
    assert told.false_reject.low <= real_false_reject <= told.false_reject.high
    assert told.escape.low <= real_escape <= told.escape.high


def pictures(rng: np.random.Generator, many: int, brightness: float = 120.0) -> dict[str, list[float]]:
    columns = rng.multivariate_normal(
        [brightness, 40, 6], [[9, 4, 0.5], [4, 4, 0.4], [0.5, 0.4, 0.25]], many
    ).T
    return {name: column.tolist() for name, column in zip(FIGURES, columns, strict=True)}


def test_no_drift_is_seldom_called_one() -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(200):
        scores = score_drift(rng.normal(size=100).tolist(), rng.normal(size=200).tolist())
        seen = picture_drift(pictures(rng, 100), pictures(rng, 200))
        assert scores is not None
        assert seen is not None
        alarms += scores.alarm + seen.alarm
    assert alarms <= 2


def test_a_darker_lamp_and_higher_scores_are_noticed() -> None:
    rng = np.random.default_rng(3)
    dark = picture_drift(pictures(rng, 150), pictures(rng, 200, 110.0))
    assert dark is not None
    assert dark.alarm
    assert dark.shifts["brightness"] == pytest.approx(-10 / 3, abs=0.5)
    worse = score_drift(rng.normal(size=150).tolist(), rng.normal(0.8, 1.0, size=200).tolist())
    assert worse is not None
    assert worse.alarm
    assert score_drift(rng.normal(size=150).tolist(), [0.0] * 10) is None
    assert picture_drift(pictures(rng, 10), pictures(rng, 200)) is None


def test_kolmogorov_smirnov_is_that_of_scipy() -> None:
    rng = np.random.default_rng(8)
    for shift in (0.0, 0.3):
        before, now = rng.normal(size=150), rng.normal(shift, 1.0, size=200)
        one = stats.ks_2samp(before, now, method="asymp")
        distance, p = kolmogorov_smirnov(before, now)
        assert distance == pytest.approx(one.statistic)
        assert p == pytest.approx(one.pvalue, rel=0.35)  # scipy corrects for small samples
