from __future__ import annotations

import numpy as np
import pytest

from sim.errors import PlantError
from sim.kind import Input
from sim.kinds import machine_kinds
from sim.plant import Link, Unit
from sim.wiring import Neighbours, Supply, gather_for, levels_of

TREE = (
    Link("electricity", "p/a/tx1", "p/a/board1"),
    Link("electricity", "p/a/board1", "p/a/loom1"),
    Link("electricity", "p/a/board1", "p/a/loom2"),
)


def unit(equipment: str, kind: str) -> Unit:
    return Unit(equipment, kind, "one", machine_kinds()[kind].parameters(), "always")


def test_whoever_needs_what_another_puts_out_is_stepped_after_it() -> None:
    units = [unit("p/a/tx1", "mv_transformer"), unit("p/a/board1", "lv_board"), unit("p/a/loom1", "loom")]
    level = levels_of(units, machine_kinds(), Neighbours(TREE[:2]))
    assert level["p/a/loom1"] < level["p/a/board1"] < level["p/a/tx1"]


def test_a_circle_is_told_by_name() -> None:
    units = [unit("p/a/b1", "lv_board"), unit("p/a/b2", "lv_board")]
    circle = [Link("electricity", "p/a/b1", "p/a/b2"), Link("electricity", "p/a/b2", "p/a/b1")]
    with pytest.raises(PlantError, match="p/a/b1 -> p/a/b2 -> p/a/b1"):
        levels_of(units, machine_kinds(), Neighbours(circle))


def test_a_chain_longer_than_pythons_stack_is_ordered() -> None:
    units = [unit(f"p/a/b{number}", "lv_board") for number in range(2000)]
    links = [Link("electricity", f"p/a/b{number}", f"p/a/b{number + 1}") for number in range(1999)]
    level = levels_of(units, machine_kinds(), Neighbours(links))
    assert (level["p/a/b0"], level["p/a/b1999"]) == (1999, 0)


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("sum", [5.0, 4.0, -1.0]),
        ("mean", [2.5, 4.0, -1.0]),
        ("min", [2.0, 4.0, -1.0]),
        ("max", [3.0, 4.0, -1.0]),
    ],
)
def test_an_input_is_made_of_the_neighbours_that_have_the_output(combine: str, expected: list[float]) -> None:
    links = [
        Link("water", "p/a/main", "p/a/one"),
        Link("water", "p/a/main", "p/a/two"),
        Link("water", "p/a/main", "p/a/dry"),
        Link("water", "p/a/other", "p/a/three"),
        Link("air", "p/a/main", "p/a/three"),
    ]
    wanted = Input("flow", "water", "downstream", "water_m3_h", combine, default=-1.0)  # type: ignore[arg-type]
    row_of = {("p/a/one", "water_m3_h"): 2, ("p/a/two", "water_m3_h"): 0, ("p/a/three", "water_m3_h"): 1}
    gather = gather_for(wanted, ["p/a/main", "p/a/other", "p/a/alone"], Neighbours(links), row_of)
    assert gather.take(np.array([3.0, 4.0, 2.0])).tolist() == expected
    assert gather.nothing().tolist() == [-1.0, -1.0, -1.0]


def test_a_link_that_is_told_twice_counts_once() -> None:
    neighbours = Neighbours([*TREE, *TREE])
    assert neighbours.of("p/a/board1", "electricity", "downstream") == ["p/a/loom1", "p/a/loom2"]


def test_an_open_switch_darkens_what_is_below_it_and_nothing_else() -> None:
    supply = Supply(["p/a/tx1", "p/a/board1", "p/a/loom1", "p/a/loom2", "p/b/free"], Neighbours(TREE))
    closed = np.ones(5, np.bool_)
    assert supply.powered(closed).all()
    closed[1] = False
    assert supply.powered(closed).tolist() == [True, True, False, False, True]
    closed[0] = False
    assert supply.powered(closed).tolist() == [True, False, False, False, True]


def test_a_second_way_keeps_the_light_on() -> None:
    links = [*TREE, Link("electricity", "p/a/tie", "p/a/loom1")]
    supply = Supply(["p/a/tx1", "p/a/board1", "p/a/loom1", "p/a/loom2", "p/a/tie"], Neighbours(links))
    closed = np.array([True, False, True, True, True])
    assert supply.powered(closed).tolist() == [True, True, True, False, True]


def test_a_kind_is_one_fleet_though_its_units_hang_at_different_depths() -> None:
    units = [
        unit("p/a/tx1", "mv_transformer"),
        unit("p/a/board1", "lv_board"),
        unit("p/a/loom1", "loom"),
        unit("p/a/board2", "lv_board"),
    ]
    links = [Link("electricity", "p/a/tx1", "p/a/board2"), *TREE[:2]]
    level = levels_of(units, machine_kinds(), Neighbours(links))
    assert level["p/a/board1"] == level["p/a/board2"] == 1
