"""Numbers that tell one kind of board defect from another, and all from photographs that never quite match.

Topology tells most: a short joins two conductors, an open parts one, a pin-hole is bare board inside copper,
a spur and a mouse bite change one edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.detectors.golden_template import Candidate

Bools = npt.NDArray[np.bool_]
F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

MARGIN_PX = 12
PATCH = 10
"""Side of the small pictures of template and tested board."""
FEATURES = 31 + 2 * PATCH * PATCH


def describe_candidates(candidates: Sequence[Candidate], template: Bools, tested: Bools) -> F32:
    """Describe the candidates of one board.

    Args:
        candidates: of :func:`vision_qc.detectors.golden_template.find_candidates`.
        template: ``bool[height, width]``, aligned.
        tested: of the same size.

    Returns:
        ``float32[candidates, features]``.
    """
    differs = template != tested
    board = [float(differs.mean()), float(len(candidates)), float(template.mean())]
    wide = [np.pad(picture, MARGIN_PX + 32, mode="edge") for picture in (template, tested, differs)]
    rows = [_shape(candidate) + board + _around(candidate, wide) for candidate in candidates]
    return np.array(rows, np.float32).reshape(len(candidates), FEATURES)


def _shape(candidate: Candidate) -> list[float]:
    x0, y0, x1, y1 = candidate.box
    mask: U8 = np.pad(candidate.mask, 1).astype(np.uint8)
    thick = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    area = float(mask.sum())
    moments = cv2.moments(mask, binaryImage=True)
    spread = np.array([[moments["mu20"], moments["mu11"]], [moments["mu11"], moments["mu02"]]]) / area
    minor, major = np.linalg.eigvalsh(spread)
    return [
        float(candidate.added),
        float(candidate.way),
        float(x1 - x0),
        float(y1 - y0),
        area,
        float(candidate.core_px),
        candidate.core_px / area,
        area / ((x1 - x0) * (y1 - y0)),
        float(thick.max()),
        float(minor),
        float(major),
    ]


def _around(candidate: Candidate, wide: Sequence[Bools]) -> list[float]:
    x0, y0, x1, y1 = candidate.box
    top, left = y0 + 32, x0 + 32
    bottom, right = y1 + 32 + 2 * MARGIN_PX, x1 + 32 + 2 * MARGIN_PX
    template, tested, differs = (np.asarray(picture[top:bottom, left:right]) for picture in wide)
    blob: U8 = np.pad(candidate.mask, MARGIN_PX).astype(np.uint8)
    features = [float(template.mean()), float(tested.mean()), float(differs.mean())]
    for reach in (3, 7):
        ring = (cv2.dilate(blob, np.ones((reach, reach), np.uint8)) > 0) & (blob == 0)
        for picture in (template, tested):
            features.append(float(picture[ring].mean()))
    touching = cv2.dilate(blob, np.ones((5, 5), np.uint8)) > 0
    for picture in (template, tested):
        for material in (picture, ~picture):
            count, labels = cv2.connectedComponents(material.astype(np.uint8), connectivity=4)
            features.append(float(count - 1))
            features.append(float(len(np.unique(labels[touching & material]))))
    for change in (tested & ~template, template & ~tested):
        features.append(float(np.count_nonzero(change & (blob == 0))))
    side = max(x1 - x0, y1 - y0) + 2 * MARGIN_PX
    side = min(side, 64 + 2 * MARGIN_PX)
    middle_y, middle_x = (top + bottom) // 2, (left + right) // 2
    for picture in wide[:2]:
        patch = picture[
            max(0, middle_y - side // 2) : middle_y + side // 2,
            max(0, middle_x - side // 2) : middle_x + side // 2,
        ]
        small = cv2.resize(patch.astype(np.float32), (PATCH, PATCH), interpolation=cv2.INTER_AREA)
        features += small.ravel().tolist()
    return features
