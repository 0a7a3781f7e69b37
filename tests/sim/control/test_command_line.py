"""``parktwin sim`` against a simulator that listens, without its servers."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from sim.truth.event import COLUMNS
from tests.sim.control.served import Served
from tests.sim.degradation.kinds import PUMPS
from twin.cli import app
from twin.sim_control import SimulatorAwayError, SimulatorRefusedError

TOKEN = "open sesame"


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup()
        self.listening.set()

    def install_signal_handlers(self) -> None:
        """Signals are the test runner's."""


@pytest.fixture
def served() -> Served:
    return Served(token=TOKEN)


@pytest.fixture
def folder(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which a simulator has left its address; the caller has its token."""
    server = _Server(uvicorn.Config(served.app(), port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.listening.wait(20)
    port = server.servers[0].sockets[0].getsockname()[1]
    (tmp_path / "sim").mkdir()
    (tmp_path / "sim" / "sim.url").write_text(f"http://127.0.0.1:{port}")
    monkeypatch.setenv("PARKTWIN_SIM_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "240")
    yield tmp_path
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


def run(*arguments: str) -> str:
    """What it prints; raises what ``main`` would print as one line."""
    result = CliRunner().invoke(app, ["sim", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_faults_are_listed(folder: Path) -> None:
    table = run("--list-faults", "--dir", str(folder))
    for word in ("bearing_wear", "Mòn ổ bi", "Bearing wears out", "sensor_drift", PUMPS[0], "1h"):
        assert word in table
    rows = json.loads(run("--list-faults", "--json", "--dir", str(folder)))
    assert {"id", "kind", "acts", "strength", "shows_in"} <= set(rows[0])


def test_a_fault_is_injected_seen_and_cleared(folder: Path, served: Served) -> None:
    where = ("--dir", str(folder))
    assert "no fault is on" in run("active", *where)
    said = run("inject", "pipe_leak", PUMPS[0], "--strength", "0.5", "--ramp", "1m", "--for", "1h", *where)
    assert said.startswith(f"1: pipe_leak on {PUMPS[0]}, strength 0.5, from 2026-09-21T14:13:20.000Z until")
    assert "pipe_leak" in run("active", *where)
    assert "1: cleared" in run("clear", "1", *where)
    assert not served.park.board.active
    run("inject", "bearing_wear", PUMPS[0], "--ramp", "0", *where)
    assert "as good as new in bearing_wear" in run("repair", PUMPS[0], "--mode", "bearing_wear", *where)


def test_a_scenario_file_is_played(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        f"name: {{vi: Dừng, en: A stop}}\nevents:\n- {{at: '+1m', fault: trip, equipment: {PUMPS[0]}}}",
        encoding="utf-8",
    )
    said = run("scenario", str(file), "--dir", str(folder))
    assert "Dừng · A stop" in said
    assert "1: 2026-09-21T14:14:20.000Z trip on" in said
    assert "to come" in run("active", "--dir", str(folder))
    with pytest.raises(ValueError, match=r"cannot be read .* name a YAML file"):
        run("scenario", str(tmp_path / "nowhere.yaml"), "--dir", str(folder))
    file.write_text("- {at: '+1m', fault: tripp, equipment: a/b}", encoding="utf-8")
    with pytest.raises(SimulatorRefusedError, match=r"mine.yaml: event 1: .*did you mean trip"):
        run("scenario", str(file), "--dir", str(folder))


def test_truth_is_printed_as_csv(folder: Path, served: Served) -> None:
    run("inject", "pipe_leak", PUMPS[0], "--for", "1m", "--dir", str(folder))
    served.park.run(60)
    rows = list(csv.DictReader(run("truth", "--kind", "fault", "--dir", str(folder)).splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["event"] for row in rows] == ["fault_begin", "fault_end"]
    assert run("truth", "--since", "10s", "--kind", "fault_begin", "--dir", str(folder)).count("\n") == 1
    with pytest.raises(SimulatorRefusedError, match="kind 'gossip'"):
        run("truth", "--kind", "gossip", "--dir", str(folder))


def test_a_server_has_a_bad_day(folder: Path, served: Served) -> None:
    where = ("--dir", str(folder))
    said = run("bad-day", "slow_answers", "anphat", "--set", "delay_s=3", "--for", "5m", *where)
    assert said.startswith("1: slow_answers of anphat until 2026")
    assert served.bad_days.active[0].parameters == {"delay_s": 3.0}
    listed = run("bad-days", *where)
    assert "Trả lời chậm" in listed
    assert "1: slow_answers of anphat since" in listed
    assert "1: ended" in run("bad-days", "--end", "1", *where)
    with pytest.raises(ValueError, match="must be name=value"):
        run("bad-day", "slow_answers", "anphat", "--set", "delay_s", *where)


def test_the_speed_is_told_and_changed(folder: Path, served: Served) -> None:
    assert "1 simulated seconds a second" in run("speed", "--dir", str(folder))
    assert "60 simulated seconds a second" in run("speed", "60", "--dir", str(folder))
    assert served.clock.speed == 60.0


def test_the_address_may_be_given_and_a_wrong_token_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = (folder / "sim" / "sim.url").read_text()
    assert "simulated seconds" in run("speed", "--url", url)
    monkeypatch.setenv("PARKTWIN_SIM_TOKEN", "something else")
    for command in (("speed",), ("truth",)):
        with pytest.raises(SimulatorRefusedError, match="no valid token"):
            run(*command, "--url", url)


def test_where_no_simulator_runs_it_says_so_and_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(SimulatorAwayError, match=r"none is running .*start one with 'parktwin demo'"):
        run("--list-faults", "--dir", str(tmp_path))
    for command in (("active",), ("truth",)):
        with pytest.raises(SimulatorAwayError, match=r"does not answer .*start one with 'parktwin demo'"):
            run(*command, "--url", "http://127.0.0.1:9")


def test_something_else_that_listens_there_is_told(tmp_path: Path) -> None:
    async def other(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"<html>"})  # type: ignore[operator]

    server = _Server(uvicorn.Config(other, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listening.wait(20)
        port = server.servers[0].sockets[0].getsockname()[1]
        with pytest.raises(SimulatorRefusedError, match="is it a simulator"):
            run("active", "--url", f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(20)


def test_without_anything_it_shows_its_help() -> None:
    assert "--list-faults" in run()
