from __future__ import annotations

import msgspec
import numpy as np
import pytest

from sim.machines.press import KIND, PressParameters
from tests.sim.fleet_rig import FleetRig


def test_a_stroke_weighs_what_the_cut_takes_on_both_columns_together() -> None:
    rig = FleetRig(KIND, n=3)
    reads = rig.run(300, 10.0)
    force = np.mean([read["tonnage"] for read in reads])
    assert force == pytest.approx(1700.0 * 2.0 * 320.0 / 1000.0, rel=0.005)
    for read in reads:
        np.testing.assert_allclose(read["tonnage_left"] + read["tonnage_right"], read["tonnage"])


def test_a_crack_leans_the_force_to_one_column() -> None:
    rig = FleetRig(KIND, n=1)
    rig.severity["frame_crack"][:] = 1.0
    read = rig.run(30, 10.0)[-1]
    assert read["tonnage_left"][0] > 1.3 * read["tonnage_right"][0]


def test_a_cut_beyond_the_press_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="below rated_kn 1600"):
        msgspec.convert({"cut_mm": 4000.0}, PressParameters)


def test_it_waits_for_air() -> None:
    rig = FleetRig(KIND, n=1)
    rig.inputs["air_bar"][:] = 4.0
    assert rig.step(1.0)["ready"][0] == 0.0
