"""Alarms over REST, from a running twin's own readings."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.twin.api.running_twin import RunningTwin, running_twin

HIGH = "thu/nha-may/xuong/lo1:temperature:high"
OTHER = "thu/nha-may/xuong/lo2:temperature:high"
BASE = "/api/alarms"


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningTwin]:
    """A twin with two alarms of its own: both ovens are too hot."""
    with running_twin(tmp_path_factory.mktemp("alarmed")) as running:
        running.plant.tell([(0, time.time_ns(), 270.0), (3, time.time_ns(), 260.0)])
        running.wait(f"{BASE}?limit=5", lambda answer: answer.status_code == 200 and total(answer) == 2)
        yield running


def total(answer: httpx.Response) -> int:
    found: int = answer.json()["total"]
    return found


def row(twin: RunningTwin, alarm: str, query: str = "") -> dict[str, Any]:
    rows: list[dict[str, Any]] = twin.client.get(f"{BASE}{query}").json()["alarms"]
    return next(one for one in rows if one["alarm"] == alarm)


def post(twin: RunningTwin, action: str, *alarms: str, **more: object) -> httpx.Response:
    return twin.client.post(f"{BASE}/{action}", json={"alarms": list(alarms), "by": "Lan", **more})


def test_an_alarm_says_everything_a_person_needs(alarmed: RunningTwin) -> None:
    found = row(alarmed, HIGH)
    assert found["name"] == {"vi": "Cao", "en": "Too high"}
    assert (found["value"], found["limit"], found["unit"]) == (270.0, 260.0, "°C")
    assert (found["state"], found["active"], found["priority"]) == ("unacknowledged", True, "medium")
    assert found["simulated"] is True
    assert found["equipment"] == "thu/nha-may/xuong/lo1"
    assert found["explained_by"] is None


def test_filters_and_pages(alarmed: RunningTwin) -> None:
    def alarms(query: str) -> list[str]:
        answer = alarmed.client.get(f"{BASE}?{query}")
        return [one["alarm"] for one in answer.json()["alarms"]]

    assert alarms("equipment=thu/nha-may/xuong/lo2") == [OTHER]
    assert set(alarms("equipment=thu/nha-may")) == {HIGH, OTHER}
    assert alarms("priority=urgent") == []
    assert alarms("state=shelved") == []
    assert alarms("limit=1") + alarms("limit=1&offset=1") == alarms("")
    assert alarmed.client.get(f"{BASE}?priority=loud").status_code == 422


def test_a_person_acts_and_the_journal_has_the_name(alarmed: RunningTwin) -> None:
    answer = post(alarmed, "acknowledge", HIGH)
    assert answer.status_code == 200
    assert [one["to_state"] for one in answer.json()["entries"]] == ["acknowledged"]
    assert row(alarmed, HIGH)["acknowledged_by"] == "Lan"
    again = post(alarmed, "acknowledge", HIGH)
    assert (again.status_code, again.json()["code"]) == (409, "alarm.refused")
    assert post(alarmed, "comment", HIGH, reason="fan is loud").status_code == 200
    assert row(alarmed, HIGH)["comment"] == "fan is loud"
    entries = alarmed.client.get(f"{BASE}/journal", params={"alarm": HIGH}).json()["entries"]
    assert [(one["event"], one["by"]) for one in entries] == [
        ("comment", "Lan"), ("acknowledge", "Lan"), ("alarm", "system"),
    ]  # fmt: skip
    mine = alarmed.client.get(f"{BASE}/journal", params={"by": "Lan", "limit": 1}).json()
    assert (len(mine["entries"]), mine["next"]) == (1, mine["entries"][0]["number"])


def test_shelved_and_out_of_service_and_back(alarmed: RunningTwin) -> None:
    assert post(alarmed, "shelve", OTHER, reason="being mended", minutes=30).status_code == 200
    found = row(alarmed, OTHER, "?state=shelved")
    assert (found["reason"], found["shelved_until"] is not None) == ("being mended", True)
    assert post(alarmed, "unshelve", OTHER).json()["entries"][0]["to_state"] == "unacknowledged"
    assert post(alarmed, "out-of-service", OTHER, reason="rebuilt").status_code == 200
    assert post(alarmed, "shelve", OTHER, reason="no", minutes=1).status_code == 409
    assert alarmed.client.get(BASE).json()["counts"]["out_of_service"] == 1
    back = post(alarmed, "return-to-service", OTHER)
    assert back.json()["entries"][0]["to_state"] == "unacknowledged"
    assert post(alarmed, "reset", OTHER).status_code == 409


def test_a_shelving_that_is_over_ends_by_itself(alarmed: RunningTwin) -> None:
    assert post(alarmed, "shelve", OTHER, reason="a moment", minutes=0.005).status_code == 200
    alarmed.wait(f"{BASE}?state=shelved", lambda answer: total(answer) == 0, 10.0)
    assert row(alarmed, OTHER)["state"] == "unacknowledged"


@pytest.mark.parametrize(
    ("action", "body", "status", "code"),
    [
        ("acknowledge", {"alarms": ["thu/x:y:high"], "by": "Lan"}, 404, "alarm.unknown"),
        ("acknowledge", {"alarms": [HIGH], "by": "system"}, 400, "alarm.action"),
        ("acknowledge", {"alarms": [HIGH]}, 422, "request"),
        ("acknowledge", {"alarms": [], "by": "Lan"}, 422, "request"),
        ("shelve", {"alarms": [HIGH], "by": "Lan", "reason": "x"}, 422, "request"),
        ("shelve", {"alarms": [HIGH], "by": "Lan", "reason": "x", "minutes": 1e9}, 422, "request"),
        ("comment", {"alarms": [HIGH], "by": "Lan", "reason": " "}, 400, "alarm.action"),
        ("comment", {"alarms": [HIGH], "by": "Lan", "reason": "a\x00b"}, 400, "alarm.action"),
    ],
)
def test_what_makes_no_sense_is_a_problem_with_a_code(
    alarmed: RunningTwin, action: str, body: dict[str, object], status: int, code: str
) -> None:
    answer = alarmed.client.post(f"{BASE}/{action}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("/journal?alarm=%00", 422),
        ("/journal?from=999999999999999", 400),
        ("/journal?to=now-1d&from=now", 400),
        ("/journal?from=yesterday", 400),
        ("/journal?before=99999999999999999999", 422),
        ("/kpi?from=-999999999999999", 400),
        ("/kpi?from=now-1000d", 400),
        ("?offset=99999999999999999999", 422),
        ("?equipment=%00", 422),
        ("?state=happy", 422),
    ],
)
def test_odd_questions_are_problems_and_no_failures(alarmed: RunningTwin, query: str, status: int) -> None:
    answer = alarmed.client.get(f"{BASE}{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_page_of_another_site_may_not_act(alarmed: RunningTwin) -> None:
    answer = alarmed.client.post(
        f"{BASE}/acknowledge",
        json={"alarms": [OTHER], "by": "Lan"},
        headers={"origin": "https://evil.example"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_measures_of_the_last_hour(alarmed: RunningTwin) -> None:
    found = alarmed.client.get(f"{BASE}/kpi", params={"from": "now-1h"}).json()
    assert found["count"] >= 2
    assert sum(found["per_ten_minutes"]) == found["count"]
    assert HIGH in found["top"]
    assert found["standing"] == []
    wrong = alarmed.client.get(f"{BASE}/kpi", params={"from": "now", "to": "now-1h"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "history.query")


def test_the_twin_counts_what_it_evaluated(alarmed: RunningTwin) -> None:
    printed = alarmed.client.get("/metrics").text
    assert "parktwin_alarm_readings_evaluated_total 2.0" in printed
    assert 'parktwin_alarm_journal_entries_total{event="alarm"} 2.0' in printed


def test_the_stream_tells_what_happens_to_alarms(alarmed: RunningTwin) -> None:
    with connect(alarmed.stream_url) as socket:
        post(alarmed, "comment", HIGH, reason="seen on the stream")
        while True:
            message = socket.recv(timeout=20)
            if isinstance(message, str):
                event = json.loads(message)
                if event["event"] == "alarms" and event["entries"]:
                    break
    assert [(one["event"], one["by"], one["reason"]) for one in event["entries"]] == [
        ("comment", "Lan", "seen on the stream")
    ]
