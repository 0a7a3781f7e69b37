"""The two factories stepped with all that stands in them: balances, and that everything is where it is said
to be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.kind import F64
from sim.kinds import machine_kinds
from sim.plant import SHIPPED, Plant, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S
from twin.contract.pattern import unfold

PARK = SHIPPED.parent
START_NS = 1_790_000_000 * NS_PER_S
"""A Monday evening in September, in the second shift."""
OWN = {"electronics": "yenphong/anphat-electronics", "mechanical": "yenphong/dongho-mechanical"}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Both factories with their lines, without the rest of the park."""
    folder = tmp_path_factory.mktemp("park")
    (folder / "plant").mkdir()
    lines = read(PARK / "plant" / "lines.yaml")
    lines["lines"] = [line for line in lines["lines"] if line["id"].startswith(tuple(OWN.values()))]
    (folder / "plant" / "lines.yaml").write_text(yaml.safe_dump(lines), encoding="utf-8")
    (folder / "links").mkdir()
    for name in ("plant/electronics", "plant/mechanical", "plant/calendars"):
        (folder / f"{name}.yaml").write_bytes((PARK / f"{name}.yaml").read_bytes())
    for name in ("links/electronics", "links/mechanical", "links/lines"):
        (folder / f"{name}.yaml").write_bytes((PARK / f"{name}.yaml").read_bytes())
    main = {
        key: value
        for key, value in read(SHIPPED).items()
        if key in {"name", "tick_s", "utc_offset_h", "servers"}
    }
    main |= {"include": ["plant/*.yaml"], "links": ["links/*.yaml"]}
    (folder / "plant.yaml").write_text(yaml.safe_dump(main), encoding="utf-8")
    return read_plant(folder / "plant.yaml")


@pytest.fixture(scope="module")
def simulation(plant: Plant) -> Simulation:
    simulation = Simulation(plant, seed=7, start_ns=START_NS)
    for second in range(900):
        simulation.step(1.0 if second else 0.0)
    return simulation


@pytest.mark.parametrize("name", OWN)
def test_what_is_placed_is_what_is_simulated(plant: Plant, name: str) -> None:
    placed: dict[str, tuple[str, str]] = {}
    for row in read(PARK / "equipment" / f"{name}.yaml")["equipment"]:
        placed |= {one: (row["kind"], row["source"]) for one, _ in unfold(row["id"])}
    simulated = {
        unit.equipment: (unit.kind, unit.server)
        for unit in plant.units
        if unit.equipment.startswith(OWN[name])
    }
    assert placed == simulated
    assert len(placed) >= 70


@pytest.mark.parametrize("name", OWN)
def test_equipment_stands_inside_a_hall_or_yard_and_on_nothing_else(name: str) -> None:
    sizes: dict[str, Any] = {
        kind["id"]: kind.get("size") for file in (PARK / "kinds").glob("*.yaml") for kind in read_kinds(file)
    }
    around = [
        (np.min(row["points"], axis=0), np.max(row["points"], axis=0))
        for row in read(PARK / "site" / f"{name}.yaml")["site"]
        if row["kind"] in {"hall", "yard"}
    ]
    boxes = []
    for row in read(PARK / "equipment" / f"{name}.yaml")["equipment"]:
        size: list[float] = row.get("size") or sizes[row["kind"]]
        half = np.array(size[:2]) / 2
        for number, (one, _) in enumerate(unfold(row["id"])):
            middle = np.array(row["position"]) + number * np.array(row.get("step", [0, 0, 0]))
            low, high = middle[:2] - half, middle[:2] + half
            assert any((low >= a).all() and (high <= b).all() for a, b in around), one
            boxes.append((one, low, high))
    for number, (one, low, high) in enumerate(boxes):
        for other, other_low, other_high in boxes[:number]:
            assert (high <= other_low).any() or (other_high <= low).any(), (one, other)


def read_kinds(path: Path) -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = read(path)["kinds"]
    return kinds


def values(simulation: Simulation, place: str, signal: str) -> F64:
    """The true values of a signal below a place."""
    rows = [
        row
        for row, tag in enumerate(simulation.tags)
        if tag.equipment.startswith(place) and tag.signal.name == signal
    ]
    found: F64 = simulation.true[rows]
    return found


def test_a_board_takes_what_its_machines_take(simulation: Simulation, plant: Plant) -> None:
    for board in (unit.equipment for unit in plant.units if unit.kind == "lv_board"):
        fed = [
            link.downstream for link in plant.links if (link.network, link.upstream) == ("electricity", board)
        ]
        taken = sum(simulation.outputs[simulation.fleets.row_of[one, "active_kw"]] for one in fed)
        drawn = values(simulation, board, "active_power")[0] - values(simulation, board, "base_load")[0]
        assert drawn == pytest.approx(taken, rel=1e-9, abs=1e-9), board
        assert taken > 1.0, board


def test_air_that_comes_is_air_that_goes_or_is_stored(simulation: Simulation) -> None:
    for place in (
        "yenphong/anphat-electronics/f1/utilities",
        "yenphong/dongho-mechanical/f1/compressor-house/station",
    ):
        delivered = values(simulation, place, "delivery").sum()
        assert values(simulation, place, "inflow")[0] == pytest.approx(delivered, rel=1e-9)
        drawn = values(simulation, place, "outflow")[0] - values(simulation, place, "leakage")[0]
        assert values(simulation, f"{place}/dryer1", "flow")[0] == pytest.approx(drawn, rel=0.02)
        assert 5.5 < values(simulation, place, "pressure")[0] < 8.2


def test_cold_that_coils_take_chillers_make(simulation: Simulation) -> None:
    place = "yenphong/anphat-electronics/f1"
    coils = values(simulation, f"{place}/cleanroom/ahu", "cooling_power").sum()
    chillers = values(simulation, f"{place}/utilities/chiller", "cooling_power").sum()
    assert chillers == pytest.approx(coils, rel=0.02)
    assert coils > 200.0


def test_lines_make_pieces(simulation: Simulation) -> None:
    for line in (1, 2):
        assert values(simulation, f"yenphong/anphat-electronics/f1/smt/line{line}/ict1", "good_count")[0] > 25
        assert (
            values(simulation, f"yenphong/dongho-mechanical/f1/press/line{line}/washer1", "good_count")[0]
            > 100
        )
    for cell in range(1, 7):
        assert values(simulation, f"yenphong/dongho-mechanical/f1/cnc/cell{cell}/cmm1", "good_count")[0] > 10


def test_a_board_that_trips_leaves_its_machines_dark(plant: Plant) -> None:
    simulation = Simulation(plant, seed=7, start_ns=START_NS)
    for second in range(60):
        simulation.step(1.0 if second else 0.0)
    placed, unit = simulation.fleets.fleet_of("yenphong/dongho-mechanical/f1/power/board4")
    placed.setpoints["breaker_closed"][unit] = 0.0
    for _ in range(5):
        simulation.step(1.0)
    assert values(simulation, "yenphong/dongho-mechanical/f1/press", "active_power").max() == 0.0
    assert values(simulation, "yenphong/dongho-mechanical/f1/cnc/cell1", "active_power").max() > 0.0


def test_there_is_as_much_as_was_asked_for(plant: Plant) -> None:
    tags = Counter[str]()
    for unit in plant.units:
        tags[unit.server] += len(machine_kinds()[unit.kind].all_signals)
    assert tags["anphat"] >= 1150
    assert tags["dongho"] >= 1350
