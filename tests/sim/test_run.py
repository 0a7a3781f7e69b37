"""``python -m sim`` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.sim.opcua.serving import Heard, client_of
from tests.support.ports import free_port

WAIT_S = 60.0
SERVERS = ("anphat", "dongho", "utilities", "detmay", "thucpham", "energy_meters", "water_meters")
NAMESPACE = "urn:parktwin:sim"
ZONE = "yenphong/anphat-electronics/f1/smt/line1/reflow1:zone1_temperature"


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    ports = {f"PARKTWIN_SIM_PORT_{name.upper()}": "0" for name in SERVERS}  # any free one
    ports["PARKTWIN_SIM_PORT_ANPHAT"] = str(free_port())
    return {**os.environ, **ports, "PARKTWIN_DATA_DIR": str(data_dir), **more}


@contextmanager
def running(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sim"], env=environ, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_address(process: subprocess.Popen[str], data_dir: Path) -> str:
    deadline = time.monotonic() + WAIT_S
    while not (data_dir / "sim.url").exists():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return (data_dir / "sim.url").read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_a_signal_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    environ = environment(tmp_path)
    with running(environ) as process:
        address = wait_for_address(process, tmp_path)
        http = httpx.AsyncClient(base_url=address)
        health = await http.get("/api/health")
        assert (health.status_code, health.json()["healthy"]) == (200, True)
        endpoint = f"opc.tcp://127.0.0.1:{environ['PARKTWIN_SIM_PORT_ANPHAT']}/"
        async with client_of(endpoint, NAMESPACE) as client:
            heard = Heard()
            await client.subscribe(heard, ZONE, interval_ms=100)
            values = await heard.wait(ZONE, 3)
            assert all(80 < value < 160 for value in values)
            times = [told.source_time.timestamp() for told in heard.values[ZONE]]
            assert times == sorted(times)
            assert abs(times[-1] - time.time()) < 30
            metrics = (await http.get("/metrics")).text
            assert 'parktwin_sim_clients{server="anphat"} 1.0' in metrics
            assert "process_cpu_seconds_total" in metrics
            assert (await http.get("/elsewhere")).status_code == 404
            await http.aclose()
            process.send_signal(number)  # with a client connected, as in a plant
            assert process.wait(WAIT_S) == 0
        assert not (tmp_path / "sim.url").exists()


def test_a_taken_port_ends_it_with_status_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(environment(tmp_path, PARKTWIN_SIM_PORT_DONGHO=port)) as process:
            _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 3
    assert f"port {port}" in told
    assert "Traceback" not in told
    assert not (tmp_path / "sim.url").exists()


def test_a_taken_http_port_ends_it_with_status_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(environment(tmp_path, PARKTWIN_SIM_HTTP_PORT=port)) as process:
            _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 3
    assert "PARKTWIN_SIM_HTTP_PORT" in told


@pytest.mark.parametrize(
    ("variable", "value"), [("PARKTWIN_SIM_SPEED", "never"), ("PARKTWIN_SIM_PARK", "nowhere.yaml")]
)
def test_wrong_settings_end_it_with_status_2(tmp_path: Path, variable: str, value: str) -> None:
    log = {"PARKTWIN_LOG_FORMAT": "json"}
    with running(environment(tmp_path, **{variable: value}, **log)) as process:
        _, told = process.communicate(timeout=WAIT_S)
    assert process.returncode == 2
    assert value in told
    assert "Traceback" not in told


def test_the_log_is_json_where_asked_for(tmp_path: Path) -> None:
    with running(environment(tmp_path, PARKTWIN_LOG_FORMAT="json")) as process:
        wait_for_address(process, tmp_path)
        process.terminate()
        _, told = process.communicate(timeout=WAIT_S)
    entries = [json.loads(line) for line in told.splitlines()]
    assert any(re.search(r"simulating \d+ tags of yenphong", entry["message"]) for entry in entries)
