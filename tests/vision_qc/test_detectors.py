"""The shared list of checks: every detector goes through all of them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.vision_qc.products import bad, good
from vision_qc.detectors.detector import Detector
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.detectors.known import DETECTORS
from vision_qc.errors import NotEnoughImagesError, RecipeError
from vision_qc.features import shared_network
from vision_qc.metrics import auroc
from vision_qc.sight import Eye, Sight

OPTIONAL = {"share"}
"""Arrays that recipes of older makes do not have."""


@pytest.fixture(scope="module")
def eye() -> Eye:
    return Eye.open((96, 96), "as_is")


@pytest.fixture(scope="module")
def good_sights(eye: Eye) -> list[Sight]:
    return [eye.look(good(number), shared_network()) for number in range(40)]


@pytest.fixture(scope="module")
def bad_sights(eye: Eye) -> list[Sight]:
    return [eye.look(bad(number), shared_network()) for number in range(12)]


@pytest.fixture(scope="module", params=DETECTORS)
def kind(request: pytest.FixtureRequest) -> type[Detector]:
    return DETECTORS[request.param]


@pytest.fixture(scope="module")
def taught(kind: type[Detector], good_sights: list[Sight]) -> Detector:
    return kind.teach(good_sights[:28])


def test_defects_score_higher(taught: Detector, good_sights: list[Sight], bad_sights: list[Sight]) -> None:
    good_scores, bad_scores = (
        np.array([taught.find(sight)[0] for sight in sights]) for sights in (good_sights[28:], bad_sights)
    )
    assert auroc(good_scores, bad_scores) > 0.9
    assert min(good_scores) >= 0


def test_teaching_twice_gives_the_same_bits(
    kind: type[Detector], taught: Detector, good_sights: list[Sight]
) -> None:
    again = kind.teach(good_sights[:28]).arrays()
    for name, array in taught.arrays().items():
        assert array.dtype == np.float32
        assert array.tobytes() == again[name].tobytes()


def test_a_detector_is_its_arrays(kind: type[Detector], taught: Detector, bad_sights: list[Sight]) -> None:
    again = kind.from_arrays(taught.arrays())
    assert [again.find(sight)[0] for sight in bad_sights] == [taught.find(sight)[0] for sight in bad_sights]


def test_a_missing_or_broken_array_is_a_recipe_error(kind: type[Detector], taught: Detector) -> None:
    for name, array in taught.arrays().items():
        others = {key: value for key, value in taught.arrays().items() if key != name}
        missing = [] if name in OPTIONAL else [others]
        for harmed in (*missing, others | {name: array[0]}, others | {name: array * np.float32("nan")}):
            with pytest.raises(RecipeError, match=name):
                kind.from_arrays(harmed)


def test_a_heat_map_lies_on_the_grid(taught: Detector, bad_sights: list[Sight]) -> None:
    heat = taught.find(bad_sights[0])[1]
    if heat is not None:
        assert heat.shape == bad_sights[0].grid.shape[:2]
        assert heat.min() >= 0


def test_pictures_that_are_all_the_same_can_be_taught(kind: type[Detector], good_sights: list[Sight]) -> None:
    same = kind.teach([good_sights[0]] * 10)
    far, near = (same.find(good_sights[place])[0] for place in (1, 0))
    assert np.isfinite(far)
    assert far > near


def test_too_few_pictures_are_refused(kind: type[Detector], good_sights: list[Sight]) -> None:
    with pytest.raises(NotEnoughImagesError):
        kind.teach(good_sights[:3])


def test_a_map_of_an_older_recipe_scores_as_it_did(good_sights: list[Sight], bad_sights: list[Sight]) -> None:
    arrays = dict(GaussianMap.teach(good_sights[:28]).arrays())
    del arrays["share"]
    score, heat = GaussianMap.from_arrays(arrays).find(bad_sights[0])
    hottest = np.sort(heat.ravel())[-max(1, int(0.02 * heat.size)) :]
    assert score == float(hottest.mean())
