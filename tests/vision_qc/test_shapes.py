"""Pictures of one product that come in several shapes: each shape has a map of its own."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good
from vision_qc.errors import RecipeError
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.recipe import load, save
from vision_qc.shapes import LEAST_PICTURES, find_shapes, shape_of
from vision_qc.teach import Taught, teach


def long(picture: U8) -> U8:
    """Make a plate twice as high: its holes lie elsewhere in the picture than a plain plate's."""
    return np.asarray(cv2.copyMakeBorder(picture, 0, picture.shape[0], 0, 0, cv2.BORDER_REFLECT), np.uint8)


@pytest.fixture(scope="module")
def taught() -> Taught:
    plain = [good(n) for n in range(LEAST_PICTURES)]
    return teach([*plain, *(long(good(100 + n)) for n in range(LEAST_PICTURES))], [], shared_network())


def test_each_shape_is_judged_by_its_own_map(taught: Taught, tmp_path: Path) -> None:
    station = taught.station
    assert np.exp(station.eye.shapes).round(2).tolist() == [1.0, 2.0]
    assert len(station.scales) == 2
    assert len(taught.shape_trials) == 2
    for shaped in (lambda picture: picture, long):
        fine, wrong = (
            [station.judge(shaped(one(300 + n)), shared_network()).score for n in range(8)]
            for one in (good, bad)
        )
        assert max(fine) < np.median(wrong)
    save(station, tmp_path)
    asked = long(bad(1))
    again = load(tmp_path).station.judge(asked, shared_network())
    assert again.score == station.judge(asked, shared_network()).score


def test_a_recipe_without_its_shapes_is_refused(taught: Taught, tmp_path: Path) -> None:
    save(taught.station, tmp_path)
    file = tmp_path / "recipe.json"
    file.write_text(file.read_text().replace('"shapes": [', '"shapes": [7.0, '))
    with pytest.raises(RecipeError, match="3 shapes"):
        load(tmp_path)


def test_few_pictures_of_a_shape_have_the_map_of_all() -> None:
    sizes = [(300, 300)] * 60 + [(900, 300)] * (LEAST_PICTURES - 1)
    assert find_shapes(sizes) == (0.0,)
    assert shape_of((900, 300), find_shapes(sizes)) == 0


def test_sizes_that_play_are_one_shape() -> None:
    rng = np.random.default_rng(3)
    assert len(find_shapes([(1240 + int(rng.integers(-40, 40)), 500) for _ in range(200)])) == 1
