"""The maintenance service over HTTP: forecasts, reasons, outcomes, the track record, OpenAPI."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from maintenance.health.artefact import save_health_model
from maintenance.registry.evaluate import card_of, evaluated
from tests.maintenance.condenser import KIND, condenser_lives, condenser_model
from tests.maintenance.live.frames import WINDOW_S, announce, frames, machine_id, publish, tag_set
from twin.api.desk_router import DeskService
from twin.api.incident_desks import write_models
from twin.bus.connect import open_bus

UNITS = [0, 1]
ROWS = [*range(40), *range(-30, 0)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("maintenance")
    lives = condenser_lives(11, 24)
    save_health_model(condenser_model(), folder / "models")
    bus = open_bus(f"embedded:{folder / 'bus'}")
    announce(bus, tag_set(lives, UNITS))
    publish(bus, list(frames(lives, UNITS, ROWS)))
    bus.close()
    environment = os.environ | {
        "PARKTWIN_BUS": f"embedded:{folder / 'bus'}",
        "PARKTWIN_DATA_DIR": str(folder / "data"),
        "PARKTWIN_HEALTH_MODELS": str(folder / "models"),
        "PARKTWIN_HEALTH_WINDOW_S": str(WINDOW_S),
        "PARKTWIN_HEALTH_EVERY_WINDOWS": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "maintenance"], env=environment)
    address = folder / "data" / "maintenance.url"
    deadline = time.monotonic() + 90
    try:
        while not address.exists():
            assert time.monotonic() < deadline, "the service does not listen"
            time.sleep(0.1)
        with httpx.Client(base_url=address.read_text(), timeout=30) as started:
            while not _caught_up(started):
                assert time.monotonic() < deadline, _counts(started)
                time.sleep(0.1)
            yield started
    finally:
        process.terminate()
        process.wait(20)


def _caught_up(client: httpx.Client) -> bool:
    """Whether the last window that can be closed has been forecast."""
    text = client.get("/metrics").text
    return f"parktwin_health_forecasts_total {len(UNITS) * (len(ROWS) - 1):.1f}" in text


def _counts(client: httpx.Client) -> dict[str, int]:
    counts: dict[str, int] = client.get("/api/maintenance/forecasts").json()["counts"]
    return counts


def test_every_machine_has_a_forecast_with_a_distribution_and_reasons(client: httpx.Client) -> None:
    page = client.get("/api/maintenance/forecasts").json()
    assert {row["machine"] for row in page["forecasts"]} == {machine_id(unit) for unit in UNITS}
    urgency = ["failing", "degrading"]
    placed = [(urgency.index(row["state"]), row["remaining"]["p50"]) for row in page["forecasts"]]
    assert placed == sorted(placed)
    for row in page["forecasts"]:
        quantiles = [row["remaining"][name] for name in ("p05", "p10", "p50", "p90", "p95")]
        assert quantiles == sorted(quantiles)
        assert row["reasons"]
        assert row["trend_vi"]
        assert [step["block"] for step in row["steps"]] == ["age", "signals", "course"]
        assert row["steps"][-1]["remaining_h"] == pytest.approx(row["remaining"]["p50"])
        assert len(row["similar"]) == 3
        assert row["indicative"]  # no overhaul is on record
        assert "no overhaul" in row["note_en"]


def test_one_machine_has_its_history_from_not_enough_data_on(client: httpx.Client) -> None:
    page = client.get(f"/api/maintenance/forecasts/{machine_id(0)}").json()
    states = [row["state"] for row in page["history"]]
    assert states[0] == "not_enough_data"
    assert page["newest"]["state"] in {"degrading", "failing"}
    assert len(states) == len(ROWS) - 2
    assert page["history"][0]["remaining"] is None


def test_an_unknown_machine_is_refused_with_the_next_step(client: httpx.Client) -> None:
    answer = client.get("/api/maintenance/forecasts/yenphong/none")
    assert answer.status_code == 404
    assert "forecasts lists those" in answer.text


def test_a_failure_is_reported_and_scores_what_was_forecast(client: httpx.Client) -> None:
    body = {"machine": machine_id(0), "what": "failed", "mode": "tube_scaling", "reported_by": "Lan"}
    posted = client.post("/api/maintenance/outcomes", json=body)
    assert posted.status_code == 201, posted.text
    again = client.post("/api/maintenance/outcomes", json=body | {"time": posted.json()["time"]})
    assert again.status_code == 422
    record = client.get("/api/maintenance/track-record").json()
    assert [(one["model"], one["failed"]) for one in record["models"]] == [("evaporative_condenser", 1)]
    assert record["lives"][0]["forecasts"] > 0
    assert client.get("/api/maintenance/outcomes").json()[0]["machine"] == machine_id(0)


@pytest.mark.parametrize(
    "change", [{"machine": "No Such"}, {"time": "2200-01-01T00:00:00Z"}, {"time": "yesterday"}, {"what": "x"}]
)
def test_what_cannot_be_is_refused(client: httpx.Client, change: dict[str, str]) -> None:
    body = {"machine": machine_id(1), "what": "failed", "reported_by": "Lan"} | change
    assert client.post("/api/maintenance/outcomes", json=body).status_code == 422


@pytest.mark.parametrize(("language", "word"), [("vi", "Báo cáo bảo trì tuần"), ("en", "Weekly maintenance")])
def test_the_weekly_report_names_the_machines_in_either_language(
    client: httpx.Client, language: str, word: str
) -> None:
    answer = client.get("/api/maintenance/weekly-report", params={"language": language})
    assert answer.headers["content-type"].startswith("text/markdown")
    assert word in answer.text
    assert all(machine_id(unit) in answer.text for unit in UNITS)


def test_a_model_is_registered_promoted_and_rolled_back(client: httpx.Client, tmp_path: Path) -> None:
    trained = condenser_model()
    wider = replace(trained, deviation=replace(trained.deviation, scatter=1.1 * trained.deviation.scatter))
    version = save_health_model(wider, tmp_path)
    path = tmp_path / f"{KIND}.npz"
    card = card_of(path, condenser_lives(11, 24), owner="Lan", origin_vi="bàn thử", origin_en="a bench")
    body = {
        "file": base64.b64encode(path.read_bytes()).decode(),
        "card": msgspec.to_builtins(evaluated(card, wider, condenser_lives(12, 20))),
        "registered_by": "Lan",
    }
    posted = client.post("/api/maintenance/models", json=body)
    assert posted.status_code == 201, posted.text
    assert posted.json()["metrics"][0]["machines"] == 20
    broken = body | {"file": base64.b64encode(b"no model").decode()}
    assert client.post("/api/maintenance/models", json=broken).status_code == 422
    approval = {"version": version, "approved_by": "Minh", "reason": "on our own lives"}
    assert client.post(f"/api/maintenance/models/{KIND}/promote", json=approval).status_code == 201
    served = {one["version"] for one in _models(client) if one["in_service"]}
    assert served == {version}
    shown = client.get(f"/api/maintenance/models/{KIND}/{version}", params={"language": "vi"})
    assert "Thẻ mô hình" in shown.text
    assert client.get(f"/api/maintenance/models/{KIND}/none").status_code == 404
    back = {"approved_by": "Minh", "reason": "was a trial"}
    assert client.post(f"/api/maintenance/models/{KIND}/rollback", json=back).status_code == 201
    assert {one["origin"] for one in _models(client) if one["in_service"]} == {"folder"}
    assert client.post(f"/api/maintenance/models/{KIND}/rollback", json=back).status_code == 422


def _models(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/maintenance/models").json()["models"]
    return found


def test_openapi_describes_every_route(client: httpx.Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/api/maintenance/crews",
        "/api/maintenance/forecasts",
        "/api/maintenance/forecasts/{machine}",
        "/api/maintenance/models",
        "/api/maintenance/models/{kind}/promote",
        "/api/maintenance/models/{kind}/rollback",
        "/api/maintenance/models/{kind}/{version}",
        "/api/maintenance/outlook",
        "/api/maintenance/outcomes",
        "/api/maintenance/plan",
        "/api/maintenance/spares",
        "/api/maintenance/track-record",
        "/api/maintenance/weekly-report",
        "/api/maintenance/work-orders",
        "/api/maintenance/work-orders/decisions",
        "/api/health",
        "/metrics",
    }
    described = [one for path in paths.values() for one in path.values()]
    assert all(one["description"] for one in described)


def test_metrics_count_machines_and_forecasts(client: httpx.Client) -> None:
    text = client.get("/metrics").text
    assert "parktwin_health_machines 2.0" in text
    assert "parktwin_health_forecasts_total" in text


def test_the_versions_of_its_models_go_into_an_incident(client: httpx.Client, tmp_path: Path) -> None:
    """The twin asks for them when it makes a bundle."""
    desk = DeskService("maintenance", str(client.base_url), "", "/api/maintenance")
    files, missing = write_models(tmp_path, desk)
    assert not missing
    told = json.loads(files["models_of_machines.json"].read_text())["models"]
    (served,) = [model for model in told if model["in_service"]]
    assert served["version"]
