"""Guided vehicles: charge by the ampere hour, ways as long as they are, a round that comes round."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kind import Site
from sim.machines.agv import KIND, MISSIONS, AgvParameters
from tests.sim.fleet_rig import FleetRig


def test_charge_is_the_integral_of_current() -> None:
    rig = FleetRig(KIND, n=6)
    reads = rig.run(7200, 1.0)
    start = rig.kind  # the rig's own fleet: 180 Ah each, new
    assert start is KIND
    drawn_ah = np.sum([read["battery_current"] for read in reads[1:]], axis=0) / 3600.0
    fallen = (reads[0]["battery_charge"] - reads[-1]["battery_charge"]) / 100.0 * 180.0
    np.testing.assert_allclose(drawn_ah, fallen, atol=0.02)


def test_a_low_battery_goes_to_the_charger_and_draws_from_its_board() -> None:
    rig = FleetRig(KIND, n=6)
    rig.setpoints["charge_below"][:] = 80.0
    reads = rig.run(3000, 5.0)
    charging = MISSIONS.index("Charging")
    at_charger = [read for read in reads if (read["mission"] == charging).any()]
    assert at_charger
    for read in at_charger:
        busy = read["mission"] == charging
        assert (read["active_kw"][busy] > 0.0).all()
        assert (read["speed"][busy] == 0.0).all()
        assert (read["path_position"][busy] == 0.0).all()
    assert min(read["battery_charge"].min() for read in reads) > 20.0


def test_it_drives_its_way_and_odometer_and_map_agree() -> None:
    path = ((0.0, 0.0), (30.0, 0.0), (30.0, 40.0))
    fleet = KIND.create([AgvParameters(path=path)], Site(7.0, ("rig/agv1",), (1,)))
    rig = FleetRig(KIND, n=1)
    rig.fleet = fleet
    reads = rig.run(3000, 0.5)
    along = np.array([read["path_position"][0] for read in reads])
    assert along.max() == pytest.approx(70.0, abs=0.2)
    places = np.array([(read["x_position"][0], read["y_position"][0]) for read in reads])
    moved = np.hypot(*np.diff(places, axis=0).T).sum()
    driven_m = 1000.0 * (reads[-1]["distance"][0] - reads[0]["distance"][0])
    assert moved == pytest.approx(driven_m, rel=0.02)
    on_path = (np.abs(places[:, 1]) < 0.2) | (np.abs(places[:, 0] - 30.0) < 0.2)
    assert on_path.all()
    assert max(read["speed"][0] for read in reads) == pytest.approx(1.3)


def test_a_path_needs_two_corners() -> None:
    with pytest.raises(ValueError, match="two corners"):
        AgvParameters(path=((1.0, 2.0),))
