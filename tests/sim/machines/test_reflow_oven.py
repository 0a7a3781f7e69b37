from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from sim.kind import F64
from sim.machines.reflow_oven import AIR_OXYGEN_PPM, AMBIENT_C, KIND, LOSS_KW_K, PROFILE_C, ZONES
from tests.sim.fleet_rig import FleetRig


def zones(read: Mapping[str, F64]) -> list[float]:
    return [float(read[f"zone{zone}_temperature"][0]) for zone in range(1, ZONES + 1)]


def test_a_zone_follows_a_new_set_point_as_a_first_order_lag() -> None:
    """63.2 % after one time constant (45 s), 95 % after three."""
    for seconds in (45, 135):
        rig = FleetRig(KIND, n=1)
        rig.running[:] = False
        rig.run(600, 1.0)
        rig.setpoints["zone9_setpoint"][:] = 225.0
        read = [rig.step(1.0) for _ in range(seconds)][-1]
        expected = 225.0 + 20.0 * np.exp(-seconds / 45.0)
        assert zones(read)[8] == pytest.approx(expected, abs=0.01)


def test_power_is_what_walls_and_boards_take() -> None:
    rig = FleetRig(KIND, n=1)
    rig.running[:] = False
    read = rig.run(200, 1.0)[-1]
    walls_kw = LOSS_KW_K * sum(zone - AMBIENT_C for zone in PROFILE_C)
    assert read["active_kw"][0] == pytest.approx(2.5 + walls_kw, rel=1e-9)


def test_boards_pull_down_the_zone_that_they_enter() -> None:
    rig = FleetRig(KIND, n=1)
    reads = rig.run(600, 1.0)
    settled = np.array([zones(read) for read in reads[300:]])
    assert (settled.min(axis=0) < np.array(PROFILE_C) - 0.5).all()
    assert (settled.max(axis=0) <= np.array(PROFILE_C) + 0.1).all()
    assert (settled.min(axis=0) > np.array(PROFILE_C) - 5.0).all()


def test_an_outage_lets_it_cool_and_it_is_not_ready_until_it_is_hot_again() -> None:
    rig = FleetRig(KIND, n=1)
    rig.run(60, 1.0)
    rig.powered[:] = False
    dark = rig.run(300, 1.0)[-1]
    assert dark["ready"][0] == 0.0
    assert dark["active_kw"][0] == 0.0
    cooled = AMBIENT_C + (PROFILE_C[9] - AMBIENT_C) * np.exp(-300.0 / 1500.0)
    assert zones(dark)[9] == pytest.approx(cooled, abs=2.0)
    rig.powered[:] = True
    ready = [read["ready"][0] for read in rig.run(300, 1.0)]
    assert ready[0] == 0.0
    assert ready[-1] == 1.0


def test_residual_oxygen_is_the_dilution_of_what_leaks_in() -> None:
    rig = FleetRig(KIND, n=1)
    rig.inputs["supply_ppm"][:] = 50.0
    for nitrogen in (20.0, 40.0):
        rig.setpoints["nitrogen_flow"][:] = nitrogen
        oxygen = rig.run(3000, 1.0)[-1]["oxygen"][0]
        assert oxygen == pytest.approx(
            (nitrogen * 50.0 + 0.07 * AIR_OXYGEN_PPM) / (nitrogen + 0.07), rel=1e-3
        )
