"""Types that were never shown are called unknown, and those shown are not, as often as was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.vision_qc.products import good, write
from tests.vision_qc.test_cli import qc, stripe
from vision_qc.errors import NotEnoughImagesError
from vision_qc.metrics import auroc
from vision_qc.open_set import OpenSet, TypeDistance, confidences

FEATURES = 40


def cloud(middle: int, count: int, seed: int, width: float = 1.0) -> np.ndarray:
    """Return pictures of one type: a cloud on an axis of its own."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, width, (count, FEATURES))
    rows[:, middle] += 12
    return rows


@pytest.fixture(scope="module")
def known() -> tuple[np.ndarray, list[str]]:
    rows = np.concatenate([cloud(0, 60, 1), cloud(1, 60, 2, width=1.8)])
    return rows, ["a"] * 60 + ["b"] * 60


def test_known_types_keep_what_was_asked_for_each_and_a_stranger_is_found(
    known: tuple[np.ndarray, list[str]],
) -> None:
    limits = OpenSet.learn(*known, most_unknown=0.05)
    # the wide type has a limit of its own: with one for both it alone would pay for all
    assert limits.limits["b"] > 1.2 * limits.limits["a"]
    strange = limits.strangeness(cloud(2, 200, 3), ["a"] * 200)
    for name, width, middle in (("a", 1.0, 0), ("b", 1.8, 1)):
        own = limits.strangeness(cloud(middle, 400, 4, width), [name] * 400)
        assert 0.01 < (own >= 1).mean() < 0.12
        assert auroc(own, strange) > 0.95
    assert (strange >= 1).mean() > 0.9


def test_few_pictures_share_one_limit_and_too_few_are_refused(known: tuple[np.ndarray, list[str]]) -> None:
    rows, labels = known
    few = OpenSet.learn(np.concatenate([rows, cloud(3, 6, 5)]), [*labels, *["c"] * 6], 0.05)
    assert few.limits["c"] not in (few.limits["a"], few.limits["b"])
    with pytest.raises(NotEnoughImagesError, match="c: 4 pictures"):
        OpenSet.learn(np.concatenate([rows, cloud(3, 4, 5)]), [*labels, *["c"] * 4], 0.05)


def test_a_type_that_is_told_with_some_confidence_is_right_about_as_often() -> None:
    def draw(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        which = rng.integers(0, 3, count)
        rows = rng.normal(0, 1, (count, FEATURES))
        rows[np.arange(count), which] += 2.2  # they overlap: a fifth is told wrong
        return rows, which

    rows, which = draw(11, 150)
    taught = OpenSet.learn(rows, [f"t{place}" for place in which], 0.05)
    fresh, truth = draw(12, 1500)
    shares = confidences(taught.distance.of(fresh), taught.sharpness)
    assert np.allclose(shares.sum(1), 1)
    right, told = shares.argmax(1) == truth, shares.max(1)
    assert 0.6 < right.mean() < 0.95
    assert abs(told.mean() - right.mean()) < 0.1, (told.mean(), right.mean())
    sure = told > np.median(told)
    assert right[sure].mean() > right[~sure].mean() + 0.1


def test_learning_twice_gives_the_same_and_distance_is_least_to_the_own_type(
    known: tuple[np.ndarray, list[str]],
) -> None:
    one, other = (TypeDistance.learn(*known).of(cloud(0, 20, 6)) for _ in range(2))
    assert one.tobytes() == other.tobytes()
    assert (one[:, 0] < one[:, 1]).all()


def test_the_command_calls_a_class_that_was_not_taught_unknown(tmp_path: Path) -> None:
    for part, first in (("train", 0), ("test", 40)):
        write(tmp_path / part / "plain", [good(first + n) for n in range(8)])
        write(tmp_path / part / "striped", [stripe(good(first + n)) for n in range(8)])
    negative = [255 - good(80 + n) for n in range(6)]
    write(tmp_path / "test" / "negative", negative)
    folders = ("--train", tmp_path / "train", "--test", tmp_path / "test")
    done = qc("classify", *folders, "--json")
    assert done.returncode == 2
    assert "--unknown" in done.stderr
    done = qc("classify", *folders, "--unknown", "0.1", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["accuracy"] == 1.0
    assert set(told["recall"]) == {"plain", "striped"}
    assert told["unknown_auroc"] > 0.9
