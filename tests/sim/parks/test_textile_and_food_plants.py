"""Kinh Bac Textile and Song Cau Food stepped with all that stands in them: what flows between machines adds
up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.kind import F64
from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S

PARK = SHIPPED.parent
START_NS = 1_790_000_000 * NS_PER_S
TEXTILE, FOOD = "yenphong/kinhbac-textile/f1", "yenphong/songcau-food/f1"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Both tenants with their lines, without the rest of the park."""
    folder = tmp_path_factory.mktemp("park")
    (folder / "plant").mkdir()
    (folder / "links").mkdir()
    lines = read(PARK / "plant" / "lines.yaml")
    lines["lines"] = [line for line in lines["lines"] if line["id"].startswith((TEXTILE, FOOD))]
    (folder / "plant" / "lines.yaml").write_text(yaml.safe_dump(lines), encoding="utf-8")
    for name in (
        "plant/textile",
        "plant/food",
        "plant/calendars",
        "links/textile",
        "links/food",
        "links/lines",
    ):
        (folder / f"{name}.yaml").write_bytes((PARK / f"{name}.yaml").read_bytes())
    main = {
        key: value
        for key, value in read(SHIPPED).items()
        if key in {"name", "tick_s", "utc_offset_h", "servers"}
    }
    main |= {"include": ["plant/*.yaml"], "links": ["links/*.yaml"]}
    (folder / "plant.yaml").write_text(yaml.safe_dump(main), encoding="utf-8")
    return read_plant(folder / "plant.yaml")


class Stepped:
    """A plant some time after its start, and the sums of what it put out on the way."""

    def __init__(self, plant: Plant, steps: int, dt_s: float) -> None:
        self.plant = plant
        self.simulation = Simulation(plant, seed=11, start_ns=START_NS)
        self.total = np.zeros(self.simulation.fleets.size)
        for number in range(steps):
            self.simulation.step(dt_s if number else 0.0)
            self.total += self.simulation.outputs * (dt_s / 3600.0)

    def now(self, equipment: str, output: str) -> float:
        return float(self.simulation.outputs[self.simulation.fleets.row_of[equipment, output]])

    def summed(self, equipment: str, output: str) -> float:
        return float(self.total[self.simulation.fleets.row_of[equipment, output]])

    def fed_by(self, network: str, upstream: str) -> list[str]:
        return [
            link.downstream
            for link in self.plant.links
            if (link.network, link.upstream) == (network, upstream)
        ]

    def feeders_of(self, network: str, downstream: str) -> list[str]:
        return [
            link.upstream
            for link in self.plant.links
            if (link.network, link.downstream) == (network, downstream)
        ]


@pytest.fixture(scope="module")
def stepped(plant: Plant) -> Stepped:
    """Two hours in steps of four seconds: a dye bath is dropped, a cleaning is under way."""
    return Stepped(plant, 1800, 4.0)


def test_every_true_value_is_finite(stepped: Stepped) -> None:
    assert np.isfinite(stepped.simulation.true).all()


def test_boards_take_what_their_machines_take(stepped: Stepped) -> None:
    for board in (unit.equipment for unit in stepped.plant.units if unit.kind == "lv_board"):
        taken = sum(stepped.now(one, "active_kw") for one in stepped.fed_by("electricity", board))
        assert stepped.now(board, "active_kw") == pytest.approx(
            taken + stepped.now(board, "base_load"), rel=1e-9
        )
        assert taken > 5.0, board


def test_boilers_make_the_steam_that_baths_take(stepped: Stepped) -> None:
    header = f"{TEXTILE}/utilities/steam-header1"
    made = sum(stepped.summed(f"{TEXTILE}/utilities/boiler{i}", "steam_flow") for i in (1, 2))
    used = sum(stepped.summed(one, "steam_kg_h") for one in stepped.fed_by("steam", header))
    lost = stepped.summed(header, "trap_loss")
    assert made == pytest.approx(used + lost, rel=1e-3)
    assert used > 500.0


def test_water_in_is_water_out_of_every_dyeing_machine(stepped: Stepped) -> None:
    for number in range(1, 7):
        machine = f"{TEXTILE}/dyeing/range{number}/dye1"
        taken, dropped = (stepped.summed(machine, name) for name in ("water_m3_h", "sewage_m3_h"))
        assert abs(taken - dropped) <= 3.2 + 1e-9, machine  # what is in it now, or was at the start


