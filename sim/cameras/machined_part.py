"""A turned flange from above, under a ring light: bore, groove, bolt holes, turning marks; black and white.

Everything round is drawn from exact distances, so that an edge is where its radius says to a fraction of a pixel
and an algorithm that measures has something to measure. A turned face reflects in two opposite fans, as its
grooves are circles: the anisotropic highlight of brushed metal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.outlines import Points, fill, stroke, wandering_line, window
from sim.cameras.picture import U8, Mark, Piece, Scene, generator, mark_changes

F32 = npt.NDArray[np.float32]

SIZE = (1280, 960)
"""Width and height [px]."""

PX_PER_MM = 6.0
"""Scale: the flange is about 125 mm across."""

LIGHT_RAD = -2.2
"""Where the ring light is brightest, as seen from the part [rad]: upper left."""

_GROOVE_PX, _CHAMFER_PX, _RIM_PX = 14.0, 6.0, 5.0
_STEPS = 4  # samples of a radial profile in a pixel


@dataclass(frozen=True, slots=True)
class Hole:
    """A bolt hole: middle relative to that of the flange, right and down, and radius [px]."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Flange:
    """One part as it lies there [px].

    Args:
        x, y: middle in the scene.
        outer, bore, groove: radii; that of the groove is its inner one.
        holes: bolt holes.
        face_dn: brightness of the turned face [DN].
        grain: which turning marks and stains this part has.
    """

    x: float
    y: float
    outer: float
    bore: float
    groove: float
    holes: tuple[Hole, ...]
    face_dn: float
    grain: int


@dataclass(frozen=True, slots=True)
class MachinedPart:
    """The source ``machined_part``."""

    name: str = "machined_part"
    size: tuple[int, int] = SIZE
    colour: bool = False
    real: bool = False
    defects: tuple[str, ...] = ("dimension", "burr", "scratch")

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a flange, see :class:`sim.cameras.picture.PictureSource`."""
        flange = clamp(design(piece.product), base)
        marks: dict[str, Mark] = {}
        if "dimension" in piece.defects:
            right = draw(flange, piece.product)
            flange = misshape(flange, flaws)
            image = draw(flange, piece.product)
            marks["dimension"] = mark_changes("dimension", right, image, (0, 0), origin=__name__)
        else:
            image = draw(flange, piece.product)
        for type_, add in (("burr", _add_burr), ("scratch", _add_scratch)):
            if type_ in piece.defects:
                marks[type_] = add(image, flange, flaws)
        return Scene(image, tuple(marks[type_] for type_ in piece.defects), __name__)


def design(product: str) -> Flange:
    """Draw up the part that a product is: the nominal dimensions, lying in the middle."""
    rng = generator("flange", product)
    outer, bore = rng.uniform(350, 390), rng.uniform(105, 145)
    count, radius = int(rng.choice((4, 6, 8))), rng.uniform(24, 32)
    circle = bore + 0.62 * (outer - bore)
    angles = np.arange(count) * 2 * math.pi / count
    holes = tuple(Hole(circle * math.cos(a), circle * math.sin(a), float(radius)) for a in angles.tolist())
    return Flange(
        x=SIZE[0] / 2,
        y=SIZE[1] / 2,
        outer=float(outer),
        bore=float(bore),
        groove=float(bore + 0.22 * (outer - bore)),
        holes=holes,
        face_dn=float(rng.uniform(118, 142)),
        grain=0,
    )


def clamp(nominal: Flange, rng: np.random.Generator) -> Flange:
    """Put one part of a design into the fixture: position, turn and dimensions within tolerance, its own marks.

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
    return Flange(
        x=nominal.x + 1.6 * dx,
        y=nominal.y + 1.6 * dy,
        outer=nominal.outer + 0.2 * sizes[0],
        bore=nominal.bore + 0.2 * sizes[1],
        groove=nominal.groove,
        holes=holes,
        face_dn=nominal.face_dn * (1 + 0.02 * sizes[2]),
        grain=int(rng.integers(1 << 62)),
    )


def misshape(flange: Flange, rng: np.random.Generator) -> Flange:
    """Make one dimension wrong by 0.6 to 1.6 mm: bore, outer diameter, a bolt hole's size or its place."""
    sign = float(rng.choice((-1, 1)))
    off_px = float(rng.uniform(0.6, 1.2)) * PX_PER_MM
    which = int(rng.integers(4))
    if which == 0:
        return replace(flange, bore=flange.bore + sign * off_px)
    if which == 1:
        return replace(flange, outer=flange.outer + sign * off_px)
    number = int(rng.integers(len(flange.holes)))
    hole = flange.holes[number]
    if which == 2:
        hole = replace(hole, radius=hole.radius + sign * off_px)
    else:
        angle, distance = float(rng.uniform(0, 2 * math.pi)), 1.35 * off_px
        hole = replace(hole, x=hole.x + distance * math.cos(angle), y=hole.y + distance * math.sin(angle))
    return replace(flange, holes=(*flange.holes[:number], hole, *flange.holes[number + 1 :]))


