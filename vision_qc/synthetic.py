"""Defects that nobody had to produce: scratches, spots and displaced pieces drawn into good pictures.

They choose between ways of looking; they are never what an accuracy is stated on.
"""

from __future__ import annotations

import cv2
import numpy as np

from vision_qc.image_file import U8

KINDS = ("scratch", "spot", "displaced")


def spoil(picture: U8, rng: np.random.Generator) -> U8:
    """Draw one defect into a copy of ``picture``.

    Args:
        picture: ``uint8[height, width, 3]``.
        rng: decides which and where.

    Example:
        >>> good = np.full((64, 64, 3), 90, np.uint8)
        >>> bool((spoil(good, np.random.default_rng(1)) != good).any())
        True
    """
    kind = KINDS[int(rng.integers(len(KINDS)))]
    height, width = picture.shape[:2]
    side = min(height, width)
    mask = np.zeros((height, width), np.float32)
    x, y = (float(rng.uniform(0.1, 0.9) * length) for length in (width, height))
    angle = float(rng.uniform(0, 180))
    if kind == "scratch":
        half = 0.5 * rng.uniform(0.08, 0.3) * side
        dx, dy = half * np.cos(np.radians(angle)), half * np.sin(np.radians(angle))
        ends = [(round(x - dx), round(y - dy)), (round(x + dx), round(y + dy))]
        cv2.line(mask, ends[0], ends[1], 1.0, int(rng.integers(1, 3)), cv2.LINE_AA)
    else:
        axes = (max(2, round(rng.uniform(0.02, 0.08) * side)), max(2, round(rng.uniform(0.02, 0.08) * side)))
        cv2.ellipse(mask, (round(x), round(y)), axes, angle, 0, 360, 1.0, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(mask, (0, 0), 0.7)[:, :, None]
    pixels = picture.astype(np.float32)
    if kind == "displaced":
        shift = tuple(int(rng.integers(length // 5, 4 * length // 5)) for length in (height, width))
        other = np.roll(pixels, shift, (0, 1))[::-1]
    else:
        contrast = max(12.0, float(pixels.std())) * rng.uniform(0.5, 1.5) * rng.choice([-1, 1])
        other = pixels + contrast
    return np.clip(np.rint(pixels + soft * (other - pixels)), 0, 255).astype(np.uint8)
