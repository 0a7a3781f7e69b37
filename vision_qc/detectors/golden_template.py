"""Compare a board or print with its golden template: what differs by more than edges may, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.registration import apply, find_affine

Bools = npt.NDArray[np.bool_]
U8 = npt.NDArray[np.uint8]

WAYS = ((1, 5, 4), (2, 5, 1), (2, 13, 1))
"""Tolerance of edges, reach that joins pieces, least area of a piece [px, px, px²]. A defect is a piece in at
least one of these ways; which of them has its extent right is left to the classifier."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place where picture and template differ.

    Args:
        box: ``(x0, y0, x1, y1)``, ends excluded [px].
        added: there is material that the template has not; else some is missing.
        mask: ``bool[y1 - y0, x1 - x0]``, the pixels that differ.
        core_px: how many differ by more than the tolerance.
        way: index into :data:`WAYS`.
    """

    box: tuple[int, int, int, int]
    added: bool
    mask: Bools
    core_px: int
    way: int


def align(template: Bools, tested: Bools) -> Bools:
    """Lay ``template`` over ``tested``; both ``bool[height, width]`` of one size."""
    moving, fixed = template.astype(np.float32), tested.astype(np.float32)
    return np.asarray(apply(find_affine(moving, fixed), moving, tested.shape) > 0.5)


def find_candidates(template: Bools, tested: Bools) -> list[Candidate]:
    """Find what differs.

    Args:
        template: ``bool[height, width]``, where there should be material; aligned.
        tested: of the same size, where there is.

    Example:
        >>> template = np.zeros((40, 40), bool); template[10:20] = True
        >>> tested = template.copy(); tested[13:17, 20:25] = False
        >>> [(c.box, c.added) for c in find_candidates(template, tested)]
        [((20, 13, 25, 17), False)]
    """
    should, has = template.astype(np.uint8), tested.astype(np.uint8)
    found: dict[tuple[tuple[int, int, int, int], bool], Candidate] = {}
    for way, (tolerance, join, least_px) in enumerate(WAYS):
        near = np.ones((2 * tolerance + 1, 2 * tolerance + 1), np.uint8)
        added = (has & (1 - cv2.dilate(should, near).astype(np.uint8))).astype(np.uint8)
        missing = ((1 - has) & cv2.erode(should, near).astype(np.uint8)).astype(np.uint8)
        for is_added, core, all_px in (
            (True, added, has & (1 - should)),
            (False, missing, should & (1 - has)),
        ):
            for candidate in _pieces(core, np.asarray(all_px, dtype=np.uint8), is_added, join, least_px, way):
                found.setdefault((candidate.box, is_added), candidate)
    return list(found.values())


def _pieces(core: U8, all_px: U8, added: bool, join: int, least_px: int, way: int) -> list[Candidate]:
    joined = cv2.dilate(core, np.ones((join, join), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    pieces = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label, :4])
        here = labels[y : y + height, x : x + width] == label
        core_px = int(np.count_nonzero(core[y : y + height, x : x + width][here]))
        if core_px < least_px:
            continue
        mask = here & (all_px[y : y + height, x : x + width] > 0)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        box = (x + int(left), y + int(top), x + int(right), y + int(bottom))
        pieces.append(Candidate(box, added, np.asarray(mask[top:bottom, left:right]), core_px, way))
    return pieces
