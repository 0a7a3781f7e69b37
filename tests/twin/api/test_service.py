"""The twin as a process: it starts, answers, refuses a wrong park, survives SIGKILL, ends in time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.services import ServiceProcess
from tests.twin.api.running_twin import OVEN, PARK_FILE, RunningTwin, running_twin
from twin.contract.codec import decode_message
from twin.contract.messages import DeadLetter, SourceConfig
from twin.contract.topics import DEAD_LETTERS, SOURCE_CONFIGS

pytestmark = pytest.mark.slow


def start_and_end(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: text for name, text in os.environ.items() if not name.startswith("PARKTWIN_")}
    return subprocess.run(
        [sys.executable, "-m", "twin"],
        env=variables | {"PARKTWIN_DATA_DIR": str(directory), "PARKTWIN_BUS": "memory:x"} | environment,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_nothing_starts_on_a_park_that_does_not_check(tmp_path: Path) -> None:
    wrong = tmp_path / "park.yaml"
    wrong.write_text(PARK_FILE.read_text().replace("kind: oven", "kind: ofen", 1))
    ended = start_and_end(tmp_path, PARKTWIN_PARK=str(wrong))
    assert ended.returncode == 2
    assert "ofen" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "PARKTWIN_PARK"),
        ({"PARKTWIN_PARK": str(PARK_FILE), "PARKTWIN_ROLES": "serve,dance"}, "PARKTWIN_ROLES"),
        ({"PARKTWIN_PARK": str(PARK_FILE), "PARKTWIN_HOST": "0.0.0.0"}, "PARKTWIN_ACCESS_TOKEN"),
        ({"PARKTWIN_PARK": str(PARK_FILE), "PARKTWIN_BUS": "redis://x"}, "redis"),
        ({"PARKTWIN_PARK": str(PARK_FILE), "PARKTWIN_HISTORY": "csv:x"}, "PARKTWIN_HISTORY"),
    ],
)
def test_wrong_settings_stop_it_at_once(tmp_path: Path, environment: dict[str, str], named: str) -> None:
    ended = start_and_end(tmp_path, **environment)
    assert ended.returncode == 2
    assert named in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_connectors_are_told_what_to_read_and_only_once(twin: RunningTwin, tmp_path: Path) -> None:
    consumer = twin.plant.bus.consumer([SOURCE_CONFIGS.name])
    messages = [received.message for received in consumer.poll(30.0)]
    consumer.close()
    assert [message.key for message in messages] == ["lo"]
    config = decode_message(SourceConfig, messages[0].value, messages[0].headers)
    assert config.endpoint == "opc.tcp://127.0.0.1:4840/"
    assert config.items[0].tag == f"{OVEN}:temperature"
    assert len(config.items) == 6


def test_a_broken_frame_becomes_one_dead_letter_and_the_next_one_is_read(twin: RunningTwin) -> None:
    from twin.bus.base import Message

    twin.plant.bus.publish([Message("readings", "lo", b"PTFR but then nothing")])
    moment = time.time_ns()
    twin.plant.tell([(2, moment, 0.75)])
    twin.wait(f"/api/state?tag={OVEN}:speed", lambda answer: answer.json()["tags"][0]["value"] == 0.75)
    consumer = twin.plant.bus.consumer([DEAD_LETTERS.name])
    letters = consumer.poll(20.0)
    consumer.close()
    assert len(letters) == 1
    letter = decode_message(DeadLetter, letters[0].message.value, letters[0].message.headers)
    assert (letter.topic, letter.code, letter.consumer) == ("readings", "contract.frame", "historian")
    unreadable = 'parktwin_messages_unreadable_total{code="contract.frame"} 1.0'
    twin.wait("/metrics", lambda answer: unreadable in answer.text)


def test_after_sigkill_it_knows_what_it_knew_and_what_came_meanwhile(tmp_path: Path) -> None:
    moment = time.time_ns()
    with running_twin(tmp_path) as first:
        first.plant.tell([(0, moment, 221.0), (3, moment, 240.0)])
        first.wait(
            f"/api/state?tag={OVEN}:temperature", lambda answer: answer.json()["tags"][0]["value"] == 221.0
        )
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        first.plant.tell([(0, moment + 1, 222.0)])
        sequence = first.plant.sequence
    with running_twin(tmp_path) as second:
        second.plant.sequence = sequence
        second.wait(
            f"/api/state?tag={OVEN}:temperature", lambda answer: answer.json()["tags"][0]["value"] == 222.0
        )
        other = second.client.get("/api/state?tag=thu/nha-may/xuong/lo2:temperature").json()["tags"][0]
        assert other["value"] == 240.0
        assert other["stale"], "its source was never heard again"


def test_it_ends_within_seconds_with_a_viewer_connected(tmp_path: Path) -> None:
    from websockets.sync.client import connect

    with running_twin(tmp_path) as running, connect(running.stream_url) as viewer:
        viewer.recv()
        start = time.monotonic()
        running.process.terminate()
        assert running.process.wait(15.0) == 0
        assert time.monotonic() - start < 10.0
        assert (tmp_path / "twin" / "state.snapshot").exists()
        assert not (tmp_path / "twin" / "twin.url").exists()


def test_the_log_says_where_it_serves_and_when_it_ends_and_nothing_of_viewers(tmp_path: Path) -> None:
    from websockets.sync.client import connect

    environment = {"PARKTWIN_BUS": f"embedded:{tmp_path / 'bus'}", "PARKTWIN_PARK": str(PARK_FILE)}
    twin = ServiceProcess("twin", tmp_path / "twin", environment)
    twin.start()
    try:
        url = twin.url()
        for _ in range(3):
            with connect(url.replace("http", "ws", 1) + "/api/stream") as viewer:
                viewer.recv()
    finally:
        assert twin.stop() == 0
    lines = twin.log.read_text().splitlines()
    assert sum(f"twin serves on {url} (no access token" in line for line in lines) == 1
    assert "stopped in" in lines[-1]
    assert [line for line in lines if "uvicorn" in line or "connection" in line] == []


def test_it_serves_while_the_bus_is_away_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    with running_twin(tmp_path, PARKTWIN_BUS=f"embedded:{blocked}") as running:
        health = running.wait("/api/health", lambda answer: "bus" in answer.json()["reasons"])
        assert health.status_code == 503
        assert running.client.get("/api/park").status_code == 200
        assert running.client.get("/").status_code == 200
        blocked.unlink()
        running.wait("/api/health", lambda answer: answer.status_code == 200)


def test_a_recorder_alone_serves_no_page(tmp_path: Path) -> None:
    shared = {
        "PARKTWIN_HISTORY": f"clickhouse://127.0.0.1:{free_port()}/parktwin",
        "PARKTWIN_DATABASE": f"sqlite:///{tmp_path / 'shared.sqlite3'}",
    }
    with running_twin(tmp_path, PARKTWIN_ROLES="record", **shared) as running:
        running.wait("/api/health", lambda answer: "history" in answer.json()["reasons"])
        assert running.client.get("/").status_code == 404
        assert running.client.get("/api/park").status_code == 404
        assert running.client.get("/metrics").status_code == 200


def test_the_history_on_the_disk_answers_while_the_broker_is_away(tmp_path: Path) -> None:
    question = f"/api/history?tag={OVEN}:temperature&from=now-10m"
    with running_twin(tmp_path) as first:
        first.plant.tell([(0, time.time_ns(), 221.5)])
        first.wait(question, lambda answer: answer.status_code == 200 and answer.json()["raw"]["value"])
    with running_twin(tmp_path, PARKTWIN_BUS=f"kafka://127.0.0.1:{free_port()}") as second:
        answer = second.wait(question, lambda answer: answer.status_code != 503)
        assert answer.json()["raw"]["value"] == [221.5]
        missing = second.client.get("/api/health").json()["reasons"]
        assert missing
        assert set(missing) <= {"bus", "source configurations"}
        stopping = time.monotonic()
        second.process.terminate()
        assert second.process.wait(20.0) == 0
        assert time.monotonic() - stopping < 15.0, "a broker that is away does not keep it from ending"
