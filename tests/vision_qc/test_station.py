"""A station is taught, judges, is saved and loaded, and says the same afterwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vision_qc.products import bad, good, write
from vision_qc.errors import NetworkError, NotEnoughImagesError, RecipeError
from vision_qc.explain import paint, regions
from vision_qc.features import FeatureNetwork, shared_network
from vision_qc.inspection import inspect_file
from vision_qc.recipe import load, save
from vision_qc.teach import Taught, teach


@pytest.fixture(scope="module")
def taught() -> Taught:
    return teach([good(n) for n in range(50)], [], shared_network())


def test_good_is_accepted_and_bad_is_stopped(taught: Taught) -> None:
    network = shared_network()
    verdicts = [taught.station.judge(good(100 + n), network).verdict for n in range(20)]
    assert verdicts.count("reject") <= 2
    assert [taught.station.judge(bad(n), network).verdict for n in range(10)].count("reject") >= 9


def test_heat_is_where_the_scratch_is(taught: Taught) -> None:
    rng = np.random.default_rng(10_003)
    x, y = (int(value) for value in rng.integers(20, 60, 2))
    judgement = taught.station.judge(bad(3), shared_network())
    assert judgement.heat is not None
    x0, y0, x1, y1 = regions(judgement.heat, (96, 96))[0]
    assert x0 <= x + 8 <= x1
    assert y0 <= y + 5 <= y1


def test_good_parts_do_not_glow(taught: Taught) -> None:
    glowing = 0
    for number in range(10):
        picture = good(300 + number)
        judgement = taught.station.judge(picture, shared_network())
        assert judgement.heat is not None
        glowing += bool((paint(picture, judgement.heat) != picture).any())
    assert glowing <= 2


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (np.zeros((96, 96, 3), np.uint8), "contrast"),
        (np.full((96, 96, 3), 255, np.uint8), "contrast"),
        (np.concatenate([good(1)] * 3), "shape"),
        (np.repeat(np.repeat(good(1), 3, 0), 3, 1), "size"),
    ],
)
def test_what_says_nothing_of_the_product_cannot_be_judged(
    taught: Taught, picture: np.ndarray, why: str
) -> None:
    judgement = taught.station.judge(picture, shared_network())
    assert judgement.verdict == "cannot_judge"
    assert why in judgement.why


def test_teaching_is_deterministic_and_a_recipe_says_the_same_after_loading(
    taught: Taught, tmp_path: Path
) -> None:
    again = teach([good(n) for n in range(50)], [], shared_network(), workers=1)
    first, second = save(taught.station, tmp_path / "a"), save(again.station, tmp_path / "b")
    assert first == second
    assert (tmp_path / "a" / "arrays.npz").read_bytes() == (tmp_path / "b" / "arrays.npz").read_bytes()
    loaded = load(tmp_path / "a")
    assert loaded.sha256 == first
    for picture in (good(200), bad(200)):
        before = taught.station.judge(picture, shared_network())
        after = loaded.station.judge(picture, shared_network())
        assert (before.score, before.verdict) == (after.score, after.verdict)


def test_defects_sharpen_a_station(tmp_path: Path) -> None:
    network = shared_network()
    station = teach([good(n) for n in range(40)], [bad(n) for n in range(8)], network).station
    save(station, tmp_path)
    judgement = load(tmp_path).station.judge(bad(50), network)
    assert judgement.verdict == "reject"
    assert judgement.chance_of_defect is not None
    assert judgement.chance_of_defect > 0.5


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(NotEnoughImagesError, match="5 good pictures"):
        teach([good(n) for n in range(5)], [], shared_network())
    with pytest.raises(NotEnoughImagesError, match="2 bad pictures"):
        teach([good(n) for n in range(20)], [bad(0), bad(1)], shared_network())


@pytest.mark.parametrize("harm", ["no json", "no arrays", "other arrays", "half a json", "other network"])
def test_a_damaged_recipe_is_named(taught: Taught, tmp_path: Path, harm: str) -> None:
    save(taught.station, tmp_path)
    text = (tmp_path / "recipe.json").read_text()
    if harm == "no json":
        (tmp_path / "recipe.json").unlink()
    elif harm == "no arrays":
        (tmp_path / "arrays.npz").unlink()
    elif harm == "other arrays":
        (tmp_path / "arrays.npz").write_bytes((tmp_path / "arrays.npz").read_bytes()[:-1] + b"x")
    elif harm == "half a json":
        (tmp_path / "recipe.json").write_text(text[: len(text) // 2])
    else:
        (tmp_path / "recipe.json").write_text(text.replace('"network": "9', '"network": "8'))
    with pytest.raises(RecipeError):
        load(tmp_path)


def test_a_file_that_is_no_picture_gets_no_verdict(taught: Taught, tmp_path: Path) -> None:
    save(taught.station, tmp_path / "recipe")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    line = inspect_file(tmp_path / "broken.jpg", load(tmp_path / "recipe"), shared_network(), None)
    assert line["verdict"] is None
    assert line["error"]["code"] == "vision.image.damaged"


def test_a_picture_file_gets_a_line_and_a_heat_map(taught: Taught, tmp_path: Path) -> None:
    save(taught.station, tmp_path / "recipe")
    write(tmp_path / "in", [bad(7)])
    recipe = load(tmp_path / "recipe")
    line = inspect_file(tmp_path / "in" / "000.png", recipe, shared_network(), tmp_path / "heat")
    assert line["verdict"] == "reject"
    assert line["recipe_sha256"] == recipe.sha256
    assert line["boxes"]
    assert (tmp_path / "heat" / "000_heat.png").is_file()


def test_a_damaged_network_is_named(tmp_path: Path) -> None:
    (tmp_path / "efficientnet_lite0_features.onnx.part0").write_bytes(b"x")
    with pytest.raises(NetworkError, match="checksum"):
        FeatureNetwork(tmp_path)
