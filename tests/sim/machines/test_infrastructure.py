"""The park's infrastructure as a whole: every balance closes, faults go where the networks lead them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sim.kinds import machine_kinds
from sim.plant import Plant
from tests.sim.fleet_rig import FleetRig
from tests.sim.machines.infrastructure_park import TENANT, InfrastructurePark, write_park
from twin.contract.clock import NS_PER_S, from_iso

CLOSE = pytest.approx


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    return write_park(Path(tmp_path_factory.mktemp("park")))


@pytest.fixture
def park(plant: Plant) -> InfrastructurePark:
    return InfrastructurePark(plant)


def check_electricity(park: InfrastructurePark) -> None:
    """High sides are low sides plus losses, all the way up, in active and reactive power."""
    t1 = park.sum("substation/f{}", range(1, 5), "active_kw") + park("substation/cb1", "active_kw")
    t2 = park.sum("substation/f{}", range(5, 9), "active_kw") + park("substation/cb2", "active_kw")
    for unit, fed in (("t1", t1), ("t2", t2)):
        assert park(f"substation/{unit}", "active_kw") == CLOSE(
            fed + park(f"substation/{unit}", "losses"), rel=1e-9
        )
    for name in ("active_kw", "reactive_kvar"):
        assert park("substation/meter1", name) == CLOSE(
            park.sum("substation/t{}", range(1, 3), name), rel=1e-9
        )
    f8 = park.sum("power/tx{}", range(1, 4), "active_kw")
    for feeder, fed in (
        ("f5", park(f"{TENANT}/power/tx1", "active_kw")),
        ("f6", park(f"{TENANT}/power/tx2", "active_kw")),
        ("f8", f8),
    ):
        own = park(f"substation/{feeder}", "base_load") + park(f"substation/{feeder}", "losses")
        assert park(f"substation/{feeder}", "active_kw") == CLOSE(fed + own, rel=1e-9)
    for place in ("power", f"{TENANT}/power"):
        for number in (1, 2):
            board = park(f"{place}/board{number}", "active_kw")
            losses = park(f"{place}/tx{number}", "losses")
            assert park(f"{place}/tx{number}", "active_kw") == CLOSE(board + losses, rel=1e-9, abs=1e-9)
    below = park.sum("water/p{}", range(1, 4), "active_kw") + park.sum("water/dp{}", range(1, 5), "active_kw")
    below += park.sum("fire/fp{}", range(1, 4), "active_kw") + park("water/treatment1", "active_kw")
    assert park("power/board1", "active_kw") == CLOSE(
        below + park("power/board1", "base_load"), rel=1e-9, abs=1e-9
    )


def check_water(park: InfrastructurePark) -> None:
    """Mains give what meters count plus what leaks; pumps give the mains; the works give the tank."""
    meters: dict[str, tuple[str, ...]] = {"main1": (f"{TENANT}/utilities/water-meter",)}
    meters["main2"] = tuple(f"water/meter-{name}" for name in ("irrigation", "office", "wastewater"))
    for main, behind in meters.items():
        counted = sum(park(meter, "flow") + park(meter, "leak_m3_h") for meter in behind)
        assert park(f"water/{main}", "flow") == CLOSE(counted + park(f"water/{main}", "leak_m3_h"), rel=1e-9)
    pumped = park.sum("water/dp{}", range(1, 5), "flow")
    assert pumped == CLOSE(park.sum("water/main{}", range(1, 3), "flow"), rel=1e-9)
    raw = park.sum("water/p{}", range(1, 4), "flow")
    assert raw == CLOSE(park("water/treatment1", "inflow"))
    filtered = park.sum("water/filter{}", range(1, 5), "flow")
    assert filtered == CLOSE(park("water/treatment1", "clarified_m3_h"), rel=1e-9)
    made = filtered - park.sum("water/filter{}", range(1, 5), "wash_flow")
    assert park("water/tank1", "inflow_m3_h") == CLOSE(made, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("dt_s", [1.0, 30.0])
def test_balances_close_at_every_step(park: InfrastructurePark, dt_s: float) -> None:
    for _ in range(80):
        park.step(dt_s)
        check_electricity(park)
        check_water(park)


def test_balances_close_while_everything_goes_wrong(park: InfrastructurePark) -> None:
    park.order("leak", "water/main1", 0.7)
    park.order("service_leak", f"{TENANT}/utilities/water-meter", 0.5)
    park.order("incomer_trip", f"{TENANT}/power/board2")
    for _ in range(30):
        park.step(1.0)
        check_electricity(park)
        check_water(park)
    assert park("water/main1", "leak_m3_h") > 30
    park.order("grid_outage", "substation/meter1")
    for _ in range(30):
        park.step(1.0)
        check_electricity(park)
        check_water(park)
    assert park("substation/meter1", "active_kw") == 0.0


def test_the_tank_holds_the_integral_of_what_came_and_went(park: InfrastructurePark) -> None:
    start = park("water/tank1", "volume")
    through = 0.0
    for _ in range(240):
        park.step(60.0)
        through += (park("water/tank1", "inflow_m3_h") - park("water/tank1", "outflow_m3_h")) * 60 / 3600
        assert park("water/tank1", "volume") == CLOSE(start + through, rel=1e-9)
    assert park("water/tank1", "volume") != CLOSE(start, rel=1e-3)


def test_a_tank_that_leaks_empties_as_torricelli_says() -> None:
    """Only the leak draws: dh/dt = -k sqrt(h), so sqrt(h) falls in a straight line."""
    rig = FleetRig(machine_kinds()["storage_tank"], n=1)
    rig.inputs["inflow_m3_h"][:] = rig.inputs["water_demand_m3_h"][:] = 0.0
    rig.severity["leak"][:] = 1.0
    rig.step(0.0)
    read = rig.step(60.0)
    first = float(read["level"][0])
    fall = float(read["leak_m3_h"][0]) / 420.0 / math.sqrt(first)  # m/h per root of a metre
    for _ in range(600):
        read = rig.step(60.0)
    assert read["level"][0] == CLOSE((math.sqrt(first) - fall * 10.0 / 2.0) ** 2, rel=1e-3)
    assert read["level"][0] < 0.85 * first


def sewage_in_plant(park: InfrastructurePark) -> tuple[float, float]:
    """Volume [m³] and COD [kg] in sewers, wet well and equalisation tank."""
    sewers = [f"wastewater/sewer-{name}" for name in ("anphat", "dongho", "kinhbac", "songcau", "park")]
    volume = sum(park(sewer, "stored") for sewer in sewers) + park("wastewater/lift1", "volume_m3")
    return volume + park("wastewater/eq1", "volume"), sum(park(sewer, "cod_under_way_kg") for sewer in sewers)


def test_sewage_that_entered_is_out_or_under_way(park: InfrastructurePark) -> None:
    before, cod_before = sewage_in_plant(park)
    entered = left = cod_in = cod_out = 0.0
    for step in range(300):
        if step == 30:
            park.order("cod_spill", f"{TENANT}/utilities/sewer-outlet")
        park.step(30.0)
        for outlet in (f"{TENANT}/utilities/sewer-outlet", "wastewater/outlet-park"):
            entered += park(outlet, "sewage_m3_h") / 120
            cod_in += park(outlet, "cod_kg_h") / 120
        left += park.sum("wastewater/ab{}", range(1, 3), "flow") / 120
        for name in ("anphat", "dongho", "kinhbac", "songcau", "park"):
            cod_out += park(f"wastewater/sewer-{name}", "cod_kg_h") / 120
        now, cod_now = sewage_in_plant(park)
        assert before + entered == CLOSE(left + now, rel=1e-6)
        assert cod_before + cod_in == CLOSE(cod_out + cod_now, rel=1e-6)


@pytest.mark.slow
def test_a_spill_arrives_after_the_travel_time_of_its_sewer(park: InfrastructurePark) -> None:
    """620 m at 0.8 m/s: 775 s after the outlet."""
    for _ in range(5):
        park.step(60.0)
    park.order("cod_spill", f"{TENANT}/utilities/sewer-outlet")
    outlet, sewer = [], []
    for _ in range(1200):
        park.step(1.0)
        outlet.append(park(f"{TENANT}/utilities/sewer-outlet", "cod"))
        sewer.append(park("wastewater/sewer-kinhbac", "cod"))
    risen = [int(np.argmax(np.array(series) > 2000.0)) for series in (outlet, sewer)]
    assert risen[1] - risen[0] == CLOSE(775, abs=2)
    np.testing.assert_allclose(sewer[-300:], outlet[-300 - 775 : -775], rtol=1e-3)


@pytest.mark.slow
def test_a_spill_goes_over_the_permit_hours_later(park: InfrastructurePark) -> None:
    for _ in range(5 * 60):
        park.step(60.0)
    before = park("wastewater/outfall1", "cod_1h")
    spill = park.order("cod_spill", f"{TENANT}/utilities/sewer-outlet")
    for _ in range(50):
        park.step(60.0)
    assert park("wastewater/outfall1", "cod_1h") < before + 8  # not there yet
    park.board.clear(spill, park.now_ns)
    usual = park("wastewater/ab1", "oxygen_uptake")
    highest = breathed = 0.0
    for _ in range(12 * 60):
        park.step(60.0)
        highest = max(highest, park("wastewater/outfall1", "cod_1h"))
        breathed = max(breathed, park("wastewater/ab1", "oxygen_uptake"))
    assert before < 60
    assert highest > 75
    assert breathed > 1.3 * usual


def test_a_tripped_feeder_darkens_what_hangs_on_it_and_nothing_else(park: InfrastructurePark) -> None:
    for _ in range(60):
        park.step(1.0)
    park.order("feeder_trip", "substation/f5")
    for _ in range(3):
        park.step(1.0)
    assert park("substation/f5", "breaker_closed") == 0.0
    for name in ("active_kw", "reactive_kvar", "voltage_ll", "current_l1"):
        assert park(f"{TENANT}/power/board1", name) == 0.0
    assert park("substation/f5", "active_kw") == 0.0
    assert park("substation/f5", "current") == 0.0
    assert park(f"{TENANT}/power/board2", "active_kw") > 300
    check_electricity(park)


def test_an_operator_opens_and_closes_a_breaker(park: InfrastructurePark) -> None:
    park.set("substation/f6", "breaker_closed", 0.0)
    for _ in range(3):
        park.step(1.0)
    assert park(f"{TENANT}/power/board2", "voltage_ll") == 0.0
    park.set("substation/f6", "breaker_closed", 1.0)
    for _ in range(6):
        park.step(1.0)
    assert park(f"{TENANT}/power/board2", "voltage_ll") > 380


def test_pumps_keep_the_pressure_and_stand_in_for_each_other(park: InfrastructurePark) -> None:
    for _ in range(60):
        park.step(1.0)
    assert park("water/main1", "pressure_in") == CLOSE(4.6, abs=0.02)
    busy = next(number for number in range(1, 5) if park(f"water/dp{number}", "on_duty"))
    park.stop(f"water/dp{busy}")
    for _ in range(60):
        park.step(1.0)
    assert park(f"water/dp{busy}", "on_duty") == 0.0
    assert park.sum("water/dp{}", range(1, 5), "on_duty") >= 1.0
    assert park("water/main1", "pressure_in") == CLOSE(4.6, abs=0.02)


def test_without_pumps_the_pressure_is_that_of_the_tank(park: InfrastructurePark) -> None:
    for number in range(1, 5):
        park.stop(f"water/dp{number}")
    for _ in range(120):
        park.step(1.0)
    assert park("water/main1", "pressure_in") < 0.7
    assert park(f"{TENANT}/utilities/water-meter", "flow") < 60


def test_a_leak_of_the_service_pipe_shows_between_main_and_meter_only(park: InfrastructurePark) -> None:
    for _ in range(60):
        park.step(1.0)
    before = park(f"{TENANT}/utilities/water-meter", "pressure_loss"), park("water/main1", "pressure_loss")
    park.order("service_leak", f"{TENANT}/utilities/water-meter")
    for _ in range(60):
        park.step(1.0)
    after = park(f"{TENANT}/utilities/water-meter", "pressure_loss"), park("water/main1", "pressure_loss")
    assert after[0] > before[0] + 0.02
    assert after[1] - before[1] < 0.5 * (after[0] - before[0])


def test_solar_power_is_given_by_day_only(plant: Plant) -> None:
    noon, night = (InfrastructurePark(plant, from_iso(f"2026-06-20T{hour}:00:00+07:00")) for hour in (12, 23))
    assert 10 * 15 < noon.sum("solar/pv{}", range(1, 13), "ac_power") < 12 * 55
    assert night.sum("solar/pv{}", range(1, 13), "ac_power") == 0.0
    # pv7 hangs on the tenant's first board
    board = noon(f"{TENANT}/power/board1", "active_kw")
    base = noon(f"{TENANT}/power/board1", "base_load")
    assert board == CLOSE(base - noon("solar/pv7", "ac_power"), rel=1e-9)


@pytest.mark.slow
def test_lamps_burn_from_dusk_to_dawn(plant: Plant) -> None:
    lit = {}
    park = InfrastructurePark(plant, from_iso("2026-09-22T00:30:00+07:00"))
    for hour in range(24):
        lit[hour] = park.sum("lighting/lamp{:02d}", range(1, 25), "lit")
        for _ in range(6):
            park.step(600.0)
    assert all(lit[hour] == 24 for hour in (0, 1, 2, 3, 4, 19, 20, 21, 22, 23))
    assert all(lit[hour] == 0 for hour in range(7, 17))


@pytest.mark.slow
def test_a_day_draws_what_a_park_draws(plant: Plant) -> None:
    park = InfrastructurePark(plant, from_iso("2026-09-22T00:00:00+07:00"))
    megawatts, factors = [], []
    for _ in range(24 * 12):
        park.step(300.0)
        megawatts.append(park("substation/meter1", "active_power"))
        factors.append(park("substation/meter1", "power_factor"))
        assert park("substation/t1", "lv_voltage") == CLOSE(22.5, rel=0.03)
    assert min(megawatts) > 10
    assert max(megawatts) < 35
    assert min(factors[12:]) > 0.9
    energy = park("substation/meter1", "energy_import")
    assert energy == CLOSE(np.mean(megawatts) * 24, rel=0.02)


def test_analysers_read_their_standards_while_they_are_calibrated(plant: Plant) -> None:
    park = InfrastructurePark(plant, from_iso("2026-09-22T01:59:00+07:00"))
    park.step(30.0)
    assert park("wastewater/outfall1", "calibrating") == 0.0
    for _ in range(4):
        park.step(30.0)
    assert park("wastewater/outfall1", "calibrating") == 1.0
    assert park("wastewater/outfall1", "cod") == 50.0
    true = 1000 * park("wastewater/outfall1", "cod_kg_h") / park("wastewater/outfall1", "sewage_m3_h")
    assert true != CLOSE(50.0, rel=1e-3)
    park.step(1200.0)
    assert park("wastewater/outfall1", "calibrating") == 0.0


@pytest.mark.slow
def test_vehicles_that_came_in_leave_again(plant: Plant) -> None:
    start = from_iso("2026-09-22T00:00:00+07:00")
    park = InfrastructurePark(plant, start)
    inside = park("gates/g1", "trucks_inside")
    for _ in range(24):
        park.step(3600.0)
    came, went = park("gates/g1", "trucks_in"), park("gates/g1", "trucks_out")
    assert park.now_ns == start + 86_400 * NS_PER_S
    assert inside + came - went == park("gates/g1", "trucks_inside")
    assert 300 < came < 700
    assert went == CLOSE(came, rel=0.2)
