"""Woven cloth on an inspection frame: warp runs up and down, weft across, as plain weave or twill; in colour.

The weave is a lookup: one repeat is drawn large, yarn by yarn, and every pixel looks up its place in it from
the course of its column and row. What makes cloth look like cloth is drawn per yarn: no two are equally thick
or dark, brightness wanders along a yarn (slubs), and the grid is never quite straight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from sim.cameras.picture import U8, Bools, generator

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

SIZE = (1024, 768)
"""Width and height [px]."""

_REPEAT = 4  # yarns of a repeat each way: holds plain weave twice and a 3/1 or 2/2 twill once
_FINE = 32  # pixels of the drawn repeat in a yarn
MOST_PULL_PX = 16  # farther no pixel is pulled

ALL = slice(None)
"""All rows or all columns."""

_WEAVES = {
    "plain": ("1010", "0101", "1010", "0101"),
    "twill_2_2": ("1100", "0110", "0011", "1001"),
    "twill_3_1": ("1110", "0111", "1011", "1101"),
}
"""Weft by weft: 1 where the warp lies on top."""

_CALLED = {"poplin": "plain", "denim": "twill_3_1", "twill": "twill_2_2"}
"""What the trade calls them."""

COLOURS = {
    "greige": ((176, 200, 212), (170, 196, 210)),
    "indigo": ((104, 62, 40), (190, 198, 200)),
    "red": ((62, 48, 168), (70, 58, 176)),
    "khaki": ((96, 132, 150), (104, 142, 160)),
    "grey_blue": ((148, 120, 98), (172, 160, 148)),
}
"""Warp and weft by name: blue, green, red [DN]."""


@dataclass(frozen=True, slots=True)
class Cloth:
    """A cloth as it was ordered.

    Args:
        weave, colour: keys of the tables.
        warp_px, weft_px: distance of two yarns [px].
    """

    weave: str
    colour: str
    warp_px: float
    weft_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """How the yarns of one piece lie: where each yarn begins, and how dark it is.

    Args:
        warp: ``float64[n + 1]``, left edge of each warp yarn [px].
        weft: ``float64[m + 1]``, upper edge of each weft yarn [px].
        warp_gain, weft_gain: ``float32``, brightness of each, about 1.
        first: number of the first warp and weft in the repeat.
        grain: which slubs and waves this piece has.
    """

    warp: F64
    weft: F64
    warp_gain: F32
    weft_gain: F32
    first: tuple[int, int]
    grain: int


def design(product: str) -> Cloth:
    """Choose the cloth that a product is; weave and colour may be named in it (``indigo denim``)."""
    rng = generator("cloth", product)
    return Cloth(
        weave=_CALLED[_named(product, tuple(_CALLED), rng)],
        colour=_named(product, tuple(COLOURS), rng),
        warp_px=float(rng.uniform(6.5, 9.0)),
        weft_px=float(rng.uniform(7.5, 10.5)),
    )


def _named(product: str, names: tuple[str, ...], rng: np.random.Generator) -> str:
    """Take the name that the product mentions, else any."""
    any_ = names[int(rng.integers(len(names)))]
    return next((name for name in names if name in product), any_)


def lay(cloth: Cloth, rng: np.random.Generator) -> Grid:
    """Lay one length of the cloth before the camera: any phase of the weave may be in the corner."""
    edges, gains = [], []
    for pitch, length in ((cloth.warp_px, SIZE[0]), (cloth.weft_px, SIZE[1])):
        count = math.ceil((length + 40) / (0.9 * pitch)) + 2
        widths = pitch * np.clip(rng.normal(1, 0.06, count), 0.7, 1.3)
        edges.append(np.concatenate(([0.0], np.cumsum(widths))) - 20 - rng.uniform(0, pitch))
        gains.append(np.clip(rng.normal(1, 0.035, count), 0.9, 1.1).astype(np.float32))
    first = (int(rng.integers(_REPEAT)), int(rng.integers(_REPEAT)))
    return Grid(edges[0], edges[1], gains[0], gains[1], first, int(rng.integers(1 << 62)))


@dataclass(frozen=True, slots=True, eq=False)
class Woven:
    """Cloth on a straight grid, and how it is to be pulled.

    Args:
        straight: ``uint8[height, width, 3]``.
        on_top: ``bool[height, width]``, where the warp is.
        warps, wefts: number of the yarn of each column and each row.
        pull_x, pull_y: ``float32[height, width]``, where each pixel of the pulled cloth comes from [px].
    """

    straight: U8
    on_top: Bools
    warps: npt.NDArray[np.intp]
    wefts: npt.NDArray[np.intp]
    pull_x: F32
    pull_y: F32

    def pulled(self, rows: slice = ALL, columns: slice = ALL) -> U8:
        """Look at it, or at some rows and columns of it, as it lies, ``uint8[h, w, 3]``."""
        from_x, from_y = self.pull_x[rows, columns], self.pull_y[rows, columns]
        border = cv2.BORDER_REFLECT_101
        pulled = cv2.remap(self.straight, from_x, from_y, cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(pulled, np.uint8)


def weave(cloth: Cloth, grid: Grid) -> Woven:
    """Weave the cloth: each pixel looks up the drawn repeat, then gets the brightness of its yarn."""
    rng = np.random.default_rng(grid.grain)
    columns, warps = _courses(grid.warp, grid.first[0], SIZE[0])
    rows, wefts = _courses(grid.weft, grid.first[1], SIZE[1])
    repeat, repeat_on_top = _repeat(cloth.weave, cloth.colour)
    # columns of the repeat first, which is small; its rows are then copied whole
    on_top = repeat_on_top[:, columns][rows]
    gain = np.where(on_top, grid.warp_gain[warps], grid.weft_gain[wefts][:, None])
    gain *= _slubs(rng)
    straight = brightened(repeat[:, columns][rows], gain)
    pull_x, pull_y = _pull(rng)
    return Woven(straight, on_top, warps, wefts, pull_x, pull_y)


def brightened(image: U8, gain: F32) -> U8:
    # bytes with 128 for 1 are several times as fast as floats; what they round is under the noise
    share = np.clip(gain * 128 + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.multiply(image, cv2.merge([share, share, share]), scale=1 / 128), np.uint8)


def _courses(edges: F64, first: int, length: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """For each pixel of a row or column: its place in the repeat, and the number of its yarn."""
    at = np.arange(length)
    yarn = np.searchsorted(edges, at, side="right") - 1
    share = (at - edges[yarn]) / (edges[yarn + 1] - edges[yarn])
    return ((yarn + first) % _REPEAT * _FINE + (share * _FINE).astype(np.intp)), yarn


@lru_cache(maxsize=8)
def _repeat(weave_name: str, colour: str) -> tuple[U8, npt.NDArray[np.bool_]]:
    """Draw one repeat large: colours ``uint8[128, 128, 3]`` and whether the warp is on top.

    A yarn is round: bright along its middle, dark where it dives under its neighbour; twisted fibres run over
    it at an angle.
    """
    side = _REPEAT * _FINE
    place = (np.arange(side) + 0.5) / _FINE
    across = (place % 1) * 2 - 1  # -1 to 1 over a yarn
    pattern = np.array([[cell == "1" for cell in row] for row in _WEAVES[weave_name]])
    yarns = place.astype(int)
    on_top = pattern[yarns[:, None], yarns]
    x, y = across[None, :], across[:, None]
    width = 0.9
    warp = np.sqrt(np.clip(1 - (x / width) ** 2, 0, 1)) * (1 - 0.42 * _dive(on_top, 0) * np.abs(y) ** 3)
    weft = np.sqrt(np.clip(1 - (y / width) ** 2, 0, 1)) * (1 - 0.42 * _dive(~on_top, 1) * np.abs(x) ** 3)
    twist = 0.06 * np.sin(2 * math.pi * (place[None, :] * 1.5 + place[:, None] * 2.0))
    height = np.where(on_top, warp, weft)
    shade = np.clip(0.30 + (0.78 + twist) * height, 0, 1.15)
    warp_colour, weft_colour = (np.array(colour_, np.float64) for colour_ in COLOURS[colour])
    colours = np.where(on_top[..., None], warp_colour, weft_colour) * shade[..., None]
    return np.clip(colours, 0, 255).astype(np.uint8), on_top


def _dive(on_top: npt.NDArray[np.bool_], axis: int) -> F64:
    """Where the yarn on top goes under its next neighbour: half a yarn before it does; 0 or 1."""
    half = _FINE // 2
    before, after = np.roll(on_top, half, axis), np.roll(on_top, -half, axis)
    return (~(before & after)).astype(np.float64)


def _slubs(rng: np.random.Generator) -> F32:
    """Unevenness along the yarns of both directions, ``float32[height, width]``, about 1."""
    width, height = SIZE
    along_weft = rng.normal(0, 0.05, (height // 8, width // 48)).astype(np.float32)
    along_warp = rng.normal(0, 0.05, (height // 48, width // 8)).astype(np.float32)
    slubs = np.asarray(cv2.resize(along_weft, SIZE), np.float32)
    slubs += np.asarray(cv2.resize(along_warp, SIZE), np.float32)
    slubs += 1
    return slubs


def _pull(rng: np.random.Generator) -> tuple[F32, F32]:
    """Pull the straight grid as a finished cloth is: bowed and skewed over centimetres, by some pixels."""
    width, height = SIZE
    shifts = []
    for _ in range(2):
        fine = rng.normal(0, 0.4, (height // 24, width // 24)).astype(np.float32)
        coarse = rng.normal(0, 2.2, (4, 5)).astype(np.float32)
        fine += np.asarray(cv2.resize(coarse, fine.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
        shift = np.clip(fine, -MOST_PULL_PX, MOST_PULL_PX)
        shifts.append(np.asarray(cv2.resize(shift, SIZE), np.float32))
    shifts[0] += np.arange(width, dtype=np.float32)
    shifts[1] += np.arange(height, dtype=np.float32)[:, None]
    return shifts[0], shifts[1]
