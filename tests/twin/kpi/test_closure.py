"""What is reckoned from the readings of a simulated shift closes against what the simulator knows, within 0.5
%."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.network_cases import wastewater_part
from sim.machines.outfall import KIND as OUTFALL_KIND
from sim.plant import SHIPPED, read_plant
from tests.twin.kpi.simulated_shift import (
    END,
    LINES,
    START,
    Shift,
    shift_of_lines,
    shift_of_machines,
    simulated,
)
from twin.contract.clock import NS_PER_S, from_iso
from twin.kpi.amounts import balance, consumption, needed
from twin.kpi.effort import line_effort, station_effort
from twin.kpi.environment import against_permit, calibrations
from twin.kpi.oee import oee
from twin.kpi.packml import Use
from twin.kpi.plan import KpiPlan
from twin.park.park_file import load_park

pytestmark = pytest.mark.timeout(600)
WITHIN = 0.005
STEP_S = 60.0
"""Of places and of the outfall, which are slower than machines: a twentieth of a calibration."""
OUTFALL = "yenphong/park/utilities/wastewater/outfall1"


@pytest.fixture(scope="module")
def plan() -> KpiPlan:
    return KpiPlan(load_park(Path(SHIPPED).with_name("park.yaml"), environment={}))


DAY_SHIFT_H = 6.5 - 10 / 60 - 1.0  # from 07:30, without two breaks
BREAK_H = 0.5


def planned_h(plan: KpiPlan, line: str) -> float:
    """Of the shift, by what stands in the calendars: some lines go on while people relieve each other."""
    rule = plan.lines[line].rule
    return DAY_SHIFT_H if rule.calendar == "day_shift" else 8.0 - (0.0 if rule.works_in_breaks else BREAK_H)


@pytest.mark.slow
def test_times_and_counts_of_every_line_close(plan: KpiPlan) -> None:
    for line in plan.lines:
        check_line(plan, shift_of_lines(), line)


@pytest.mark.slow
def test_energy_closes(plan: KpiPlan) -> None:
    for line in LINES:
        check_electricity(plan, shift_of_machines(), line)


@pytest.mark.slow
def test_the_outfalls_hours_close_and_its_calibration_is_left_out(plan: KpiPlan) -> None:
    """A day of the wastewater works, calibration from two o'clock on, against concentrations that are worked
    out from the true load and flow: while analysers read their standards, those go on."""
    (rule,) = plan.rules.permits
    wanted = {f"{OUTFALL}:{name}" for name in ("ph", "cod", "tss", "temperature", "ammonia", "colour")}
    wanted |= {f"{OUTFALL}:{name}" for name in ("flow", "cod_load", "calibrating")}
    start, end = from_iso("2026-09-24T00:00:00+07:00"), from_iso("2026-09-25T00:00:00+07:00")
    day = simulated(wastewater_part(read_plant()), wanted, start, end, STEP_S)
    found = {one.limit.signal: one for one in against_permit(rule, day.series, start, end, plan.zone)}
    away = calibrations(day.series[f"{OUTFALL}:calibrating"], start, end)
    assert [length / NS_PER_S for length in np.diff(away).ravel()] == [pytest.approx(1200.0, abs=STEP_S)]
    true = {name.rpartition(":")[2]: column for name, column in day.true.items()}
    true["cod"] = 1000.0 * true["cod_load"] / true["flow"]
    seen = true["calibrating"] < 0.5
    noise = {signal.name: signal.sensor.noise for signal in OUTFALL_KIND.signals}
    assert (~seen).sum() * STEP_S == pytest.approx(1200.0, abs=STEP_S)
    for name in ("cod", "tss", "ammonia", "ph", "temperature"):
        hours = found[name]
        assert len(hours.mean) == 24
        for (first, last), mean, share in zip(hours.hours, hours.mean, hours.share, strict=True):
            within = (day.time >= first) & (day.time < last)  # what is told holds until the next
            held = within & seen
            assert share == pytest.approx(held.sum() / within.sum(), abs=0.002)
            if share < rule.hour_share:
                assert np.isnan(mean), name
            else:
                left = 4.0 * noise[name] / np.sqrt(held.sum())  # of the noise of so few readings
                assert mean == pytest.approx(true[name][held].mean(), rel=WITHIN, abs=left), name


@pytest.mark.slow
def test_electricity_and_water_of_every_place_close(plan: KpiPlan) -> None:
    """Every meter of the park and every balance, over a shift of all of it."""
    wanted = {tag for rule in plan.rules.balances for tag in (*rule.inputs, *rule.outputs)}
    for place, carrier in plan.meters:
        wanted |= set(needed(plan, place, carrier))
    shift = simulated(read_plant(), wanted, START - 1, END - 1, STEP_S)

    def grown(tag: str) -> float:
        return shift.growth[tag] * {"kWh": 1.0, "MWh": 1000.0, "m³": 1.0}[plan.tags[tag].signal.unit]

    assert plan.meters
    for (place, carrier), meter in plan.meters.items():
        found = consumption(plan, shift.series, place, carrier, START, END)
        true = sum(grown(tag) for tag in (*meter.add, *meter.own))
        true -= sum(grown(tag) for tag in meter.subtract)
        assert found.value == pytest.approx(true, rel=WITHIN), (place, carrier)
        assert found.gap_share == 0.0
    for rule in plan.rules.balances:
        assert not rule.stored
        lost = balance(plan, shift.series, rule, START, END)
        inputs, outputs = (sum(grown(tag) for tag in tags) for tags in (rule.inputs, rule.outputs))
        assert lost.inputs == pytest.approx(inputs, rel=WITHIN), rule.id
        assert lost.loss == pytest.approx(inputs - outputs, abs=WITHIN * inputs), rule.id


def check_line(plan: KpiPlan, shift: Shift, line: str) -> None:
    """Hold times, counts and figures of a line and its stations to the truth."""
    found = plan.lines[line]
    for station in found.stations:
        effort = station_effort(found, station, shift.series, START, END, plan.zone)
        producing_s = effort.use_ns[Use.PRODUCING] / NS_PER_S
        assert producing_s == pytest.approx(shift.worked_s[station.id], rel=WITHIN), station.id
        assert (effort.good.total, effort.rejected.total) == shift.made[station.id]
        assert effort.unknown_ns == 0
    effort = line_effort(found, shift.series, START, END, plan.zone)
    figures = oee(effort)
    good = shift.made[found.output.id][0]
    rejected = sum(shift.made[station.id][1] for station in found.stations)
    planned_s = planned_h(plan, line) * 3600.0
    worked_s = sum(shift.worked_s[pace.id] for pace in found.pace) / len(found.pace)
    assert effort.planned_ns == pytest.approx(planned_s * NS_PER_S, rel=1e-9)
    assert (effort.good.total, effort.rejected.total) == (good, rejected)
    assert figures.availability == pytest.approx(worked_s / planned_s, rel=WITHIN)
    assert figures.oee == pytest.approx(found.ideal_s * good / planned_s, rel=WITHIN)
    assert figures.gap_share == 0.0


def check_electricity(plan: KpiPlan, shift: Shift, line: str) -> None:
    """Hold what a line and each of its machines took to the truth."""
    total_kwh = 0.0
    for station in plan.lines[line].stations:
        true_kwh = sum(
            shift.power_kwh[tag] if plan.tags[tag].signal.role == "power" else shift.growth[tag]
            for tag in needed(plan, station.id, "electricity")
        )
        amount = consumption(plan, shift.series, station.id, "electricity", START, END)
        assert amount.value == pytest.approx(true_kwh, rel=WITHIN), station.id
        total_kwh += true_kwh
    amount = consumption(plan, shift.series, line, "electricity", START, END)
    assert amount.value == pytest.approx(total_kwh, rel=WITHIN), line
    assert amount.missing == 0
