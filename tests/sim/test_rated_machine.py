"""Rows of quantities: where they go, how fast, what wear does, and that a wrong row is refused."""

from __future__ import annotations

import numpy as np
import pytest

from sim.degradation.gamma_wear import GammaWear
from sim.kind import FailureMode, Signal
from sim.physics.effluent import Effluent
from sim.rated_machine import Quantity, QuantityBank, RatedMachine
from tests.sim.fleet_rig import FleetRig

HEAT = Signal("motor_temperature", "Motor", "°C", 0, 200)
WEAR = FailureMode(
    "wear", "VIB", "2.4 Wear", GammaWear(1000.0), "Mòn", "Wear", ("motor_temperature",), stops=False
)
MACHINE = RatedMachine(
    "rig_machine",
    rated_kw=10.0,
    rest_kw=1.0,
    quantities=(Quantity(HEAT, 30.0, 70.0, 600.0, worn={"wear": 20.0}),),
    modes=(WEAR,),
    heavier={"wear": 0.1},
    slows={"wear": 0.3},
    rejects={"wear": 0.2},
    uses={"water_m3_h": 2.0, "air_nm3_h": 5.0},
    leaks={"wear": 3.0},
    effluent=Effluent(25.0, cod_mg_l=100.0),
    drained=0.5,
)


def test_it_goes_from_rest_to_work_with_its_time_constant() -> None:
    rig = FleetRig(MACHINE.kind)
    rig.running[:] = False
    assert rig.step(0.0)["motor_temperature"].tolist() == [30.0] * 3
    rig.running[:] = True
    np.testing.assert_allclose(rig.step(600.0)["motor_temperature"], 70.0 - 40.0 * np.exp(-1.0))


def test_wear_shifts_what_it_names_and_costs_power_pace_and_pieces() -> None:
    rig = FleetRig(MACHINE.kind)
    rig.severity["wear"][:] = 1.0
    read = rig.step(0.0)
    np.testing.assert_allclose(read["motor_temperature"], 90.0)
    np.testing.assert_allclose(read["active_kw"], 11.0, rtol=0.07)  # units differ by some per cent
    np.testing.assert_allclose(read["pace"], 0.7)
    np.testing.assert_allclose(read["reject_share"], 0.2)


def test_what_it_uses_it_drains_and_leaks_add_to_air() -> None:
    rig = FleetRig(MACHINE.kind)
    sound = rig.step(0.0)
    np.testing.assert_allclose(sound["sewage_m3_h"], 0.5 * sound["water_m3_h"])
    np.testing.assert_allclose(sound["cod_kg_h"], 0.1 * sound["sewage_m3_h"])
    worn = FleetRig(MACHINE.kind)
    worn.severity["wear"][:] = 1.0
    np.testing.assert_allclose(worn.step(0.0)["air_nm3_h"] - sound["air_nm3_h"], 3.0)


def test_energy_is_the_integral_of_power() -> None:
    rig = FleetRig(MACHINE.kind)
    power = rig.step(0.0)["active_power"].copy()
    for _ in range(10):
        read = rig.step(360.0)
    np.testing.assert_allclose(read["energy"], power)


def test_values_stay_in_their_range_whatever_happens() -> None:
    rows = (Quantity(Signal("level", "Level", "%", 0, 100), 50.0, 95.0, 1.0, wander=30.0),)
    machine = RatedMachine("rig_tank", 1.0, 0.1, rows, station=False)
    reads = np.array([read["level"] for read in FleetRig(machine.kind).run(500, 60.0)])
    assert reads.max() == 100.0
    assert reads.min() >= 0.0


def test_a_row_that_names_an_unknown_failure_is_refused() -> None:
    row = Quantity(HEAT, 30.0, 70.0, worn={"waer": 1.0})
    with pytest.raises(ValueError, match="'waer' is not one of"):
        QuantityBank((row,), ("wear",), 2, np.random.default_rng(1))
