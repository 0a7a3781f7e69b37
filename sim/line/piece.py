"""What moves through a line: a piece as the outside sees it, and the piece at work."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that an inspection station has looked at.

    Args:
        serial: ``<code of the line>-<yyyymmdd>-<number>`` of the local day on which it entered the line;
            unique.
        product: id of the product.
        defects: what is truly wrong with it; nothing but scoring may know.
        time_ns: when it was inspected, ns since the epoch.
        entered_ns: when it entered the line.
        accepted: whether it goes on; before the verdict from outside, the line's own decision.
    """

    serial: str
    product: str
    defects: tuple[str, ...]
    time_ns: int
    entered_ns: int
    accepted: bool


Verdict = Callable[[Piece], bool]
"""Decides from outside, in the place of the line, whether an inspected piece goes on."""

OnInspected = Callable[[Piece, str], None]
"""Told of every piece that is inspected, or comes before a camera, and the equipment id of the station."""


class Workpiece:
    """A piece in the line. It is in one station or buffer at a time, so what that station knows of it is
    here too.

    Args:
        product: index in the line's products.
        day: the local day on which it entered, ``yyyymmdd``.
        number: counted on that day, from 1.
        entered_s: when it entered [s].
    """

    __slots__ = ("cycle_s", "day", "defects", "done_s", "entered_s", "number", "product", "ready")

    def __init__(self, product: int, day: str, number: int, entered_s: float) -> None:
        self.product = product
        self.day = day
        self.number = number
        self.entered_s = entered_s
        self.defects: tuple[str, ...] = ()
        self.ready = 0.0  # the station's operating time at which it is done
        self.cycle_s = 0.0
        self.done_s = math.inf  # when this station had finished it
