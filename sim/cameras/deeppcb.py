"""Bare boards as photographed: DeepPCB's templates, with defects of its tested boards or drawn ones.

A product is one board. Of a piece's defects, those that the real tested board has are taken over from it,
pixel by pixel, at their place; the others, and some of these for variety, are drawn. So the picture has the
piece's defects and no others, which a whole tested board, with its three to twelve defects, would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.cameras.board_defects import draw_defect
from sim.cameras.board_set import (
    SIZE,
    TYPES,
    BoardDefect,
    BoardPair,
    find_set,
    list_pairs,
    read_boxes,
    read_pair,
)
from sim.cameras.errors import UnknownDefectError
from sim.cameras.picture import Bools, Mark, Piece, Scene, generator

BARE_DN, COPPER_DN = 205, 45
"""How bright bare board and copper are; dark copper as in the data set [DN]."""

REAL_SHARE = 0.75
"""Share of a type's defects that are real ones where the board has any: with real ones alone, all boards of a
product that have a short would have it in one or two places."""

_DRAWN_MARGIN = 10
"""Boxes of the data set are larger than their defects by this on each side [px] (median of 6,873)."""


@dataclass(frozen=True, slots=True)
class DeepPcb:
    """The source ``deeppcb``.

    Args:
        folder: where the pairs are, as :func:`sim.cameras.board_set.find_set` says.
        real_share: as :data:`REAL_SHARE`.
    """

    folder: Path
    real_share: float = REAL_SHARE
    name: str = "deeppcb"
    size: tuple[int, int] = (SIZE, SIZE)
    colour: bool = False
    real: bool = True
    defects: tuple[str, ...] = TYPES

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a board, see :class:`sim.cameras.picture.PictureSource`."""
        pair = self.pair(piece.product)
        copper, taken = pair.template.copy(), np.zeros((SIZE, SIZE), np.bool_)
        marks = []
        for type_ in piece.defects:
            mark = self._mark(pair, type_, taken, flaws)
            height, width = mark.mask.shape
            here = (slice(mark.y, mark.y + height), slice(mark.x, mark.x + width))
            copper[here] ^= mark.mask
            taken[here] |= mark.mask
            marks.append(mark)
        image = np.where(copper, np.uint8(COPPER_DN), np.uint8(BARE_DN))
        return Scene(image, tuple(marks), f"DeepPCB {pair.name}")

    def _mark(self, pair: BoardPair, type_: str, taken: Bools, rng: np.random.Generator) -> Mark:
        """Take over a real defect or draw one; what a board has no room for is taken over if it can be."""
        wants_real = rng.random() < self.real_share
        real = _choose_real(pair, type_, taken, rng)
        if real is not None and wants_real:
            return _take_over(pair, real)
        try:
            return _cut_out(type_, draw_defect(pair.template, type_, rng, taken))
        except UnknownDefectError:
            if real is None:
                raise
            return _take_over(pair, real)

    def pair(self, product: str) -> BoardPair:
        """The board of a product: always the same one, of those whose tested board has the most types."""
        pairs = list_pairs(self.folder)
        types = [len({type_ for type_, _ in read_boxes(boxes)}) for _, boxes in pairs]
        best = [pair for pair, count in zip(pairs, types, strict=True) if count == max(types)]
        return read_pair(*best[int(generator("panel", product).integers(len(best)))])


def create(data: Path | None) -> DeepPcb:
    """Make the source from the folder with published data, or from what is shipped.

    Raises:
        PictureDataError: the folder is there, but not its list.
    """
    return DeepPcb(find_set(data))


def _choose_real(pair: BoardPair, type_: str, taken: Bools, rng: np.random.Generator) -> BoardDefect | None:
    """Choose a defect of the tested board; None if it has none of the type that is still free."""
    free = [defect for defect in pair.defects if defect.type == type_ and not taken[_slices(defect)].any()]
    # rather one that a jittering camera sees whole
    free = [defect for defect in free if _easily_seen(defect)] or free
    return free[int(rng.integers(len(free)))] if free else None


def _easily_seen(defect: BoardDefect) -> bool:
    x0, y0, x1, y1 = defect.box
    inside = x0 >= 8 and y0 >= 8 and x1 <= SIZE - 8 and y1 <= SIZE - 8
    return inside and int(np.count_nonzero(defect.mask)) >= 20


def _slices(defect: BoardDefect) -> tuple[slice, slice]:
    x0, y0, x1, y1 = defect.box
    return slice(y0, y1), slice(x0, x1)


def _take_over(pair: BoardPair, defect: BoardDefect) -> Mark:
    x0, y0, _, _ = defect.box
    origin = f"DeepPCB {pair.name} tested"
    return Mark(defect.type, x0, y0, defect.mask, real=True, origin=origin, margin=_DRAWN_MARGIN)


def _cut_out(type_: str, mask: Bools) -> Mark:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return Mark(type_, left, top, mask[top:bottom, left:right], origin=__name__, margin=_DRAWN_MARGIN)
