"""A boiler against the first law: gas in is steam out and losses, stored heat carries a peak."""

from __future__ import annotations

import numpy as np
import pytest

from sim.machines.steam_boiler import KIND
from sim.physics.boiler import NATURAL_GAS_KWH_NM3
from tests.sim.fleet_rig import FleetRig


def test_gas_times_efficiency_is_the_heat_of_the_steam() -> None:
    rig = FleetRig(KIND)
    read = rig.run(600, 10.0)[-1]
    fired_kw = read["gas_flow"] * NATURAL_GAS_KWH_NM3 * read["efficiency"] / 100.0
    heat_kw = read["steam_flow"] / 3600.0 * (2774.0 - 4.2 * 92.0) + read["blowdown_flow"] / 3600.0 * 330.0
    np.testing.assert_allclose(fired_kw, heat_kw, rtol=2e-3)
    assert (read["steam_pressure"] == pytest.approx(np.full(3, 8.0), abs=0.05)) is True


def test_a_peak_beyond_its_fire_is_paid_with_pressure_and_won_back() -> None:
    rig = FleetRig(KIND)
    rig.run(60, 10.0)
    rig.inputs["steam_demand_kg_h"][:] = 7000.0
    for _ in range(120):
        read = rig.step(5.0)
    assert (read["steam_pressure"] < 7.3).all()
    np.testing.assert_allclose(read["burner_load"], 100.0, atol=1e-6)
    rig.inputs["steam_demand_kg_h"][:] = 1000.0
    for _ in range(240):
        read = rig.step(5.0)
    np.testing.assert_allclose(read["steam_pressure"], 8.0, atol=0.05)


def test_soot_costs_gas() -> None:
    clean, sooty = FleetRig(KIND), FleetRig(KIND)
    sooty.severity["tube_fouling"][:] = 1.0
    a, b = clean.run(200, 10.0)[-1], sooty.run(200, 10.0)[-1]
    assert (b["flue_temperature"] > a["flue_temperature"] + 40.0).all()
    ratio = b["gas_flow"] / a["gas_flow"]
    assert ((ratio > 1.02) & (ratio < 1.06)).all()  # a percent for each 20 K, as boiler men reckon


def test_one_without_fire_gives_out() -> None:
    rig = FleetRig(KIND)
    rig.run(10, 10.0)
    rig.running[:] = False
    read = rig.run(400, 10.0)[-1]
    assert (read["gas_flow"] == 0.0).all()
    assert (read["steam_pressure"] < 0.1).all()
    assert (read["steam_ready"] == 0.0).all()
