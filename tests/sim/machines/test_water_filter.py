"""Sand filters: they clog, and are washed one at a time."""

from __future__ import annotations

import numpy as np

from sim.machines.water_filter import KIND
from tests.sim.fleet_rig import FleetRig


def test_the_water_is_shared_and_none_is_lost_but_for_the_wash() -> None:
    rig = FleetRig(KIND)
    rig.inputs["clarified_m3_h"][:] = 320.0
    washed = 0
    for _ in range(3000):
        read = rig.step(60.0)
        np.testing.assert_allclose(read["flow"].sum(), 320.0)
        np.testing.assert_allclose(read["product_m3_h"].sum(), 320.0 - read["wash_flow"].sum())
        assert read["washing"].sum() <= 1
        washed += int(read["washing"].sum())
    assert washed > 10


def test_head_loss_grows_until_the_wash_takes_it_away() -> None:
    rig = FleetRig(KIND, n=1)
    rig.inputs["settled_ntu"][:] = 4.0
    loss, washing = [], []
    for _ in range(6000):
        read = rig.step(60.0)
        loss.append(read["head_loss"][0])
        washing.append(read["washing"][0])
    begins = np.flatnonzero(np.diff(washing) > 0)
    assert len(begins) > 1
    assert loss[begins[0]] > 150
    assert loss[begins[0] + 12] < 0.4 * loss[begins[0]]


def test_a_wash_is_no_more_than_there_is() -> None:
    rig = FleetRig(KIND)
    rig.inputs["clarified_m3_h"][:] = 90.0
    for _ in range(3000):
        read = rig.step(60.0)
        assert read["product_m3_h"].sum() >= -1e-9
