"""From a camera's picture to the picture that the feature network sees: region of interest and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vision_qc.errors import RecipeError
from vision_qc.features import COARSEST
from vision_qc.image_file import U8

AREA_PX = 256 * 256
"""Of the picture that the network sees: 11 ms on one core."""
FINE = 2.25
"""So many times as many pixels the network sees where defects are small for the picture; it takes as many
times as long."""
FINE_MOST_PX = 750_000
"""Pictures of more pixels are looked at finely only where somebody asks for it: they take long to decode."""
NEARLY_SQUARE = 1.5
LEAST_PX = 2 * COARSEST


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a camera's picture that is looked at [px of that picture], ends excluded."""

    x0: int
    y0: int
    x1: int
    y1: int

    def cut(self, picture: U8) -> U8:
        """Cut the region out of ``picture``.

        Raises:
            RecipeError: it is not inside of the picture.
        """
        height, width = picture.shape[:2]
        if not (0 <= self.x0 < self.x1 <= width and 0 <= self.y0 < self.y1 <= height):
            raise RecipeError(
                f"region {self}: not inside of {width} x {height} px; give the recipe another one"
            )
        return picture[self.y0 : self.y1, self.x0 : self.x1]


def area_px(fine: bool) -> int:
    """Return how many pixels of a picture the network sees."""
    return round(AREA_PX * (FINE if fine else 1))


def may_be_fine(sizes: Sequence[tuple[int, int]]) -> bool:
    """Return whether teaching tries to look at pictures of these sizes ``(height, width)`` [px] finely.

    Example:
        >>> may_be_fine([(128, 128)]), may_be_fine([(1240, 500)]), may_be_fine([(1000, 1000)])
        (False, True, False)
    """
    return AREA_PX <= float(np.median([height * width for height, width in sizes])) <= FINE_MOST_PX


def working_size(sizes: Sequence[tuple[int, int]], area_px: int = AREA_PX) -> tuple[int, int]:
    """Choose the size at which pictures go through the network.

    The area is what the time is spent on, so it is kept. Pictures that are nearly square become square, as
    the network learnt pictures (magnetic tiles: AUROC 97.6 against 96.6); longer ones keep the shape of the
    middle picture, because a long product squeezed into a square loses its thin defects first.

    Args:
        sizes: ``(height, width)`` of the pictures taught [px].
        area_px: to be kept [px].

    Returns:
        ``(height, width)``, multiples of the network's coarsest cell.

    Example:
        >>> working_size([(1000, 1000)]), working_size([(1240, 500), (1250, 500), (1260, 500)])
        ((256, 256), (416, 160))
    """
    shape = float(np.exp(np.median([np.log(height / width) for height, width in sizes])))
    if 1 / NEARLY_SQUARE <= shape <= NEARLY_SQUARE:
        shape = 1.0
    height = max(LEAST_PX, round((area_px * shape) ** 0.5 / COARSEST) * COARSEST)
    width = max(LEAST_PX, round((area_px / shape) ** 0.5 / COARSEST) * COARSEST)
    return height, width


def fit_to(picture: U8, size: tuple[int, int]) -> U8:
    """Bring ``picture`` to ``size`` ``(height, width)`` [px]; averaged when it shrinks, as noise is then."""
    height, width = size
    shrinks = picture.shape[0] * picture.shape[1] > height * width
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(picture, (width, height), interpolation=way).astype(np.uint8, copy=False)
