"""Who is let in to what the launcher starts: everybody to the demo, to a park of one's own who signs in."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.services import wait_for
from tests.twin.api.running_twin import PARK_FILE
from twin.launcher.plan import Door, demo_park, one_box


def test_the_demo_knows_nobody_whatever_the_environment_says(tmp_path: Path) -> None:
    plan = one_box(demo_park(), tmp_path, bus="", port=0, simulated=True)
    assert {service.environment["PARKTWIN_IDENTITY"] for service in plan.services} == {""}
    assert {service.environment["PARKTWIN_HOST"] for service in plan.services} == {"127.0.0.1"}
    assert {service.environment["PARKTWIN_SIM_HOST"] for service in plan.services} == {"127.0.0.1"}


def test_all_services_of_a_box_know_the_same_people_and_each_other(tmp_path: Path) -> None:
    door = Door("sqlite:///who.sqlite3", "a-token-of-some-length")
    plan = one_box(demo_park(), tmp_path, bus="", port=0, simulated=False, door=door)
    assert {service.environment["PARKTWIN_IDENTITY"] for service in plan.services} == {door.identity}
    assert {service.environment["PARKTWIN_ACCESS_TOKEN"] for service in plan.services} == {door.token}
    assert door.token not in repr(door)


@pytest.mark.slow
def test_a_park_of_ones_own_prints_the_first_link_and_lets_nobody_else_in(tmp_path: Path) -> None:
    folder, log = tmp_path / "run", tmp_path / "log"
    command = [sys.executable, "-m", "twin.cli", "up", str(PARK_FILE), "--dir", str(folder)]
    with log.open("w") as sink:
        up = subprocess.Popen(
            [*command, "--port", str(free_port())],
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: "/sign-in?link=" in log.read_text() or up.poll() is not None, "the first link", 120)
        link = "".join(re.findall(r"http://\S+\?link=\S+", log.read_text())[:1])
        base = link.partition("/sign-in")[0]
        with httpx.Client(base_url=base, headers={"origin": base}, timeout=60, trust_env=False) as browser:
            for path in ("/api/park", "/metrics", "/"):
                assert browser.get(path).status_code == 401
            form = {
                "link": link.partition("link=")[2],
                "name": "lan",
                "display": "Lan",
                "new": "bốn chữ dài đủ",
            }
            made = browser.post("/sign-in", data=form)
            assert (made.status_code, made.headers["location"]) == (303, "/")
            assert browser.get("/api/me").json()["roles"] == ["administrator"]
            for service in ("qc", "maintenance", "connectors"):
                wait_for((folder / service / f"{service}.url").exists, f"{service} listens")
                url = (folder / service / f"{service}.url").read_text()
                assert httpx.get(url + "/metrics", timeout=30).status_code == 401
            forecasts = browser.get("/api/maintenance/forecasts")
            assert forecasts.status_code == 403, "an administrator does not read forecasts"
        parktwin = [sys.executable, "-m", "twin.cli"]
        roles = ["users", "roles", "lan", "--role", "planner", "--dir", str(folder)]
        subprocess.run([*parktwin, *roles], check=True, timeout=60)
        verified = subprocess.run(
            [*parktwin, "audit", "verify", "--of", "identities", "--dir", str(folder)],
            check=True, timeout=60, capture_output=True, text=True,
        )  # fmt: skip
        assert "every one as it was written" in verified.stdout
        with httpx.Client(base_url=base, headers={"origin": base}, timeout=60, trust_env=False) as browser:
            browser.post("/sign-in", data={"name": "lan", "password": "bốn chữ dài đủ"})
            answer = browser.get("/api/maintenance/forecasts")
            assert answer.status_code == 200, "the service behind the desk knows her too"
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(60)
