from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sim.truth.event import COLUMNS
from tests.sim.control.served import Served
from tests.sim.degradation.kinds import PRESSES, PUMPS

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
async def client(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(served.app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as one:
        yield one


def is_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem a response must be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    return body


async def test_the_catalogue_says_what_can_be_done_and_where(client: httpx.AsyncClient) -> None:
    rows = {(row["id"], row["kind"]): row for row in (await client.get("/api/faults")).json()["faults"]}
    bearing = rows["bearing_wear", "pump"]
    assert (bearing["acts"], bearing["targets"], bearing["example"]) == ("wear", 3, PUMPS[0])
    assert bearing["shows_in"] == ["vibration"]
    assert rows["material_shortage", ""]["example"] == PRESSES[0]
    assert rows["sensor_bias", ""]["example"] == f"{PUMPS[0]}:state"


async def test_a_fault_is_injected_listed_and_cleared(client: httpx.AsyncClient, served: Served) -> None:
    order = {"fault": "pipe_leak", "equipment": PUMPS[0], "strength": 0.5, "ramp": "100s", "for": "1h"}
    response = await client.post("/api/faults", json=order)
    assert response.status_code == 201
    made = response.json()
    assert (made["id"], made["duration_s"], made["strength_now"]) == (1, 3600.0, 0.0)
    served.park.run(50)
    listed = (await client.get("/api/faults/active")).json()
    assert [(row["id"], row["strength_now"]) for row in listed["active"]] == [(1, 0.25)]
    assert (await client.delete("/api/faults/1")).status_code == 204
    assert served.park.severity(PUMPS[0], "pipe_leak") == 0.0
    is_problem(await client.delete("/api/faults/1"), 404, "sim.fault.not_active")


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"fault": "pipe_leek", "equipment": PUMPS[0]}, 404, "sim.fault.unknown"),
        ({"fault": "pipe_leak", "equipment": "park/x"}, 404, "sim.fault.target"),
        ({"fault": "pipe_leak", "equipment": PUMPS[0], "strength": 9}, 400, "sim.fault.refused"),
        ({"fault": "pipe_leak"}, 400, "sim.request"),
        ({"fault": "pipe_leak", "equipment": PUMPS[0], "strenght": 1}, 400, "sim.request"),
        ([], 400, "sim.request"),
    ],
)
async def test_an_order_that_cannot_be_is_a_problem(
    client: httpx.AsyncClient, order: object, status: int, code: str
) -> None:
    is_problem(await client.post("/api/faults", json=order), status, code)


async def test_wear_that_is_there_already_is_a_problem(client: httpx.AsyncClient) -> None:
    order = {"fault": "bearing_wear", "equipment": PUMPS[0], "strength": 0.5, "ramp": 0}
    assert (await client.post("/api/faults", json=order)).status_code == 201
    body = is_problem(await client.post("/api/faults", json=order | {"strength": 0.1}), 400, "sim.wear")
    assert "repair it first" in body["detail"]
    repaired = await client.post("/api/repairs", json={"equipment": PUMPS[0], "mode": "bearing_wear"})
    assert repaired.json()["repaired"] == ["bearing_wear"]
    assert (await client.post("/api/faults", json=order | {"strength": 0.1})).status_code == 201
    everything = await client.post("/api/repairs", json={"equipment": PUMPS[0]})
    assert len(everything.json()["repaired"]) == 3
    is_problem(await client.post("/api/repairs", json={"equipment": "park/x"}), 404, "sim.fault.target")


async def test_a_scenario_is_played(client: httpx.AsyncClient, served: Served) -> None:
    text = f"- {{at: '+1m', fault: trip, equipment: {PUMPS[0]}}}"
    response = await client.post("/api/scenario", json={"text": text, "name": "mine.yaml"})
    assert response.status_code == 201
    assert [row["begins"] for row in response.json()["faults"]] == ["2026-09-21T14:14:20.000Z"]
    assert len((await client.get("/api/faults/active")).json()["coming"]) == 1
    served.park.run(60)
    assert len((await client.get("/api/faults/active")).json()["active"]) == 1
    body = is_problem(
        await client.post("/api/scenario", json={"text": text.replace("trip", "tripp"), "name": "mine.yaml"}),
        400,
        "sim.scenario",
    )
    assert "scenario mine.yaml: event 1" in body["detail"]


