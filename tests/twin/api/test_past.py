"""The state of a past moment is what the live API said then."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import httpx

from tests.twin.api.running_twin import OVEN, RunningTwin, running_twin, until
from tests.twin.state.parks import connected, lost

S = 1_000_000_000
OVENS = f"?equipment={OVEN}&equipment={OVEN.replace('lo1', 'lo2')}"


def settled(twin: RunningTwin, value: float, condition: str) -> dict[str, Any]:
    """Wait until the live state is as wanted, and then for a tick in which nothing is under way."""

    def as_wanted(answer: httpx.Response) -> bool:
        if condition != "stale":
            twin.plant.beat()  # a slow machine may take longer than a source may be silent
        body = answer.json()
        return (
            answer.status_code == 200
            and body["tags"][0]["value"] == value
            and body["equipment"][0]["condition"] == condition
        )

    twin.wait(f"/api/state{OVENS}", as_wanted)
    time.sleep(0.4)
    twin.plant.beat() if condition != "stale" else None
    answer: dict[str, Any] = twin.client.get(f"/api/state{OVENS}").json()
    assert answer["equipment"][0]["condition"] == condition
    return answer


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    """Without how old values were, which the two answers can give to different milliseconds."""
    tags = [{key: row[key] for key in row if key != "age_ms"} for row in answer["tags"]]
    return {"equipment": answer["equipment"], "tags": tags}


def test_what_is_asked_later_is_what_was_answered_then(tmp_path: Path) -> None:
    with running_twin(tmp_path, PARKTWIN_SNAPSHOT_S="1") as twin:
        plant = twin.plant
        plant.beat()
        answers: list[tuple[dict[str, Any], dict[str, Any]]] = []

        def note(value: float, condition: str) -> None:
            state = settled(twin, value, condition)
            answers.append((state, twin.client.get("/api/alarms").json()))

        plant.tell([(0, time.time_ns(), 220.0), (1, time.time_ns(), math.nan, 0, "Execute")])
        note(220.0, "running")
        plant.tell([(0, time.time_ns(), 310.0), (2, time.time_ns(), 0.5)])
        note(310.0, "critical")
        plant.tell([(0, time.time_ns(), 311.0, 0x80310000), (1, time.time_ns(), math.nan, 0, "Held")])
        until(lambda: twin.client.get(f"/api/state?tag={OVEN}:temperature"),
              lambda r: r.json()["tags"][0]["quality"] == "bad", 20.0)  # fmt: skip
        note(311.0, "bad")
        plant.beat(lost(connected("lo", time=time.time_ns())))
        note(311.0, "stale")
        plant.beat()
        plant.tell([(0, time.time_ns(), 221.0)])
        note(221.0, "stopped")

        time.sleep(1.5)  # the history takes readings in once a second
        for state, alarms in answers:
            twin.wait(
                f"/api/state{OVENS}&at={state['time'].replace('+', '%2B')}",
                lambda r, then=state: r.status_code == 200 and bare(r.json()) == bare(then),  # type: ignore[misc]
                10.0,
            )
            at = alarms["time"].replace("+", "%2B")
            again = twin.client.get(f"/api/alarms?at={at}").json()
            assert again == alarms
        assert [len(alarms["alarms"]) for _, alarms in answers] == [0, 2, 2, 2, 2]

        before = twin.client.get(f"/api/state{OVENS}&at=now-1d").json()
        assert {row["value"] for row in before["tags"]} == {None}
        assert {one["condition"] for one in before["equipment"]} == {"no_data"}
        for path in ("/api/state?tag=x&at=yesterday", f"/api/state{OVENS}&at=2090-01-01T00:00:00Z"):
            assert twin.client.get(path).status_code in (400, 404)
        assert twin.client.get(f"/api/state{OVENS}&at=2090-01-01T00:00:00Z").status_code == 400
