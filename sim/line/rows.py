"""Rows of a production line in a plant file: what it makes, in which order, on which stations."""

from __future__ import annotations

from typing import Literal

import msgspec


class MicroStopRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Short stops that an operator clears: a jam, a failed pick. They come while a station works, never
    while it waits (operation-dependent failures; S. B. Gershwin, Manufacturing Systems Engineering, 1994).

    Args:
        every_s: mean time between two [s of work], exponentially distributed.
        mean_s: how long one lasts on average [s], exponentially distributed.
        reason: what it is, for people.
    """

    every_s: float
    mean_s: float
    reason: str


class StationRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A station: a first-in first-out stretch that holds ``room`` pieces.

    Args:
        equipment: the equipment it is, as the id continues below the line's id; a pattern ``m{1..4}`` makes
            parallel stations of one step. In an unfolded line the whole id.
        cycle_s: how long a piece takes from in to done [s], at full pace, for a product of factor 1.
        spread: coefficient of variation of ``cycle_s``, gamma distributed; 0 = a belt, 1 = exponential.
        room: how many pieces it holds: 1 for a machine, more for a conveyor or an oven.
        spacing_s: least working time between two pieces entering [s].
        buffer: how many pieces can wait before its step; parallel stations share it.
        reject: share of pieces taken out here for a reason that leaves no mark on them.
        defects: defects that pieces get here: name -> share of pieces.
        finds: defects it looks for: name -> share of pieces with that defect that are found, and taken out.
        false_reject: share of pieces it takes out though nothing is wrong with them.
        inspects: it has a camera: every piece it looked at is shown outside with its serial number.
        setup: share of a product's ``changeover_s`` it takes to change over; 0 = it needs none.
        micro_stops: short stops, if it has any.
        step: stations of one step stand in parallel; given by the order of the rows unless written.
    """

    equipment: str
    cycle_s: float
    spread: float = 0.05
    room: int = 1
    spacing_s: float = 0.0
    buffer: int = 0
    reject: float = 0.0
    defects: dict[str, float] = {}
    finds: dict[str, float] = {}
    false_reject: float = 0.0
    inspects: bool = False
    setup: float = 1.0
    micro_stops: MicroStopRow | None = None
    step: int | None = None


class ProductRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a line makes.

    Args:
        id: unique in the line.
        cycle: factor on every station's cycle.
        changeover_s: how long a station with ``setup`` 1 takes to change over to it [s].
        defects: factor on the share of pieces that get a defect, by its name; 1 unless given.
    """

    id: str
    cycle: float = 1.0
    changeover_s: float = 0.0
    defects: dict[str, float] = {}


class OrderRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order.

    Args:
        product: id of a product of the line.
        pieces: how many enter.
        wait_s: how long the line waits for this order after the last piece of the one before entered [s].
    """

    product: str
    pieces: int
    wait_s: float = 0.0


class LineRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A production line.

    Args:
        id: the place its stations stand in; a pattern ``line{1..2}`` makes equal lines.
        code: what serial numbers begin with; ``{n}`` is the number in the pattern.
        piece: what moves as one, for people: "board", "pack of 24 bottles".
        stations: in order of flow.
        products: what it makes; one product "standard" unless given.
        orders: in turn, again and again; the first product without end unless given.
        calendar: when it works.
        units: how many of the units that people count a piece is (24 for a pack of 24 bottles).
        at_end: what it does when the shift ends: ``stop`` = every station stands where it is, with what is
            in it; ``empty`` = nothing enters, and what is in it is finished.
        at_break: the same for breaks; ``run`` = people relieve each other.
        head_start_s: it has run for up to so long before the first moment, drawn for each line, so that equal
            lines do not march in step [s].
    """

    id: str
    code: str
    piece: str
    stations: tuple[StationRow, ...]
    products: tuple[ProductRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    calendar: str = "always"
    units: float = 1.0
    at_end: Literal["stop", "empty"] = "stop"
    at_break: Literal["stop", "empty", "run"] = "stop"
    head_start_s: float = 0.0
