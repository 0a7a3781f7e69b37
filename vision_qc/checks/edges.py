"""Edges to a fraction of a pixel: the steepest place of a smoothed profile; circles and gaps through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Inside = Literal["dark", "bright", "any"]

STEP_PX = 0.25
SMOOTH_PX = 1.2
"""Of the profile. Less lets noise choose the place, more rounds small circles off."""
LEAST_STEP_DN = 8.0
LEAST_SHARE = 0.6
"""So many of the profiles must show an edge that fits the others."""
OUTLIER = 3.5
"""Of robust standard deviations; and what is off by less than :data:`SLACK_PX` never is one."""
SLACK_PX = 0.1
RAYS_PER_PX, LEAST_RAYS, MOST_RAYS = 0.5, 24, 720


@dataclass(frozen=True, slots=True)
class Length:
    """What was found.

    Args:
        px: the length.
        u_px: its standard uncertainty from the scatter of the edges (GUM type A).
        x, y: its middle [px].
        edges: how many it rests on.
    """

    px: float
    u_px: float
    x: float
    y: float
    edges: int


def find_edges(grey: F32, starts: F64, ends: F64, inside: Inside) -> F64:
    """Find one edge on each of ``n`` lines of one length.

    Args:
        grey: ``float32[h, w]``.
        starts, ends: ``[n, 2]``, x and y [px]; a line begins inside and ends outside.
        inside: what the start is, against the end.

    Returns:
        Distance of each edge from its start [px]; NaN where there is none.

    Example:
        >>> grey = np.zeros((9, 40), np.float32); grey[:, 20:] = 100
        >>> float(find_edges(grey, np.array([[5.0, 4.0]]), np.array([[35.0, 4.0]]), "dark")[0].round(2))
        14.5
    """
    length = float(np.hypot(*(ends[0] - starts[0])))
    count = max(8, int(length / STEP_PX)) + 1
    step = length / (count - 1)
    share = np.linspace(0, 1, count)[None, :, None]
    places = (starts[:, None] + share * (ends - starts)[:, None]).astype(np.float32)
    profiles = cv2.remap(
        grey, places[:, :, 0], places[:, :, 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    smooth = cv2.GaussianBlur(profiles, (2 * int(3 * SMOOTH_PX / step) + 1, 1), SMOOTH_PX / step, sigmaY=1e-6)
    slope = np.gradient(np.asarray(smooth, np.float64), axis=1) / step
    height = {"dark": slope, "bright": -slope, "any": np.abs(slope)}[inside]
    peak = height[:, 1:-1].argmax(1) + 1
    rows = np.arange(len(peak))
    before, at, after = (height[rows, peak + offset] for offset in (-1, 0, 1))
    curve = before - 2 * at + after
    offset = np.where(curve < 0, 0.5 * (before - after) / np.where(curve < 0, curve, 1), 0.0)
    # the slope of a step of height h, smoothed by a Gaussian, is h / (sigma sqrt(2 pi)) at its steepest
    strong = at * SMOOTH_PX * np.sqrt(2 * np.pi) >= LEAST_STEP_DN
    inner = (peak > 1) & (peak < count - 2)
    return np.where(strong & inner, (peak + np.clip(offset, -1, 1)) * step, np.nan)


def measure_circle(
    grey: F32, x: float, y: float, radius: float, search: float, inside: Inside
) -> Length | None:
    """Measure a diameter: least squares through the edges on rays around (``x``, ``y``).

    Args:
        grey: ``float32[h, w]``.
        x, y, radius: about where it is [px].
        search: how far from there edges are looked for [px].
        inside: what is inside of the circle.

    Returns:
        The diameter; None where too few edges lie on one circle.
    """
    rays = int(np.clip(2 * np.pi * radius * RAYS_PER_PX, LEAST_RAYS, MOST_RAYS))
    angles = np.arange(rays) * (2 * np.pi / rays)
    ways = np.column_stack([np.cos(angles), np.sin(angles)])
    begin = max(0.5, radius - search)
    found = find_edges(grey, (x, y) + begin * ways, (x, y) + (radius + search) * ways, inside)
    seen = np.isfinite(found)
    points = (x, y) + (begin + found[seen])[:, None] * ways[seen]
    for _ in range(3):
        if len(points) < LEAST_SHARE * rays:
            return None
        middle_x, middle_y, fitted = _fit_circle(points)
        off = np.hypot(points[:, 0] - middle_x, points[:, 1] - middle_y) - fitted
        keep = _fits(off)
        if keep.all():
            # three numbers were fitted; those of a full circle hardly depend on each other
            scatter = float(np.sqrt(np.square(off).sum() / (len(off) - 3)))
            return Length(2 * fitted, 2 * scatter / len(off) ** 0.5, middle_x, middle_y, len(off))
        points = points[keep]
    return None


def measure_gap(
    grey: F32, start: tuple[float, float], end: tuple[float, float], width: float, inside: Inside
) -> Length | None:
    """Measure the distance of two nearly parallel edges, square to them.

    Args:
        grey: ``float32[h, w]``.
        start, end: of a line that crosses both edges, one in each half of it [px].
        width: of the strip around that line that is looked at [px].
        inside: what is between the edges.

    Returns:
        The distance; None where one of the edges is not to be found.
    """
    first, last = np.array(start, np.float64), np.array(end, np.float64)
    along = (last - first) / np.hypot(*(last - first))
    across = np.array([-along[1], along[0]])
    lines = max(3, round(width))
    aside = np.linspace(-(width - 1) / 2, (width - 1) / 2, lines)
    middles = (first + last) / 2 + aside[:, None] * across
    half = float(np.hypot(*(last - first))) / 2
    reach, slopes, variance, edges = 0.0, [], 0.0, 0
    for sign in (-1, 1):
        found = find_edges(grey, middles, middles + sign * half * along, inside)
        line = _fit_line(aside[np.isfinite(found)], found[np.isfinite(found)], LEAST_SHARE * lines)
        if line is None:
            return None
        offset, slope, scatter, count = line
        reach += offset
        slopes.append(slope * sign)
        variance += scatter**2 / count
        edges += count
    cos = float(np.cos(np.arctan(np.mean(slopes))))
    x, y = ((first + last) / 2).tolist()
    return Length(reach * cos, variance**0.5 * cos, x, y, edges)


def _fit_circle(points: F64) -> tuple[float, float, float]:
    """Kåsa's algebraic circle, then Gauss-Newton on the distances."""
    x, y = points[:, 0], points[:, 1]
    start = np.linalg.lstsq(np.column_stack([2 * x, 2 * y, np.ones(len(x))]), x**2 + y**2, rcond=None)[0]
    a, b, radius = (
        float(start[0]),
        float(start[1]),
        float(np.sqrt(max(0, start[2] + start[0] ** 2 + start[1] ** 2))),
    )
    for _ in range(5):
        away = np.maximum(np.hypot(x - a, y - b), 1e-9)
        jacobian = np.column_stack([(a - x) / away, (b - y) / away, -np.ones(len(x))])
        step = np.linalg.lstsq(jacobian, -(away - radius), rcond=None)[0]
        a, b, radius = a + float(step[0]), b + float(step[1]), radius + float(step[2])
    return a, b, radius


def _fit_line(aside: F64, found: F64, least: float) -> tuple[float, float, float, int] | None:
    """Return offset in the middle, slope, scatter and count of a line through edges."""
    for _ in range(3):
        if len(found) < max(3, least):
            return None
        slope, offset = np.polyfit(aside, found, 1)
        off = found - (slope * aside + offset)
        keep = _fits(off)
        if keep.all():
            return (
                float(offset),
                float(slope),
                float(np.sqrt(np.square(off).sum() / (len(off) - 2))),
                len(off),
            )
        aside, found = aside[keep], found[keep]
    return None


def _fits(off: F64) -> npt.NDArray[np.bool_]:
    away = np.abs(off - np.median(off))
    return np.asarray(away <= max(SLACK_PX, OUTLIER * 1.4826 * float(np.median(away))))
