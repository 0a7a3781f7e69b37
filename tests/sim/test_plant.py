from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import PlantError
from sim.plant import Link, read_plant
from tests.sim.small_plant import LINKS, MAIN, PART, small_plant, write_plant


def test_rows_and_patterns_are_unfolded_in_order(tmp_path: Path) -> None:
    plant = small_plant(tmp_path)
    assert [unit.equipment.rsplit("/", 1)[1] for unit in plant.units] == [
        "tx1",
        "board1",
        "lm1",
        "lm2",
        "lm3",
        "lm4",
        "conveyor1",
        "conveyor2",
    ]
    assert [unit.calendar for unit in plant.units if "/lm" in unit.equipment] == ["always"] * 3 + ["day"]
    assert [station.equipment for station in plant.lines[0].stations] == [
        "tiny/a/line1/conveyor1",
        "tiny/a/line1/conveyor2",
    ]


def test_links_to_places_are_left_to_the_twin(tmp_path: Path) -> None:
    links = small_plant(tmp_path).links
    assert len(links) == 1 + 6
    assert Link("electricity", "tiny/a/power/board1", "tiny/a/weaving/lm3") in links
    assert {link.network for link in links} == {"electricity"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tick_s: 0.5", "tick_s: 0", "tick_s"),
        ("tick_s: 0.5", "tick_s: often", "tick_s"),
        ("name: tiny", "name: tiny\nnmae: x", "nmae"),
        ("name: tiny", "name: [tiny", "plant.yaml"),
        ("server: two, equipment: tiny/a/power/tx1", "servr: two, equipment: tiny/a/power/tx1", "servr"),
        ("server: two, equipment: tiny/a/power/tx1", "server: six, equipment: tiny/a/power/tx1", "'six'"),
        ("kind: mv_transformer", "kind: teapot", "'teapot' is not one of"),
        ("tiny/a/power/tx1}", "Tiny/Power}", "2 to 8 segments"),
        ("tiny/a/power/tx1}", "tiny/a/power/board1}", "twice"),
        ("servers: [", "servers: [{id: one, name: Too, port: 1}, ", "twice"),
        ("parts/*.yaml", "pieces/*.yaml", "pieces"),
        ("tx1}", "tx1, calendar: never}", "'never' is not one of"),
        ("tx1}", "tx1, parameters: {rated_kav: 5}}", "rated_kav"),
    ],
)
def test_a_wrong_main_file_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in MAIN
    with pytest.raises(PlantError, match=told):
        read_plant(write_plant(tmp_path, main=MAIN.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("lm{1..3}", "lm{3..1}", "count up"),
        ("lines:", "lanes:", "lanes"),
        ("code: L1", "code: L1\n    calendar: night", "'night' is not one of"),
        ("{equipment: conveyor1, cycle_s: 10", "{equipment: conveyor9, cycle_s: 10", "conveyor9"),
        ('conveyor{1..2}"}', 'conveyor{1..3}"}', "stands in none"),
        ("station: tiny/a/line1/conveyor2", "station: tiny/a/line1/conveyor1", "no station that inspects"),
    ],
)
def test_a_wrong_part_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in PART
    with pytest.raises(PlantError, match=told):
        read_plant(write_plant(tmp_path, part=PART.replace(old, new, 1)))


def test_a_wrong_link_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlantError, match="upsteam"):
        read_plant(write_plant(tmp_path, links=LINKS.replace("upstream", "upsteam", 1)))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlantError, match="nowhere"):
        read_plant(tmp_path / "nowhere.yaml")
