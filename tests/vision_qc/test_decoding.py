"""Half-size decoding: chosen only where it takes nothing away, alike for all forms, part of the recipe."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.vision_qc.products import write
from vision_qc.decoding import choose_decoding
from vision_qc.errors import FolderError
from vision_qc.image_file import U8, decode


def scene(height: int, width: int) -> U8:
    """Return a smooth coloured picture."""
    noise = np.random.default_rng(height).normal(128, 400, (height, width, 3))
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 5), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tif"])
def test_half_of_a_picture_is_its_pixels_averaged_two_by_two(suffix: str) -> None:
    picture = scene(121, 83)
    data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    half = decode(data, "half")
    assert half.shape == (61, 42, 3)
    assert half.tobytes() == decode(data, "half").tobytes()
    averaged = cv2.resize(decode(data), (42, 61), interpolation=cv2.INTER_AREA).astype(np.float64)
    # the last row and column of an odd side are made of one pixel, not of two
    assert np.abs(half.astype(np.float64) - averaged)[:-1, :-1].mean() < 4


@pytest.mark.parametrize(
    ("size", "suffix", "fine", "checks", "chosen"),
    [
        ((960, 1280), ".jpg", False, False, "half"),
        ((960, 1280), ".png", False, False, "full"),
        ((480, 640), ".jpg", False, False, "full"),
        ((960, 1280), ".jpg", True, False, "full"),
        ((960, 1280), ".jpg", False, True, "full"),
    ],
)
def test_half_is_chosen_only_where_there_is_room(
    tmp_path: Path, size: tuple[int, int], suffix: str, fine: bool, checks: bool, chosen: str
) -> None:
    folder = write(tmp_path, [np.full((*size, 3), 90, np.uint8)], suffix)
    paths = sorted(folder.iterdir())
    assert choose_decoding(paths, "auto", fine=fine, checks=checks) == chosen
    assert choose_decoding(paths, "full", fine=fine, checks=checks) == "full"


def test_what_cannot_be_halved_is_said_with_its_reason(tmp_path: Path) -> None:
    paths = sorted(write(tmp_path, [np.full((480, 640, 3), 90, np.uint8)]).iterdir())
    with pytest.raises(FolderError, match="768 x 768 px are the least"):
        choose_decoding(paths, "half", fine=False, checks=False)
    with pytest.raises(FolderError, match="measures or reads"):
        choose_decoding(paths, "half", fine=False, checks=True)
    with pytest.raises(FolderError, match="auto, full, half"):
        choose_decoding(paths, "quarter", fine=False, checks=False)
