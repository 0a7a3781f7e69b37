"""Charts signal what they must, and as rarely as their limits promise when nothing is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from vision_qc.spc.ewma import ewma_chart
from vision_qc.spc.p_chart import RUN_LENGTH, p_chart


def test_limits_of_a_p_chart_are_those_of_the_standard() -> None:
    chart = p_chart([4, 6, 5, 5], [100, 100, 100, 400], laney=False)
    assert chart is not None
    assert chart.centre == pytest.approx(20 / 700)
    half = 3 * (chart.centre * (1 - chart.centre) / 400) ** 0.5
    assert chart.high[3] == pytest.approx(chart.centre + half)
    assert chart.low[3] == pytest.approx(chart.centre - half)
    assert chart.low[0] == 0.0
    assert p_chart([1, 2], [10, 10]) is None


def test_laneys_limits_hold_where_batches_differ_and_are_the_same_where_they_do_not() -> None:
    rng = np.random.default_rng(3)
    sizes = [2000] * 200
    equal = rng.binomial(2000, 0.02, 200).tolist()
    batches = rng.binomial(2000, rng.beta(20, 980, 200)).tolist()
    alike = p_chart(equal, sizes)
    assert alike is not None
    assert alike.sigma_z == pytest.approx(1.0, abs=0.1)
    assert len(alike.beyond) <= 3
    plain, laney = p_chart(batches, sizes, laney=False), p_chart(batches, sizes)
    assert plain is not None
    assert laney is not None
    assert laney.sigma_z > 1.3
    assert len(plain.beyond) > 5 * max(len(laney.beyond), 1)
    assert len(laney.beyond) <= 3


def test_nine_on_one_side_are_a_run() -> None:
    counts = [9, 11] * 10 + [11] * RUN_LENGTH
    chart = p_chart(counts, [1000] * len(counts), laney=False)
    assert chart is not None
    assert chart.beyond == ()
    assert chart.runs[-1] == len(counts) - 1


def test_no_rejects_at_all_is_no_signal() -> None:
    chart = p_chart([0] * 30, [50] * 30)
    assert chart is not None
    assert (chart.centre, chart.beyond, chart.runs) == (0.0, (), ())


def test_ewma_gives_a_false_signal_about_every_five_hundred_values() -> None:
    rng = np.random.default_rng(5)
    lengths = []
    for _ in range(150):
        signals = ewma_chart(rng.normal(size=4000).tolist(), centre=0.0, sigma=1.0).signals
        lengths.append(signals[0] + 1 if signals else 4000)
    # Lucas and Saccucci 1990: 500 in the steady state, less with limits that widen from the first value on
    assert 350 < np.mean(lengths) < 650


def test_ewma_finds_half_a_sigma_in_a_few_dozen_values() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(0.5, 1.0, 4000).tolist()
    signals = ewma_chart(values, centre=0.0, sigma=1.0).signals
    assert signals[0] < 120
