"""Places that are unlike good ones are called by a type that was shown; one that was not is unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good, write
from vision_qc.checks.plan import Plan, make_plan
from vision_qc.cli import app
from vision_qc.defect_names import UNKNOWN_TYPE, DefectNames
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.errors import RecipeError
from vision_qc.explain import UNLIKE_GOOD, name_region
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.inspection import inspect_file
from vision_qc.parts import types_of
from vision_qc.recipe import Recipe, load
from vision_qc.sight import Eye
from vision_qc.station import Judgement
from vision_qc.type_rules import TypeRule

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


def test_each_name_says_how_sure_it_is(recipe: Recipe, tmp_path: Path) -> None:
    write(tmp_path, [spotted(80), bleached(81)])
    spot, strange = (
        inspect_file(path, recipe, shared_network(), None) for path in sorted(tmp_path.glob("*"))
    )
    assert spot["types"][0] == "spot"
    assert 0.5 < spot["type_confidences"][0] <= 1
    assert strange["types"][0] == UNKNOWN_TYPE
    assert strange["type_confidences"][0] is None


def test_a_region_has_the_type_that_is_hottest_in_it_and_how_sure_that_is() -> None:
    scratch, spot = np.zeros((2, 4, 4), np.float32)
    scratch[0, 0], spot[2, 3] = 2, 3
    types = {"scratch": scratch, "spot": spot}
    sure = {"scratch": 0.5 * scratch, "spot": np.zeros_like(spot)}
    judgement = Judgement("reject", 3.0, "", {}, None, good(0), types=types, sure=sure)
    assert name_region(judgement, (40, 20, 64, 64), (64, 64)) == ("spot", None)
    assert name_region(judgement, (0, 0, 16, 16), (64, 64)) == ("scratch", 0.5)
    assert name_region(judgement, (16, 16, 32, 32), (64, 64)) == (UNLIKE_GOOD, None)


def test_thresholds_of_a_type_decide_where_all_that_is_found_has_one(recipe: Recipe) -> None:
    def verdict(picture: U8, **types: TypeRule) -> tuple[str, str]:
        station = replace(recipe.station, plan=Plan(types=types))
        judgement = station.judge(picture, shared_network())
        return judgement.verdict, judgement.why

    spot, both = spotted(80), two_defects()
    assert verdict(spot) == ("reject", "")
    tolerated, why = verdict(spot, spot=TypeRule(review_from=1e6))
    assert tolerated == "accept"
    assert why.startswith("spot ")
    assert verdict(spot, spot=TypeRule(review_from=1.0))[0] == "review"
    assert verdict(both, spot=TypeRule(review_from=1e6))[0] == "reject", "nobody tolerates the scratch"


def test_a_rule_is_refused_for_a_type_that_was_not_taught_or_without_sense(recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match=r"'rare'.*scratch, spot, unknown_type"):
        replace(recipe.station, plan=Plan(types={"rare": TypeRule(reject_from=1.0)}))
    with pytest.raises(RecipeError, match="'spot': review_from 2 is not below reject_from 1"):
        make_plan({"types": {"spot": {"review_from": 2, "reject_from": 1}}})
    with pytest.raises(RecipeError, match="types"):
        make_plan({"types": {"spot": {"reject_from": 0}}})


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