async def test_the_truth_is_told_as_csv(client: httpx.AsyncClient, served: Served) -> None:
    await client.post("/api/faults", json={"fault": "pipe_leak", "equipment": PUMPS[0], "for": 60})
    served.park.run(3600)
    response = await client.get("/truth.csv", params={"kind": "fault"})
    assert response.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(response.text.splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["event"] for row in rows] == ["fault_begin", "fault_end"]
    for since in ("30m", "2026-09-21T14:30:00Z", "2026-09-21T21:30:00+07:00"):
        late = await client.get("/truth.csv", params={"kind": "fault", "since": since})
        assert len(late.text.splitlines()) == 1
    is_problem(await client.get("/truth.csv?kind=gossip"), 400, "sim.request")
    is_problem(await client.get("/truth.csv?since=yesterday"), 400, "sim.request")


async def test_the_clock_is_told_and_set(client: httpx.AsyncClient, served: Served) -> None:
    assert (await client.get("/api/clock")).json() == {"now": "2026-09-21T14:13:20.000Z", "speed": 1.0}
    assert (await client.post("/api/clock", json={"speed": 60})).json()["speed"] == 60.0
    assert served.clock.speed == 60.0
    is_problem(await client.post("/api/clock", json={"speed": 0}), 400, "sim.request")


async def test_bad_days_begin_and_end(client: httpx.AsyncClient, served: Served) -> None:
    order = {"server": "anphat", "name": "slow_answers", "parameters": {"delay_s": 3}}
    made = await client.post("/api/bad-days", json=order)
    assert made.status_code == 201
    assert (made.json()["id"], made.json()["ends"]) == (1, "2026-09-21T14:14:20.000Z")
    endless = await client.post("/api/bad-days", json={"server": "anphat", "name": "restart", "for": "0"})
    assert endless.json()["ends"] is None
    listed = (await client.get("/api/bad-days")).json()
    assert [row["id"] for row in listed["bad_days"]] == ["slow_answers", "restart"]
    assert [row["id"] for row in listed["active"]] == [1, 2]
    assert (await client.delete("/api/bad-days/1")).status_code == 204
    assert [day.number for day in served.bad_days.active] == [2]


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"server": "anphat", "name": "slow_answer"}, 404, "sim.bad_day.unknown"),
        ({"server": "anfat", "name": "restart"}, 404, "sim.bad_day.unknown"),
        ({"server": "anphat", "name": "restart", "parameters": {"delay_s": 1}}, 400, "sim.request"),
        ({"server": "anphat", "name": "restart", "for": "long"}, 400, "sim.fault.refused"),
    ],
)
async def test_a_bad_day_that_cannot_be_is_a_problem(
    client: httpx.AsyncClient, order: object, status: int, code: str
) -> None:
    is_problem(await client.post("/api/bad-days", json=order), status, code)
    is_problem(await client.delete("/api/bad-days/9"), 404, "sim.bad_day.unknown")


async def test_what_is_not_there_is_a_problem(client: httpx.AsyncClient) -> None:
    assert "--help" in is_problem(await client.get("/api/nothing"), 404, "not_found")["detail"]
    is_problem(await client.put("/api/clock"), 405, "method_not_allowed")


async def test_a_body_that_is_not_json_is_refused_as_a_page_of_another_site_would_send_it(
    client: httpx.AsyncClient,
) -> None:
    body = '{"speed": 9}'
    plain = await client.post("/api/clock", content=body, headers={"content-type": "text/plain"})
    is_problem(plain, 400, "sim.request")
    is_problem(await client.post("/api/clock", json={"speed": "x" * 300_000}), 400, "sim.request")
    odd = await client.post(
        "/api/clock", content=b'{"\xa2": 9}', headers={"content-type": "application/json"}
    )
    is_problem(odd, 400, "sim.request")


@pytest.mark.parametrize(
    "header", [{"host": "evil.example"}, {"origin": "http://evil.example"}, {"origin": "null"}]
)
async def test_a_page_of_another_site_is_refused(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    is_problem(await client.get("/api/clock", headers=header), 403, next(iter(header)))


async def test_our_own_page_is_not(client: httpx.AsyncClient) -> None:
    headers = {"origin": "http://localhost:8420", "host": "[::1]:8000"}
    assert (await client.get("/api/clock", headers=headers)).status_code == 200


async def test_from_elsewhere_only_with_the_token() -> None:
    for token, shown, status in (("", "", 403), ("s3", "", 401), ("s3", "s4", 401), ("s3", "s3", 200)):
        transport = httpx.ASGITransport(Served(token=token).app(), client=("10.1.2.3", 5))
        headers = {"authorization": f"Bearer {shown}"} if shown else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://sim.example") as client:
            assert (await client.get("/api/clock", headers=headers)).status_code == status


async def test_health_needs_no_token() -> None:
    transport = httpx.ASGITransport(Served(token="s3").app())
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        # nobody has put a health route there, but the guard lets the question through
        is_problem(await client.get("/api/health"), 404, "not_found")
        is_problem(await client.post("/api/health"), 401, "unauthenticated")
