"""The park file that the twin reads and the plant that the simulator runs are two descriptions of one
park."""

from __future__ import annotations

import numpy as np
import pytest

from sim.plant import SHIPPED, read_plant
from sim.simulation import Simulation
from twin.contract.clock import NS_PER_S
from twin.park.model import Park
from twin.park.park_file import check_park
from twin.scene.shapes.registry import SHAPES

PARK = SHIPPED.with_name("park.yaml")


@pytest.fixture(scope="module")
def park() -> Park:
    report = check_park(PARK, {})
    assert [str(fault) for fault in report.faults] == []
    assert report.park is not None
    return report.park


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return Simulation(read_plant(), seed=20_26, start_ns=1_790_000_000 * NS_PER_S)


def test_every_tag_that_is_mapped_is_served_where_the_park_file_says(
    park: Park, simulation: Simulation
) -> None:
    served = {(tag.server, f"nsu=urn:parktwin:sim;s={tag.tag}") for tag in simulation.tags}
    mapped = {(tag.source, tag.node) for tag in park.tags}
    assert mapped == served


def test_units_types_and_ranges_are_those_of_the_servers(park: Park, simulation: Simulation) -> None:
    served = {tag.tag: tag.signal for tag in simulation.tags}
    for tag in park.tags:
        signal = served[tag.tag]
        assert (tag.signal.unit, tag.signal.data_type) == (signal.unit, signal.data_type), tag.tag
        if signal.data_type not in {"String", "Boolean"}:
            assert (tag.signal.low, tag.signal.high) == (signal.low, signal.high), tag.tag


def test_sources_and_ports_agree(park: Park) -> None:
    ports = {server.id: f"opc.tcp://127.0.0.1:{server.port}/" for server in read_plant().servers}
    assert {source.id: source.endpoint for source in park.sources} == ports
    moved = check_park(PARK, {"PARKTWIN_SIM_PORT_DONGHO": "50001"}).park
    assert moved is not None
    assert {source.id: source.endpoint for source in moved.sources}["dongho"] == "opc.tcp://127.0.0.1:50001/"


def test_all_of_it_says_that_it_is_simulated_and_replays_say_of_what(park: Park) -> None:
    assert all(source.simulated for source in park.sources)
    for equipment in park.equipment:
        assert equipment.simulated
        if equipment.kind.name == "compressor":
            assert equipment.note is not None
            assert "C-MAPSS" in equipment.note.en
            assert "C-MAPSS" in equipment.note.vi


def test_equipment_stands_in_a_hall_or_yard_and_on_nothing_else(park: Park) -> None:
    boxes = []
    for equipment in park.equipment:
        x, y, z = equipment.position
        width, depth, _ = equipment.size
        if equipment.rotation_deg % 180 == 90:
            width, depth = depth, width
        box = (x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
        around = [
            element
            for element in park.site
            if element.kind in {"hall", "yard"}
            and min(p[0] for p in element.points) <= box[0]
            and max(p[0] for p in element.points) >= box[2]
            and min(p[1] for p in element.points) <= box[1]
            and max(p[1] for p in element.points) >= box[3]
        ]
        assert around, equipment.id
        if z == 0:  # what stands on a roof stands on nobody below
            boxes.append((equipment.id, box))
    slack = 1e-6
    for number, (one, a) in enumerate(boxes):
        for other, b in boxes[:number]:
            apart = (
                a[2] <= b[0] + slack or b[2] <= a[0] + slack or a[3] <= b[1] + slack or b[3] <= a[1] + slack
            )
            assert apart, (one, other)


def test_no_machine_is_drawn_stretched(park: Park) -> None:
    for machine in {machine.kind.name: machine for machine in park.equipment}.values():
        natural = SHAPES[machine.kind.shape].size
        factors = [size / own for size, own in zip(machine.size, natural, strict=True)]
        assert max(factors) < 1.05 * min(factors), machine.kind.name


REPLAYS = {"compressor", "femto_spindle"}
"""Recorded lives, which must cross their limits."""


def test_a_park_of_new_machines_runs_within_its_limits(park: Park) -> None:
    simulation = Simulation(read_plant(), seed=20_26, start_ns=1_790_000_000 * NS_PER_S, new=True)
    limits = {tag.tag: tag.signal.limits for tag in park.tags}
    low = np.array([_or(limits[tag.tag].low_low, -np.inf) for tag in simulation.tags])
    high = np.array([_or(limits[tag.tag].high_high, np.inf) for tag in simulation.tags])
    watched = np.array(
        [simulation.fleets.kind_of[tag.equipment].name not in REPLAYS for tag in simulation.tags]
    )
    simulation.step(0.0)
    for _ in range(120):
        simulation.step(30.0)
    for _ in range(300):
        simulation.step(1.0)
        beyond = watched & ((simulation.value < low) | (simulation.value > high))
        assert [simulation.tags[row].tag for row in np.flatnonzero(beyond).tolist()] == []


def _or(limit: float | None, open_end: float) -> float:
    return open_end if limit is None else limit


def test_a_compressor_crosses_its_limits_before_its_end_and_not_when_young(park: Park) -> None:
    limits = {tag.signal.name: tag.signal.limits for tag in park.tags if "/c05:" in tag.tag}
    simulation = Simulation(read_plant(), seed=1, start_ns=0)
    rows = {tag.signal.name: row for row, tag in enumerate(simulation.tags) if tag.equipment.endswith("/c05")}
    critical: list[bool] = []
    for _ in range(10_000):
        simulation.step(2.0 if critical else 0.0)
        if simulation.text[rows["state"]] == "Stopped":
            break
        values = {name: float(simulation.value[row]) for name, row in rows.items()}
        critical.append(
            any(
                (limit.high_high is not None and values[name] > limit.high_high)
                or (limit.low_low is not None and values[name] < limit.low_low)
                for name, limit in limits.items()
            )
        )
    life = len(critical)
    assert not any(critical[: life // 3])
    assert any(critical[-10:])