def draw(flange: Flange, product: str) -> U8:
    """Draw a part in its fixture, ``uint8[height, width]``."""
    rng = np.random.default_rng(flange.grain)
    image = _fixture(product).copy()
    reach = math.ceil(flange.outer + 2)
    x0, y0 = max(0, round(flange.x) - reach), max(0, round(flange.y) - reach)
    x1, y1 = min(SIZE[0], round(flange.x) + reach), min(SIZE[1], round(flange.y) + reach)
    right = np.arange(x0, x1, dtype=np.float32) - np.float32(flange.x)
    down = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(flange.y)
    radius = np.sqrt(right**2 + down**2)
    profile = _profile(flange, rng)
    face = profile[np.minimum((radius * _STEPS).astype(np.int32), len(profile) - 1)]
    face *= _fans()[y0:y1, x0:x1]
    face *= _stains(rng, x1 - x0, y1 - y0)
    covered = np.clip(np.float32(flange.outer + 0.5) - radius, 0, 1)
    below = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = np.clip(below + covered * (face - below), 0, 255)
    for hole in flange.holes:
        _drill(image, flange.x + hole.x, flange.y + hole.y, hole.radius)
    return image


@lru_cache(maxsize=8)
def _fixture(product: str) -> U8:
    """A black anodised plate with three pins, ``uint8[height, width]``; the same for all parts of a product."""
    rng = generator("fixture", product)
    nominal = design(product)
    plate = rng.normal(27, 5, (SIZE[1], SIZE[0])).astype(np.float32)
    plate = np.asarray(cv2.GaussianBlur(plate, (0, 0), 0.9), np.float32)
    plate += np.asarray(cv2.resize(rng.normal(0, 2, (12, 16)).astype(np.float32), SIZE), np.float32)
    for angle in (math.pi / 2, math.pi * 7 / 6, math.pi * 11 / 6):
        away = nominal.outer + 24
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
    return (fans + 0.08 * np.cos(angle)).astype(np.float32)


def _profile(flange: Flange, rng: np.random.Generator) -> F32:
    """Brightness by radius, a sample each quarter of a pixel: bore, chamfers, groove, faces, turning marks."""
    radius = np.arange(0, 460, 1 / _STEPS)
    feed = 5.0 * np.sin(2 * math.pi * radius / 4.7 + rng.uniform(0, 2 * math.pi))
    fine, slow = rng.standard_normal((2, len(radius)))
    marks = feed + 26 * _smooth(fine, 5) + 40 * _smooth(slow, 60)
    groove_end, rim = flange.groove + _GROOVE_PX, flange.outer - _RIM_PX
    edges = (
        # from radius [px], brightness [DN], share of the turning marks that shows
        (0.0, 13.0, 0.0),
        (flange.bore - 4, 46.0, 0.0),
        (flange.bore, 214.0, 0.25),
        (flange.bore + _CHAMFER_PX, 0.94 * flange.face_dn, 1.0),
        (flange.groove, 44.0, 0.2),
        (flange.groove + 3, 74.0, 0.5),
        (groove_end - 2.5, 186.0, 0.2),
        (groove_end, flange.face_dn, 1.0),
        (rim, 205.0, 0.25),
    )
    level = np.zeros_like(radius)
    before = np.zeros(2)
    for start, dn, share in edges:
        # an edge is one pixel wide: what a pixel sees of both sides
        step = np.clip(radius - start + 0.5, 0, 1)
        now = np.array([dn, share])
        level += step * (now[0] - before[0]) + step * (now[1] - before[1]) * marks
        before = now
    return np.clip(level, 0, 255).astype(np.float32)


def _smooth(noise: npt.NDArray[np.float64], samples: int) -> npt.NDArray[np.float64]:
    return np.convolve(noise, np.hanning(samples + 2) / np.hanning(samples + 2).sum(), "same")


