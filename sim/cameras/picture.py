"""What a camera is asked and what it answers: a piece, the scene before the lens, a picture, the truth."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]
Box = tuple[int, int, int, int]

VISIBLE_DN = 6
"""By how much a defect must change a pixel of the scene for the pixel to be part of it [DN of 255]."""


class Piece(Protocol):
    """A product on its way through a line; read, never changed."""

    @property
    def serial(self) -> str:
        """Serial number, unique in the park."""

    @property
    def product(self) -> str:
        """What it is; pieces of one product look alike."""

    @property
    def defects(self) -> tuple[str, ...]:
        """True defects, by type; empty for a good piece."""

    @property
    def time_ns(self) -> int:
        """When it lay before the camera, ns since the epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Where a scene shows a defect.

    Args:
        type: of the defect, as the piece names it.
        x, y: upper left corner of ``mask`` in the scene [px].
        mask: ``bool[h, w]``, the pixels that the defect changes.
        real: True if these pixels were photographed, False if they were drawn.
        origin: data set and picture they come from, or the module that drew them.
        margin: by how much the box that people would draw is larger than the pixels, on each side [px].
    """

    type: str
    x: int
    y: int
    mask: Bools
    real: bool = False
    origin: str = ""
    margin: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What lies before the lens: without blur, noise or shading.

    Args:
        image: ``uint8[height, width]`` or ``uint8[height, width, 3]``.
        marks: its defects.
        origin: data set and picture it was made from, or the module that drew it.
    """

    image: U8
    marks: tuple[Mark, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class TrueDefect:
    """A defect as it is in a picture.

    Args:
        type: as the piece names it.
        box: in the picture [px]; all zero if the defect lies outside (a camera that looks elsewhere).
        area_px: pixels of the picture that it changes.
        real: photographed, not drawn.
        origin: data set and picture it was taken from, or the module that drew it.
    """

    type: str
    box: Box
    area_px: int
    real: bool
    origin: str


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about a picture, for the truth log only.

    Args:
        serial, station, product: whose picture, taken where.
        defects: what is wrong with the piece, in the order in which the piece names it; empty if it is good.
        origin: what the picture was made from.
        time_ns: when it was taken, ns since the epoch.
        faults: what is wrong with the camera: name and severity, worst first.
    """

    serial: str
    station: str
    product: str
    defects: tuple[TrueDefect, ...]
    origin: str
    time_ns: int
    faults: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A picture and the truth about it.

    Args:
        picture: what the camera sends.
        label: the truth.
        mask: ``uint8[height, width]``, 0 where the piece is good, else the number of the defect, from 1.
    """

    picture: U8
    label: Label
    mask: U8


class PictureSource(Protocol):
    """Draws the pieces of one kind; made once a station, asked from one thread at a time."""

    @property
    def name(self) -> str:
        """As in the table :data:`sim.cameras.sources.SOURCES`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of its scenes [px]."""

    @property
    def colour(self) -> bool:
        """Whether scenes have three channels."""

    @property
    def real(self) -> bool:
        """Whether the pieces were photographed."""

    @property
    def defects(self) -> tuple[str, ...]:
        """The types of defects it can show."""

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a piece; a camera calls this once a picture.

        Args:
            piece: whose ``defects`` are among :attr:`defects`, each once.
            base: for everything but defects, so that a piece with a defect is the same piece but for it.
            flaws: for the defects.

        Returns:
            A scene with one mark for each of the piece's defects, in their order.

        Raises:
            UnknownDefectError: this piece has no place for one of them.
        """


def generator(*key: object) -> np.random.Generator:
    """Make a generator that depends on ``key`` and on nothing else (not on the process, as ``hash`` does).

    >>> generator(7, "aoi1", "A-1").integers(1000) == generator(7, "aoi1", "A-1").integers(1000)
    np.True_
    """
    text = "\x1f".join(map(str, key)).encode()
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(text, digest_size=16).digest()))


def changed(before: U8, after: U8) -> U8:
    """Say which pixels differ visibly, in any channel: ``uint8[h, w]``, 0 or 1.

    >>> changed(np.zeros((1, 2), np.uint8), np.array([[5, 60]], np.uint8)).tolist()
    [[0, 1]]
    """
    difference = cv2.absdiff(before, after)
    differs = np.asarray(cv2.threshold(difference, VISIBLE_DN - 1, 1, cv2.THRESH_BINARY)[1])
    if differs.ndim == 3:
        blue, green, red = cv2.split(differs)
        differs = np.asarray(cv2.bitwise_or(cv2.bitwise_or(blue, green), red))
    return differs.astype(np.uint8, copy=False)


def mark_changes(
    type_: str, before: U8, after: U8, at: tuple[int, int], *, origin: str, close_px: int = 0
) -> Mark:
    """Mark what a drawn defect changed.

    Args:
        type_: of the defect.
        before, after: the same part of a scene without and with it.
        at: x and y of that part's upper left corner [px].
        origin: who drew it.
        close_px: gaps in it up to this wide belong to it.
    """
    mask = changed(before, after)
    left, top, width, height = cv2.boundingRect(mask)
    if not width:
        return Mark(type_, *at, np.zeros((0, 0), np.bool_), origin=origin)
    part = mask[top : top + height, left : left + width]
    if close_px:
        brush = np.ones((close_px, close_px), np.uint8)
        part = np.asarray(cv2.morphologyEx(part, cv2.MORPH_CLOSE, brush))
    return Mark(type_, at[0] + left, at[1] + top, part.astype(np.bool_), origin=origin)
