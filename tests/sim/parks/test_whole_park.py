"""The shipped park as a whole: its size, that what flows adds up, that the same seed is the same park."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

import pytest

from sim.faults.order import FaultOrder
from sim.faults.scenario import read_scenario
from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S

THURSDAY_MORNING_NS = 1_790_212_800 * NS_PER_S
"""2026-09-24T01:20:00Z, 08:20 in Vietnam."""
CLOSES = 1e-3
"""How well balances are to close, as a share."""


@pytest.fixture(scope="module")
def plant() -> Plant:
    return read_plant()


@pytest.fixture(scope="module")
def park(plant: Plant) -> Simulation:
    """The park after half an hour."""
    simulation = Simulation(plant, seed=2026, start_ns=THURSDAY_MORNING_NS)
    simulation.step(0.0)
    for _ in range(60):
        simulation.step(30.0)
    return simulation


class Flows:
    """What flows along the links of a simulation."""

    def __init__(self, park: Simulation) -> None:
        self.park = park
        self.below: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.above: dict[tuple[str, str], list[str]] = defaultdict(list)
        for link in park.plant.links:
            self.below[link.network, link.upstream].append(link.downstream)
            self.above[link.network, link.downstream].append(link.upstream)

    def has(self, equipment: str, output: str) -> bool:
        return (equipment, output) in self.park.fleets.row_of

    def of(self, equipment: str, output: str) -> float:
        return float(self.park.outputs[self.park.fleets.row_of[equipment, output]])

    def sum(self, equipment: list[str], output: str) -> float:
        return sum(self.of(one, output) for one in equipment if self.has(one, output))

    def units(self, kind: str) -> list[str]:
        return [unit.equipment for unit in self.park.plant.units if unit.kind == kind]


def test_it_is_as_big_as_an_industrial_park(plant: Plant, park: Simulation) -> None:
    assert len(plant.units) >= 300
    assert len(park.tags) >= 5000
    assert {unit.equipment.split("/")[1] for unit in plant.units} == {
        "anphat-electronics",
        "dongho-mechanical",
        "kinhbac-textile",
        "songcau-food",
        "park",
    }


def test_electricity_adds_up_from_every_machine_to_the_grid(park: Simulation) -> None:
    flows = Flows(park)
    for _ in range(20):
        park.step(1.0)
        for board in flows.units("lv_board"):
            below = flows.below["electricity", board]
            drawn = flows.sum(below, "active_kw") + flows.of(board, "base_load")
            assert flows.of(board, "active_kw") == pytest.approx(drawn, rel=CLOSES, abs=1e-6), board
        for transformer in flows.units("mv_transformer"):
            drawn = flows.sum(flows.below["electricity", transformer], "active_kw")
            drawn += flows.of(transformer, "losses")
            assert flows.of(transformer, "active_kw") == pytest.approx(drawn, rel=CLOSES), transformer
        high = [one for one in flows.units("hv_transformer")]
        (meter,) = flows.units("grid_meter")
        assert flows.of(meter, "active_kw") == pytest.approx(flows.sum(high, "active_kw"), rel=CLOSES)
    assert 5_000 < flows.of(meter, "active_kw") < 60_000


def test_water_adds_up_from_every_tap_to_the_main(park: Simulation) -> None:
    flows = Flows(park)
    for _ in range(20):
        park.step(5.0)
        for meter in flows.units("water_meter"):
            drawn = flows.sum(flows.below["water", meter], "water_m3_h") + flows.of(meter, "base_m3_h")
            drawn += flows.of(meter, "leak_m3_h")
            assert flows.of(meter, "water_m3_h") == pytest.approx(drawn, rel=CLOSES, abs=1e-6), meter
        for main in flows.units("water_main"):
            drawn = flows.sum(flows.below["water", main], "water_m3_h") + flows.of(main, "leak_m3_h")
            assert flows.of(main, "water_m3_h") == pytest.approx(drawn, rel=CLOSES, abs=1e-6), main


def test_counts_add_up_along_every_line(park: Simulation) -> None:
    for _ in range(30):
        park.step(60.0)
        columns = park.operation.lines.columns
        assert (columns.entered == columns.good + columns.reject + columns.wip).all()


@pytest.mark.slow
def test_sewage_arrives_later_and_none_of_it_is_lost(plant: Plant) -> None:
    """Over three hours: what the outlets let into each sewer is what came out and what is under way."""
    park = Simulation(plant, seed=7, start_ns=THURSDAY_MORNING_NS)
    park.step(0.0)
    flows = Flows(park)
    sewers = flows.units("trunk_sewer")
    under_way = {sewer: flows.of(sewer, "cod_under_way_kg") for sewer in sewers}
    went_in: dict[str, float] = defaultdict(float)
    came_out: dict[str, float] = defaultdict(float)
    for _ in range(3 * 60):
        park.step(60.0)
        for sewer in sewers:
            went_in[sewer] += flows.sum(flows.above["wastewater", sewer], "cod_kg_h") / 60.0
            came_out[sewer] += flows.of(sewer, "cod_kg_h") / 60.0
    for sewer in sewers:
        kept = flows.of(sewer, "cod_under_way_kg") - under_way[sewer]
        assert came_out[sewer] + kept == pytest.approx(went_in[sewer], rel=CLOSES), sewer
        assert went_in[sewer] > 0


def test_the_same_seed_is_the_same_park_byte_for_byte(plant: Plant) -> None:
    digests = []
    for _ in range(2):
        park = Simulation(plant, seed=11, start_ns=THURSDAY_MORNING_NS)
        digest = hashlib.sha256()
        for step in range(40):
            park.step(7.0 if step else 0.0)
            digest.update(park.value.tobytes() + park.status.tobytes())
            digest.update("".join(map(str, park.text)).encode())
        digest.update(repr(park.truth.recent()).encode())
        digests.append(digest.hexdigest())
    assert digests[0] == digests[1]


@pytest.mark.parametrize("path", sorted(SHIPPED.parent.glob("scenarios/*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_can_be_played_in_this_park(
    plant: Plant, park: Simulation, path: Path
) -> None:
    text = path.read_text(encoding="utf-8")
    scenario = read_scenario(
        text, str(path), check=park.board.check, now_ns=park.now_ns, utc_offset_h=plant.utc_offset_h
    )
    assert scenario.orders


def test_a_tripped_feeder_darkens_exactly_what_hangs_on_it(plant: Plant) -> None:
    """What the links say is below the feeder stands, and nothing else does."""
    park = Simulation(plant, seed=3, start_ns=THURSDAY_MORNING_NS)
    park.step(0.0)
    feeder = "yenphong/park/utilities/substation/f3"
    flows = Flows(park)
    below: set[str] = set()
    open_ends = [feeder]
    while open_ends:
        for one in flows.below["electricity", open_ends.pop()]:
            if one not in below:
                below.add(one)
                open_ends.append(one)
    assert len(below) > 20
    park.board.inject(FaultOrder(fault="feeder_trip", equipment=feeder), park.now_ns)
    for _ in range(3):
        park.step(1.0)
    dark = {
        unit.equipment
        for unit, powered in zip(park.fleets.units, park.operation.powered.tolist(), strict=True)
        if not powered
    }
    assert dark == below
