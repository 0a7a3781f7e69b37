"""Pictures of a product that exists only in tests: a plate with two holes under a lamp that varies."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from vision_qc.image_file import U8

SIZE = 96


def good(number: int) -> U8:
    """Return the picture of good plate ``number``: ``uint8[96, 96, 3]``."""
    rng = np.random.default_rng(number)
    plate = np.full((SIZE, SIZE), 60.0, np.float32)
    cv2.rectangle(plate, (12, 12), (84, 84), 150.0, -1)
    for x in (32, 64):
        cv2.circle(plate, (x + int(rng.integers(-1, 2)), 48), 8, 70.0, -1)
    plate *= float(rng.uniform(0.9, 1.1))
    plate += rng.normal(0, 3, plate.shape).astype(np.float32)
    return np.repeat(np.clip(plate, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def bad(number: int) -> U8:
    """Return the picture of plate ``number`` with a scratch."""
    rng = np.random.default_rng(10_000 + number)
    plate = good(5_000 + number)
    x, y = (int(value) for value in rng.integers(20, 60, 2))
    return np.asarray(cv2.line(plate, (x, y), (x + 16, y + 10), (225, 225, 225), 2), dtype=np.uint8)


def write(folder: Path, pictures: list[U8], suffix: str = ".png") -> Path:
    """Write ``pictures`` to ``folder``, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:03d}{suffix}"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return folder
