"""Why a forecast of remaining life: contributions add up, name what wears, and likes are told in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from maintenance.explain import Explanation, explain, shapley
from maintenance.explain_words import explanation_lines
from maintenance.histories import F32, F64, Histories
from maintenance.model import FittedModel
from tests.maintenance.fleet import wearing_fleet


@pytest.fixture(scope="module")
def live() -> Histories:
    other = wearing_fleet(40, seed=77)
    return other.truncated(np.where(np.arange(40) == 1, 5, other.lengths - 8))


@pytest.fixture(scope="module")
def found(fitted: FittedModel, live: Histories) -> Explanation:
    return explain(fitted.model, live, 0)


def test_contributions_add_up_to_the_forecast(
    fitted: FittedModel, found: Explanation, live: Histories
) -> None:
    life = float(fitted.model.forecast(live).life[0])
    assert found.life == pytest.approx(life)
    for parts in (found.by_signal, found.by_block):
        assert found.reference + sum(value for _, value in parts) == pytest.approx(life, abs=1e-6)


def test_signals_that_wear_moves_speak_and_one_that_stands_still_does_not(found: Explanation) -> None:
    by_signal = dict(found.by_signal)
    worn = {"temperature", "pressure", "vibration"}
    assert worn <= set(by_signal)
    assert "constant" not in by_signal  # it moves within no regime, so no model reads it
    # near its end the machine has less life than the mean of training, and its worn signals say so
    assert sum(by_signal[name] for name in worn) < -5.0
    slopes = dict(zip((name for name, _ in found.by_signal), found.trend, strict=True))
    assert slopes["temperature"] > 0 > slopes["pressure"]
    assert np.isnan(slopes["age"])


def test_likes_ended_near_the_truth(fitted: FittedModel, live: Histories) -> None:
    left = [
        np.median([one.left for one in explain(fitted.model, live, unit).similar]) for unit in range(2, 12)
    ]
    assert np.median(np.abs(np.array(left) - 8.0)) < 12.0


def test_shapley_values_are_exact_where_they_can_be_worked_out() -> None:
    weights = np.array([1.0, -2.0, 0.5])

    def linear_with_a_pair(table: F32) -> F64:
        result: F64 = table.astype(np.float64) @ weights + table[:, 0] * table[:, 1]
        return result

    row = np.array([2.0, 3.0, 4.0], np.float32)
    values = shapley(linear_with_a_pair, row, [np.array([place]) for place in range(3)])
    # in a product of two each gets half; opposite orders make that exact
    assert values.tolist() == pytest.approx([2.0 + 3.0, -6.0 + 3.0, 2.0])


@pytest.mark.parametrize(("language", "word"), [("vi", "Vì sao"), ("en", "Why, against")])
def test_an_explanation_reads_in_either_language(
    fitted: FittedModel, found: Explanation, live: Histories, language: str, word: str
) -> None:
    told = fitted.model.forecast(live)
    text = "\n".join(explanation_lines(found, told, 0, "vi" if language == "vi" else "en"))
    assert word in text
    assert re.search(r"temperature: [−+][\d.,]+ (chu kỳ; đang tăng|cycles; rising)", text)
    assert len(re.findall("failed .* cycles later|hỏng sau đó .* chu kỳ", text)) == 5
    nothing = explain(fitted.model, live, 1)
    said = list(explanation_lines(nothing, told, 1, "en"))
    assert len(said) == 1
    assert "no forecast; not enough data: 5 cycles" in said[0]
