"""The benchmark on simulated machines, in small: trained on one seed, looked at on another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maintenance.benchmarks.sim_lives import LAMBDAS, Looks, lines, look, run, score
from maintenance.errors import DataSetError
from tests.maintenance.condenser import condenser_lives, condenser_model

MODES = {"fan_bearing_wear", "tube_scaling"}


def test_machines_of_a_seed_never_seen_are_forecast() -> None:
    tested = condenser_lives(12, 20)
    looks = look(condenser_model(), tested, range(tested.units), known_age=True)
    scores = score([looks])
    # trained on a quarter of the machines, looked at a third as often as in the full benchmark
    assert scores.count == 20
    assert scores.error < 0.35
    assert scores.first_half >= 0.6
    assert scores.first_late >= 0.8
    assert 0.7 <= scores.coverage <= 1.0
    text = list(lines([looks]))
    assert len(text) == 1 + 1 + len(MODES) + 1


def test_with_the_age_not_told_it_still_says_something() -> None:
    tested = condenser_lives(12, 20)
    scores = score([look(condenser_model(), tested, range(tested.units), known_age=False)])
    assert scores.error < 0.6
    assert scores.first_half >= 0.7


def test_a_forecast_sees_nothing_of_what_comes_after_it() -> None:
    model, tested = condenser_model(), condenser_lives(12, 20)
    before = look(model, tested, [0], known_age=True)
    half = tested.onset_h[0] + 0.5 * (tested.end_h[0] - tested.onset_h[0])
    rows = tested.rows(0)
    later = rows.start + int(np.searchsorted(tested.hour[rows], half))
    value = tested.value.copy()
    value[later : rows.stop] = 1e6
    changed = type(tested)(**{**vars(tested), "value": value})
    after = look(model, changed, [0], known_age=True)
    place = LAMBDAS.index(0.5)
    assert np.array_equal(before.quantiles[0, : place + 1], after.quantiles[0, : place + 1])
    assert not np.array_equal(before.quantiles[0, -1], after.quantiles[0, -1])


def test_metrics_of_perfect_and_of_late_forecasts() -> None:
    left = np.array([[100.0 * (1 - part) for part in LAMBDAS]])
    quantiles = np.repeat(left[:, :, None], 5, axis=2)
    ones = np.ones((1, len(LAMBDAS)), np.bool_)
    looks = Looks("pump", ("wear",), left, np.array([100.0]), quantiles, ones, ~ones)
    perfect = score([looks])
    assert (perfect.error, perfect.coverage) == (0.0, 1.0)
    assert perfect.horizon == pytest.approx(0.9)
    late = score([Looks("pump", ("wear",), left, np.array([100.0]), quantiles + 30.0, ~ones, ~ones)])
    assert late.error == pytest.approx(0.6)
    assert (late.coverage, late.horizon, late.first_half) == (0.0, 0.0, 0.0)


def test_the_seed_of_training_is_not_looked_at(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="never used before"):
        run(
            tmp_path,
            kinds=["loom"],
            degradations=1,
            seed=101,
            training_seed=101,
            training_units=24,
            known_age=True,
            progress=lambda kind: None,
        )
