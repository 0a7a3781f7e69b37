from __future__ import annotations

import msgspec

from tests.twin.api.running_twin import PARK_FILE, RunningTwin
from twin.api.park_router import ParkDocument, park_document
from twin.park.park_file import load_park


def test_the_asset_table_has_what_the_page_lays_the_frames_over(twin: RunningTwin) -> None:
    answer = twin.client.get("/api/park")
    body = answer.json()
    assert body["display"] == {"vi": "Khu thử", "en": "Test park"}
    assert body["revision"] == load_park(PARK_FILE, environment={}).revision
    first, second = body["equipment"]
    assert (first["id"], first["first_tag"], first["tag_count"]) == ("thu/nha-may/xuong/lo1", 0, 3)
    assert (second["index"], second["first_tag"], second["tag_count"]) == (1, 3, 3)
    assert first["size"] == [4.0, 1.5, 1.6]
    assert body["tags"]["tag"][3] == "thu/nha-may/xuong/lo2:temperature"
    assert body["tags"]["equipment"] == [0, 0, 0, 1, 1, 1]
    assert body["tags"]["source"] == ["lo"] * 6
    kind = body["kinds"]["oven"]
    assert kind["shape"] == "reflow_oven"
    assert kind["signals"][0]["limits"] == {"low_low": 100.0, "low": 200.0, "high": 250.0, "high_high": 300.0}
    assert body["sources"][0]["simulated"]
    assert body["site"][0]["points"][2] == [40.0, 30.0]


def test_an_equipments_own_limits_are_told_beside_its_kind(twin: RunningTwin) -> None:
    overrides = twin.client.get("/api/park").json()["tags"]["overrides"]
    assert list(overrides) == ["0"]
    assert overrides["0"]["limits"]["high"] == 260.0


def test_who_has_it_gets_it_no_second_time(twin: RunningTwin) -> None:
    first = twin.client.get("/api/park")
    again = twin.client.get("/api/park", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_comes_as_it_is_to_who_cannot_unpack(twin: RunningTwin) -> None:
    plain = twin.client.get("/api/park", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert twin.client.get("/api/park").headers["content-encoding"] == "gzip"
    assert plain.json() == twin.client.get("/api/park").json()


def test_the_answer_is_as_documented() -> None:
    park = load_park(PARK_FILE, environment={})
    ParkDocument.model_validate_json(msgspec.json.encode(park_document(park)), strict=True)
