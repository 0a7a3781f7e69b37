from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import PlantError
from sim.plant import SHIPPED, read_plant
from sim.simulation import Simulation

GOOD = """
name: tiny
tick_s: 0.5
utc_offset_h: 7
servers: [{id: one, name: One, port: 0}]
machines:
  - id: c1
    model: cmapss_compressor
    server: one
    equipment: {unit: tiny/plant/c1}
    parameters: {first_unit: 3}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "plant.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_plant_is_read(tmp_path: Path) -> None:
    plant = read_plant(written(tmp_path, GOOD))
    assert (plant.name, plant.machines[0].parameters) == ("tiny", {"first_unit": 3})
    assert len(Simulation(plant, seed=1, start_ns=0).tags) == 27


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tick_s: 0.5", "tick_s: 0", "tick_s"),
        ("tick_s: 0.5", "tick_s: often", "tick_s"),
        ("name: tiny", "name: tiny\nnmae: x", "nmae"),
        ("server: one", "servr: one", "servr"),
        ("server: one", "server: two", "'two'"),
        ("model: cmapss_compressor", "model: teapot", "cmapss_compressor"),
        ("unit: tiny/plant/c1", "motor: tiny/plant/c1", "slots"),
        ("tiny/plant/c1", "Tiny/Plant", "2 to 8 segments"),
        ("servers: [", "servers: [{id: one, name: Too, port: 1}, ", "twice"),
        ("port: 0", "port: [", "plant.yaml"),
        ("name: tiny", "name: [tiny", "plant.yaml"),
        (
            "machines:\n",
            "machines:\n  - {id: c1, model: smt_line, server: one, equipment: {}}\n",
            "slots",
        ),
    ],
)
def test_a_wrong_plant_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(PlantError, match=told):
        read_plant(written(tmp_path, GOOD.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("first_unit: 3", "first_unt: 3", "first_unt"),
        ("first_unit: 3", "first_unit: 99", "1 to 24"),
        ("first_unit: 3", "first_unit: many", "first_unit"),
        ("parameters: {first_unit: 3}", "inputs: {air: []}", "air"),
    ],
)
def test_wrong_parameters_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    plant = read_plant(written(tmp_path, GOOD.replace(old, new, 1)))
    with pytest.raises(PlantError, match=told):
        Simulation(plant, seed=1, start_ns=0)


def test_an_input_from_nowhere_is_told(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace("printer1:active_power", "printer9:active_power")
    plant = read_plant(written(tmp_path, text))
    with pytest.raises(PlantError, match="printer9"):
        Simulation(plant, seed=1, start_ns=0)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PlantError, match="nowhere"):
        read_plant(tmp_path / "nowhere.yaml")
