"""Which park was loaded when, remembered at the start, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from tests.twin.api.running_twin import PARK_FILE, running_twin
from twin.contract.clock import from_iso
from twin.park.park_file import load_park

pytestmark = pytest.mark.slow


def test_a_changed_park_is_a_new_loading_and_a_restart_is_none(tmp_path: Path, database_url: str) -> None:
    park = tmp_path / "park.yaml"
    shutil.copy(PARK_FILE, park)
    environment = {"PARKTWIN_PARK": str(park), "PARKTWIN_DATABASE": database_url}
    begun = time.time_ns()
    for _ in range(2):
        with running_twin(tmp_path, **environment) as running:
            (first,) = running.wait("/api/park/revisions", lambda answer: answer.status_code == 200).json()
    park.write_text(park.read_text().replace("Test park", "Trial park", 1))
    with running_twin(tmp_path, **environment) as running:
        rows = running.wait("/api/park/revisions", lambda answer: answer.status_code == 200).json()
        newest = running.client.get("/api/park/revisions?limit=1").json()
    assert rows == [*newest, first]
    assert [row["revision"] for row in rows] == [
        load_park(park, environment={}).revision, load_park(PARK_FILE, environment={}).revision,
    ]  # fmt: skip
    assert begun < from_iso(first["loaded_at"]) < from_iso(newest[0]["loaded_at"]) < time.time_ns()
    assert first["files"] == ["park.yaml"]


def test_a_database_that_is_away_keeps_nothing_else_from_working(tmp_path: Path) -> None:
    blocked = tmp_path / "not-a-folder"
    blocked.write_text("")
    with running_twin(tmp_path, PARKTWIN_DATABASE=f"sqlite:///{blocked}/twin.sqlite3") as running:
        health = running.wait("/api/health", lambda answer: list(answer.json()["reasons"]) == ["database"])
        assert "not-a-folder" in health.json()["reasons"]["database"]
        answer = running.client.get("/api/park/revisions")
        assert (answer.status_code, answer.json()["code"]) == (503, "database.unavailable")
        assert running.client.get("/api/park").status_code == 200
        blocked.unlink()
        running.wait("/api/health", lambda answer: answer.status_code == 200)
        assert len(running.client.get("/api/park/revisions").json()) == 1
