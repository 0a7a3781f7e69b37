"""Health models on disk: the same after as before, and never half read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from maintenance.errors import ArtefactError, DataSetError, NotEnoughDataError
from maintenance.health.artefact import load_health_model, load_health_models, save_health_model, version_of
from maintenance.health.deviation import BASELINE_WINDOWS
from maintenance.health.forecast import forecast
from maintenance.health.model import fit_health_model
from maintenance.health.training import train
from maintenance.machine_lives import read_lives
from tests.maintenance.condenser import KIND, WINDOW_H, condenser_lives, condenser_model


def test_a_model_forecasts_alike_after_a_way_over_the_disk(tmp_path: Path) -> None:
    model = condenser_model()
    version = save_health_model(model, tmp_path)
    loaded = load_health_models(tmp_path)[KIND]
    assert version == version_of(loaded) == version_of(model)
    lives = condenser_lives(11, 24)
    rows = lives.rows(0)
    severities = model.signatures.severities(model.deviations(lives.value[rows].astype(np.float64)))
    seen = slice(BASELINE_WINDOWS, None)
    told = [
        forecast(one, severities[seen], lives.hour[rows][seen], known_age=True).quantiles
        for one in (model, loaded)
    ]
    assert np.allclose(told[0], told[1], rtol=1e-3)


def test_training_is_the_same_to_the_bit() -> None:
    again = train(condenser_lives(11, 24), window_h=WINDOW_H, progress=lambda done, of: None)
    assert version_of(again) == version_of(condenser_model())


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    save_health_model(condenser_model(), tmp_path)
    path = tmp_path / f"{KIND}.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(ArtefactError, match="train it anew"):
        load_health_model(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ArtefactError):
        load_health_model(path)


def test_too_few_failures_of_a_mode_are_refused_by_name() -> None:
    lives = condenser_lives(11, 24)
    few = lives.take(np.concatenate([np.flatnonzero(lives.mode == 0), np.flatnonzero(lives.mode == 1)[:2]]))
    with pytest.raises(NotEnoughDataError, match=lives.modes[1].name):
        fit_health_model(few, window_h=WINDOW_H)


def test_lives_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="no_such_kind"):
        read_lives(tmp_path, "no_such_kind")
