"""Alarms asked for by name over REST: how a page keeps in step that has read the list once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.twin.alarms.alarm_parks import NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import open_journal
from twin.alarms.journal import Journal
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event
from twin.api.alarms_router import MOST_NAMED, alarms_router
from twin.contract.clock import to_iso
from twin.service.problems import install_problem_handlers

PARK = alarm_park(pumps=6)
FLOW = [f"park/site/pump{n}:flow:low" for n in range(6)]
LATER = NOW + 60 * S


@pytest.fixture
def journal(database_url: str) -> Journal:
    """Every pump has an alarm, the newest is of the last; later that of the first is over."""
    opened = open_journal(database_url, alarm_table(PARK))
    raised = [Happening(alarm, Event.ALARM, NOW + n * S, value=1.0) for n, alarm in enumerate(FLOW)]
    opened.write(raised, recorded=NOW + 10 * S)
    opened.write(
        [
            Happening(FLOW[0], Event.ACKNOWLEDGE, NOW + 20 * S, by="Lan"),
            Happening(FLOW[0], Event.RETURN, NOW + 21 * S, value=50.0),
            Happening(FLOW[1], Event.SHELVE, NOW + 22 * S, by="Lan", reason="cleaned", until=2 * LATER),
            Happening(FLOW[2], Event.ACKNOWLEDGE, NOW + 23 * S, by="Lan"),
        ],
        recorded=NOW + 30 * S,
    )
    return opened


@asynccontextmanager
async def asking(journal: Journal, within: tuple[str, ...] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(alarms_router(PARK, lambda: journal, lambda: LATER, within=within))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://twin") as client:
        yield client
    journal.engine.dispose()


async def ask(client: httpx.AsyncClient, alarms: Sequence[str], **more: object) -> dict[str, Any]:
    answer = await client.get("/api/alarms", params={"alarm": list(alarms), **more})  # type: ignore[dict-item]
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def names(told: dict[str, Any]) -> list[str]:
    return [row["alarm"] for row in told["alarms"]]


async def test_those_named_are_told_and_what_is_over_is_not_among_them(journal: Journal) -> None:
    async with asking(journal) as client:
        whole = await ask(client, [])
        told = await ask(client, [*FLOW[:4], "park/site/pump9:flow:low"])
    assert names(told) == [FLOW[3], FLOW[2]], (
        "one is over, one shelved, one was never there; the newest first"
    )
    assert told["alarms"] == [row for row in whole["alarms"] if row["alarm"] in FLOW[2:4]]
    assert (told["total"], told["counts"]) == (4, {"unacknowledged": 3, "acknowledged": 1, "shelved": 1})
    assert (told["total"], told["counts"]) == (whole["total"], whole["counts"]), "of all, whoever is named"


async def test_a_page_is_no_matter_to_those_named_but_what_else_is_asked_for_is(journal: Journal) -> None:
    async with asking(journal) as client:
        assert names(await ask(client, FLOW, limit=1, offset=3)) == FLOW[:1:-1]
        assert names(await ask(client, FLOW, state="shelved")) == [FLOW[1]]
        acknowledged = await ask(client, FLOW[3:], state="acknowledged")
        assert (names(acknowledged), acknowledged["total"]) == ([], 1)
        assert names(await ask(client, FLOW, equipment="park/site/pump4")) == [FLOW[4]]


async def test_those_named_as_they_stood_then(journal: Journal) -> None:
    async with asking(journal) as client:
        then = to_iso(NOW + 15 * S)
        told = await ask(client, FLOW[:2], at=then)
        whole = await ask(client, [], at=then)
    assert names(told) == [FLOW[1], FLOW[0]]
    assert told["alarms"] == whole["alarms"][-2:]
    assert (told["total"], told["counts"]) == (6, {"unacknowledged": 6}) == (whole["total"], whole["counts"])


@pytest.mark.parametrize("at", [None, to_iso(NOW + 15 * S)])
async def test_what_is_not_shown_here_is_not_told_by_its_name(journal: Journal, at: str | None) -> None:
    when = {} if at is None else {"at": at}
    async with asking(journal, within=("park/site/pump3", "park/site/pump4")) as client:
        told = await ask(client, FLOW, **when)
    assert names(told) == [FLOW[4], FLOW[3]]
    assert told["total"] == 2


@pytest.mark.parametrize(
    "wrong", [[f"park/site/pump{n}:flow:low" for n in range(MOST_NAMED + 1)], ["a\x00b"], ["x" * 701]]
)
async def test_what_cannot_be_asked_for_is_refused(journal: Journal, wrong: list[str]) -> None:
    async with asking(journal) as client:
        answer = await client.get("/api/alarms", params={"alarm": wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, "request")
        assert "alarm" in answer.json()["detail"]
        assert len(names(await ask(client, [FLOW[3]] * MOST_NAMED))) == 1
