"""The source ``bottle``: filled bottles before a lit panel, too empty, without cap or with a label askew."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sim.cameras.bottle_drawing import draw
from sim.cameras.filled_bottle import PX_PER_MM, SIZE, Filled, design, fill_one
from sim.cameras.picture import Piece, Scene, mark_changes


@dataclass(frozen=True, slots=True)
class Bottle:
    """The source ``bottle``."""

    name: str = "bottle"
    size: tuple[int, int] = SIZE
    colour: bool = True
    real: bool = False
    defects: tuple[str, ...] = ("low_fill", "missing_cap", "label_skew")

    def scene(self, piece: Piece, base: np.random.Generator, flaws: np.random.Generator) -> Scene:
        """Draw a bottle, see :class:`sim.cameras.picture.PictureSource`."""
        made = design(piece.product)
        bottle = fill_one(made, base)
        image = draw(bottle, made)
        marks = []
        for type_ in piece.defects:
            bottle = _FLAWS[type_](bottle, flaws)
            flawed = draw(bottle, made)
            left = round(bottle.x - made.body_px) - 5
            right = left + 2 * round(made.body_px) + 11
            before, after = image[:, left:right], flawed[:, left:right]
            marks.append(mark_changes(type_, before, after, (left, 0), origin=__name__, close_px=3))
            image = flawed
        return Scene(image, tuple(marks), __name__)


def _drain(bottle: Filled, rng: np.random.Generator) -> Filled:
    return replace(bottle, fill_y=bottle.fill_y + float(rng.uniform(6, 19)) * PX_PER_MM)


def _uncap(bottle: Filled, _: np.random.Generator) -> Filled:
    return replace(bottle, capped=False)


def _skew(bottle: Filled, rng: np.random.Generator) -> Filled:
    return replace(bottle, label_skew=math.radians(float(rng.uniform(2.5, 7) * rng.choice((-1, 1)))))


_FLAWS = {"low_fill": _drain, "missing_cap": _uncap, "label_skew": _skew}
