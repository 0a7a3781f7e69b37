"""Hydraulics against published networks, and of the demo park."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace

import numpy as np
import pytest

from tests.twin.networks.demo_park import BASE, demo_park, readings, simulation
from tests.twin.networks.wntr_rows import published, rows_of
from twin.networks.errors import NotConvergedError
from twin.networks.park_water import HEADER, ParkWater
from twin.networks.water_flow import WaterModel
from twin.networks.water_network import Junction

FOOT = 0.3048
NET1_HEADS_FT = {
    "10": 1004.35, "11": 985.23, "12": 970.07, "13": 968.87, "21": 971.55, "22": 969.08, "23": 968.65,
    "31": 967.39, "32": 965.69, "9": 800.0, "2": 970.0,
}  # fmt: skip
"""At 0:00 h, from the report of EPANET's own example (Rossman et al. 2020, EPANET 2.2 User Manual)."""


@pytest.mark.parametrize("name", ["Net1", "Net2", "Net3"])
def test_a_published_network_has_its_published_answer(name: str) -> None:
    """Every head and flow at every hour as the EPANET engine gives them for the published file."""
    model = published(name)
    step = int(model.options.time.hydraulic_timestep)
    model.options.time.report_timestep = step
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wntr

        wanted = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=f"{folder}/net")
    found = WaterModel(rows_of(model)).solve(hours=model.options.time.duration / 3600, step_s=step)
    head = wanted.node["head"][list(found.nodes)].to_numpy()
    flow = 3600.0 * wanted.link["flowrate"][list(found.links)].to_numpy()
    assert len(found.time_s) == len(head)
    np.testing.assert_allclose(found.head_m, head, atol=1e-3)
    np.testing.assert_allclose(found.flow_m3_h, flow, atol=1e-2)


def test_the_heads_of_net1_are_those_of_the_manual() -> None:
    found = WaterModel(rows_of(published("Net1"))).solve()
    heads = dict(zip(found.nodes, (found.head_m[0] / FOOT).round(2).tolist(), strict=True))
    assert heads == pytest.approx(NET1_HEADS_FT, abs=0.006)


def test_a_part_that_hangs_on_nothing_is_named() -> None:
    rows = rows_of(published("Net1"))
    island = replace(rows, junctions=(*rows.junctions, Junction("island", 200.0, 10.0)))
    with pytest.raises(NotConvergedError, match="island") as caught:
        WaterModel(island).solve()
    assert caught.value.part == "island"


def test_the_demo_parks_pressures_are_met_once_its_pipes_are_known() -> None:
    park = simulation()
    moments = []
    for _ in range(6):
        park.step(60.0)
        moments.append(readings(park))
    water = ParkWater(demo_park()).calibrated(moments[:-1])
    live = water.live(moments[-1])
    assert live is not None
    model = WaterModel(water.network)
    model.set_heads({HEADER: live.header_m})
    model.set_demands(live.demands)
    found = model.solve()
    for name, pressure in live.pressures.items():
        assert found.pressure(name)[0] == pytest.approx(pressure, abs=0.3), name  # 0.03 bar
    for main, lost in water.unaccounted(live).items():
        assert abs(lost) < 1.5, main


def test_the_level_ahead_is_that_of_the_balance(monkeypatch: pytest.MonkeyPatch) -> None:
    now = readings(simulation())
    water = ParkWater(demo_park())
    ahead = water.ahead(now)
    assert ahead is not None
    tank = f"{BASE}/water/tank1"
    found = WaterModel(ahead).solve(hours=6.0)
    level, inflow = now.of(tank, "level"), now.of(tank, "inflow")
    live = water.live(now)
    assert live is not None
    assert level is not None
    assert inflow is not None
    wanted = level + 6.0 * (inflow - sum(live.demands.values())) / 420.0
    assert found.pressure(tank)[-1] == pytest.approx(wanted, abs=0.02)
    assert found.pressure(HEADER)[-1] == pytest.approx(4.6 / 0.0980665, abs=0.1)
