from __future__ import annotations

import numpy as np
import pytest

from sim.calendar.calendar import make_calendars
from sim.errors import PlantError
from sim.kind import ABORTED
from sim.line.columns import Controls, StationColumns
from sim.line.production_line import ProductionLine
from sim.line.rows import LineRow, MicroStopRow, StationRow
from sim.line.shop_floor import ShopFloor
from sim.line.unfold import unfold_lines
from tests.sim.line.lines import START_NS, S, check_counts

ROWS = unfold_lines(
    [
        LineRow(
            "plant/line{1..3}",
            "L{n}",
            "bar",
            (
                StationRow("a", 7.0, spread=0.3, micro_stops=MicroStopRow(100, 20, "jam")),
                StationRow("b", 8.0, spread=0.3, buffer=2, defects={"burr": 0.1}, finds={"burr": 1.0}),
            ),
        ),
        LineRow("plant/cell", "C", "part", (StationRow("m{1..2}", 30.0), StationRow("wash", 9.0))),
    ]
)
CALENDARS = make_calendars([], 7)


def floor_of(rows: tuple[LineRow, ...] = ROWS, seed: int = 3) -> ShopFloor:
    return ShopFloor(rows, CALENDARS, seed=seed, start_ns=START_NS)


def scripted(second: int, n: int) -> Controls:
    """Now one, now another station is down, slow or spoils pieces."""
    rng = np.random.default_rng(second // 40)
    return Controls(
        rng.random(n) < 0.9,
        rng.choice([0.5, 1.0], n),
        rng.choice([0.0, 0.2], n),
        np.full(n, ABORTED, np.int8),
    )


def snapshot(columns: StationColumns) -> list[bytes]:
    return [getattr(columns, name).tobytes() for name in StationColumns.__slots__]


def test_lines_on_the_floor_are_as_lines_alone() -> None:
    floor = floor_of()
    alone = [ProductionLine(row, CALENDARS["always"], seed=3, start_ns=START_NS) for row in ROWS]
    n = len(floor.equipment)
    parts = [slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 9)]
    for second in range(1, 900):
        controls = scripted(second, n)
        floor.advance(START_NS + second * S, controls)
        for line, part in zip(alone, parts, strict=True):
            line.advance(START_NS + second * S, controls.part(part))
            assert snapshot(line.columns) == snapshot(floor.columns.part(part))
    for line in floor.lines:
        check_counts(line)
    assert floor.columns.good.min() > 10


def test_the_same_seed_is_the_same_floor_byte_for_byte_and_another_is_not() -> None:
    one, same, other = floor_of(), floor_of(), floor_of(seed=4)
    for second in range(1, 600):
        controls = scripted(second, len(one.equipment))
        for floor in (one, same, other):
            floor.advance(START_NS + second * S, controls)
        assert snapshot(one.columns) == snapshot(same.columns)
    assert snapshot(one.columns) != snapshot(other.columns)


def test_one_line_more_changes_nothing_in_the_others() -> None:
    few, many = floor_of(ROWS[1:]), floor_of(ROWS)
    few.advance(START_NS + 3600 * S, Controls.all_well(7))
    many.advance(START_NS + 3600 * S, Controls.all_well(9))
    assert snapshot(few.columns) == snapshot(many.columns.part(slice(2, 9)))


def test_a_station_knows_its_line() -> None:
    floor = floor_of()
    assert floor.equipment[6:] == ("plant/cell/m1", "plant/cell/m2", "plant/cell/wash")
    assert floor.line_of["plant/cell/m2"].row.id == "plant/cell"


def test_an_unknown_calendar_is_refused() -> None:
    rows = unfold_lines([LineRow("plant/line", "L", "bar", (StationRow("a", 7.0),), calendar="lunar")])
    with pytest.raises(PlantError, match=r"line 'plant/line': calendar 'lunar': must be one of \['always'\]"):
        floor_of(rows)


def test_a_plant_without_lines_has_nothing_to_do() -> None:
    floor = floor_of(())
    floor.advance(START_NS + S, Controls.all_well(0))
    assert floor.columns.good.tolist() == []
