"""The launcher on real processes: starts, starts again, stops, and never leaves an orphan."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from twin.launcher.plan import demo_park, one_box
from twin.launcher.supervisor import AlreadyRunningError, ServiceFailedError, ServiceSpec, Supervisor

SERVICE = """
import os, pathlib, signal, sys, time
here = pathlib.Path(os.environ["HERE"])
(here / f"pid-{os.getpid()}").touch()
if os.environ.get("STATUS"):
    print("the park file has a fault in line 7")
    sys.exit(int(os.environ["STATUS"]))
if os.environ.get("DEAF"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
(here / "ready").touch()
while True:
    time.sleep(0.1)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "small_service.py").write_text(SERVICE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "small_service"


def pids(here: Path) -> set[int]:
    return {int(path.name.removeprefix("pid-")) for path in here.glob("pid-*")}


def eventually(happened: Callable[[], bool], supervisor: Supervisor | None = None) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "did not happen within 30 s"
        if supervisor is not None:
            supervisor.check()
        time.sleep(0.05)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_dead_service_is_started_again_and_all_stop(tmp_path: Path, module: str) -> None:
    supervisor = Supervisor(tmp_path / "run")
    supervisor.acquire()
    supervisor.start([ServiceSpec("small", module, {"HERE": str(tmp_path)})])
    supervisor.wait_until([tmp_path / "ready"], 30)
    (first,) = pids(tmp_path)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(pids(tmp_path)) == 2, supervisor)
    supervisor.stop()
    assert all(gone(pid) for pid in pids(tmp_path))


def test_a_deaf_service_is_killed(tmp_path: Path, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twin.launcher.supervisor.STOP_GRACE_S", 0.3)
    supervisor = Supervisor(tmp_path / "run")
    supervisor.start([ServiceSpec("small", module, {"HERE": str(tmp_path), "DEAF": "1"})])
    supervisor.wait_until([tmp_path / "ready"], 30)
    supervisor.stop()
    assert all(gone(pid) for pid in pids(tmp_path))


def test_wrong_settings_end_the_launcher_with_the_reason(tmp_path: Path, module: str) -> None:
    supervisor = Supervisor(tmp_path / "run")
    supervisor.start([ServiceSpec("small", module, {"HERE": str(tmp_path), "STATUS": "2"})])
    with pytest.raises(ServiceFailedError, match="fault in line 7"):
        supervisor.wait_until([tmp_path / "ready"], 30)
    assert len(pids(tmp_path)) == 1
    supervisor.stop()


def test_two_launchers_do_not_share_a_folder(tmp_path: Path) -> None:
    first, second = Supervisor(tmp_path), Supervisor(tmp_path)
    first.acquire()
    with pytest.raises(AlreadyRunningError, match="--dir"):
        second.acquire()
    first.stop()
    second.acquire()
    second.stop()


def test_no_orphan_when_the_launcher_is_killed(tmp_path: Path, module: str) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from twin.launcher.supervisor import ServiceSpec, Supervisor\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "supervisor = Supervisor(here / 'run')\n"
        f"supervisor.start([ServiceSpec('small', {module!r}, {{'HERE': str(here)}})])\n"
        "time.sleep(60)\n"
    )
    launcher = subprocess.Popen([sys.executable, "-c", program])
    try:
        eventually(lambda: (tmp_path / "ready").exists())
    finally:
        launcher.kill()
        launcher.wait()
    eventually(lambda: all(gone(pid) for pid in pids(tmp_path)))


def test_the_plan_gives_every_service_its_own_folder_and_one_bus(tmp_path: Path) -> None:
    plan = one_box(demo_park(), tmp_path, bus="", port=0, simulated=True)
    folders = {service.environment["PARKTWIN_DATA_DIR"] for service in plan.services}
    assert len(folders) == len(plan.services) == 6
    assert {service.environment["PARKTWIN_BUS"] for service in plan.services} == {
        f"embedded:{tmp_path / 'bus'}"
    }
