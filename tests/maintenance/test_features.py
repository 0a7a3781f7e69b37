"""Features by hand, and that training and service see the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintenance.errors import HistoryError
from maintenance.features import FUNCTIONALS, MAX_CYCLES, at_every_cycle, at_last_cycle, fill_gaps, weights


def _value(name: str, values: list[float]) -> float:
    return float(weights(len(values))[FUNCTIONALS.index(name)] @ np.array(values))


def test_a_straight_line_is_found_exactly() -> None:
    line = [3.0 + 0.5 * t for t in range(100)]
    for window in (15, 30, 60):
        assert _value(f"level{window}", line) == pytest.approx(line[-1])
        assert _value(f"slope{window}", line) == pytest.approx(0.5)


def test_an_ewma_by_hand() -> None:
    keep = 1.0 - 2.0 / 21.0
    expected = (keep**2 * 1.0 + keep * 2.0 + 4.0) / (keep**2 + keep + 1.0)
    assert _value("ewma20", [1.0, 2.0, 4.0]) == pytest.approx(expected)


def test_youth_and_mean_by_hand() -> None:
    values = [1.0] * 15 + [5.0] * 5
    assert _value("youth", values) == pytest.approx(1.0)
    assert _value("mean", values) == pytest.approx(2.0)


def test_two_cycles_have_no_slope() -> None:
    assert _value("slope15", [0.0, 100.0]) == 0.0


@given(st.integers(1, 200))
def test_levels_keep_a_constant_and_slopes_see_none(cycles: int) -> None:
    sums = weights(cycles).sum(axis=1)
    for name, total in zip(FUNCTIONALS, sums, strict=True):
        assert total == pytest.approx(0.0 if name.startswith("slope") else 1.0, abs=1e-9)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 100))
def test_training_and_service_see_the_same(lengths: list[int], seed: int) -> None:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    z = np.random.default_rng(seed).standard_normal((int(starts[-1]), 3))
    every = at_every_cycle(z, starts)
    assert np.allclose(every[starts[1:] - 1], at_last_cycle(z, starts, starts[:-1]), atol=1e-6)


def test_a_row_does_not_see_its_future() -> None:
    z = np.random.default_rng(0).standard_normal((30, 2))
    changed = z.copy()
    changed[20:] += 100.0
    starts = np.array([0, 30])
    assert np.array_equal(at_every_cycle(z, starts)[:20], at_every_cycle(changed, starts)[:20])


def test_gaps_keep_the_last_known_value_within_the_machine() -> None:
    nan = np.nan
    z = np.array([[nan, 1.0], [2.0, nan], [nan, nan], [nan, 5.0]])
    filled = fill_gaps(z, np.array([0, 3, 4]))
    assert filled[:3].tolist() == [[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]]
    assert np.isnan(filled[3, 0])
    assert filled[3, 1] == 5.0


def test_a_history_too_long_to_train_on_is_refused() -> None:
    with pytest.raises(HistoryError, match="aggregate the readings"):
        at_every_cycle(np.zeros((MAX_CYCLES + 1, 1)), np.array([0, MAX_CYCLES + 1]))
