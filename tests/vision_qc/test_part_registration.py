"""Parts that play in their fixture are laid straight, by trial; what cannot be is for a person to see."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import bad, good
from vision_qc.errors import RecipeError, RegistrationError
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.part_registration import (
    WAYS,
    Way,
    lay_back,
    learn,
    steadier,
    template_size,
    to_canvas,
)
from vision_qc.recipe import load, save
from vision_qc.teach import Taught, registering, teach


def moved(picture: U8, dx: float, dy: float, turn_deg: float) -> U8:
    """Return a plate that lies elsewhere."""
    matrix = np.asarray(cv2.getRotationMatrix2D((47.5, 47.5), -turn_deg, 1.0), np.float64)
    matrix[:, 2] += np.array([dx, dy])
    return np.asarray(cv2.warpAffine(picture, matrix, (96, 96), borderMode=cv2.BORDER_REFLECT_101), np.uint8)


def playing(number: int, make: object = good) -> U8:
    """Return plate ``number`` with its own shift and turn."""
    dx, dy, turn = np.random.default_rng(number).normal(size=3)
    picture = good(number) if make is good else bad(number)
    return moved(picture, 3 * dx, 3 * dy, 2 * turn)


@pytest.fixture(scope="module")
def taught() -> Taught:
    return teach([playing(n) for n in range(40)], [], shared_network(), registration="rigid")


@pytest.mark.parametrize("way", WAYS)
def test_a_known_motion_is_found(way: Way) -> None:
    size = template_size([(96, 96)], 256 * 256)
    registration = learn(
        [to_canvas(moved(good(n), n % 5 - 2, n % 3 - 1, 0), size) for n in range(12)], size, way
    )
    assert registration is not None
    turn = 2.0 if way == "rigid" else 0.0
    still, motion = (
        registration.find(registration.canvas(moved(good(50), dx, dy, by)))
        for dx, dy, by in ((0, 0, 0), (3.0, -2.0, turn))
    )
    scale = size[1] / 96
    assert motion.turn_deg - still.turn_deg == pytest.approx(turn, abs=0.2)
    middle = np.array([*np.array(size[::-1]) / 2, 1.0])
    found = (motion.matrix - still.matrix) @ middle / scale
    assert found == pytest.approx([3.0, -2.0], abs=0.35)


def test_what_plays_is_worth_a_trial() -> None:
    size = template_size([(96, 96)], 256 * 256)
    assert steadier([to_canvas(playing(n), size) for n in range(16)], size) is not None


def test_a_part_off_its_place_is_for_a_person_and_never_passed(taught: Taught) -> None:
    network = shared_network()
    for picture, why in (
        (moved(good(90), 30, 0, 0), "off its place"),
        (moved(good(90), 0, 0, 40), "registration"),
        (
            np.ascontiguousarray(np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8)),
            "registration",
        ),
    ):
        judgement = taught.station.judge(picture, network)
        assert judgement.verdict == "review"
        assert why in judgement.why
        assert judgement.why.startswith("registration")


def test_parts_that_play_are_judged_as_if_they_lay_still(taught: Taught) -> None:
    network = shared_network()
    verdicts = [taught.station.judge(playing(200 + n), network).verdict for n in range(10)]
    assert verdicts.count("reject") <= 1
    verdicts = [taught.station.judge(playing(n, bad), network).verdict for n in range(10)]
    assert verdicts.count("accept") <= 1


def test_heat_is_told_where_the_picture_has_it(taught: Taught) -> None:
    registration = taught.station.registration
    assert registration is not None
    size = (registration.template.shape[0], registration.template.shape[1])
    motion = registration.find(registration.canvas(moved(good(60), 12 * 96 / 96 / 2, 0, 0)))
    heat = np.zeros((16, 16), np.float32)
    heat[8, 8] = 1
    back = lay_back(heat, motion, size)
    column = float((back.sum(0) @ np.arange(16)) / back.sum())
    still = registration.find(registration.canvas(good(60)))
    column_still = float(
        (lay_back(heat, still, size).sum(0) @ np.arange(16)) / lay_back(heat, still, size).sum()
    )
    assert column - column_still == pytest.approx(6 * 16 / 96, abs=0.25)


def test_a_recipe_keeps_its_registration_bit_by_bit_and_names_a_broken_one(
    taught: Taught, tmp_path: Path
) -> None:
    save(taught.station, tmp_path)
    loaded = load(tmp_path)
    picture = playing(77)
    before, after = (station.judge(picture, shared_network()) for station in (taught.station, loaded.station))
    assert (before.score, before.verdict) == (after.score, after.verdict)
    content = json.loads((tmp_path / "recipe.json").read_text())
    for name, value in (("way", "guess"), ("most_turn_deg", -1), ("least_likeness", "x")):
        harmed = content | {"registration": content["registration"] | {name: value}}
        (tmp_path / "recipe.json").write_text(json.dumps(harmed))
        with pytest.raises(RecipeError, match=str(value)):
            load(tmp_path)


def test_a_recipe_of_before_takes_parts_as_they_lie(taught: Taught, tmp_path: Path) -> None:
    save(taught.station, tmp_path)
    content = json.loads((tmp_path / "recipe.json").read_text())
    later = ("registration", "checks", "decoding", "fusion")
    older = {name: value for name, value in content.items() if name not in later}
    older |= {"format": 2, "scales": content["scales"][0]}
    (tmp_path / "recipe.json").write_text(json.dumps(older))
    station = load(tmp_path).station
    assert (station.registration, station.plan, station.decoding) == (None, None, "full")
    assert (station.fusion, station.eye.shapes) == ("mean", (0.0,))
    (tmp_path / "recipe.json").write_text(json.dumps(content | {"decoding": "quarter"}))
    with pytest.raises(RecipeError, match="quarter"):
        load(tmp_path)


def test_what_is_no_fixtured_part_refuses_a_way_and_switches_off_the_choice() -> None:
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, 255, (96, 96, 3)).astype(np.uint8) for _ in range(20)]
    with pytest.raises(RegistrationError, match="one fixture"):
        teach(noise, [], shared_network(), registration="rigid")
    with pytest.raises(RegistrationError, match="auto, off"):
        registering("guess")
