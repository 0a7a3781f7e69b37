"""A model on disk: the same numbers after reading, no code in it, and damage is noticed."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from maintenance.artefact import ARRAYS, DESCRIPTION, load_model, save_model
from maintenance.errors import ArtefactError
from maintenance.histories import Histories
from maintenance.model import FittedModel


@pytest.fixture
def saved(tmp_path: Path, fitted: FittedModel) -> Path:
    save_model(fitted.model, tmp_path / "model")
    return tmp_path / "model"


def test_a_model_read_back_forecasts_the_same_bits(
    saved: Path, fitted: FittedModel, fleet: Histories
) -> None:
    before, after = fitted.model.forecast(fleet), load_model(saved).forecast(fleet)
    assert np.array_equal(before.life, after.life)
    assert np.array_equal(before.quantiles, after.quantiles)
    assert before.status == after.status


def test_the_same_model_is_the_same_bytes(saved: Path, tmp_path: Path, fitted: FittedModel) -> None:
    first = save_model(fitted.model, tmp_path / "again")
    assert first == save_model(load_model(saved), tmp_path / "third")
    for path in saved.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize("name", [ARRAYS, "trees_00_0.txt"])
def test_a_changed_file_is_refused(saved: Path, name: str) -> None:
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    with pytest.raises(ArtefactError, match="SHA-256 differs"):
        load_model(saved)


def test_a_missing_file_is_refused(saved: Path) -> None:
    (saved / ARRAYS).unlink()
    with pytest.raises(ArtefactError, match="cannot be read"):
        load_model(saved)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="rul fit wrote"):
        load_model(tmp_path)


def test_another_format_is_refused(saved: Path) -> None:
    text = json.loads((saved / DESCRIPTION).read_text())
    (saved / DESCRIPTION).write_text(json.dumps(text | {"format": "parktwin-rul@0"}))
    with pytest.raises(ArtefactError, match="no model of format"):
        load_model(saved)


def test_a_description_with_a_part_missing_is_refused(saved: Path) -> None:
    text = json.loads((saved / DESCRIPTION).read_text())
    del text["sensor_names"]
    (saved / DESCRIPTION).write_text(json.dumps(text))
    with pytest.raises(ArtefactError, match="does not hold together"):
        load_model(saved)


def test_a_pickle_is_never_opened(saved: Path, tmp_path: Path) -> None:
    import hashlib

    content = pickle.dumps({"a": 1})
    (saved / ARRAYS).write_bytes(content)
    text = json.loads((saved / DESCRIPTION).read_text())
    text["sha256"][ARRAYS] = hashlib.sha256(content).hexdigest()
    (saved / DESCRIPTION).write_text(json.dumps(text))
    with pytest.raises(ArtefactError, match="does not hold together"):
        load_model(saved)
