"""What stands by or regulates by itself: fire pumps, capacitor banks, blowers, gas, masts, boards."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kinds import machine_kinds
from sim.machines.air_quality_mast import vn_aqi
from sim.machines.blower import isentropic_kw
from tests.sim.fleet_rig import FleetRig

KINDS = machine_kinds()


def test_fire_pumps_answer_open_hydrants() -> None:
    rig = FleetRig(KINDS["fire_pump"])
    quiet = rig.run(60, 1.0)[-1]
    assert quiet["pumping"].sum() == 0
    rig.severity["hydrants_open"][0] = 1.0
    read = [rig.step(1.0) for _ in range(240)]
    assert read[-1]["pumping"].sum() >= 1
    assert max(one["flow"].sum() for one in read) == pytest.approx(180.0)
    assert read[-1]["main_pressure"][0] > 5


def test_a_fire_pump_that_cannot_start_lets_the_main_run_dry() -> None:
    rig = FleetRig(KINDS["fire_pump"])
    rig.severity["hydrants_open"][0] = 1.0
    rig.severity["no_start"][:] = 1.0
    read = [rig.step(1.0) for _ in range(240)][-1]
    assert read["pumping"].sum() == 0
    assert read["main_pressure"][0] < 1.0


def test_capacitors_bring_the_busbar_near_zero() -> None:
    """Fed back what they give: the rig's busbar has 3,100 kvar of its own."""
    rig = FleetRig(KINDS["capacitor_bank"], n=1)
    given = np.zeros(1)
    for _ in range(600):
        rig.inputs["bus_kvar"][:] = 3100.0 + given
        given = rig.step(1.0)["reactive_kvar"]
    assert abs(3100.0 + given[0]) < 0.65 * 900 * (22.5 / 22) ** 2
    assert rig.step(1.0)["steps_on"][0] in {3.0, 4.0}


def test_air_is_compressed_as_thermodynamics_says() -> None:
    """m cp T1 (r^k - 1) for 1 kg/s from 1 to 2 bar at 300 K: 1.006 * 300 * (2^0.283 - 1) = 65.4 kW."""
    one_kg_s = np.array([3600.0 / 1.2929])
    power = isentropic_kw(one_kg_s, 300.0, np.array([100.0]), np.array([200.0]))
    assert power[0] == pytest.approx(1.006 * 300 * (2**0.283 - 1))


def test_blowers_give_what_is_asked_while_they_can() -> None:
    rig = FleetRig(KINDS["blower"])
    for asked in (300.0, 1000.0, 2000.0):
        rig.inputs["aeration_nm3_h"][:] = asked
        read = rig.run(5, 1.0)[-1]
        assert read["flow"].sum() == pytest.approx(asked)
    rig.inputs["aeration_nm3_h"][:] = 9000.0
    assert rig.run(5, 1.0)[-1]["flow"].sum() == pytest.approx(2400.0)


def test_gas_pressure_droops_and_a_shut_valve_stops_it() -> None:
    rig = FleetRig(KINDS["gas_station"], n=1)
    rig.inputs["gas_demand_nm3_h"][:] = 0.0
    idle = rig.run(60, 1.0)[-1]["outlet_pressure"][0]
    rig.inputs["gas_demand_nm3_h"][:] = 2900.0
    full = rig.run(60, 1.0)[-1]["outlet_pressure"][0]
    assert idle - full == pytest.approx(0.06 * 2.0, rel=0.1)
    rig.severity["slam_shut"][:] = 1.0
    shut = rig.run(60, 1.0)[-1]
    assert shut["flow"][0] == 0.0
    assert shut["outlet_pressure"][0] < 0.01


@pytest.mark.parametrize(
    ("pollutant", "concentration", "index"),
    [
        ("pm25", 50.0, 100.0),
        ("pm10", 100.0, 75.0),
        ("o3", 180.0, 75.0),
        ("no2", 450.0, 125.0),
        ("so2", 125.0, 50.0),
    ],
)
def test_the_index_is_linear_between_its_breakpoints(
    pollutant: str, concentration: float, index: float
) -> None:
    assert vn_aqi(pollutant, np.array([concentration]))[0] == pytest.approx(index)


def test_the_mast_shows_the_worst_of_its_pollutants() -> None:
    rig = FleetRig(KINDS["air_quality_mast"], n=1)
    rig.severity["smoke_event"][:] = 1.0
    read = rig.run(300, 60.0)[-1]
    assert read["aqi"][0] == pytest.approx(vn_aqi("pm25", read["pm25_1h"])[0], abs=1e-9)
    assert read["aqi"][0] > 200


def test_phases_of_a_board_make_its_power() -> None:
    rig = FleetRig(KINDS["lv_board"])
    for read in rig.run(30, 10.0):
        power_kva = sum(read[f"current_l{i}"] * read[f"voltage_l{i}"] for i in (1, 2, 3)) / 1000.0
        np.testing.assert_allclose(power_kva, read["apparent_power"], rtol=0.01)
        factor = read["active_power"] / np.hypot(read["active_power"], read["reactive_power"])
        np.testing.assert_allclose(read["power_factor"], factor)


def test_balanced_phases_leave_nothing_for_the_neutral() -> None:
    rig = FleetRig(KINDS["lv_board"])
    read = rig.run(3, 1.0)[-1]
    rig.severity["phase_unbalance"][:] = 1.0
    skewed = rig.run(3, 1.0)[-1]
    assert (skewed["current_n"] > 3 * read["current_n"]).all()
    # 35 % more on one phase, 17.5 % less on the others: a neutral of 52.5 % (phasor sum)
    mean = (skewed["current_l1"] + skewed["current_l2"] + skewed["current_l3"]) / 3
    assert skewed["current_n"] / mean == pytest.approx(0.525, abs=0.12)


def test_a_feeder_loses_three_times_i_squared_r() -> None:
    rig = FleetRig(KINDS["feeder"], n=1)
    read = rig.run(2, 1.0)[-1]
    ohm = 0.125 * 0.5
    assert read["losses"][0] == pytest.approx(3 * read["current"][0] ** 2 * ohm / 1000.0)
