"""Kill the service in mid-stream: after restart its forecasts equal those of a run never killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maintenance.health.artefact import load_health_models, save_health_model
from maintenance.live.ledger import KeptForecast, Ledger
from maintenance.live.park_watch import ParkWatch
from tests.maintenance.condenser import condenser_lives, condenser_model
from tests.maintenance.live.frames import WINDOW_S, announce, frames, machine_id, publish, tag_set
from twin.bus.connect import open_bus
from twin.contract.codec import decode_message
from twin.contract.health import HealthState, MachineHealth
from twin.contract.topics import HEALTH
from twin.service.database import open_database

UNITS = [0, 1, 2]
ROWS = [*range(60), *range(-60, 0)]
EVERY = 2
WAIT_S = 90.0


def _serve(folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_DATA_DIR": str(folder / "data"),
        "PARKTWIN_HEALTH_MODELS": str(folder / "models"),
        "PARKTWIN_HEALTH_WINDOW_S": str(WINDOW_S),
        "PARKTWIN_HEALTH_EVERY_WINDOWS": str(EVERY),
        "PARKTWIN_HEALTH_SNAPSHOT_S": "0.1",
        "PARKTWIN_LOG_LEVEL": "warning",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.Popen([sys.executable, "-m", "maintenance"], env=environment)


def _kept(folder: Path) -> list[KeptForecast]:
    if not (folder / "data" / "health.sqlite3").exists():
        return []
    engine = open_database(f"sqlite:///{folder / 'data' / 'health.sqlite3'}")
    try:
        ledger = Ledger(engine)
        return [one for unit in UNITS for one in ledger.history(machine_id(unit), limit=1000)]
    finally:
        engine.dispose()


def _wait_for(folder: Path, count: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while len(_kept(folder)) < count:
        assert time.monotonic() < deadline, f"{len(_kept(folder))} of {count} forecasts after {WAIT_S} s"
        time.sleep(0.1)


def test_forecasts_after_a_kill_are_those_of_a_run_never_killed(tmp_path: Path) -> None:
    lives = condenser_lives(11, 24)
    save_health_model(condenser_model(), tmp_path / "models")
    announced = tag_set(lives, UNITS)
    sent = list(frames(lives, UNITS, ROWS))

    never_killed = ParkWatch(
        load_health_models(tmp_path / "models"), lambda _: announced, window_s=WINDOW_S, every_windows=EVERY
    )
    expected = [one for frame in sent for one in never_killed.take(frame)]
    assert {one.health.state for one in expected} >= {HealthState.NOT_ENOUGH_DATA, HealthState.FAILING}

    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    process = _serve(tmp_path)
    try:
        announce(bus, announced)
        parts = (sent[:90], sent[90:151], sent[151:])
        told = 0
        for part in parts:
            publish(bus, part)
            told += len(part)
            due = sum(one.health.time < sent[told - 1].source_time[0] for one in expected)
            # killed while it still works on the part, with a snapshot that lags behind the ledger
            _wait_for(tmp_path, max(due - 6, 1))
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            process = _serve(tmp_path)
        _wait_for(tmp_path, len(expected))
    finally:
        process.kill()
        process.wait(10)

    by_machine = sorted(expected, key=lambda one: (one.health.machine, one.health.time))
    assert _kept(tmp_path) == by_machine

    consumer = bus.consumer([HEALTH.name])
    on_topic: dict[str, MachineHealth] = {}
    while batch := consumer.poll(1.0):
        for received in batch:
            message = received.message
            health = decode_message(MachineHealth, message.value, message.headers)
            assert on_topic.setdefault(message.headers["ce_id"], health) == health
    consumer.close()
    bus.close()
    assert sorted(on_topic.values(), key=lambda one: (one.machine, one.time)) == [
        one.health for one in by_machine
    ]


def test_a_frame_told_twice_changes_nothing() -> None:
    lives = condenser_lives(11, 24)
    announced = tag_set(lives, [0])
    models = {"evaporative_condenser": condenser_model()}
    sent = list(frames(lives, [0], list(range(40))))
    once = ParkWatch(models, lambda _: announced, window_s=WINDOW_S, every_windows=1)
    twice = ParkWatch(models, lambda _: announced, window_s=WINDOW_S, every_windows=1)
    told_once = [one for frame in sent for one in once.take(frame)]
    told_twice = [one for frame in sent for _ in range(2) for one in twice.take(frame)]
    assert told_once == told_twice
    assert told_once


@pytest.mark.parametrize("state", ["Idle", "Aborted"])
def test_a_machine_that_stands_is_not_assessed(state: str) -> None:
    lives = condenser_lives(11, 24)
    announced = tag_set(lives, [0])
    watch = ParkWatch(
        {"evaporative_condenser": condenser_model()}, lambda _: announced, window_s=WINDOW_S, every_windows=1
    )
    sent = frames(lives, [0], list(range(40)), state=state)
    told = [one for frame in sent for one in watch.take(frame)]
    assert {one.health.state for one in told} == {HealthState.NOT_ENOUGH_DATA}
    assert {one.running_h for one in told} == {0.0}
