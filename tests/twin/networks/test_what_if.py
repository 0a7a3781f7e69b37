"""What-if on the demo park, held against what the simulator does when it happens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.faults.order import FaultOrder
from tests.twin.networks.demo_park import BASE, F3, dark, demo_park, demo_table, readings, simulation
from twin.networks.changes import Change
from twin.networks.contingency import contingencies
from twin.networks.errors import ChangeError, UnknownElementError
from twin.networks.readings import Readings
from twin.networks.what_if import WhatIf

DONGHO = "yenphong/dongho-mechanical"


@pytest.fixture(scope="module")
def now() -> Readings:
    return readings(simulation())


@pytest.fixture(scope="module")
def what_if() -> WhatIf:
    return WhatIf(demo_park())


@pytest.mark.parametrize(
    ("element", "fault"),
    [
        (F3, "feeder_trip"),
        (f"{BASE}/substation/f8", "feeder_trip"),
        (f"{DONGHO}/f1/power/board6", "incomer_trip"),
    ],
)
def test_what_is_named_is_what_the_simulator_then_shows(what_if: WhatIf, element: str, fault: str) -> None:
    park = simulation()
    answer = what_if.ask(readings(park), [Change("open", element)], 2.0)
    named = {one.equipment for one in answer.affected if "electricity" in one.lacks}
    park.board.inject(FaultOrder(fault=fault, equipment=element), park.now_ns)
    for _ in range(3):
        park.step(1.0)
    assert named == dark(park)
    assert len(named) >= 5


def test_a_feeder_that_is_seen_open_names_nothing_anew(what_if: WhatIf) -> None:
    park = simulation()
    park.board.inject(FaultOrder(fault="feeder_trip", equipment=F3), park.now_ns)
    for _ in range(3):
        park.step(1.0)
    answer = what_if.ask(readings(park), [Change("open", F3)])
    assert answer.affected == ()
    assert answer.lost_kw == pytest.approx(0.0, abs=1.0)


def test_the_power_that_is_lost_is_what_the_feeder_carries(what_if: WhatIf, now: Readings) -> None:
    answer = what_if.ask(now, [Change("open", F3)], 2.0)
    carries = now.kilo(F3, "active_power")
    assert answer.lost_kw == pytest.approx(carries, rel=0.01)
    assert answer.lost_kwh == pytest.approx(2.0 * answer.lost_kw)
    assert [one.contact.of for one in answer.calls][:2] == [f"{BASE}/substation", DONGHO]
    assert DONGHO in answer.tenants


def test_without_the_wastewater_plants_power_the_wet_well_fills(what_if: WhatIf, now: Readings) -> None:
    answer = what_if.ask(now, [Change("open", f"{BASE}/power/board2")])
    (well,) = [one for one in answer.reserves if one.equipment.endswith("/lift1")]
    percent = now.of(well.equipment, "level_percent")
    inflow = now.of(well.equipment, "inflow")
    assert percent is not None
    assert inflow is not None
    assert well.minutes is not None
    assert well.before is None or well.before > well.minutes  # its pumps may just be standing
    assert well.minutes == pytest.approx(56.0 * (1.0 - percent / 100.0) / inflow * 60.0)


def test_without_raw_water_the_tank_empties_and_tenants_lack_water_then(
    what_if: WhatIf, now: Readings
) -> None:
    pumps = [Change("off", f"{BASE}/water/p{number}") for number in (1, 2, 3)]
    answer = what_if.ask(now, pumps, 2.0)
    (tank,) = [one for one in answer.reserves if one.equipment.endswith("/tank1")]
    volume, outflow = now.of(tank.equipment, "volume"), now.of(tank.equipment, "outflow")
    assert volume is not None
    assert outflow is not None
    assert tank.minutes == pytest.approx(60.0 * volume / outflow, rel=0.01)
    meters = [one for one in answer.affected if one.equipment.endswith("/water-meter")]
    assert len(meters) == 4
    assert {one.after_min for one in meters} == {tank.minutes}
    one = what_if.ask(now, pumps[:1], 2.0)  # another takes over
    assert one.affected == ()


def test_a_derated_transformer_is_overloaded_by_what_it_carries_now(what_if: WhatIf, now: Readings) -> None:
    tx3 = f"{DONGHO}/f1/power/tx3"
    answer = what_if.ask(now, [Change("derate", tx3, 50.0)])
    (over,) = answer.overloads
    assert over.equipment == tx3
    assert over.before is not None
    assert over.percent == pytest.approx(2.0 * over.before, rel=0.01)
    assert answer.affected == ()


def test_more_output_draws_more_and_nothing_stands(what_if: WhatIf, now: Readings) -> None:
    line = "yenphong/anphat-electronics/f1/smt/line2"
    answer = what_if.ask(now, [Change("output", line, 20.0)], 8.0)
    assert answer.lost_kw < 0
    (row,) = answer.lines
    assert row.lost_share == pytest.approx(-0.2)
    assert answer.affected == ()


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        (Change("open", f"{BASE}/substation/f33"), UnknownElementError, "did you mean"),
        (Change("open", f"{BASE}/water/dp1"), ChangeError, "has no breaker"),
        (Change("derate", F3, 0.0), ChangeError, "above 0"),
        (Change("derate", f"{BASE}/water/dp1", 50.0), ChangeError, "no electrical rating"),
        (Change("output", f"{DONGHO}/f1/cnc", 10.0), UnknownElementError, "line"),
        (Change("output", f"{DONGHO}/f1/cnc/cell1", 900.0), ChangeError, "-100 to 200"),
    ],
)
def test_what_makes_no_sense_is_refused(
    what_if: WhatIf, now: Readings, change: Change, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        what_if.ask(now, [change])


@pytest.mark.slow
def test_the_loss_of_each_element_is_ranked_the_supply_first(what_if: WhatIf, now: Readings) -> None:
    told: list[tuple[int, int]] = []
    park = demo_park()
    found = contingencies(what_if, park, now, told=lambda done, of: told.append((done, of)))
    assert [one.rank for one in found] == sorted((one.rank for one in found), reverse=True)
    assert found[0].equipment == f"{BASE}/substation/meter1"
    assert {one.equipment for one in found} == {one.id for one in park.equipment}
    assert told[-1] == (len(park.equipment), len(park.equipment))
    (meter,) = [one for one in found if one.equipment == f"{BASE}/gates/g1"]
    assert meter.consequences.affected == ()


def test_a_park_without_rows_of_networks_answers_by_its_links(now: Readings) -> None:
    bare = replace(demo_park(), networks=type(demo_park().networks)())
    answer = WhatIf(bare).ask(now, [Change("off", F3)])
    assert len(answer.affected) == 67
    assert answer.overloads == ()
    assert answer.calls == ()


def test_where_power_flow_has_no_answer_connectivity_alone_is_told(what_if: WhatIf) -> None:
    """A meter that shows a thousand times what can be: it is said where, and who is cut off all the same."""
    park = simulation()
    board = f"{DONGHO}/f1/power/board4"
    absurd = replaced(readings(park), f"{board}:active_power", 4.0e5)
    answer = what_if.ask(absurd, [Change("open", f"{BASE}/substation/f8")])
    assert answer.overloads == ()
    assert len(answer.affected) > 50
    (trouble,) = [note.en for note in answer.notes if "connectivity alone" in note.en]
    assert f"{DONGHO}/f1/power" in trouble
    assert {note.vi for note in answer.notes}


def test_a_meter_that_says_nothing_is_missing_and_its_machines_stand_for_it(what_if: WhatIf) -> None:
    park = simulation()
    now = readings(park)
    board = f"{DONGHO}/f1/power/board1"
    silent = replaced(now, f"{board}:active_power", float("nan"))
    live = what_if.power.live(silent)
    assert live.missing == (board,)
    (load,) = [one for one in live.loads if one.id == board]
    assert 1000.0 * load.mw == pytest.approx(now.kilo(board, "active_power"), rel=0.05)


def replaced(now: Readings, tag: str, value: float) -> Readings:
    """The same moment with one value otherwise."""
    table = demo_table()
    columns = np.array([now_value(now, name) for name in table.number])
    columns[table.number[tag]] = value
    return Readings(table, columns, ~np.isnan(columns))


def now_value(now: Readings, tag: str) -> float:
    equipment, _, signal = tag.partition(":")
    value = now.of(equipment, signal)
    return float("nan") if value is None else value
