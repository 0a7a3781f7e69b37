"""``/api/commands`` of a running twin: asking, deciding, following, and every refusal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.twin.api.running_twin import OVEN, RunningTwin
from twin.bus.base import Message
from twin.contract.codec import decode_message, encode_message
from twin.contract.command import Command, CommandOutcome, CommandState
from twin.contract.topics import COMMAND_OUTCOMES, COMMANDS

WISH: dict[str, Any] = {
    "equipment": OVEN, "command": "set_speed", "value": 1, "by": "Lan", "reason": "đổi sản phẩm",
}  # fmt: skip
STOP = {**WISH, "command": "stop", "value": None}


@pytest.fixture(scope="module")
def ready(twin: RunningTwin) -> RunningTwin:
    """The twin, once its interlocks hold."""

    def holds(answer: httpx.Response) -> bool:
        return answer.status_code == 200 and all(
            lock["verdict"] == "holds" for one in answer.json()["commands"] for lock in one["interlocks"]
        )

    twin.wait(f"/api/commands/catalogue?equipment={OVEN}", holds)
    return twin


@pytest.fixture
def asked(ready: RunningTwin) -> Iterator[list[str]]:
    """Ids of what a test asked for; taken to their end after it, so that the next may ask."""
    ids: list[str] = []
    yield ids
    for number in ids:
        if ready.client.get(f"/api/commands/{number}").json()["state"] == "waiting":
            ready.client.post(f"/api/commands/{number}/withdraw", json={"by": "Lan"})
        else:
            answer(ready, number, CommandState.REFUSED)


def ask(twin: RunningTwin, asked: list[str], **changes: Any) -> httpx.Response:
    got = twin.client.post("/api/commands", json={**WISH, **changes})
    if got.status_code < 300:
        asked.append(got.json()["id"])
    return got


def answer(twin: RunningTwin, number: str, *states: CommandState) -> None:
    """Say outcomes as a connector does, and wait until they are taken in."""
    messages = []
    for step, state in enumerate(states):
        outcome = CommandOutcome(
            command=number, number=step, source="lo", equipment=OVEN, name="set_speed", state=state,
            code=state.value, time=time.time_ns(), value=1.0, value_time=1, params={"value": "1"},
        )  # fmt: skip
        value, headers = encode_message(outcome, message_id=f"{number}:{step}", source="c", time_ns=1)
        messages.append(Message(COMMAND_OUTCOMES.name, number, value, headers))
    twin.plant.bus.publish(messages)
    twin.wait(f"/api/commands/{number}", lambda got: bool(got.json()["final"]))


def on_the_bus(twin: RunningTwin, number: str) -> list[Command]:
    consumer = twin.plant.bus.consumer([COMMANDS.name])
    found = [decode_message(Command, r.message.value, r.message.headers) for r in consumer.poll(1.0)]
    consumer.close()
    return [command for command in found if command.id == number]


def test_the_catalogue_says_what_there_is_and_what_must_hold(ready: RunningTwin) -> None:
    got = ready.client.get(f"/api/commands/catalogue?equipment={OVEN}").json()["commands"]
    assert [one["command"] for one in got] == ["set_speed", "stop"]
    assert got[0]["argument"] == {"type": "number", "low": 0.1, "high": 2.0, "unit": "m/s", "options": []}
    (lock,) = got[0]["interlocks"]
    assert (lock["verdict"], lock["when"]) == ("holds", "temperature > 200 [°C]")
    assert lock["seen"][0]["value"] == 222.5
    assert (got[1]["risk"], got[1]["consequence"]["vi"]) == ("high", "Bo trong lò bị hỏng")


def test_a_dry_run_on_the_twin_sends_nothing(ready: RunningTwin) -> None:
    before = ready.client.get("/api/commands").json()["total"]
    got = ready.client.post("/api/commands/rehearse", json={"equipment": OVEN, "command": "stop"}).json()
    assert (got["now"]["value"], got["wanted"], got["let_through"]) == ("Execute", ["Stopped"], True)
    assert got["needs_approval"]
    assert ready.client.get("/api/commands").json()["total"] == before


def test_a_command_is_let_through_and_followed_to_its_end(ready: RunningTwin, asked: list[str]) -> None:
    got = ask(ready, asked)
    assert got.status_code == 202
    number = got.json()["id"]
    assert (got.json()["state"], got.json()["identity"]) == ("issued", "claimed")
    (command,) = on_the_bus(ready, number)
    assert (command.value, command.source, command.requested_by) == (1.0, "lo", "Lan")
    answer(ready, number, CommandState.ACCEPTED, CommandState.WRITTEN, CommandState.HELD)
    asked.clear()
    end = ready.client.get(f"/api/commands/{number}").json()
    assert (end["state"], end["read_back"], end["final"]) == ("held", 1.0, True)
    assert end["text"] == {"vi": "Đã thực hiện; đọc lại được 1.", "en": "Carried out; read back 1."}
    assert [step["event"] for step in end["steps"]] == [
        "requested",
        "issued",
        "outcome",
        "outcome",
        "outcome",
    ]
    audit = ready.client.get(f"/api/commands/audit?command={number}").json()
    assert [line["hash"] for line in audit["lines"]] == [step["hash"] for step in end["steps"]]


def test_the_high_class_waits_for_a_second_person(ready: RunningTwin, asked: list[str]) -> None:
    number = ask(ready, asked, **STOP).json()["id"]
    assert on_the_bus(ready, number) == []
    alone = ready.client.post(f"/api/commands/{number}/approve", json={"by": "lan"})
    assert (alone.status_code, alone.json()["code"]) == (409, "command.approval")
    waiting = ready.client.get(f"/api/commands?state=waiting&equipment={OVEN}").json()
    assert [one["id"] for one in waiting["requests"]] == [number]
    got = ready.client.post(f"/api/commands/{number}/approve", json={"by": "Minh", "reason": "ok"})
    assert (got.status_code, got.json()["state"], got.json()["decided_by"]) == (202, "issued", "Minh")
    (command,) = on_the_bus(ready, number)
    assert command.approved_by == "Minh"
    again = ready.client.post(f"/api/commands/{number}/approve", json={"by": "Hoa"})
    assert (again.status_code, again.json()["code"]) == (409, "command.approval")


def test_it_is_declined_or_withdrawn(ready: RunningTwin, asked: list[str]) -> None:
    number = ask(ready, asked, **STOP).json()["id"]
    empty = ready.client.post(f"/api/commands/{number}/decline", json={"by": "Minh"})
    assert (empty.status_code, empty.json()["code"]) == (400, "command.value")
    got = ready.client.post(f"/api/commands/{number}/decline", json={"by": "Minh", "reason": "còn bo"})
    assert (got.status_code, got.json()["state"]) == (200, "declined")
    number = ask(ready, asked, **STOP).json()["id"]
    other = ready.client.post(f"/api/commands/{number}/withdraw", json={"by": "Minh"})
    assert other.status_code == 409
    assert ready.client.post(f"/api/commands/{number}/withdraw", json={"by": "Lan"}).json()["final"]
    asked.clear()


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no such equipment": ({"equipment": "thu/x"}, 404, "command.unknown"),
    "no such command": ({"command": "start"}, 404, "command.unknown"),
    "no value": ({"value": None}, 400, "command.value"),
    "a value beyond its range": ({"value": 2.01}, 400, "command.value"),
    "a text": ({"value": "1"}, 400, "command.value"),
    "no reason": ({"reason": " "}, 400, "command.value"),
    "a name of blanks": ({"by": "  "}, 400, "command.value"),
    "no name": ({"by": ""}, 422, "request"),
    "a list": ({"value": [1]}, 422, "request"),
    "a key nobody knows": ({"risk": "low"}, 422, "request"),
    "an id that is none": ({"id": "a b"}, 422, "request"),
    "an interlock that cannot be seen": ({"equipment": "thu/nha-may/xuong/lo2"}, 409, "command.interlock"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_refusal_says_why(ready: RunningTwin, asked: list[str], case: str) -> None:
    changes, status, code = REFUSED[case]
    got = ask(ready, asked, **changes)
    assert (got.status_code, got.json()["code"]) == (status, code)
    assert got.headers["content-type"] == "application/problem+json"
    assert got.json()["detail"]


def test_the_same_twice_at_once_is_refused(ready: RunningTwin, asked: list[str]) -> None:
    first = ask(ready, asked)
    second = ask(ready, asked)
    assert (second.status_code, second.json()["code"]) == (409, "command.open")
    assert first.json()["id"] in second.json()["detail"]


def test_a_request_that_is_sent_twice_is_one(ready: RunningTwin, asked: list[str]) -> None:
    number = f"page-{time.time_ns()}"
    assert ask(ready, asked, id=number).json()["id"] == number
    assert ready.client.post("/api/commands", json={**WISH, "id": number}).json()["id"] == number
    assert len(on_the_bus(ready, number)) == 1


def test_the_page_of_another_site_may_not_ask(ready: RunningTwin) -> None:
    got = ready.client.post("/api/commands", json=WISH, headers={"origin": "https://elsewhere.example"})
    assert got.status_code == 403


@pytest.mark.parametrize("path", ["/api/commands/none", "/api/commands/catalogue?equipment=thu/x"])
def test_what_is_not_there_is_not_found(ready: RunningTwin, path: str) -> None:
    assert ready.client.get(path).status_code == 404
    assert ready.client.get("/api/commands/%00").status_code == 422
    assert ready.client.post("/api/commands/none/approve", json={"by": "Minh"}).status_code == 404
