"""Outlines of what defects look like: ragged spots and wandering lines, as masks and points."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.picture import U8

Points = npt.NDArray[np.float64]

_SHIFT = 4
"""Fractional bits that OpenCV's drawing takes: 1/16 px."""


def ragged_spot(
    rng: np.random.Generator, radius_x: float, radius_y: float, turn: float = 0.0, rough: float = 0.25
) -> Points:
    """Draw a closed outline around the origin, ``float64[n, 2]`` [px]: an ellipse with a ragged edge.

    Args:
        radius_x, radius_y: half axes [px].
        turn: of the first axis [rad].
        rough: by which share of it the radius goes up and down.

    >>> spot = ragged_spot(np.random.default_rng(1), 10, 10)
    >>> bool((np.hypot(spot[:, 0], spot[:, 1]) > 4).all())
    True
    """
    angles = np.linspace(0, 2 * math.pi, 64, endpoint=False)
    orders = np.arange(2, 10)
    weights = rng.standard_normal(len(orders)) / orders**1.5
    phases = rng.uniform(0, 2 * math.pi, len(orders))
    waves = weights @ np.cos(orders[:, None] * angles + phases[:, None])
    radius = 1 + rough * np.clip(waves / 0.4, -2, 2)
    x, y = radius_x * radius * np.cos(angles), radius_y * radius * np.sin(angles)
    return np.column_stack((x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)))


def wandering_line(
    rng: np.random.Generator, start: tuple[float, float], turn: float, length: float, bend: float = 0.05
) -> Points:
    """Draw a line that bends a little at each of 24 steps, ``float64[25, 2]`` [px].

    Args:
        start: its first point.
        turn: its first direction [rad].
        length: of all steps together [px].
        bend: standard deviation of a step's turn [rad].
    """
    directions = turn + np.cumsum(rng.normal(0, bend, 24))
    steps = np.column_stack((np.cos(directions), np.sin(directions))) * (length / 24)
    return np.vstack((np.asarray(start)[None], np.asarray(start) + np.cumsum(steps, axis=0)))


def fill(size: tuple[int, int], outline: Points, soft: bool = True) -> U8:
    """Fill an outline: ``uint8[height, width]``, 255 inside, with a smooth edge if ``soft``.

    Args:
        size: width and height [px].

    >>> int(fill((9, 9), np.array([[2, 2], [6, 2], [6, 6], [2, 6]]), soft=False).sum()) // 255
    25
    """
    canvas = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillPoly(canvas, [_fixed(outline)], 255, cv2.LINE_AA if soft else cv2.LINE_8, _SHIFT)
    return canvas


def stroke(size: tuple[int, int], line: Points, width: int, soft: bool = True) -> U8:
    """Draw an open line: ``uint8[height, width]``, 255 on it.

    Args:
        size: width and height [px].
        width: of the line [px].
    """
    canvas = np.zeros((size[1], size[0]), np.uint8)
    kind = cv2.LINE_AA if soft else cv2.LINE_8
    cv2.polylines(canvas, [_fixed(line)], False, 255, width, kind, _SHIFT)
    return canvas


def window(points: Points, margin: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Say which part of a picture some points need: x, y, width and height, inside ``size`` [px]."""
    low = np.floor(points.min(axis=0) - margin).astype(int)
    high = np.ceil(points.max(axis=0) + margin).astype(int) + 1
    x0, y0 = np.clip(low, 0, np.asarray(size) - 1).tolist()
    x1, y1 = np.clip(high, (x0 + 1, y0 + 1), size).tolist()
    return x0, y0, x1 - x0, y1 - y0


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    return np.round(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
