"""Air handling unit, clean room, chiller and pump: balances of air, heat and particles."""

from __future__ import annotations

import numpy as np
import pytest

from sim.machines.air_handling_unit import KIND as AHU
from sim.machines.chiller import KIND as CHILLER
from sim.machines.chiller import WATER_KWH_M3_K
from sim.machines.clean_room import KIND as ROOM
from sim.machines.cooling_tower import EVAPORATED_SHARE, EVAPORATION_KJ_KG
from sim.machines.cooling_tower import KIND as TOWER
from sim.physics.moist_air import enthalpy_kj_kg, humidity_ratio
from sim.physics.r134a import saturation_bar
from tests.sim.fleet_rig import FleetRig


def test_a_coil_takes_the_enthalpy_that_the_air_loses() -> None:
    rig = FleetRig(AHU, n=1)
    read = rig.run(600, 5.0)[-1]
    kg_s = read["supply_m3_h"][0] * 1.2 / 3600.0
    assert 100.0 * read["cooling_kw"][0] / read["cooling_valve"][0] > 0
    off = enthalpy_kj_kg(12.5, humidity_ratio(12.5, 95.0))
    # the mixed air's moisture is not a tag: between dry and saturated air of its temperature
    low = kg_s * (enthalpy_kj_kg(read["mixed_temperature"], 0.0087) - off)
    high = kg_s * (
        enthalpy_kj_kg(read["mixed_temperature"], humidity_ratio(read["mixed_temperature"], 100.0)) - off
    )
    assert float(low[0]) < read["cooling_kw"][0] < float(high[0])
    assert read["reheat_power"][0] == pytest.approx(kg_s * 1.006 * (15.0 - 12.5), rel=1e-6)


def test_a_dirty_filter_costs_speed_then_flow() -> None:
    clean, dirty, worse = (FleetRig(AHU, n=1) for _ in range(3))
    dirty.severity["filter_fouling"][:] = 0.6
    worse.severity["filter_fouling"][:] = 1.4
    at = [rig.run(60, 5.0)[-1] for rig in (clean, dirty, worse)]
    assert at[0]["fan_speed"][0] < at[1]["fan_speed"][0] < at[2]["fan_speed"][0]
    assert at[0]["supply_flow"][0] == pytest.approx(at[1]["supply_flow"][0])
    assert at[2]["supply_flow"][0] < 0.97 * at[0]["supply_flow"][0]


def test_a_room_is_as_warm_as_its_heat_and_its_air_make_it() -> None:
    rig = FleetRig(ROOM, n=8)
    read = rig.run(2000, 10.0)[-1]
    kg_s = 14_000.0 * 1.2 / 3600.0
    expected = 15.0 + 34.0 / (kg_s * 1.006)
    assert read["temperature"].mean() == pytest.approx(expected, abs=0.15)


def test_without_filter_fans_a_room_gets_dirty_as_its_air_changes() -> None:
    rig = FleetRig(ROOM, n=1)
    before = rig.run(300, 1.0)[-1]
    rig.severity["ffu_failure"][:] = 1.0
    after = np.mean([read["particles_0_5um"][0] for read in rig.run(900, 2.0)[-300:]])
    clean = before["particles_0_5um"][0] - 40.0
    assert (after - 40.0) / clean == pytest.approx(74_000.0 / 38_000.0, rel=0.2)
    assert 5.0 < before["iso_class"][0] < 6.3


def test_a_chiller_makes_the_cold_that_its_water_loses_and_pays_for_it() -> None:
    rig = FleetRig(CHILLER, n=1)
    read = rig.run(300, 5.0)[-1]
    lost = (
        read["chilled_water_flow"]
        * WATER_KWH_M3_K
        * (read["entering_temperature"] - read["leaving_temperature"])
    )
    assert read["cooling_power"][0] == pytest.approx(lost[0], rel=1e-6)
    assert read["heat_kw"][0] == pytest.approx(read["cooling_power"][0] + read["active_kw"][0], rel=1e-9)
    assert 4.5 < read["cop"][0] < 7.0
    carnot = (read["evaporating_temperature"] + 273.15) / (
        read["condensing_temperature"] - read["evaporating_temperature"]
    )
    assert read["cop"][0] < 0.65 * carnot[0]
    gauge = saturation_bar(read["condensing_temperature"]) - 1.013
    assert read["condensing_pressure"][0] == pytest.approx(gauge[0])


def test_warmer_cooling_water_costs_power() -> None:
    cool, warm = FleetRig(CHILLER, n=1), FleetRig(CHILLER, n=1)
    cool.inputs["condenser_c"][:] = 25.0
    warm.inputs["condenser_c"][:] = 33.0
    assert warm.run(60, 5.0)[-1]["active_kw"][0] > 1.15 * cool.run(60, 5.0)[-1]["active_kw"][0]


def test_a_tower_evaporates_what_its_heat_asks_for() -> None:
    rig = FleetRig(TOWER, n=1)
    read = rig.run(300, 5.0)[-1]
    evaporated = read["make_up_flow"][0] - read["blowdown_flow"][0]
    assert evaporated == pytest.approx(380.0 * EVAPORATED_SHARE * 3.6 / EVAPORATION_KJ_KG, rel=1e-9)
    assert read["make_up_flow"][0] / read["blowdown_flow"][0] == pytest.approx(4.0)  # cycles of concentration
    assert read["sewage_m3_h"][0] == read["blowdown_flow"][0]
    assert read["leaving_temperature"][0] > read["wet_bulb_temperature"][0]