def _stains(rng: np.random.Generator, width: int, height: int) -> F32:
    """Dried coolant on a good part: brightness varies by some percent over centimetres."""
    coarse = rng.normal(1, 0.035, (9, 9)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _drill(image: U8, x: float, y: float, radius: float) -> None:
    """Draw a bolt hole with its chamfer and the glint on its wall."""
    reach = math.ceil(radius + _CHAMFER_PX + 2)
    x0, y0 = round(x) - reach, round(y) - reach
    part = image[y0 : y0 + 2 * reach + 1, x0 : x0 + 2 * reach + 1]
    right = np.arange(x0, x0 + part.shape[1], dtype=np.float32) - np.float32(x)
    down = np.arange(y0, y0 + part.shape[0], dtype=np.float32)[:, None] - np.float32(y)
    distance = np.sqrt(right**2 + down**2)
    towards = (right * math.cos(LIGHT_RAD) + down * math.sin(LIGHT_RAD)) / np.maximum(distance, 1)
    chamfer = 148 + 72 * towards
    wall = 15 + 75 * np.clip(-towards, 0, 1) * np.clip((distance - radius + 7) / 7, 0, 1)
    result = part + np.clip(radius + _CHAMFER_PX - distance + 0.5, 0, 1) * (chamfer - part)
    result += np.clip(radius - distance + 0.5, 0, 1) * (wall - result)
    part[:] = np.clip(result, 0, 255)


def _add_burr(image: U8, flange: Flange, rng: np.random.Generator) -> Mark:
    """Leave a torn lip of metal on an edge, that reaches 0.8 to 2 mm over the gap beside it."""
    holes = [(flange.x + h.x, flange.y + h.y, h.radius, -1.0) for h in flange.holes]
    edges = [(flange.x, flange.y, flange.bore, -1.0), (flange.x, flange.y, flange.outer, 1.0), *holes]
    x, y, radius, outwards = edges[int(rng.integers(len(edges)))]
    length_px, height_px = float(rng.uniform(28, 70)), float(rng.uniform(0.8, 2.0)) * PX_PER_MM
    angles = float(rng.uniform(0, 2 * math.pi)) + np.linspace(-0.5, 0.5, 40) * min(length_px / radius, 1.8)
    teeth = np.abs(_smooth(rng.standard_normal(40), 3)) * 1.1 + 0.25
    lip = radius + outwards * height_px * np.minimum(teeth, 1.2) * np.sin(np.linspace(0, math.pi, 40)) ** 0.5
    root = np.full(40, radius - outwards * 1.5)
    around = np.concatenate((angles, angles[::-1]))
    away = np.concatenate((lip, root))
    outline: Points = np.column_stack((x + away * np.cos(around), y + away * np.sin(around)))
    x0, y0, width, height = window(outline, 2, SIZE)
    part = image[y0 : y0 + height, x0 : x0 + width]
    before = part.copy()
    covered = fill((width, height), outline - (x0, y0)) / np.float32(255)
    shine = np.asarray(cv2.GaussianBlur(rng.normal(185, 90, (height, width)), (0, 0), 1.5))
    part[:] = np.clip(part + covered * (np.clip(shine, 110, 250) - part), 0, 255)
    return mark_changes("burr", before, part, (x0, y0), origin=__name__)


def _add_scratch(image: U8, flange: Flange, rng: np.random.Generator) -> Mark:
    """Draw a scratch over the face, a bright flank beside a dark one, 8 to 30 mm long."""
    while True:
        away = float(rng.uniform(flange.groove + 40, flange.outer - 30))
        angle, turn = rng.uniform(0, 2 * math.pi, 2).tolist()
        start = (flange.x + away * math.cos(angle), flange.y + away * math.sin(angle))
        length_px = float(rng.uniform(8, 30)) * PX_PER_MM
        line = wandering_line(rng, start, turn, length_px, bend=0.03)
        x0, y0, width, height = window(line, 4, SIZE)
        face = _face(flange, x0, y0, width, height)
        bright = stroke((width, height), line - (x0, y0), int(rng.integers(1, 4))) / np.float32(255)
        dark = stroke((width, height), line - (x0 - 1.6, y0 - 1.6), 1) / np.float32(255)
        # most of it must lie on the face, else it would be a scratch over holes
        if np.count_nonzero(bright * face) > 0.85 * np.count_nonzero(bright):
            break
    depth = np.asarray(cv2.resize(rng.uniform(0.6, 1.1, (3, 3)).astype(np.float32), (width, height)))
    part = image[y0 : y0 + height, x0 : x0 + width]
    before = part.copy()
    part[:] = np.clip(part + face * depth * (78 * bright - 46 * dark * (1 - bright)), 0, 255)
    return mark_changes("scratch", before, part, (x0, y0), origin=__name__)


def _face(flange: Flange, x0: int, y0: int, width: int, height: int) -> F32:
    """Where the turned face is, 0 or 1, in a part of the scene."""
    right = np.arange(x0, x0 + width) - flange.x
    down = np.arange(y0, y0 + height)[:, None] - flange.y
    distance = np.hypot(right, down)
    face = (distance > flange.groove + _GROOVE_PX) & (distance < flange.outer - _RIM_PX)
    for hole in flange.holes:
        face &= np.hypot(right - hole.x, down - hole.y) > hole.radius + _CHAMFER_PX
    return face.astype(np.float32)
