"""Show and tell an operator what was found: regions, a picture with heat on a fixed scale, a sentence."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.image_file import U8
from vision_qc.sight import STRIDE
from vision_qc.station import CANNOT_JUDGE, Judgement, spread_heat

F32 = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]

FULL_SCALE = 2.0
"""Heat 1 is what one good picture in a hundred reaches; below it nothing glows, at this value all is red."""
MOST_REGIONS = 8
UNLIKE_GOOD = "unlike_good"
"""Type of a region where no types were taught."""

_VERDICTS = {
    "accept": ("Đạt", "accept"),
    "review": ("Cần xem lại", "look again"),
    "reject": ("Không đạt", "reject"),
    CANNOT_JUDGE: ("Không thể đánh giá", "cannot judge"),
}


def regions(heat: F32, size: tuple[int, int]) -> list[Box]:
    """Return where it is hotter than good pictures get, the hottest first.

    Args:
        heat: of a :class:`Judgement`.
        size: ``(height, width)`` of the picture [px].

    Example:
        >>> heat = np.zeros((4, 4), np.float32); heat[1, 1] = 3
        >>> regions(heat, (64, 64))
        [(13, 13, 35, 35)]
    """
    return [box for box, _ in hot_regions(heat, size)]


def hot_regions(heat: F32, size: tuple[int, int]) -> list[tuple[Box, float]]:
    """Return the boxes of :func:`regions`, each with the heat at its hottest place.

    They are looked for in the size that the network sees: in a picture of a megapixel it takes as long as the
    network itself, and the map knows no more.
    """
    high, wide = (min(side, STRIDE * cells) for side, cells in zip(size, heat.shape, strict=True))
    spread = spread_heat(heat, (high, wide))
    if not spread.max() >= 1:  # most products are good, and looking for nothing takes longest
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats((spread >= 1).astype(np.uint8))
    found = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label, :4])
        inside = (slice(y, y + height), slice(x, x + width))
        hottest = float(spread[inside][labels[inside] == label].max())
        left, right = x * size[1] // wide, -(-(x + width) * size[1] // wide)
        top, bottom = y * size[0] // high, -(-(y + height) * size[0] // high)
        found.append(((left, top, right, bottom), hottest))
    found.sort(key=lambda row: -row[1])
    return found[:MOST_REGIONS]


def name_region(judgement: Judgement, box: Box, size: tuple[int, int]) -> tuple[str, float | None]:
    """Return which type of defect is hottest in a box of :func:`hot_regions`, and how sure that is, 0 to 1.

    It is :data:`UNLIKE_GOOD` where no type was taught, and None where nobody can say how sure it is.

    Args:
        judgement: on the picture.
        box: in the picture [px].
        size: ``(height, width)`` of the picture [px].
    """
    left, top, right, bottom = box
    hottest, named, confidence = 0.0, UNLIKE_GOOD, 0.0
    for name, heat in judgement.types.items():
        rows = slice(top * heat.shape[0] // size[0], -(-bottom * heat.shape[0] // size[0]))
        columns = slice(left * heat.shape[1] // size[1], -(-right * heat.shape[1] // size[1]))
        inside = heat[rows, columns]
        place = np.unravel_index(int(inside.argmax()), inside.shape)
        if inside[place] > hottest:
            hottest, named = float(inside[place]), name
            confidence = float(judgement.sure[name][rows, columns][place]) / hottest
    return named, min(1.0, confidence) if confidence > 0 else None


def paint(picture: U8, heat: F32) -> U8:
    """Lay a heat map over ``picture``; the same heat has the same colour in every picture."""
    spread = spread_heat(heat, (picture.shape[0], picture.shape[1]))
    strength = np.clip((spread - 1) / (FULL_SCALE - 1), 0, 1)[:, :, None]
    red = np.array([255, 32, 0], np.float32)
    return np.asarray(np.rint(picture * (1 - 0.6 * strength) + red * (0.6 * strength)), dtype=np.uint8)


def tell(judgement: Judgement, boxes: list[Box]) -> dict[str, str]:
    """Say it in Vietnamese and English."""
    vi, en = _VERDICTS[judgement.verdict]
    if judgement.why:
        return {"vi": f"{vi}: {judgement.why}", "en": f"{en}: {judgement.why}"}
    if judgement.verdict == "accept" or not boxes:
        return {"vi": vi, "en": en}
    x0, y0, x1, y1 = boxes[0]
    place = f"x {x0}–{x1}, y {y0}–{y1} px"
    return {"vi": f"{vi}: khác với sản phẩm tốt tại {place}", "en": f"{en}: unlike good products at {place}"}
