from __future__ import annotations

import pytest

from sim.machines.ups import CELLS, EFFICIENCY, KIND
from tests.sim.fleet_rig import FleetRig


def test_an_outage_draws_the_battery_down_by_what_the_load_takes() -> None:
    rig = FleetRig(KIND, n=1)
    rig.run(10, 1.0)
    rig.powered[:] = False
    reads = rig.run(600, 1.0)
    assert all(read["on_battery"][0] == 1.0 for read in reads)
    assert all(read["active_kw"][0] == 0.0 for read in reads)
    taken_kwh = sum(read["output_power"][0] for read in reads[1:]) / EFFICIENCY / 3600.0
    given_kwh = sum(read["battery_voltage"][0] * read["battery_current"][0] for read in reads[1:]) / 3.6e6
    assert given_kwh == pytest.approx(taken_kwh, rel=1e-9)
    drawn_ah = sum(read["battery_current"][0] for read in reads[1:]) / 3600.0
    assert 100.0 - reads[-1]["battery_charge"][0] == pytest.approx(drawn_ah, abs=0.05)
    assert reads[-1]["outages"][0] == 1.0


def test_it_lasts_about_as_long_as_it_says_and_then_is_dark() -> None:
    rig = FleetRig(KIND, n=1)
    said = rig.run(10, 1.0)[-1]["autonomy"][0]
    rig.powered[:] = False
    lasted = 0
    while rig.step(10.0)["output_power"][0] > 0.0:
        lasted += 1
        assert lasted < 3000
    assert lasted / 6.0 == pytest.approx(said, rel=0.15)


def test_the_mains_fill_it_again() -> None:
    rig = FleetRig(KIND, n=1)
    rig.powered[:] = False
    rig.run(900, 1.0)
    rig.powered[:] = True
    charging = rig.step(1.0)
    assert charging["battery_current"][0] < 0
    assert charging["active_kw"][0] > charging["output_power"][0] / EFFICIENCY
    full = rig.run(2000, 60.0)[-1]
    assert full["battery_charge"][0] > 99.0
    assert full["battery_voltage"][0] == pytest.approx(CELLS * 2.15, rel=0.01)
