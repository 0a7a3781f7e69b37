from __future__ import annotations

import numpy as np
import pytest

from sim.machines.hardening_furnace import GAS_KWH_NM3, KIND, STEEL_KWH_KG_K, flue_loss
from tests.sim.fleet_rig import FleetRig


def test_heat_in_is_heat_out() -> None:
    rig = FleetRig(KIND, n=1)
    read = rig.run(600, 10.0)[-1]
    fired = read["gas_nm3_h"][0] * GAS_KWH_NM3
    walls = 42.0
    steel = read["steel_flow"][0] * STEEL_KWH_KG_K * (860.0 - 32.0)
    flue = fired * read["flue_loss"][0] / 100.0
    assert fired == pytest.approx(walls + steel + flue, rel=1e-9)
    assert read["heat_kw"][0] == pytest.approx(steel)


def test_siegerts_formula_at_a_point_of_the_tables() -> None:
    """A boiler at 180 °C above the air with 3 % oxygen loses some 8 %: 180 (0.66/18 + 0.009) = 8.2."""
    assert flue_loss(np.array([212.0]), np.array([3.0]))[0] == pytest.approx(0.082, abs=0.001)


def test_without_gas_it_goes_cold_and_burns_none() -> None:
    rig = FleetRig(KIND, n=1)
    rig.run(10, 10.0)
    rig.inputs["gas_bar"][:] = 0.0
    reads = rig.run(180, 10.0)
    assert reads[-1]["gas_nm3_h"][0] == 0.0
    assert reads[-1]["zone1_temperature"][0] < 200.0
    assert (
        reads[-1]["zone1_temperature"][0]
        < reads[90]["zone1_temperature"][0]
        < reads[0]["zone1_temperature"][0]
    )
