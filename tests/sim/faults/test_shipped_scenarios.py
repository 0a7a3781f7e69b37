"""The scenarios that come with the park, and the one in the manual, read as the simulator reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.faults.fault_kind import FaultKind
from sim.faults.moments import parse_duration_s
from sim.faults.order import CheckedOrder, FaultOrder
from sim.faults.scenario import read_scenario
from tests.sim.faults.park import START_NS
from twin.contract.tag import check_equipment_id, split_tag

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "sim" / "parks" / "yenphong" / "scenarios").glob("*.yaml"))
ANY = FaultKind("any", "process", "", "", "", 1.0, "", -9.0, 9.0, 0.0, 0.0)


def as_written(seen: list[FaultOrder]) -> Callable[[FaultOrder], CheckedOrder]:
    """A check that takes every fault on every equipment, as long as ids and durations are such."""

    def check(order: FaultOrder) -> CheckedOrder:
        if ":" in order.equipment:
            split_tag(order.equipment)
        else:
            check_equipment_id(order.equipment)
        seen.append(order)
        ramp_s, lasts_s = (parse_duration_s(one or 0) for one in (order.ramp, order.lasts))
        return CheckedOrder(ANY, order.equipment, 0, order.strength or 1.0, ramp_s, lasts_s, order.seed)

    return check


def test_there_are_scenarios() -> None:
    assert len(SHIPPED) >= 4


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_well_written(path: Path) -> None:
    seen: list[FaultOrder] = []
    scenario = read_scenario(
        path.read_text(encoding="utf-8"), path.name, check=as_written(seen), now_ns=START_NS, utc_offset_h=7.0
    )
    assert scenario.name.vi
    assert scenario.about
    begins = [begins_ns for begins_ns, _ in scenario.orders]
    assert begins == sorted(begins)


def test_the_scenario_in_the_manual_is_one() -> None:
    page = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    block = re.search(
        r"<!-- the test of this page checks the next block -->\n```yaml\n(.*?)```", page, re.DOTALL
    )
    assert block is not None
    seen: list[FaultOrder] = []
    read_scenario(block[1], "manual", check=as_written(seen), now_ns=START_NS, utc_offset_h=7.0)
    assert [(order.fault, order.lasts) for order in seen] == [("bearing_wear", "2h"), ("sensor_stuck", "30m")]
