"""Raw-water and distribution pumps at their operating points."""

from __future__ import annotations

import numpy as np
import pytest

from sim.machines.distribution_pump import KIND as DISTRIBUTION
from sim.machines.distribution_pump import DistributionPumpParameters
from sim.machines.raw_water_pump import KIND as RAW
from sim.machines.raw_water_pump import RawWaterPumpParameters
from sim.physics.pipe import BAR_PER_M
from tests.sim.fleet_rig import FleetRig


@pytest.mark.parametrize(("asked", "pumps"), [(150.0, 1), (430.0, 2), (700.0, 3)])
def test_raw_pumps_meet_the_curve_of_the_rising_main(asked: float, pumps: int) -> None:
    """H = lift - river + r Q² of all together."""
    rig = FleetRig(RAW)
    rig.inputs["wanted_m3_h"][:] = asked
    rig.inputs["river_m"][:] = 3.0
    read = rig.run(3, 1.0)[-1]
    assert read["on_duty"].sum() == pumps
    total = read["flow"].sum()
    on = read["on_duty"] > 0
    assert read["head"][on] == pytest.approx(15.0 - 3.0 + 4.0e-5 * total**2)
    assert (read["flow"][~on] == 0).all()


def test_more_pumps_give_less_than_their_share() -> None:
    flows = {}
    for asked in (150.0, 700.0):
        rig = FleetRig(RAW)
        rig.inputs["wanted_m3_h"][:] = asked
        flows[asked] = rig.run(3, 1.0)[-1]["flow"].sum()
    assert flows[150.0] < flows[700.0] < 3 * flows[150.0]


def test_a_low_river_takes_npsh_and_flow() -> None:
    high, low = FleetRig(RAW), FleetRig(RAW)
    low.inputs["river_m"][:] = 1.0
    for rig in (high, low):
        rig.inputs["wanted_m3_h"][:] = 700.0
    full, short = high.run(3, 1.0)[-1], low.run(3, 1.0)[-1]
    assert (short["flow"] < full["flow"]).all()
    assert (short["npsh_margin"] < full["npsh_margin"] - 1.0).all()


@pytest.mark.parametrize("demand", [40.0, 130.0, 260.0, 420.0])
def test_the_station_gives_what_is_asked_at_the_pressure_that_is_set(demand: float) -> None:
    rig = FleetRig(DISTRIBUTION)
    rig.inputs["water_demand_m3_h"][:] = demand
    read = rig.run(40, 1.0)[-1]
    assert read["flow"].sum() == pytest.approx(demand)
    assert read["discharge_pressure"] == pytest.approx(4.6, abs=0.01)
    on = read["on_duty"] > 0
    assert read["head"][on] == pytest.approx(4.6 / BAR_PER_M - 3.0)
    # flow of each goes with the power it takes, and no more pumps run than are needed
    assert on.sum() == int(np.ceil(demand / 140.0 / 1.05))


def test_beyond_full_speed_the_pressure_falls() -> None:
    rig = FleetRig(DISTRIBUTION)
    rig.inputs["water_demand_m3_h"][:] = 900.0
    read = rig.run(60, 1.0)[-1]
    assert read["flow"].sum() == pytest.approx(900.0)
    assert read["discharge_pressure"][0] < 3.0


def test_a_worn_impeller_is_made_up_for_by_speed_and_power() -> None:
    new, worn = FleetRig(DISTRIBUTION), FleetRig(DISTRIBUTION)
    worn.severity["impeller_wear"][:] = 1.0
    for rig in (new, worn):
        rig.inputs["water_demand_m3_h"][:] = 330.0
    fresh, old = new.run(60, 1.0)[-1], worn.run(60, 1.0)[-1]
    assert (old["speed"] > fresh["speed"]).all()
    assert (old["active_power"] > fresh["active_power"]).all()
    assert old["discharge_pressure"] == pytest.approx(fresh["discharge_pressure"], abs=0.02)


def test_the_pump_in_front_changes_every_day() -> None:
    rig = FleetRig(RAW)
    rig.inputs["wanted_m3_h"][:] = 150.0
    first = {int(np.argmax(rig.step(86_400.0)["on_duty"])) for _ in range(6)}
    assert first == {0, 1, 2}


@pytest.mark.parametrize("parameters", [RawWaterPumpParameters, DistributionPumpParameters])
def test_a_pump_without_a_size_is_refused(parameters: type) -> None:
    with pytest.raises(ValueError, match="best_m3_h"):
        parameters(best_m3_h=0.0)
