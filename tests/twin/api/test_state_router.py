from __future__ import annotations

import pytest

from tests.twin.api.running_twin import OVEN, RunningTwin
from twin.api.state_router import StateAnswer


def test_a_machine_is_told_with_all_one_needs_to_trust_it(twin: RunningTwin) -> None:
    path = f"/api/state?equipment={OVEN}"
    body = twin.wait(path, lambda answer: answer.json()["equipment"][0]["condition"] == "running").json()
    StateAnswer.model_validate(body, strict=True)
    temperature, state, _ = body["tags"]
    assert (temperature["tag"], temperature["value"], temperature["unit"]) == (
        f"{OVEN}:temperature",
        222.5,
        "°C",
    )
    assert (temperature["quality"], temperature["status"], temperature["stale"]) == ("good", 0, False)
    assert temperature["simulated"]
    assert temperature["age_ms"] > 0
    assert temperature["time"].endswith("Z")
    assert (state["value"], state["text"]) == (None, "Execute")


def test_a_tag_without_data_says_so(twin: RunningTwin) -> None:
    row = twin.client.get("/api/state?tag=thu/nha-may/xuong/lo2:speed").json()["tags"][0]
    assert (row["value"], row["time"], row["age_ms"], row["quality"]) == (None, None, None, "bad")


def test_tags_come_in_the_order_asked_for_and_once(twin: RunningTwin) -> None:
    answer = twin.client.get(f"/api/state?tag={OVEN}:state&tag={OVEN}:temperature&tag={OVEN}:state")
    assert [row["tag"] for row in answer.json()["tags"]] == [f"{OVEN}:state", f"{OVEN}:temperature"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "state.question"),
        ("equipment=thu/nowhere/at/all", 404, "state.unknown_equipment"),
        (f"tag={OVEN}:colour", 404, "state.unknown_tag"),
        ("tag=", 404, "state.unknown_tag"),
    ],
)
def test_questions_without_an_answer(twin: RunningTwin, query: str, status: int, code: str) -> None:
    answer = twin.client.get(f"/api/state?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
