"""Key figures over HTTP, from a real history and a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from tests.twin.kpi.small_park import DAY, HOUR, LINE1, MINUTE, Kept, line1, moments, small_plan
from twin.alarms.alarm_tables import TABLES as ALARM_TABLES
from twin.alarms.outages import OUTAGES
from twin.api.kpi_history import HistoryReadings, Known, OpenGaps
from twin.api.kpi_router import kpi_router
from twin.api.kpi_time_router import kpi_time_router
from twin.contract.clock import to_iso
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.embedded import EmbeddedEngine
from twin.historian.store import EngineHistory
from twin.kpi.corrections import TABLES
from twin.kpi.report import worked
from twin.service.database import create_tables, open_database
from twin.service.problems import install_problem_handlers

M2 = f"{LINE1}/m2"
NOW = DAY + HOUR
ROWS: list[tuple[str, int, float, str | None]] = [
    *(
        (f"{LINE1}/m1:{signal}", DAY - HOUR, 0.0, None)
        for signal in ("good", "rejected", "starved", "blocked")
    ),
    *((f"{M2}:{signal}", DAY - HOUR, 0.0, None) for signal in ("good", "rejected", "starved", "blocked")),
    (f"{LINE1}/m1:state", DAY - HOUR, float("nan"), "Execute"),
    (f"{M2}:state", DAY - HOUR, float("nan"), "Execute"),
    (f"{M2}:state", DAY + 30 * MINUTE, float("nan"), "Aborted"),
    (f"{M2}:state", DAY + 45 * MINUTE, float("nan"), "Execute"),
    (f"{M2}:good", DAY + 20 * MINUTE, 1620.0, None),
    (f"{M2}:rejected", DAY + 20 * MINUTE, 180.0, None),
    ("nho/a/f1/q1:energy", DAY - HOUR, 10.0, None),
    ("nho/a/f1/q1:energy", DAY + 20 * MINUTE, 12.0, None),
    ("nho/a/f1/q2:energy", DAY - HOUR, 1.0, None),
    ("nho/a/f1/q1:cod", DAY - HOUR, 80.0, None),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path_factory.mktemp('kpi') / 'twin.sqlite'}")
    for tables in (TABLES, ALARM_TABLES):
        create_tables(made, tables)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[FastAPI]:
    folder: Path = tmp_path_factory.mktemp("kpi")
    history = EngineHistory(EmbeddedEngine(folder / "history"), retention_days=0)
    tags = tuple(dict.fromkeys(row[0] for row in ROWS))
    tag_set = TagSet(source="plc", tags=tags, units=("",) * len(tags), data_types=("Double",) * len(tags))
    frame = Frame(
        source="plc",
        sequence=1,
        tag_set=tag_set.id,
        index=np.array([tags.index(row[0]) for row in ROWS], "<u4"),
        source_time=np.array([row[1] for row in ROWS], "<i8"),
        status=np.zeros(len(ROWS), "<u4"),
        value=np.array([row[2] for row in ROWS], "<f8"),
        text=tuple(row[3] for row in ROWS),
    )
    history.append([(tag_set, frame)])
    app = FastAPI()
    install_problem_handlers(app)
    readings = HistoryReadings(lambda: history)
    with ThreadPoolExecutor(2) as questions:
        known = Known(readings, lambda: history, dict.fromkeys(tags, "plc"), lambda: engine, lambda: NOW)
        app.include_router(kpi_router(small_plan(), known, lambda: engine, questions, lambda: NOW))
        app.include_router(kpi_time_router(small_plan(), known, questions))
        yield app
    history.close()


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


SHIFT = {"from": to_iso(DAY), "to": "now"}


async def test_a_line_with_its_stations(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/kpi", params={"place": LINE1, **SHIFT})
    line, *stations = answer.json()["rows"]
    assert [row["id"] for row in stations] == [f"{LINE1}/m1", M2]
    assert (line["availability"], line["effectiveness"], line["quality"]) == (0.75, pytest.approx(2 / 3), 0.9)
    assert line["oee"] == pytest.approx(0.45)
    assert (line["planned_s"], line["times_s"]["failed"], line["gap_share"]) == (3600.0, 900.0, 0.0)


async def test_an_interval_that_reaches_into_the_future_ends_now(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/api/kpi", params={"place": LINE1, "from": to_iso(DAY), "to": to_iso(DAY + 8 * HOUR)}
    )
    assert answer.json()["to"] == to_iso(NOW)
    beyond = await client.get("/api/kpi", params={"from": to_iso(NOW + 1), "to": to_iso(NOW + HOUR)})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "kpi.interval")


async def test_the_shift_that_runs(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/kpi", params={"place": LINE1, "from": "shift"})).json()
    assert (body["from"], body["to"]) == (to_iso(DAY), to_iso(NOW))
    assert (body["rows"][0]["piece_en"], body["rows"][0]["units_per_piece"]) == ("widget", 1.0)
    whole = (await client.get("/api/kpi", params={"place": "nho", "from": "shift"})).json()["rows"][0]
    assert (whole["piece_en"], whole["units_per_piece"]) == ("", None), "widgets and boxes"


async def test_a_person_corrects_a_reason(client: httpx.AsyncClient) -> None:
    before = (await client.get("/api/kpi/stops", params={"place": LINE1, **SHIFT})).json()
    (stop,) = before["stops"]
    assert (stop["reason"], stop["lost_s"], before["failures"]) == ("breakdown", 900.0, 1)
    assert (before["mttr_h"], before["mtbf_h"]) == (0.25, 0.75)
    body = {"station": M2, "from": stop["start"], "to": stop["end"], "reason": "tooling", "by": "Lan"}
    done = await client.post("/api/kpi/corrections", json=body)
    assert done.status_code == 200, done.text
    after = (await client.get("/api/kpi/stops", params={"place": "nho", **SHIFT})).json()
    assert (after["stops"][0]["reason"], after["stops"][0]["corrected_by"]) == ("tooling", "Lan")
    assert [row["reason"] for row in after["pareto"]] == ["breakdown", "tooling"]


async def test_as_it_was_known_at_a_moment_of_the_past(client: httpx.AsyncClient) -> None:
    """The shift of then, up to then; what was corrected later does not count."""
    for path in (
        "/api/kpi",
        "/api/kpi/energy",
        "/api/kpi/environment",
        "/api/kpi/timeline",
    ):
        at = to_iso(DAY + 40 * MINUTE)
        asked = {"place": "nho/a/f1" if "energy" in path or "environment" in path else LINE1}
        past = await client.get(path, params={**asked, "from": "shift", "at": at})
        ended = await client.get(path, params={**asked, "from": to_iso(DAY), "to": at})
        assert (past.status_code, past.json()) == (200, ended.json()), path
    day = {"place": LINE1, "of": "day"}
    today = (await client.get("/api/kpi/interval", params=day)).json()
    before = await client.get("/api/kpi/interval", params={**day, "at": to_iso(DAY - 24 * HOUR)})
    assert before.json()["to_ms"] == today["from_ms"]
    stop = {"station": M2, "from": to_iso(DAY + 30 * MINUTE), "to": to_iso(DAY + 45 * MINUTE)}
    done = await client.post("/api/kpi/corrections", json=stop | {"reason": "setup", "by": "Lan"})
    assert done.status_code == 200, done.text
    asked = {"place": LINE1, "from": "shift"}
    now = (await client.get("/api/kpi/stops", params=asked)).json()["stops"][0]
    assert (now["reason"], now["corrected_by"]) == ("setup", "Lan")
    then = await client.get("/api/kpi/stops", params={**asked, "at": to_iso(DAY + 50 * MINUTE)})
    assert then.json()["stops"][0]["reason"] == "breakdown"
    for at in (to_iso(NOW + 1), "yesterday"):
        assert (await client.get("/api/kpi", params={**asked, "at": at})).status_code == 400


async def test_a_source_that_was_lost_then_is_a_gap_from_there_on(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    asked = {"place": LINE1, "from": "shift", "at": to_iso(DAY + 20 * MINUTE)}
    assert (await client.get("/api/kpi", params=asked)).json()["rows"][0]["gap_share"] == 0.0
    row = {"source": "plc", "since": DAY + 15 * MINUTE, "until": DAY + 25 * MINUTE}
    with engine.begin() as connection:
        connection.execute(OUTAGES.insert().values(row))
    assert (await client.get("/api/kpi", params=asked)).json()["rows"][0]["gap_share"] == 0.25
    later = {**asked, "at": to_iso(DAY + 30 * MINUTE)}
    assert (await client.get("/api/kpi", params=later)).json()["rows"][0]["gap_share"] == 0.0, "back again"


async def test_what_makes_no_sense_is_refused(client: httpx.AsyncClient) -> None:
    body = {"station": M2, "from": to_iso(DAY), "to": to_iso(NOW), "reason": "bad luck", "by": "Lan"}
    wrong = await client.post("/api/kpi/corrections", json=body)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "kpi.reason")
    nobody = await client.post("/api/kpi/corrections", json=body | {"station": "nho/x"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "kpi.unknown_place")
    elsewhere = await client.post(
        "/api/kpi/corrections", json=body, headers={"origin": "http://evil.example"}
    )
    assert elsewhere.status_code == 403
    nowhere = await client.get("/api/kpi", params={"place": "nho/a/f1/q1"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "kpi.unknown_place")


async def test_energy_emissions_and_the_permit(client: httpx.AsyncClient) -> None:
    energy = (await client.get("/api/kpi/energy", params={"place": "nho/a/f1", **SHIFT})).json()
    assert (energy["electricity"]["value"], energy["electricity"]["unit"]) == (2000.0, "kWh")
    assert energy["co2e_kg"] == pytest.approx(2000 * 0.6592)
    assert energy["factors"][0]["year"] == 2023
    permits = (await client.get("/api/kpi/environment", params=SHIFT)).json()["permits"]
    (cod,) = permits[0]["parameters"]
    assert (cod["hours"], cod["exceeded"], cod["mean"], cod["completeness"]) == (1, 1, [80.0], 1.0)
    assert "QCVN 40:2011" in permits[0]["reference"]
    balances = (await client.get("/api/kpi/balances", params=SHIFT)).json()["balances"]
    assert balances[0]["gap_share"] == 1.0, "nobody has told these counters"


def test_the_time_since_a_source_fell_silent_is_not_what_held_before() -> None:
    since = DAY + 45 * MINUTE
    kept = Kept(line1(m2_state=moments((-60, "Execute")), m2_good=moments((-60, 0), (30, 900), (50, 1000))))
    sources = {tag: "plc" for tag in small_plan().tags}
    readings = OpenGaps(kept, sources, lambda: {"plc": since, "other": DAY})
    found = worked(small_plan(), readings, LINE1, DAY, NOW)[0]
    assert (found.oee.availability, found.oee.gap_share) == (1.0, 0.25)
    assert found.effort.good.unseen == 100
    back = worked(small_plan(), OpenGaps(kept, sources, dict), LINE1, DAY, NOW)[0]
    assert back.oee.gap_share == 0.0


async def test_the_timeline_of_a_line_and_its_interval(client: httpx.AsyncClient) -> None:
    when = (await client.get("/api/kpi/interval", params={"place": LINE1, "of": "shift"})).json()
    assert when == {"name": "day", "from_ms": DAY / 1e6, "to_ms": (DAY + 8 * HOUR) / 1e6, "runs": True}
    body = (await client.get("/api/kpi/timeline", params={"place": LINE1, **SHIFT})).json()
    feeder, pace = body["stations"]
    assert (feeder["sets_pace"], pace["sets_pace"]) == (False, True)
    assert pace["what"] == ["producing", "failed", "producing"]
    assert pace["start_ms"] == [(DAY + minute * MINUTE) / 1e6 for minute in (0, 30, 45)]
    assert (await client.get("/api/kpi/timeline", params={"place": M2, **SHIFT})).status_code == 404
    assert (
        await client.get("/api/kpi/interval", params={"of": "shift", "place": "nho/x"})
    ).status_code == 404
