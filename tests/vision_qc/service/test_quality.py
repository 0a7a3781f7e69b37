"""Charts, drift, agreement and rates of a station that has inspected, seen over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np

from tests.support.services import wait_for
from tests.vision_qc.products import bad, good
from tests.vision_qc.service.plates import STATION, encode, told
from vision_qc.image_file import U8


def ask(service: httpx.Client, what: str, **query: int | str) -> dict[str, Any]:
    answer = service.get(f"/api/stations/{STATION}/{what}", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def darker(picture: U8) -> U8:
    return (picture * 0.6).astype(np.uint8)


def test_a_station_and_its_people(service: httpx.Client) -> None:
    assert ask(service, "drift")["result"] == {"scores": None, "pictures": None, "alarms": []}
    assert ask(service, "agreement")["result"] is None
    rows = [told(service, encode(good(2_000 + n)), f"G-{n}") for n in range(60)]
    rows += [told(service, encode(bad(n)), f"B-{n}") for n in range(12)]
    wait_for(lambda: ask(service, "charts")["inspections"] == 72, "all are in the index")
    for number, row in enumerate(rows):
        if number % 3 == 0 or number >= 60:
            truth = "good" if number < 60 else "defective"
            for by in ("Lan", "Minh"):
                service.post(
                    f"/api/inspections/{row['id']}/reviews", json={"truth": truth, "by": by, "blind": True}
                ).raise_for_status()
    wait_for(lambda: ask(service, "agreement")["inspections"] == 32, "all reviews are in the index")
    pairs = ask(service, "agreement")["result"]
    assert set(pairs) == {"camera, Lan", "camera, Minh", "Lan, Minh"}
    assert pairs["Lan, Minh"]["kappa"] == 1.0
    assert pairs["camera, Lan"]["kappa"] > 0.7
    rates = ask(service, "rates")["result"]
    rejected = [row["verdict"] == "reject" for row in rows]
    assert rates["defective"]["reject"]["count"] == sum(rejected[60:])
    assert rates["false_reject"]["low"] <= sum(rejected[:60]) / 60 <= rates["false_reject"]["high"]
    charts = ask(service, "charts", subgroup=12)["result"]
    assert len(charts["groups"]) == 6
    assert charts["rejects"]["shares"][-1] == sum(rejected[60:]) / 12
    assert charts["score"]["signals"]
    missing = service.get("/api/stations/park/plant/line1/aoi9/drift")
    assert missing.status_code == 404


def test_a_lamp_that_fades_is_drift(service: httpx.Client) -> None:
    for number in range(60):
        told(service, encode(darker(good(3_000 + number))), f"D-{number}")
    wait_for(lambda: ask(service, "drift", window=60)["inspections"] == 60, "all are in the index")
    found = ask(service, "drift", window=60)["result"]
    assert "pictures" in found["alarms"]
    assert found["pictures"]["shifts"]["brightness"] < -1.5
