"""A machined part from above, under a ring light: a flange, the end of a shaft, a housing; black and white.

Everything round is drawn from exact distances, so that an edge is where its radius says to a fraction of a
pixel and an algorithm that measures has something to measure. A turned face reflects in two opposite fans, as
its grooves are circles: the anisotropic highlight of brushed metal. A milled face has the arcs of its cutter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.picture import U8, generator

F32 = npt.NDArray[np.float32]

SIZE = (1280, 960)
"""Width and height [px]."""

PX_PER_MM = 6.0
"""Scale: a flange is about 125 mm across."""

LIGHT_RAD = -2.2
"""Where the ring light is brightest, as seen from the part [rad]: upper left."""

_GROOVE_PX, _CHAMFER_PX, _RIM_PX, _CORNER_PX = 14.0, 6.0, 5.0, 70.0
_STEPS = 4  # samples of a radial profile in a pixel


@dataclass(frozen=True, slots=True)
class Hole:
    """A bolt hole: middle relative to that of the part, right and down, and radius [px]."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it lies there [px].

    Args:
        milled: square with rounded corners and a milled face; else round and turned.
        x, y: middle in the scene.
        turn: about it [rad].
        outer: radius of a round part, half the side of a square one.
        bore, groove: radii; that of the groove is its inner one.
        holes: bolt holes.
        face_dn: brightness of the face [DN].
        grain: which turning marks and stains this part has.
    """

    milled: bool
    x: float
    y: float
    turn: float
    outer: float
    bore: float
    groove: float
    holes: tuple[Hole, ...]
    face_dn: float
    grain: int


def design(product: str) -> Part:
    """Draw up the part that a product is: the nominal dimensions, lying in the middle.

    With ``shaft`` in its name it is the end of a shaft, with ``housing`` a housing, else a flange.
    """
    rng = generator("part", product)
    milled = "housing" in product
    if "shaft" in product:
        outer, bore, count = rng.uniform(235, 275), rng.uniform(32, 42), 0
    elif milled:
        outer, bore, count = rng.uniform(300, 330), rng.uniform(130, 165), 4
    else:
        outer, bore, count = rng.uniform(350, 390), rng.uniform(105, 145), int(rng.choice((4, 6, 8)))
    radius = float(rng.uniform(24, 32))
    circle = 1.1 * outer if milled else bore + 0.62 * (outer - bore)
    angles = (np.arange(count) + (0.5 if milled else 0.0)) * 2 * math.pi / max(count, 1)
    return Part(
        milled=milled,
        x=SIZE[0] / 2,
        y=SIZE[1] / 2,
        turn=0.0,
        outer=float(outer),
        bore=float(bore),
        groove=float(bore + 0.22 * (outer - bore)),
        holes=tuple(Hole(circle * math.cos(a), circle * math.sin(a), radius) for a in angles.tolist()),
        face_dn=float(rng.uniform(118, 142)),
        grain=0,
    )


def clamp(nominal: Part, rng: np.random.Generator) -> Part:
    """Put one part of a design into the fixture: its place, turn, dimensions within tolerance, own marks.

    The pins of the fixture leave it half a millimetre and a degree of play; good dimensions scatter by some
    hundredths of a millimetre.
    """
    dx, dy, turn, *sizes = rng.standard_normal(6).tolist()
    angle = math.radians(0.5 * turn)
    cos, sin = math.cos(angle), math.sin(angle)
    holes = tuple(
        Hole(h.x * cos - h.y * sin, h.x * sin + h.y * cos, h.radius + 0.15 * float(scatter))
        for h, scatter in zip(nominal.holes, rng.standard_normal(len(nominal.holes)), strict=True)
    )
    return Part(
        milled=nominal.milled,
        x=nominal.x + 1.6 * dx,
        y=nominal.y + 1.6 * dy,
        turn=angle,
        outer=nominal.outer + 0.2 * sizes[0],
        bore=nominal.bore + 0.2 * sizes[1],
        groove=nominal.groove,
        holes=holes,
        face_dn=nominal.face_dn * (1 + 0.02 * sizes[2]),
        grain=int(rng.integers(1 << 62)),
    )


def draw(part: Part, product: str) -> U8:
    """Draw a part in its fixture, ``uint8[height, width]``."""
    rng = np.random.default_rng(part.grain)
    image = _fixture(product).copy()
    reach = math.ceil(part.outer * (1 + abs(part.turn)) + 4)
    x0, y0 = max(0, round(part.x) - reach), max(0, round(part.y) - reach)
    x1, y1 = min(SIZE[0], round(part.x) + reach), min(SIZE[1], round(part.y) + reach)
    right = np.arange(x0, x1, dtype=np.float32) - np.float32(part.x)
    down = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(part.y)
    radius = np.asarray(np.sqrt(right**2 + down**2), np.float32)
    level, share, marks = _profile(part, rng)
    at = (radius * _STEPS).astype(np.int32)
    if part.milled:
        # a cutter as wide as the part went over it: arcs about a point far to the left
        cutter = np.sqrt((right + np.float32(1.5 * part.outer)) ** 2 + (down - np.float32(60)) ** 2)
        face = level[at] + share[at] * marks[(cutter * _STEPS).astype(np.int32)]
        face *= 1 + np.float32(0.14 / part.outer) * (
            right * np.float32(math.cos(LIGHT_RAD)) + down * np.float32(math.sin(LIGHT_RAD))
        )
    else:
        face = np.clip(level + share * marks, 0, 255)[at]
        face *= _fans()[y0:y1, x0:x1]
    face *= _stains(rng, x1 - x0, y1 - y0)
    inside = depth_in(part, right, down, radius)
    face += np.clip(np.float32(_RIM_PX + 0.5) - inside, 0, 1) * (205 - face)
    below = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = np.clip(below + np.clip(inside + np.float32(0.5), 0, 1) * (face - below), 0, 255)
    for hole in part.holes:
        _drill(image, part.x + hole.x, part.y + hole.y, hole.radius)
    return image


def depth_in(part: Part, right: F32, down: F32, radius: F32) -> F32:
    """Distance to the outer edge, above 0 inside [px]."""
    if not part.milled:
        return np.asarray(np.float32(part.outer) - radius, np.float32)
    cos, sin = np.float32(math.cos(part.turn)), np.float32(math.sin(part.turn))
    flat = np.float32(part.outer - _CORNER_PX)
    x, y = np.abs(right * cos + down * sin) - flat, np.abs(down * cos - right * sin) - flat
    corner = np.sqrt(np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2)
    return np.asarray(_CORNER_PX - corner - np.minimum(np.maximum(x, y), 0), np.float32)


@lru_cache(maxsize=8)
def _fixture(product: str) -> U8:
    """A black anodised plate with three pins, ``uint8[height, width]``; one for all parts of a product."""
    rng = generator("fixture", product)
    nominal = design(product)
    plate = rng.normal(27, 5, (SIZE[1], SIZE[0])).astype(np.float32)
    plate = np.asarray(cv2.GaussianBlur(plate, (0, 0), 0.9), np.float32)
    plate += np.asarray(cv2.resize(rng.normal(0, 2, (12, 16)).astype(np.float32), SIZE), np.float32)
    for angle in (math.pi / 2, math.pi * 7 / 6, math.pi * 11 / 6):
        away = nominal.outer + 24
        if nominal.milled:
            away /= max(abs(math.cos(angle)), abs(math.sin(angle)))
        middle = (round(SIZE[0] / 2 + away * math.cos(angle)), round(SIZE[1] / 2 + away * math.sin(angle)))
        cv2.circle(plate, middle, 20, 96, -1, cv2.LINE_AA)
        cv2.circle(plate, middle, 19, 150, 2, cv2.LINE_AA)
        cv2.circle(plate, (middle[0] - 5, middle[1] - 6), 4, 190, -1, cv2.LINE_AA)
    return np.clip(np.asarray(cv2.GaussianBlur(plate, (0, 0), 0.6)), 0, 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _fans() -> F32:
    """Reflection of a turned face by the angle around its middle, ``float32[height, width]``.

    A groove reflects the light where its normal halves the angle between light and camera: along the line
    through the middle towards the brightest part of the ring light, on both sides.
    """
    x = np.arange(SIZE[0], dtype=np.float32) - SIZE[0] / 2
    y = np.arange(SIZE[1], dtype=np.float32)[:, None] - SIZE[1] / 2
    angle = np.arctan2(y, x) - LIGHT_RAD
    fans = 0.78 + 0.2 * np.abs(np.cos(angle)) ** 6 + 0.18 * np.abs(np.cos(angle - 1.1)) ** 24
    return np.asarray(fans + 0.08 * np.cos(angle), np.float32)


def _profile(part: Part, rng: np.random.Generator) -> tuple[F32, F32, F32]:
    """Brightness by radius, the share of tool marks that shows there, and the marks; four samples a pixel."""
    radius = np.arange(0, 1200, 1 / _STEPS)
    feed = 5.0 * np.sin(2 * math.pi * radius / 4.7 + rng.uniform(0, 2 * math.pi))
    fine, slow = rng.standard_normal((2, len(radius)))
    marks = feed + 26 * smooth(fine, 5) + 40 * smooth(slow, 60)
    groove_end = part.groove + _GROOVE_PX
    edges = (
        # from radius [px], brightness [DN], share of the marks
        (0.0, 13.0, 0.0),
        (part.bore - 4, 46.0, 0.0),
        (part.bore, 214.0, 0.25),
        (part.bore + _CHAMFER_PX, 0.94 * part.face_dn, 1.0),
        (part.groove, 44.0, 0.2),
        (part.groove + 3, 74.0, 0.5),
        (groove_end - 2.5, 186.0, 0.2),
        (groove_end, part.face_dn, 1.0),
    )
    level, share = np.zeros((2, len(radius)))
    dn_before = share_before = 0.0
    for start, dn, shows in edges:
        # an edge is one pixel wide: what a pixel sees of both sides
        step = np.clip(radius - start + 0.5, 0, 1)
        level += step * (dn - dn_before)
        share += step * (shows - share_before)
        dn_before, share_before = dn, shows
    return level.astype(np.float32), share.astype(np.float32), marks.astype(np.float32)


def smooth(noise: npt.NDArray[np.float64], samples: int) -> npt.NDArray[np.float64]:
    return np.convolve(noise, np.hanning(samples + 2) / np.hanning(samples + 2).sum(), "same")


def _stains(rng: np.random.Generator, width: int, height: int) -> F32:
    """Dried coolant on a good part: brightness varies by some percent over centimetres."""
    coarse = rng.normal(1, 0.035, (9, 9)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _drill(image: U8, x: float, y: float, radius: float) -> None:
    """Draw a bolt hole with its chamfer and the glint on its wall."""
    reach = math.ceil(radius + _CHAMFER_PX + 2)
    x0, y0 = round(x) - reach, round(y) - reach
    field = image[y0 : y0 + 2 * reach + 1, x0 : x0 + 2 * reach + 1]
    right = np.arange(x0, x0 + field.shape[1], dtype=np.float32) - np.float32(x)
    down = np.arange(y0, y0 + field.shape[0], dtype=np.float32)[:, None] - np.float32(y)
    distance = np.sqrt(right**2 + down**2)
    towards = (right * math.cos(LIGHT_RAD) + down * math.sin(LIGHT_RAD)) / np.maximum(distance, 1)
    chamfer = 148 + 72 * towards
    wall = 15 + 75 * np.clip(-towards, 0, 1) * np.clip((distance - radius + 7) / 7, 0, 1)
    result = field + np.clip(radius + _CHAMFER_PX - distance + 0.5, 0, 1) * (chamfer - field)
    result += np.clip(radius - distance + 0.5, 0, 1) * (wall - result)
    field[:] = np.clip(result, 0, 255)


def face_of(part: Part, x0: int, y0: int, width: int, height: int) -> F32:
    """Where the machined face is, 0 or 1, in a part of the scene."""
    right = np.arange(x0, x0 + width, dtype=np.float32) - np.float32(part.x)
    down = np.arange(y0, y0 + height, dtype=np.float32)[:, None] - np.float32(part.y)
    radius = np.asarray(np.hypot(right, down), np.float32)
    face = (radius > part.groove + _GROOVE_PX) & (depth_in(part, right, down, radius) > _RIM_PX)
    for hole in part.holes:
        face &= np.hypot(right - hole.x, down - hole.y) > hole.radius + _CHAMFER_PX
    return np.asarray(face, np.float32)
