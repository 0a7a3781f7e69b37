"""The source ``fabric``: cloth on an inspection frame, with faults of yarns, and stains and holes on top."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.outlines import fill, ragged_spot, stroke, wandering_line, window
from sim.cameras.picture import U8, Mark, Piece, Scene, mark_changes
from sim.cameras.woven_cloth import (
    ALL,
    COLOURS,
    MOST_PULL_PX,
    SIZE,
    Cloth,
    Grid,
    Woven,
    brightened,
    design,
    lay,
    weave,
)

F64 = npt.NDArray[np.float64]
Window = tuple[slice, slice]
"""Rows and columns of the pulled cloth."""

_TABLE_DN = 14
"""What shows through a hole: the unlit frame behind the cloth."""


@dataclass(frozen=True, slots=True)
class Fabric:
    """The source ``fabric``."""

    name: str = "fabric"
    size: tuple[int, int] = SIZE
    colour: bool = True
    real: bool = False
    defects: tuple[str, ...] = ("hole", "stain", "broken_end", "weft_bar")

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a length of cloth, see :class:`sim.cameras.picture.PictureSource`."""
        cloth = design(piece.product)
        grid = lay(cloth, base)
        woven = weave(cloth, grid)
        image = woven.pulled()
        marks: dict[str, Mark] = {}
        # what concerns yarns first, before the cloth is pulled: a stain and a hole lie on top of it
        for type_, drawn_in in (("weft_bar", _with_weft_bar), ("broken_end", _with_broken_end)):
            if type_ in piece.defects:
                woven, (rows, columns) = drawn_in(woven, cloth, grid, flaws)
                before = image[rows, columns].copy()
                image[rows, columns] = woven.pulled(rows, columns)
                at = (columns.start or 0, rows.start or 0)
                marks[type_] = _mark(type_, before, image[rows, columns], at)
        for type_, add in (("stain", _add_stain), ("hole", _add_hole)):
            if type_ in piece.defects:
                marks[type_] = add(image, cloth, flaws)
        return Scene(image, tuple(marks[type_] for type_ in piece.defects), __name__)


def _with_weft_bar(woven: Woven, cloth: Cloth, grid: Grid, rng: np.random.Generator) -> tuple[Woven, Window]:
    """Weave some weft yarns of another lot: a band from edge to edge, a shade off."""
    count = int(rng.integers(5, 14))
    last = int(woven.wefts[-80])
    first = int(rng.integers(int(woven.wefts[80]), last - count))
    off = float(rng.uniform(0.12, 0.2) * rng.choice((-1, 1)))
    rows = np.flatnonzero((woven.wefts >= first) & (woven.wefts < first + count))
    band = slice(int(rows[0]), int(rows[-1]) + 1)
    # the weft is what differs, but a thicker or thinner one also sits differently between the warp
    gain = np.where(woven.on_top[band], 1 + 0.45 * off, 1 + off).astype(np.float32)
    straight = woven.straight.copy()
    straight[band] = brightened(straight[band], gain)
    return replace(woven, straight=straight), (_around(band.start, band.stop, SIZE[1]), ALL)


def _with_broken_end(
    woven: Woven, cloth: Cloth, grid: Grid, rng: np.random.Generator
) -> tuple[Woven, Window]:
    """Leave out a warp yarn from somewhere on: the weft floats over a dark gap, the loose end hangs out."""
    yarn = int(rng.integers(int(woven.warps[60]), int(woven.warps[-60])))
    columns = np.flatnonzero(woven.warps == yarn)
    left, right = int(columns[0]), int(columns[-1]) + 1
    top = int(rng.uniform(0.05, 0.45) * SIZE[1])
    bottom = SIZE[1] if rng.random() < 0.6 else int(top + rng.uniform(0.35, 0.5) * SIZE[1])
    rows = np.arange(top, bottom)
    starts = grid.weft[woven.wefts[rows]]
    share = (rows - starts) / (grid.weft[woven.wefts[rows] + 1] - starts) * 2 - 1
    float_ = 0.22 + 0.55 * np.sqrt(np.clip(1 - (share / 0.9) ** 2, 0, 1))
    middle = np.abs(np.linspace(-1, 1, right - left))
    shade = float_[:, None] * (0.72 + 0.28 * middle)
    weft = np.array(COLOURS[cloth.colour][1], np.float64)
    straight = woven.straight.copy()
    straight[top:bottom, left:right] = np.clip(shade[..., None] * weft, 0, 255)
    tail = wandering_line(
        rng, ((left + right) / 2, top), rng.uniform(0.8, 2.3), rng.uniform(25, 55), bend=0.22
    )
    _lay_yarn(straight, tail, 3, np.array(COLOURS[cloth.colour][0]) * 1.1)
    west, east = min(left, tail[:, 0].min() - 4), max(right, tail[:, 0].max() + 4)
    north, south = min(top, tail[:, 1].min() - 4), max(bottom, tail[:, 1].max() + 4)
    return replace(woven, straight=straight), (
        _around(north, south, SIZE[1]),
        _around(west, east, SIZE[0]),
    )


