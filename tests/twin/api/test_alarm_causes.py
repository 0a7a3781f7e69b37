"""A supply that fails explains the alarms of what hangs on it, through the links of the park, over REST."""

from __future__ import annotations

from pathlib import Path

import httpx
from fastapi import FastAPI

from tests.twin.alarms.alarm_parks import NAME, NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import open_journal
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event
from twin.api.alarms_router import alarms_router
from twin.park.alarm import AlarmRule
from twin.park.model import Link

FEEDER = "park/site/pump0:plain:no_supply"
SUPPLY = AlarmRule(
    "no_supply", NAME, "low", "pump", ("plain",), ("park/site/pump0",), alarm_class="supply", limit=1.0
)
LINKS = [Link("water", f"park/site/pump{n}", f"park/site/pump{n + 1}") for n in (0, 1)]
PARK = alarm_park([SUPPLY], pumps=4, links=LINKS)


async def test_a_flood_can_be_shown_as_one_line(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path / 'tables.db'}", alarm_table(PARK))
    raised = [(FEEDER, 1)] + [(f"park/site/pump{n}:flow:low", 2) for n in (1, 2, 3)]
    journal.write(
        [Happening(alarm, Event.ALARM, NOW + at * S, value=0.0) for alarm, at in raised], recorded=NOW
    )
    app = FastAPI()
    app.include_router(alarms_router(PARK, lambda: journal, lambda: NOW))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://twin") as client:
        rows = (await client.get("/api/alarms")).json()["alarms"]
        answer = (await client.get("/api/alarms/groups")).json()
        page = (await client.get("/api/alarms/groups?limit=1&offset=1")).json()
    assert {row["alarm"]: row["explained_by"] for row in rows} == {
        FEEDER: None,
        "park/site/pump1:flow:low": FEEDER,
        "park/site/pump2:flow:low": FEEDER,
        "park/site/pump3:flow:low": None,
    }
    assert (answer["total"], answer["active"]) == (2, 4)
    first, second = answer["groups"]
    assert (first["cause"]["alarm"], first["explained"], first["equipment"]) == (FEEDER, 2, 3)
    assert first["alarms"] == ["park/site/pump1:flow:low", "park/site/pump2:flow:low"]
    assert (second["cause"]["alarm"], second["explained"]) == ("park/site/pump3:flow:low", 0)
    assert page["groups"] == [second]
    journal.engine.dispose()
