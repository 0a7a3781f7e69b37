"""From rows as they are written to lines as they are run: patterns unfolded, defaults filled in, checked."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NoReturn

import msgspec

from sim.errors import PlantError
from sim.line.rows import LineRow, OrderRow, ProductRow, StationRow
from twin.contract.errors import TagError
from twin.contract.pattern import PatternError, fill, unfold
from twin.contract.tag import check_equipment_id

STANDARD = ProductRow("standard")
"""What a line makes that names no product."""

ENDLESS = 2**62
"""Pieces of an order that never ends."""


def unfold_lines(rows: Iterable[LineRow]) -> tuple[LineRow, ...]:
    """Unfold the patterns of lines and stations, fill in products, orders and steps, and check every line.

    The stations of the result have whole equipment ids and a step each, in order of flow.

    Raises:
        PlantError: a row does not hold; the text names the line, the thing, its value, the rule and what to
            do.

    >>> cell = LineRow("a/cell{1..2}", "C{n}", "part", (StationRow("m{1..2}", 60), StationRow("cmm1", 20)))
    >>> [line.code for line in unfold_lines([cell])]
    ['C1', 'C2']
    >>> [(station.equipment, station.step) for station in unfold_lines([cell])[1].stations]
    [('a/cell2/m1', 0), ('a/cell2/m2', 0), ('a/cell2/cmm1', 1)]
    """
    lines: list[LineRow] = []
    for row in rows:
        where = f"line {row.id!r}"
        _check_line(row, where)
        for identifier, number in _ids(row.id, where):
            try:
                code = fill(row.code, {"n": number})
            except PatternError as error:
                raise PlantError(f"{where}: code {row.code!r}: {error}") from error
            lines.append(
                msgspec.structs.replace(
                    row,
                    id=identifier,
                    code=code,
                    stations=tuple(_stations(row, identifier, where)),
                    products=row.products or (STANDARD,),
                    orders=row.orders or (OrderRow((row.products or (STANDARD,))[0].id, ENDLESS),),
                )
            )
    _check_unique("id", [line.id for line in lines])
    _check_unique("code", [line.code for line in lines])
    _check_unique("station", [station.equipment for line in lines for station in line.stations])
    return tuple(lines)


def _stations(row: LineRow, line: str, where: str) -> list[StationRow]:
    found: list[StationRow] = []
    step = -1
    for station in row.stations:
        here = f"{where}: station {station.equipment!r}"
        if station.step is None or station.step == step + 1:
            step += 1
        elif station.step != step:
            _fail(
                here, "step", station.step, f"must be {max(step, 0)} or {step + 1} here: steps count from 0"
            )
        for name, _ in _ids(station.equipment, here):
            equipment = f"{line}/{name}"
            try:
                check_equipment_id(equipment)
            except TagError as error:
                raise PlantError(f"{here}: {error}") from error
            found.append(msgspec.structs.replace(station, equipment=equipment, step=step))
    for one in found:
        for other in found:
            if one.step == other.step and one.buffer != other.buffer:
                _fail(
                    where,
                    f"buffer of {other.equipment!r}",
                    other.buffer,
                    "parallel stations share one buffer",
                )
    return found


def _check_line(row: LineRow, where: str) -> None:
    if not row.stations:
        _fail(where, "stations", "none", "a line has at least one; add them in order of flow")
    if not row.code:
        _fail(where, "code", row.code, "must not be empty; give what serial numbers begin with")
    _check_positive(where, units=row.units)
    _check_not_negative(where, head_start_s=row.head_start_s)
    _check_products(row, where)
    for station in row.stations:
        _check_station(station, f"{where}: station {station.equipment!r}")
    made = {name for station in row.stations for name in station.defects}
    for product in row.products:
        if unknown := sorted(set(product.defects) - made):
            _fail(
                f"{where}: product {product.id!r}",
                "defect",
                unknown[0],
                f"no station makes it; one of {sorted(made)}",
            )
    for station in row.stations:
        if unknown := sorted(set(station.finds) - made):
            here = f"{where}: station {station.equipment!r}"
            _fail(here, "finds", unknown[0], f"no station makes it; one of {sorted(made)}")


def _check_products(row: LineRow, where: str) -> None:
    known = [product.id for product in row.products]
    if twice := sorted(name for name, count in Counter(known).items() if count > 1):
        _fail(where, "product", twice[0], "is there twice; give each its own id")
    for product in row.products:
        here = f"{where}: product {product.id!r}"
        _check_positive(here, cycle=product.cycle)
        _check_not_negative(here, changeover_s=product.changeover_s, **product.defects)
    for order in row.orders:
        if order.product not in known:
            _fail(where, "order of product", order.product, f"must be one of {known}; add it under products")
        _check_positive(f"{where}: order of {order.product!r}", pieces=order.pieces)
        _check_not_negative(f"{where}: order of {order.product!r}", wait_s=order.wait_s)


def _check_station(row: StationRow, where: str) -> None:
    _check_positive(where, cycle_s=row.cycle_s, room=row.room)
    _check_not_negative(where, spread=row.spread, spacing_s=row.spacing_s, buffer=row.buffer, setup=row.setup)
    _check_share(where, {"reject": row.reject, "false_reject": row.false_reject})
    _check_share(f"{where}: defects", row.defects)
    _check_share(f"{where}: finds", row.finds)
    if row.spacing_s > row.cycle_s:
        _fail(where, "spacing_s", row.spacing_s, f"must not be above cycle_s {row.cycle_s}; shorten it")
    if row.micro_stops is not None:
        _check_positive(
            f"{where}: micro_stops", every_s=row.micro_stops.every_s, mean_s=row.micro_stops.mean_s
        )


def _check_positive(where: str, **values: float) -> None:
    for name, value in values.items():
        if not (0 < value < math.inf):
            _fail(where, name, value, "must be above 0; correct it")


def _check_not_negative(where: str, **values: float) -> None:
    for name, value in values.items():
        if not (0 <= value < math.inf):
            _fail(where, name, value, "must be 0 or above; correct it")


def _check_share(where: str, values: Mapping[str, float]) -> None:
    for name, value in values.items():
        if not (0 <= value <= 1):
            _fail(where, name, value, "must be a share, 0 to 1; correct it")


def _check_unique(what: str, names: list[str]) -> None:
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise PlantError(f"lines: {what} {twice[0]!r}: is there twice; give each line and station its own")


def _ids(text: str, where: str) -> list[tuple[str, str]]:
    try:
        return unfold(text)
    except PatternError as error:
        raise PlantError(f"{where}: {text!r}: {error}") from error


def _fail(where: str, name: str, value: object, rule: str) -> NoReturn:
    raise PlantError(f"{where}: {name} {value!r}: {rule}")
