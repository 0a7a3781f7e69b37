from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from sim.faults.order import FaultOrder
from sim.kind import PACKML_STATES
from sim.truth.log import TruthLog
from tests.sim.small_plant import START_NS, Watched, small_plant
from twin.contract.clock import NS_PER_S

BOARD = "tiny/a/power/board1"
LOOM = "tiny/a/weaving/lm1"
HOUR_S = 3600.0


def simulation(folder: Path, seed: int = 1, start_ns: int = START_NS) -> Watched:
    made = Watched(small_plant(folder), seed=seed, start_ns=start_ns)
    made.step(0.0)
    return made


def test_tags_come_in_the_order_of_the_plant_and_everything_is_read(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    assert plant.tags[0].tag.startswith("tiny/a/power/tx1:")
    assert [tag.server for tag in plant.tags if tag.tag == f"{LOOM}:state"] == ["one"]
    assert len({tag.tag for tag in plant.tags}) == len(plant.tags) == len(plant.value) == len(plant.status)
    assert np.isfinite(plant.value).all()
    for number, tag in enumerate(plant.tags):
        assert (plant.text[number] is not None) == (tag.signal.data_type == "String")


def test_time_goes_on_by_what_is_stepped(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    for dt_s in (0.5, 1.0, 90.0, 86_400.0):
        before = plant.now_ns
        plant.step(dt_s)
        assert plant.now_ns - before == round(dt_s * NS_PER_S)


def test_the_same_seed_gives_the_same_bytes_and_truth(tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        log = TruthLog(tmp_path / f"truth{number}", run="r", clock=lambda: START_NS)
        plant = Watched(small_plant(tmp_path), seed=9, start_ns=START_NS, truth=log)
        digest = hashlib.sha256()
        for step in range(400):
            plant.step(7.5 if step else 0.0)
            if step == 20:
                plant.board.inject(
                    FaultOrder(fault="sensor_bias", equipment=f"{LOOM}:pick_rate"), plant.now_ns
                )
            digest.update(
                plant.value.tobytes() + plant.status.tobytes() + "".join(map(str, plant.text)).encode()
            )
        log.close()
        digest.update((tmp_path / f"truth{number}" / "truth-r.jsonl").read_bytes())
        digests.append(digest.hexdigest())
    assert digests[0] == digests[1]
    assert (tmp_path / "truth0" / "truth-r.jsonl").stat().st_size > 0


def test_another_seed_gives_other_values(tmp_path: Path) -> None:
    one, other = simulation(tmp_path, seed=1), simulation(tmp_path, seed=2)
    assert (one.value != other.value).any()


def test_what_machines_draw_is_what_their_board_supplies_in_every_step(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    drawn = [unit.equipment for unit in plant.plant.units if "/power/" not in unit.equipment]
    for _ in range(200):
        plant.step(5.0)
        total = sum(plant.output(one, "active_kw") for one in drawn)
        base = plant.output(BOARD, "base_load")
        assert plant.output(BOARD, "active_kw") == pytest.approx(total + base, rel=1e-9)
        lost = plant.output("tiny/a/power/tx1", "losses")
        assert plant.output("tiny/a/power/tx1", "active_kw") == pytest.approx(total + base + lost, rel=1e-9)


def test_a_tripped_board_stops_what_it_feeds_until_it_is_closed_again(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    plant.step(60.0)
    assert plant.says(f"{LOOM}:state") == "Execute"
    fault = plant.board.inject(FaultOrder(fault="incomer_trip", equipment=BOARD), plant.now_ns)
    for _ in range(3):
        plant.step(1.0)
    assert plant.says(f"{LOOM}:state") == "Stopped"
    assert plant.says("tiny/a/line1/conveyor1:state") == "Stopped"
    assert plant.output(LOOM, "active_kw") == 0.0
    assert plant.output(BOARD, "active_kw") == 0.0
    plant.board.clear(fault.number, plant.now_ns)
    for _ in range(3):
        plant.step(1.0)
    assert plant.says(f"{LOOM}:state") == "Execute"


def test_a_failure_aborts_a_machine_and_its_repair_brings_it_back(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    mode = next(mode.name for mode in plant.fleets.kind_of[LOOM].modes if mode.stops)
    plant.board.inject(FaultOrder(fault=mode, equipment=LOOM, strength=1.0, ramp=600.0), plant.now_ns)
    for _ in range(20):
        plant.step(60.0)
    assert plant.says(f"{LOOM}:state") == "Aborted"
    assert plant.says("tiny/a/weaving/lm2:state") == "Execute"
    plant.board.repair(LOOM, plant.now_ns, mode)
    plant.step(1.0)
    assert plant.says(f"{LOOM}:state") == "Execute"
    told = [event.event for event in plant.truth.recent() if event.equipment == LOOM and event.fault == mode]
    assert told[0] == "fault_begin"
    assert "failure" in told
    assert "repair" in told


def test_a_calendar_stops_what_follows_it(tmp_path: Path) -> None:
    monday_noon = START_NS + round(14.8 * HOUR_S) * NS_PER_S  # 12:01 on Tuesday in Vietnam
    assert simulation(tmp_path).says("tiny/a/weaving/lm4:state") == "Stopped"
    assert simulation(tmp_path, start_ns=monday_noon).says("tiny/a/weaving/lm4:state") == "Execute"
    assert simulation(tmp_path).says("tiny/a/weaving/lm3:state") == "Execute"


def test_an_operator_stops_starts_and_sets(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    plant.operation.wanted[plant.fleets.position[LOOM]] = False
    plant.step(1.0)
    assert plant.says(f"{LOOM}:state") == "Stopped"
    placed, place = plant.fleets.fleet_of(LOOM)
    placed.setpoints["pick_rate_setpoint"][place] = 555.0
    plant.operation.wanted[plant.fleets.position[LOOM]] = True
    plant.step(60.0)
    assert plant.shows(f"{LOOM}:pick_rate_setpoint") == 555.0


def test_a_parameter_is_where_its_set_point_begins(tmp_path: Path) -> None:
    assert simulation(tmp_path).shows("tiny/a/weaving/lm4:pick_rate_setpoint") == 500.0


def test_a_station_without_material_is_suspended_and_starved(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    plant.step(300.0)
    plant.board.inject(
        FaultOrder(fault="material_shortage", equipment="tiny/a/line1/conveyor1"), plant.now_ns
    )
    plant.step(1.0)
    made = plant.shows("tiny/a/line1/conveyor1:good_count")
    plant.step(60.0)
    assert plant.says("tiny/a/line1/conveyor1:state") == "Suspended"
    assert plant.shows("tiny/a/line1/conveyor1:starved") == 1.0
    assert plant.shows("tiny/a/line1/conveyor1:good_count") == made


def test_counts_add_up_along_the_line(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    for _ in range(300):
        plant.step(30.0)
        columns = plant.operation.lines.columns
        assert (columns.entered == columns.good + columns.reject + columns.wip).all()
        assert columns.good[0] == columns.entered[1] + columns.waiting[1]
    assert columns.reject[1] > 0


def test_the_hour_writes_true_lives(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    for _ in range(5):
        plant.step(HOUR_S)
    lives = [event for event in plant.truth.recent() if event.event == "rul" and event.equipment == LOOM]
    assert lives
    first = [event for event in lives if event.fault == lives[0].fault]
    left = [event.rul_h for event in first if event.rul_h is not None]
    assert left == sorted(left, reverse=True)


def test_states_are_those_of_packml(tmp_path: Path) -> None:
    plant = simulation(tmp_path)
    for _ in range(100):
        plant.step(600.0)
        assert {text for text in plant.text if text in PACKML_STATES}
