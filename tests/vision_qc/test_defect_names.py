"""Places that are unlike good ones are called by a type that was shown; one that was not is unknown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good, write
from vision_qc.cli import app
from vision_qc.defect_names import UNKNOWN_TYPE, DefectNames
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.inspection import inspect_file
from vision_qc.parts import types_of
from vision_qc.recipe import Recipe, load
from vision_qc.sight import Eye

SHOWN, ASKED = 8, 12


def spotted(number: int) -> U8:
    """Return the picture of a plate with a dark spot."""
    rng = np.random.default_rng(20_000 + number)
    x, y = (int(value) for value in rng.integers(20, 76, 2))
    return np.asarray(cv2.circle(good(7_000 + number), (x, y), 6, (15, 15, 15), -1), dtype=np.uint8)


def two_defects() -> U8:
    """Return the picture of a plate that is scratched above and spotted below."""
    plate = cv2.line(good(9_000), (22, 20), (38, 30), (225, 225, 225), 2)
    return np.asarray(cv2.circle(plate, (70, 74), 6, (15, 15, 15), -1), dtype=np.uint8)


def bleached(number: int) -> U8:
    """Return the picture of a plate with a chequered patch: of no type that was shown."""
    plate = good(8_000 + number)
    patch = (np.indices((24, 24)) // 3).sum(0) % 2 * 255
    plate[36:60, 36:60] = patch[:, :, None].astype(np.uint8)
    return plate


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    root = tmp_path_factory.mktemp("typed")
    write(root / "good", [good(n) for n in range(40)])
    write(root / "bad" / "scratch", [bad(n) for n in range(SHOWN)])
    write(root / "bad" / "spot", [spotted(n) for n in range(SHOWN)])
    write(root / "bad" / "rare", [bleached(99)])
    arguments = ["teach", str(root / "recipe"), "--good", str(root / "good"), "--bad", str(root / "bad")]
    app(arguments, standalone_mode=False)
    return load(root / "recipe")


def named(recipe: Recipe, pictures: list[U8], folder: Path) -> list[list[str]]:
    write(folder, pictures)
    return [
        inspect_file(path, recipe, shared_network(), None)["types"] for path in sorted(folder.glob("*.png"))
    ]


def test_types_are_told_apart(recipe: Recipe, tmp_path: Path) -> None:
    scratches = named(recipe, [bad(50 + n) for n in range(ASKED)], tmp_path / "scratch")
    spots = named(recipe, [spotted(50 + n) for n in range(ASKED)], tmp_path / "spot")
    right = sum(types[0] == "scratch" for types in scratches) + sum(types[0] == "spot" for types in spots)
    assert right >= 2 * ASKED - 4, (scratches, spots)


def test_each_place_has_its_own_name(recipe: Recipe, tmp_path: Path) -> None:
    (types,) = named(recipe, [two_defects()], tmp_path)
    assert {"scratch", "spot"} <= set(types)


def test_what_was_not_shown_often_enough_is_unknown(recipe: Recipe, tmp_path: Path) -> None:
    found = named(recipe, [bleached(n) for n in range(ASKED)], tmp_path)
    assert sum(types[0] == UNKNOWN_TYPE for types in found) >= ASKED - 2, found


def test_without_types_nothing_is_named() -> None:
    network = shared_network()
    pictures = [good(n) for n in range(20)]
    eye = Eye.open((96, 96), "as_is")
    sights = [eye.look(eye.fit(picture), network) for picture in pictures]
    places = GaussianMap.teach(sights)
    assert DefectNames.teach(places, sights[:6], [""] * 6) is None
    assert DefectNames.teach(places, sights[:6], ["spot"] * 4 + ["scratch"] * 2) is None


def test_the_type_is_the_folder() -> None:
    paths = [Path("bad/spot/a.png"), Path("bad/b.png")]
    assert types_of(paths, Path("bad")) == ["spot", ""]
