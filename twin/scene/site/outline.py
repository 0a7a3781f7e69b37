"""Plane geometry of footprints: what lies inside what, and where a line crosses an outline."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]


def inside(points: ArrayLike, outline: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points, shape (n, 2), lie inside an outline, shape (m, 2), by the even-odd rule.

    >>> inside([(1, 1), (3, 1)], [(0, 0), (2, 0), (2, 2), (0, 2)]).tolist()
    [True, False]
    """
    p = np.asarray(points, np.float64)[:, None, :]
    a = np.asarray(outline, np.float64)[None, :, :]
    b = np.roll(a, -1, axis=1)
    spans = (a[..., 1] > p[..., 1]) != (b[..., 1] > p[..., 1])
    rise = np.where(spans, b[..., 1] - a[..., 1], 1.0)
    crossing = a[..., 0] + (p[..., 1] - a[..., 1]) / rise * (b[..., 0] - a[..., 0])
    hits: NDArray[np.bool_] = np.sum(spans & (p[..., 0] < crossing), axis=1) % 2 == 1
    return hits


def crossings(start: ArrayLike, end: ArrayLike, outline: ArrayLike) -> list[Interval]:
    """Find the parts of a line that lie inside an outline, as shares 0 to 1 of its length.

    >>> crossings((-1, 1), (3, 1), [(0, 0), (2, 0), (2, 2), (0, 2)])
    [(0.25, 0.75)]
    """
    a, d = np.asarray(start, np.float64), np.asarray(end, np.float64) - np.asarray(start, np.float64)
    corners = np.asarray(outline, np.float64)
    edges = np.roll(corners, -1, axis=0) - corners
    cuts = {0.0, 1.0}
    for corner, edge in zip(corners, edges, strict=True):
        cross = float(d[0] * edge[1] - d[1] * edge[0])
        if abs(cross) > 1e-12:
            gap = corner - a
            share = float(gap[0] * edge[1] - gap[1] * edge[0]) / cross
            along = float(gap[0] * d[1] - gap[1] * d[0]) / cross
            if 0 <= share <= 1 and 0 <= along <= 1:
                cuts.add(share)
    spans = list(pairwise(sorted(cuts)))
    within = inside([a + d * (low + high) / 2 for low, high in spans], corners)
    return [span for span, yes in zip(spans, within, strict=True) if yes]


def remaining(cut: Iterable[Interval]) -> list[Interval]:
    """Return what is left of 0 to 1 without the intervals.

    >>> remaining([(0.5, 0.75), (0.25, 0.6)])
    [(0.0, 0.25), (0.75, 1.0)]
    """
    left, at = [], 0.0
    for low, high in sorted(cut):
        if low > at:
            left.append((at, low))
        at = max(at, high)
    if at < 1.0:
        left.append((at, 1.0))
    return left


def pieces(line: ArrayLike) -> list[tuple[Floats, Floats]]:
    """Take an open line, shape (n, 2), apart into its straight pieces."""
    return list(pairwise(np.asarray(line, np.float64)))


def ribbon(line: ArrayLike, half_width: float) -> tuple[Floats, Floats]:
    """Offset an open line, shape (n, 2), by ``half_width`` [m] to its left and to its right, corners mitred.

    >>> [side.tolist() for side in ribbon([(0, 0), (4, 0)], 1.0)]
    [[[0.0, 1.0], [4.0, 1.0]], [[0.0, -1.0], [4.0, -1.0]]]
    """
    points = np.asarray(line, np.float64)
    steps = np.diff(points, axis=0)
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    across = np.stack([-steps[:, 1], steps[:, 0]], axis=1)
    before, after = np.concatenate([across[:1], across]), np.concatenate([across, across[-1:]])
    mitre = (before + after) / np.maximum(1.0 + np.sum(before * after, axis=1), 0.3)[:, None]
    return points + mitre * half_width, points - mitre * half_width
