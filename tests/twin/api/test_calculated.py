"""A calculated tag in a running twin: state, alarms, history, sources and the past see it like any other."""

from __future__ import annotations

import math
import time
from pathlib import Path

import httpx

from tests.twin.api.running_twin import OVEN, PARK_FILE, running_twin

ROWS = """
calculated:
  - id: excess
    name: {vi: Vượt nhiệt, en: Excess}
    kind: oven
    value: temperature - 200 [°C]
    unit: °C
    range: [-200, 200]
    limits: {high: 50}
  - {id: hottest, name: {vi: Nóng nhất, en: Hottest}, equipment: thu/nha-may/xuong/lo1,
     value: "max({../lo*:excess})", unit: °C}
alarms:
  - id: hot_while_held
    name: {vi: Nóng khi dừng, en: Hot while held}
    type: expression
    kind: oven
    signal: temperature
    when: excess > 60 and state == "Held"
"""


def test_a_calculated_tag_is_a_tag_like_any_other(tmp_path: Path) -> None:
    park = tmp_path / "park.yaml"
    park.write_text(PARK_FILE.read_text() + ROWS)
    with running_twin(tmp_path, PARKTWIN_PARK=str(park)) as twin:
        now = time.time_ns()
        twin.plant.beat()
        twin.plant.tell([(0, now, 270.0), (1, now, math.nan, 0, "Held"), (3, now, 240.0)])
        question = f"/api/state?tag={OVEN}:excess&tag={OVEN}:hottest"

        def fresh(answer: httpx.Response) -> bool:
            twin.plant.beat()  # a busy machine may take longer than a source may be silent
            return not any(row["stale"] for row in answer.json()["tags"])

        def shows(value: float) -> str:
            twin.wait(question, lambda r: [row["value"] for row in r.json()["tags"]] == [value, value])
            answer = twin.wait(question, fresh)
            row = answer.json()["tags"][0]
            assert (row["unit"], row["simulated"]) == ("°C", True)
            at: str = row["time"]
            return at

        began = shows(70.0)
        found = twin.wait("/api/alarms", lambda r: r.json()["total"] >= 3).json()["alarms"]
        names = {row["alarm"].removeprefix(f"{OVEN}:") for row in found}
        assert names == {"temperature:high", "excess:high", "temperature:hot_while_held"}
        sources = {row["id"]: row for row in twin.client.get("/api/sources").json()}
        assert sources["calculated-thu"]["config"]["items"] == 3
        assert sources["calculated-thu"]["state"]["connection"] == "connected"
        twin.plant.tell([(0, time.time_ns(), 280.0)])
        shows(80.0)
        history = f"/api/history?tag={OVEN}:excess&from=now-5m&to=now"
        answer = twin.wait(history, lambda r: r.status_code == 200 and len(r.json()["raw"]["value"]) == 2)
        assert answer.json()["raw"]["value"] == [70.0, 80.0]
        then = twin.client.get(f"{question}&at={began.replace('+', '%2B')}").json()["tags"]
        assert [row["value"] for row in then] == [70.0, 70.0]
