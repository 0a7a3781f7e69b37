"""A part that was taken several times is one part: its pictures are not on both sides of a fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vision_qc.products import SIZE, good
from vision_qc.errors import FolderError, NotEnoughImagesError
from vision_qc.features import shared_network
from vision_qc.image_file import U8
from vision_qc.parts import parts_of
from vision_qc.teach import teach

PARTS, SHOTS = 14, 4


def shot(part: int, number: int) -> U8:
    """Return picture ``number`` of plate ``part``, whose grain is its own."""
    own = np.random.default_rng(part).normal(0, 25, (SIZE // 8, SIZE // 8, 1))
    noise = np.random.default_rng(1000 * part + number).normal(0, 3, (SIZE, SIZE, 1))
    grown = np.kron(own, np.ones((8, 8, 1)))
    return np.clip(good(part).astype(np.float64) + grown + noise, 0, 255).astype(np.uint8)


def test_the_promised_rate_holds_for_parts_that_were_not_taught() -> None:
    network = shared_network()
    pictures = [shot(part, number) for part in range(PARTS) for number in range(SHOTS)]
    parts = [str(part) for part in range(PARTS) for _ in range(SHOTS)]
    new = [shot(100 + part, 0) for part in range(20)]
    rejected = {}
    for name, told in (("parts", parts), ("pictures", None)):
        station = teach(pictures, [], network, parts=told).station
        rejected[name] = [station.judge(picture, network).verdict for picture in new].count("reject")
    assert rejected["parts"] <= 3
    assert rejected["pictures"] > 3 * max(1, rejected["parts"])


def test_too_few_parts_are_refused() -> None:
    with pytest.raises(NotEnoughImagesError, match="3 parts"):
        teach([good(n) for n in range(24)], [], shared_network(), parts=[str(n % 3) for n in range(24)])


def test_parts_must_be_named_for_each_picture() -> None:
    with pytest.raises(ValueError, match="20 parts of 24"):
        teach([good(n) for n in range(24)], [], shared_network(), parts=[str(n) for n in range(20)])


@pytest.mark.parametrize(
    ("pattern", "why"), [("(", "no regular"), ("A", "no group"), ("^B(.)", "does not hold")]
)
def test_a_pattern_that_does_not_fit_is_named(pattern: str, why: str) -> None:
    with pytest.raises(FolderError, match=why):
        parts_of([Path("A1_left.png")], pattern)
