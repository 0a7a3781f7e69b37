from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.errors import PlantError
from sim.line.rows import LineRow, MicroStopRow, OrderRow, ProductRow, StationRow
from sim.line.unfold import ENDLESS, unfold_lines

SAW = StationRow("saw", 10)


def line(*stations: StationRow, **fields: Any) -> LineRow:
    return LineRow(**({"id": "plant/line1", "code": "L", "piece": "bar", "stations": stations} | fields))


def test_patterns_become_lines_and_parallel_stations() -> None:
    row = line(
        StationRow("m{1..3}", 60, buffer=2),
        StationRow("wash1", 10),
        StationRow("left1", 20, step=2),
        StationRow("right1", 25, step=2),
        id="plant/cell{08..10}",
        code="C{n}",
    )
    lines = unfold_lines([row])
    assert [(one.id, one.code) for one in lines] == [
        ("plant/cell08", "C08"),
        ("plant/cell09", "C09"),
        ("plant/cell10", "C10"),
    ]
    assert [(one.equipment, one.step) for one in lines[1].stations] == [
        ("plant/cell09/m1", 0),
        ("plant/cell09/m2", 0),
        ("plant/cell09/m3", 0),
        ("plant/cell09/wash1", 1),
        ("plant/cell09/left1", 2),
        ("plant/cell09/right1", 2),
    ]


def test_a_line_without_products_makes_one_without_end() -> None:
    (row,) = unfold_lines([line(SAW)])
    assert row.products == (ProductRow("standard"),)
    assert row.orders == (OrderRow("standard", ENDLESS),)


def test_a_line_without_orders_makes_its_first_product() -> None:
    (row,) = unfold_lines([line(SAW, products=(ProductRow("a"), ProductRow("b")))])
    assert row.orders == (OrderRow("a", ENDLESS),)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (line(), "stations 'none': a line has at least one"),
        (line(SAW, code=""), "code '': must not be empty"),
        (line(SAW, code="L{x}"), "code 'L{x}'"),
        (line(SAW, id="plant/line{1..2}"), "lines: code 'L': is there twice"),
        (line(SAW, id="plant/line{2..1}", code="L{n}"), "must count up"),
        (line(SAW, units=0), "units 0: must be above 0"),
        (line(SAW, head_start_s=-1), "head_start_s -1: must be 0 or above"),
        (line(SAW, SAW), "station 'plant/line1/saw': is there twice"),
        (line(StationRow("Saw", 10)), "equipment id 'plant/line1/Saw'"),
        (line(StationRow("saw", 0)), "station 'saw': cycle_s 0: must be above 0"),
        (line(StationRow("saw", float("inf"))), "cycle_s inf: must be above 0"),
        (line(StationRow("saw", 10, room=0)), "room 0: must be above 0"),
        (line(StationRow("saw", 10, spread=-0.1)), "spread -0.1: must be 0 or above"),
        (line(StationRow("saw", 10, buffer=-1)), "buffer -1: must be 0 or above"),
        (line(StationRow("saw", 10, spacing_s=11)), "spacing_s 11: must not be above cycle_s 10"),
        (line(StationRow("saw", 10, reject=1.2)), "reject 1.2: must be a share"),
        (line(StationRow("saw", 10, defects={"burr": 2})), "station 'saw': defects: burr 2: must be a share"),
        (line(StationRow("saw", 10, finds={"burr": 0.9})), "finds 'burr': no station makes it; one of []"),
        (
            line(StationRow("saw", 10, micro_stops=MicroStopRow(0, 10, "jam"))),
            "micro_stops: every_s 0: must be above 0",
        ),
        (line(StationRow("saw", 10, step=1)), "step 1: must be 0 or 0 here"),
        (
            line(StationRow("a", 10, step=0), StationRow("b", 10, step=0, buffer=2)),
            "parallel stations share one buffer",
        ),
        (line(SAW, products=(ProductRow("a"), ProductRow("a"))), "product 'a': is there twice"),
        (line(SAW, products=(ProductRow("a", cycle=0),)), "product 'a': cycle 0: must be above 0"),
        (
            line(SAW, products=(ProductRow("a", defects={"burr": 2}),)),
            "product 'a': defect 'burr': no station",
        ),
        (line(SAW, orders=(OrderRow("b", 1),)), "order of product 'b': must be one of []"),
        (
            line(SAW, products=(ProductRow("a"),), orders=(OrderRow("a", 0),)),
            "order of 'a': pieces 0: must be above 0",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_thing_value_and_rule(row: LineRow, says: str) -> None:
    with pytest.raises(PlantError) as raised:
        unfold_lines([row])
    assert says in str(raised.value)


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="speed"):
        msgspec.convert({"equipment": "saw", "cycle_s": 3, "speed": 2}, StationRow)