def test_the_sewer_gets_what_machines_drop(stepped: Stepped) -> None:
    for tenant in (TEXTILE, FOOD):
        outlet = f"{tenant}/utilities/sewer-outlet"
        for load in ("sewage_m3_h", "cod_kg_h"):
            dropped = sum(stepped.summed(one, load) for one in stepped.feeders_of("wastewater", outlet))
            assert dropped > 0.0
            assert stepped.summed(outlet, load) > 0.5 * dropped, (
                tenant,
                load,
            )  # and some is still in the pit


def test_looms_breathe_what_compressors_deliver(stepped: Stepped) -> None:
    receiver = f"{TEXTILE}/utilities/air-receiver1"
    looms = [one for one in stepped.fed_by("air", receiver) if "/lm" in one]
    assert len(looms) == 24
    assert sum(stepped.now(one, "air_nm3_h") for one in looms) > 800.0
    assert 5.0 < stepped.now(receiver, "pressure") < 8.5


def test_cold_that_rooms_and_coolers_take_compressors_make(stepped: Stepped) -> None:
    for receiver in ("lpr1", "lpr2"):
        vessel = f"{FOOD}/coldstore/{receiver}"
        fed = stepped.fed_by("material", vessel)
        made = sum(stepped.summed(one, "cooling_power") for one in fed if "/rc" in one)
        load = stepped.summed(vessel, "load")
        taken = sum(stepped.summed(one, "cooling_power") for one in fed if "/rc" not in one)
        assert made == pytest.approx(load, rel=0.02), receiver
        assert taken == pytest.approx(load, rel=0.05), receiver


def test_heat_that_condensers_give_off_is_cold_and_work(stepped: Stepped) -> None:
    given = sum(stepped.summed(f"{FOOD}/coldstore/cond{i}", "heat_rejected") for i in (1, 2))
    taken = sum(stepped.summed(f"{FOOD}/coldstore/rc{i}", "rejection_kw") for i in (1, 2, 3, 4))
    assert given == pytest.approx(taken, rel=0.02)


def test_drink_is_water_and_syrup(stepped: Stepped) -> None:
    for line in (1, 2):
        drink = stepped.summed(f"{FOOD}/bottling/line{line}/filler1", "product_m3_h")
        mixer = f"{FOOD}/process/carbonator{line}"
        parts = stepped.summed(mixer, "water_m3_h") + stepped.summed(mixer, "syrup_m3_h")
        assert parts == pytest.approx(drink, rel=1e-9)
        assert drink > 1.0
    water = sum(stepped.summed(f"{FOOD}/process/carbonator{line}", "water_m3_h") for line in (1, 2))
    assert stepped.summed(f"{FOOD}/process/ro1", "product_flow") == pytest.approx(water, rel=1e-9)


def test_rooms_stay_cold_and_evaporating_temperatures_stay_set(stepped: Stepped) -> None:
    assert stepped.now(f"{FOOD}/coldstore/lpr1", "temperature") == pytest.approx(-30.0, abs=1.0)
    assert stepped.now(f"{FOOD}/coldstore/lpr2", "temperature") == pytest.approx(-8.0, abs=1.0)
    for room in range(1, 7):
        wanted = -20.0 if room < 5 else 2.0
        assert stepped.now(f"{FOOD}/coldstore/room{room}", "air_temperature") == pytest.approx(
            wanted, abs=5.0
        )


def test_a_board_that_trips_stops_the_looms_and_the_air_goes(plant: Plant) -> None:
    simulation = Simulation(plant, seed=11, start_ns=START_NS)
    for second in range(30):
        simulation.step(1.0 if second else 0.0)

    def looms(output: str) -> F64:
        return simulation.outputs[
            [simulation.fleets.row_of[f"{TEXTILE}/weaving/hall1/lm{i:02d}", output] for i in range(1, 25)]
        ]

    assert looms("pick_rate").max() > 500.0
    placed, unit = simulation.fleets.fleet_of(f"{TEXTILE}/power/board3")
    placed.setpoints["breaker_closed"][unit] = 0.0
    for _ in range(15):
        simulation.step(1.0)
    assert looms("active_kw").max() == 0.0
    assert looms("pick_rate").max() < 1.0
    frame = simulation.fleets.row_of[f"{TEXTILE}/spinning/hall1/rf01", "spindle_speed"]
    assert simulation.outputs[frame] > 10_000.0
