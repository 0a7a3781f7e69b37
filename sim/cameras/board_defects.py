"""Defects drawn onto a board's copper, for types that its real tested board does not have.

Three shapes, each in copper and in bare board: a bridge from one side of a gap to the other (short; as a cut
through a conductor: open), a bump on an edge (spur; mousebite), an island (copper; pin hole). They are placed
by the distance to the next copper, or to the next bare board, and are as large as those of the data set.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.errors import UnknownDefectError
from sim.cameras.outlines import fill, ragged_spot, stroke, wandering_line
from sim.cameras.picture import U8, Bools

F32 = npt.NDArray[np.float32]

_SHAPE = {
    "short": ("bridge", True),
    "open": ("bridge", False),
    "spur": ("bump", True),
    "mousebite": ("bump", False),
    "copper": ("island", True),
    "pinhole": ("island", False),
}
"""Shape by type, and whether it is made of copper."""

_LEAST_PX = 20
"""Smaller than the smallest of the data set but for one in twenty."""

_BORDER_PX = 40
"""So near to the edge of the picture nothing is drawn: a jittering camera must still see it."""


def draw_defect(copper: Bools, type_: str, rng: np.random.Generator, taken: Bools) -> Bools:
    """Choose a place and say which pixels change from bare board to copper or back, ``bool[h, w]``.

    Args:
        copper: ``bool[h, w]``, True where there is copper.
        type_: a key of the table.
        rng: chooses.
        taken: ``bool[h, w]``, where there is a defect already.

    Raises:
        UnknownDefectError: the board has no place for it.
    """
    shape, of_copper = _SHAPE[type_]
    ground = ~copper if of_copper else copper
    depth = np.asarray(cv2.distanceTransform(ground.astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    allowed = np.zeros_like(ground)
    allowed[_BORDER_PX:-_BORDER_PX, _BORDER_PX:-_BORDER_PX] = True
    allowed &= ~cv2.dilate(taken.astype(np.uint8), np.ones((41, 41), np.uint8)).astype(np.bool_)
    draw = {"bridge": _bridge, "bump": _bump, "island": _island}[shape]
    for _ in range(20):
        drawn = draw(ground, depth, allowed, rng)
        if drawn is None:
            continue
        drawn &= ground
        edge = np.count_nonzero(drawn & (depth < 1.5))
        if np.count_nonzero(drawn) >= _LEAST_PX and (edge == 0 if shape == "island" else edge >= 4):
            return drawn
    raise UnknownDefectError(f"defect {type_!r}: this board has no place for it; give it to another product")


def _choose(where: Bools, rng: np.random.Generator) -> tuple[int, int] | None:
    """Choose one of the True pixels, as x and y."""
    places = np.flatnonzero(where)
    if not len(places):
        return None
    y, x = divmod(int(places[rng.integers(len(places))]), where.shape[1])
    return x, y


def _outwards(depth: F32, x: int, y: int) -> float:
    """Direction in which the ground gets deeper at a pixel [rad]."""
    near = depth[y - 3 : y + 4, x - 3 : x + 4]
    right, down = near[:, 4:].mean() - near[:, :3].mean(), near[4:].mean() - near[:3].mean()
    return math.atan2(float(down), float(right))


def _reach(ground: Bools, x: float, y: float, direction: float, most: float) -> float | None:
    """How far the ground goes in a direction [px]; None if farther than ``most``."""
    for step in np.arange(1.0, most, 1.0).tolist():
        column, row = round(x + step * math.cos(direction)), round(y + step * math.sin(direction))
        if not (0 <= row < ground.shape[0] and 0 <= column < ground.shape[1]):
            return None
        if not ground[row, column]:
            return float(step)
    return None


def _bridge(ground: Bools, depth: F32, allowed: Bools, rng: np.random.Generator) -> Bools | None:
    """From one side to the other where the ground is narrow: start at its edge, go straight away from it."""
    for widest in (28.0, 50.0, 90.0):
        narrow = (depth > 3) & (depth <= widest / 2)
        # the middle of a narrow place is as deep as anything around it
        ridge = narrow & (depth >= np.asarray(cv2.dilate(depth, np.ones((5, 5), np.uint8))) - 0.5) & allowed
        place = _choose(ridge, rng)
        if place is None:
            continue
        x, y = place
        for turn in rng.permutation(np.linspace(0, math.pi, 16, endpoint=False)).tolist():
            ahead, behind = (
                _reach(ground, x, y, turn, widest),
                _reach(ground, x, y, turn + math.pi, widest),
            )
            if ahead is None or behind is None or ahead + behind > 2.6 * depth[y, x] + 2:
                continue
            start = (x - (behind + 2) * math.cos(turn), y - (behind + 2) * math.sin(turn))
            line = wandering_line(rng, start, turn, ahead + behind + 4, bend=0.05)
            size = (ground.shape[1], ground.shape[0])
            drawn = stroke(size, line, int(rng.integers(4, 10)), soft=False)
            waist = ragged_spot(rng, rng.uniform(3, 7), rng.uniform(3, 7)) + np.array([x, y])
            return np.asarray((drawn | fill(size, waist, soft=False)) > 0)
    return None


def _bump(ground: Bools, depth: F32, allowed: Bools, rng: np.random.Generator) -> Bools | None:
    """On an edge with room before it, so that it reaches nothing on the other side."""
    length = float(rng.uniform(9, 17))
    room = np.asarray(cv2.dilate(depth, np.ones((21, 21), np.uint8)))
    for least in (length + 8, 0.75 * length, 6.0):
        place = _choose((depth > 0) & (depth < 1.5) & (room > least / 2 + 2) & allowed, rng)
        if place is None:
            continue
        x, y = place
        direction = _outwards(depth, x, y)
        free = _reach(ground, x + 3 * math.cos(direction), y + 3 * math.sin(direction), direction, 60) or 60.0
        reach = min(length, 0.6 * free)
        if reach < 4:
            continue
        centre = np.array([x + 0.4 * reach * math.cos(direction), y + 0.4 * reach * math.sin(direction)])
        outline = ragged_spot(rng, 0.62 * reach, rng.uniform(3.5, 6.0), direction, rough=0.3) + centre
        return _fill(ground, outline)
    return None


def _island(ground: Bools, depth: F32, allowed: Bools, rng: np.random.Generator) -> Bools | None:
    """In the open, touching nothing."""
    radius_x, radius_y = rng.uniform(4.5, 10, 2).tolist()
    for shrink in (1.0, 0.7, 0.45):
        reach = shrink * max(radius_x, radius_y)
        place = _choose((depth > 1.3 * reach + 1.5) & allowed, rng)
        if place is not None:
            outline = ragged_spot(rng, shrink * radius_x, shrink * radius_y, rng.uniform(0, math.pi))
            return _fill(ground, outline + np.array(place))
    return None


def _fill(ground: Bools, outline: npt.NDArray[np.float64]) -> Bools:
    filled: U8 = fill((ground.shape[1], ground.shape[0]), outline, soft=False)
    return np.asarray(filled > 0)
