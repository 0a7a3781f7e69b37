"""An incident of a real twin as a bundle: what is in it, that it holds, and what a changed byte does."""

from __future__ import annotations

import json
import math
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.twin.api.running_twin import OVEN, PARK_FILE, RunningTwin, running_twin
from tests.twin.state.parks import Row, make_frame, tag_set
from twin.api.incident_parts import stretch_of
from twin.api.incident_readings import write_readings
from twin.cli import app
from twin.historian.base import HistoryTimeoutError
from twin.historian.connect import open_history
from twin.incidents.signing_key import read_public
from twin.incidents.verify import verify_bundle
from twin.park.park_file import load_park

S = 1_000_000_000


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin whose first oven became too hot, beside another oven."""
    folder = tmp_path_factory.getbasetemp() / "incident"
    folder.mkdir()
    with running_twin(folder) as running:
        now = time.time_ns()
        running.plant.beat()
        running.plant.tell([(0, now - 7200 * S, 199.0), (3, now - 60 * S, 180.0)])
        running.plant.tell([(0, now - 50 * S + place * S, 200.0 + place) for place in range(20)])
        running.plant.tell([(1, now - 40 * S, math.nan, 0, "Held"), (0, now, 311.0)])
        running.wait("/api/alarms/journal", lambda r: r.status_code == 200 and r.json()["entries"])
        last = f"/api/state?tag={OVEN}:temperature&at=now"
        running.wait(last, lambda r: r.status_code == 200 and r.json()["tags"][0]["value"] == 311.0)
        yield running


def test_what_was_known_of_one_machine(twin: RunningTwin, tmp_path: Path) -> None:
    answer = twin.client.get(
        "/api/incidents/bundle", params={"from": "now-1h", "equipment": OVEN, "by": "Lan"}
    )
    assert answer.status_code == 200, answer.text
    path = tmp_path / "incident.zip"
    path.write_bytes(answer.content)
    key = read_public(twin.client.get("/api/incidents/key").content, "key")
    manifest = verify_bundle(path, key).manifest
    assert (manifest["equipment"], manifest["by"]) == ([OVEN], "Lan")
    assert manifest["park_revision"] == twin.client.get("/api/park").json()["revision"]
    assert set(manifest["missing"]) == {"inspections", "models of machines"}, "no such service is configured"
    with zipfile.ZipFile(path) as bundle:
        readings = pq.read_table(BytesIO(bundle.read("readings.parquet"))).to_pandas()
        alarms = [json.loads(line) for line in bundle.read("alarms.jsonl").splitlines()]
        before = [json.loads(line) for line in bundle.read("alarms_before.jsonl").splitlines()]
        park = json.loads(bundle.read("park.json"))
    hot = readings[readings.tag == f"{OVEN}:temperature"]
    assert hot.value.tolist() == [199.0, *(200.0 + place for place in range(20)), 311.0], (
        "and what held before"
    )
    assert readings[readings.tag == f"{OVEN}:state"].text.tolist() == ["Held"]
    assert {tag.partition(":")[0] for tag in readings.tag} == {OVEN}
    journal = twin.client.get("/api/alarms/journal", params={"equipment": OVEN, "from": "now-1h"}).json()[
        "entries"
    ]
    assert sorted(row["number"] for row in alarms) == sorted(row["number"] for row in journal)
    assert len(alarms) >= 2
    assert [row["number"] for row in before] == [1], "raised two hours ago, and it stood"
    assert park["id"] == "thu"


def test_from_the_command_line_and_one_byte_changed(twin: RunningTwin, tmp_path: Path) -> None:
    runner, path = CliRunner(), tmp_path / "out.zip"
    done = runner.invoke(app, ["incident", "export", "--from", "now-1h", "--url", twin.url, str(path)])
    assert done.exit_code == 0, done.output
    assert "signed by" in done.output
    (tmp_path / "key.pem").write_bytes(twin.client.get("/api/incidents/key").content)
    held = runner.invoke(app, ["incident", "verify", str(path), "--key", str(tmp_path / "key.pem")])
    assert (held.exit_code, "the key expected" in held.output) == (0, True)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as bundle:
        at = data.index(bundle.read("readings.parquet")) + 100
    data[at] ^= 1
    path.write_bytes(bytes(data))
    changed = runner.invoke(app, ["incident", "verify", str(path)])
    assert changed.exit_code == 1
    assert changed.stderr.startswith("readings.parquet: is not what was signed")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"from": "now-1h", "equipment": "thu/nowhere"}, 400),
        ({"from": "now-40d"}, 400),
        ({"from": "now", "to": "now-1h"}, 400),
        ({"from": "yesterday"}, 400),
        ({}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(twin: RunningTwin, asked: dict[str, str], status: int) -> None:
    assert twin.client.get("/api/incidents/bundle", params=asked).status_code == status


def test_nothing_is_left_behind(twin: RunningTwin, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert twin.client.get("/api/incidents/bundle", params={"from": "now-1m"}).status_code == 200
    folder = tmp_path_factory.getbasetemp() / "incident" / "twin"
    assert (folder / "pki").exists()
    deadline = time.monotonic() + 30.0
    while list(folder.glob("incident-*")):
        assert time.monotonic() < deadline, "what was made is taken away once it was sent"
        time.sleep(0.05)


def test_more_readings_than_one_answer_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    park = load_park(PARK_FILE, environment={})
    of = tag_set(park, "lo")
    now = time.time_ns() - 60 * S
    history = open_history(f"chdb:{tmp_path / 'history'}", retention_days=0)
    try:
        rows: list[Row] = [(index, now + place * S, float(place)) for index in (0, 2) for place in range(20)]
        history.append([(of, make_frame(rows, identifier="lo", set_id=of.id))])
        stretch = stretch_of(park, now, now + 60 * S, [OVEN])
        monkeypatch.setattr("twin.historian.many_tags._LIMITS", "max_result_rows = 30")
        counts = write_readings(tmp_path / "some.parquet", park, history, stretch)
        monkeypatch.setattr("twin.historian.many_tags._LIMITS", "max_result_rows = 15")
        with pytest.raises(HistoryTimeoutError):
            write_readings(tmp_path / "none.parquet", park, history, stretch)
    finally:
        history.close()
    assert counts == {"tags": 3, "readings": 40}
    table = pq.read_table(tmp_path / "some.parquet").to_pandas()
    assert sorted(set(table.tag)) == [f"{OVEN}:speed", f"{OVEN}:temperature"]
    assert table.value.tolist() == [float(place) for place in range(20)] * 2
