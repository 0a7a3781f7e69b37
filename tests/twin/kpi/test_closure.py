"""What is reckoned from the readings of a simulated shift closes against what the simulator knows, within 0.5
%."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.plant import SHIPPED
from tests.twin.kpi.simulated_shift import END, LINES, START, simulated_shift
from twin.contract.clock import NS_PER_S
from twin.kpi.amounts import consumption
from twin.kpi.effort import line_effort, station_effort
from twin.kpi.oee import oee
from twin.kpi.packml import Use
from twin.kpi.plan import KpiPlan
from twin.park.park_file import load_park

WITHIN = 0.005


@pytest.fixture(scope="module")
def plan() -> KpiPlan:
    return KpiPlan(load_park(Path(SHIPPED).with_name("park.yaml"), environment={}))


PLANNED_H = {
    "yenphong/anphat-electronics/f1/smt/line1": 8.0,  # people relieve each other in breaks
    "yenphong/songcau-food/f1/packing/line1": 6.5 - 10 / 60 - 1.0,  # from 07:30, without two breaks
}


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_times_and_counts_of_a_line_close(plan: KpiPlan, line: str) -> None:
    shift, found = simulated_shift(), plan.lines[line]
    for station in found.stations:
        effort = station_effort(found, station, shift.series, START, END, plan.zone)
        producing_s = effort.use_ns[Use.PRODUCING] / NS_PER_S
        assert producing_s == pytest.approx(shift.worked_s[station.id], rel=WITHIN), station.id
        assert (effort.good.total, effort.rejected.total) == shift.made[station.id]
        assert effort.unknown_ns == 0
    effort = line_effort(found, shift.series, START, END, plan.zone)
    figures = oee(effort)
    (pace,) = found.pace
    good = shift.made[found.output.id][0]
    rejected = sum(shift.made[station.id][1] for station in found.stations)
    planned_s = PLANNED_H[line] * 3600.0
    assert effort.planned_ns == pytest.approx(planned_s * NS_PER_S, rel=1e-9)
    assert (effort.good.total, effort.rejected.total) == (good, rejected)
    assert figures.availability == pytest.approx(shift.worked_s[pace.id] / planned_s, rel=WITHIN)
    assert figures.oee == pytest.approx(found.ideal_s * good / planned_s, rel=WITHIN)
    assert figures.gap_share == 0.0


@pytest.mark.slow
def test_energy_closes(plan: KpiPlan) -> None:
    shift = simulated_shift()
    for line in LINES:
        machines = [station.id for station in plan.lines[line].stations]
        amount = consumption(plan, shift.series, line, "electricity", START, END)
        true_kwh = sum(
            shift.energy.get(f"{each}:energy", shift.power_kwh.get(f"{each}:active_power", 0.0))
            for each in machines
        )
        assert amount.value == pytest.approx(true_kwh, rel=WITHIN), line
        assert amount.missing == 0