def _around(first: float, last: float, length: int) -> slice:
    """What of the pulled cloth may show some rows or columns of the straight one."""
    return slice(max(0, int(first) - MOST_PULL_PX), min(length, math.ceil(last) + MOST_PULL_PX))


def _add_stain(image: U8, cloth: Cloth, rng: np.random.Generator) -> Mark:
    """Drip machine oil on it: darker, yellowish, with a soft edge and a darker rim; the weave shows."""
    radius_x, radius_y, turn = rng.uniform((16, 16, 0), (55, 55, math.pi)).tolist()
    outline = ragged_spot(rng, radius_x, radius_y, turn)
    outline += _somewhere(rng, 90)
    x0, y0, width, height = window(outline, 24, SIZE)
    soaked = fill((width, height), outline - (x0, y0)).astype(np.float32) / 255
    inner = np.asarray(cv2.GaussianBlur(soaked, (0, 0), 6), np.float32)
    rim = np.asarray(cv2.GaussianBlur(soaked, (0, 0), 2.5), np.float32) - inner
    depth = float(rng.uniform(0.3, 0.55)) * np.clip(inner + 0.6 * np.clip(rim, 0, 1), 0, 1)
    part = image[y0 : y0 + height, x0 : x0 + width]
    before = part.copy()
    colour = np.array([1.15, 0.95, 0.8]) if rng.random() < 0.7 else np.array([0.95, 1.0, 1.0])
    part[:] = np.clip(part * (1 - depth[..., None] * colour), 0, 255)
    return _mark("stain", before, part, (x0, y0))


def _add_hole(image: U8, cloth: Cloth, rng: np.random.Generator) -> Mark:
    """Tear a hole: the unlit frame behind shows, torn yarns hang into it, the cloth around is lifted."""
    radius_x, radius_y, turn = rng.uniform((9, 9, 0), (26, 26, math.pi)).tolist()
    outline = ragged_spot(rng, radius_x, radius_y, turn, rough=0.35)
    middle = _somewhere(rng, 70)
    outline += middle
    x0, y0, width, height = window(outline, 14, SIZE)
    here = np.array([x0, y0])
    part = image[y0 : y0 + height, x0 : x0 + width]
    before = part.copy()
    gone = fill((width, height), outline - here).astype(np.float32) / 255
    lifted = np.asarray(cv2.GaussianBlur(gone, (0, 0), 4), np.float32)
    bright = part * (1 + 0.3 * lifted[..., None])
    part[:] = np.clip(bright + gone[..., None] * (_TABLE_DN - bright), 0, 255)
    for _ in range(int(rng.integers(4, 9))):
        start = outline[int(rng.integers(len(outline)))]
        inwards = middle - start
        along_warp = bool(rng.integers(2))
        # a torn yarn keeps its direction, more or less
        turn = math.copysign(math.pi / 2, inwards[1]) if along_warp else (0.0 if inwards[0] > 0 else math.pi)
        length = float(rng.uniform(0.3, 0.8) * np.hypot(*inwards))
        end = wandering_line(rng, (start[0], start[1]), turn + rng.normal(0, 0.25), length, bend=0.1)
        colour = np.array(COLOURS[cloth.colour][0 if along_warp else 1]) * float(rng.uniform(0.6, 1.0))
        _lay_yarn(part, end - here, 3, colour)
    return _mark("hole", before, part, (x0, y0))


def _somewhere(rng: np.random.Generator, border: int) -> F64:
    return rng.uniform((border, border), (SIZE[0] - border, SIZE[1] - border))


def _lay_yarn(image: U8, line: F64, thick: int, colour: F64) -> None:
    x0, y0, width, height = window(line, thick, (image.shape[1], image.shape[0]))
    field = image[y0 : y0 + height, x0 : x0 + width]
    covered = stroke((width, height), line - (x0, y0), thick).astype(np.float32)[..., None] / 255
    field[:] = np.clip(field + covered * (colour - field), 0, 255)


def _mark(type_: str, before: U8, after: U8, at: tuple[int, int] = (0, 0)) -> Mark:
    """Mark a defect; gaps between yarns, dark with it as without it, belong to it."""
    return mark_changes(type_, before, after, at, origin=__name__, close_px=11)
