"""A filled bottle: what its product says, and what filling, capping and labelling leave to chance."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from sim.cameras.picture import generator

SIZE = (768, 1024)
"""Width and height of its picture [px]."""

PX_PER_MM = 4.0
"""Scale: a bottle of half a litre is 220 mm tall."""

DRINKS = {
    # transmission over 10 mm of path: blue, green, red
    "tea": (0.55, 0.74, 0.88),
    "orange": (0.38, 0.72, 0.94),
    "cola": (0.30, 0.36, 0.47),
    "water": (0.985, 0.975, 0.965),
    "lime": (0.62, 0.90, 0.74),
}
_CAPS = ((60, 60, 205), (190, 110, 40), (60, 150, 60), (40, 160, 235), (235, 235, 235))
_PAPERS = ((235, 240, 240), (90, 150, 60), (70, 70, 190), (180, 110, 50))


@dataclass(frozen=True, slots=True)
class Design:
    """A product.

    Args:
        drink: a key of the table.
        cap, paper, ink: colours: blue, green, red [DN].
        volume_ml: what it holds [ml].
        body_px: half width of the body [px].
        fill_y: nominal level in the neck's shoulder [px from the top].
        label: upper and lower edge of the label [px from the top].
    """

    drink: str
    cap: tuple[int, int, int]
    paper: tuple[int, int, int]
    ink: tuple[int, int, int]
    volume_ml: int
    body_px: float
    fill_y: float
    label: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Filled:
    """One bottle on the belt.

    Args:
        x: its axis [px].
        drop_px: how much lower it stands than nominal (a belt wears).
        fill_y: level of the drink [px].
        cap_turn, label_turn: about the axis [rad].
        label_skew: of the label against the axis [rad].
        capped: whether it has a cap.
        grain: which foam and drops this one has.
    """

    x: float
    drop_px: float
    fill_y: float
    cap_turn: float
    label_turn: float
    label_skew: float
    capped: bool
    grain: int


def design(product: str) -> Design:
    """Draw up the bottle that a product is; drink and volume may be named in it (``tea-500``)."""
    rng = generator("bottle", product)
    cap, paper, ink = (
        _CAPS[rng.integers(len(_CAPS))],
        *(_PAPERS[k] for k in rng.permutation(len(_PAPERS))[:2]),
    )
    top = float(rng.uniform(455, 500))
    return Design(
        drink=next((drink for drink in DRINKS if drink in product), str(rng.choice(list(DRINKS)))),
        cap=cap,
        paper=paper,
        ink=ink,
        volume_ml=int(next(iter(re.findall(r"\d{3,4}", product)), "500")),
        body_px=float(rng.uniform(132, 152)),
        fill_y=float(rng.uniform(232, 262)),
        label=(top, top + float(rng.uniform(230, 290))),
    )


def fill_one(made: Design, rng: np.random.Generator) -> Filled:
    """Fill, cap, label and place one good bottle.

    A filler holds the level to about a millimetre; bottles stand a few millimetres off and turn on the belt,
    but a spot on the bottom keeps the label in front.
    """
    x, drop, level, turn = rng.normal(0, (5.0, 0.8, 3.0, 0.12)).tolist()
    return Filled(
        x=SIZE[0] / 2 + x,
        drop_px=drop,
        fill_y=made.fill_y + level,
        cap_turn=float(rng.uniform(0, 2 * math.pi)),
        label_turn=turn,
        label_skew=math.radians(0.25) * float(rng.standard_normal()),
        capped=True,
        grain=int(rng.integers(1 << 62)),
    )
