"""Pictures that say nothing about the product: wrong size, black, burnt out, nothing in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2

from vision_qc.image_file import U8

SHAPE_SLACK = 1.25
"""A picture may be this much longer or shorter for its width than any that was taught."""
SIZE_SLACK = 2.0
"""A picture may have this many times more or fewer pixels a side than any that was taught."""
CONTRAST_SHARE = 0.25
"""Less than this share of the lowest contrast taught is a covered lens, a lamp off, an empty fixture."""
LEAST_CONTRAST = 1.0
CLIPPED_SLACK = 0.5
"""Share of pixels at black or white that may be there beyond the most that was taught."""


@dataclass(frozen=True, slots=True)
class QualityGate:
    """Limits that pictures worth judging keep.

    Args:
        least_shape, most_shape: height over width.
        least_px, most_px: the shorter side [px].
        least_contrast: standard deviation of the grey values [DN].
        most_clipped: share of pixels that are black (below 3) or white (above 252).
    """

    least_shape: float
    most_shape: float
    least_px: float
    most_px: float
    least_contrast: float
    most_clipped: float

    @classmethod
    def teach(cls, sizes: Sequence[tuple[int, int]], fitted: Sequence[U8]) -> Self:
        """Take the limits from good pictures.

        Args:
            sizes: ``(height, width)`` as the camera sent them [px].
            fitted: the same in the size that the network sees.
        """
        shapes = [height / width for height, width in sizes]
        sides = [min(size) for size in sizes]
        contrasts, clipped = zip(*(_light(picture) for picture in fitted), strict=True)
        return cls(
            least_shape=min(shapes) / SHAPE_SLACK,
            most_shape=max(shapes) * SHAPE_SLACK,
            least_px=min(sides) / SIZE_SLACK,
            most_px=max(sides) * SIZE_SLACK,
            least_contrast=max(LEAST_CONTRAST, CONTRAST_SHARE * min(contrasts)),
            most_clipped=min(0.98, max(clipped) + CLIPPED_SLACK),
        )

    def why_not(self, height: int, width: int, fitted: U8) -> str:
        """Return why a picture cannot be judged, or an empty text.

        Args:
            height, width: as the camera sent it [px].
            fitted: the same in the size that the network sees.
        """
        if why := self.wrong_size(height, width):
            return why
        contrast, clipped = _light(fitted)
        if contrast < self.least_contrast:
            return (
                f"contrast {contrast:.1f} DN: below {self.least_contrast:.1f}; check lamp, lens and product"
            )
        if clipped > self.most_clipped:
            return f"{clipped:.0%} of it black or white: above {self.most_clipped:.0%}; check the exposure"
        return ""

    def wrong_size(self, height: int, width: int) -> str:
        """Return why a picture of this size [px] cannot be judged, or an empty text; needs no pixel of it."""
        size = f"{width} x {height} px"
        if not self.least_shape <= height / width <= self.most_shape:
            return f"{size}: not the shape that was taught; check the framing"
        if not self.least_px <= min(height, width) <= self.most_px:
            return f"{size}: not the size that was taught; check the camera's settings"
        return ""


def _light(picture: U8) -> tuple[float, float]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(grey.std()), float(((grey < 3) | (grey > 252)).mean())
