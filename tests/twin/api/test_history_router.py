from __future__ import annotations

import time

import pytest

from tests.twin.api.running_twin import OVEN, RunningTwin
from twin.api.history_router import HistoryAnswer
from twin.api.moment import TimeError, parse_time

TAG = f"{OVEN}:temperature"


def test_what_was_told_is_in_the_history(twin: RunningTwin) -> None:
    path = f"/api/history?tag={TAG}&from=now-10m&points=100"
    body = twin.wait(
        path, lambda answer: answer.status_code == 200 and bool(answer.json()["raw"]["value"])
    ).json()
    HistoryAnswer.model_validate(body, strict=True)
    assert body["unit"] == "°C"
    assert body["simulated"]
    assert body["raw"]["value"] == [221.5, 222.5]
    assert body["raw"]["status"] == [0, 0]
    told = [bucket for bucket in zip(*body["buckets"].values(), strict=True) if bucket[4]]
    assert sum(bucket[4] for bucket in told) == 2
    assert min(bucket[1] for bucket in told) == 221.5
    assert max(bucket[2] for bucket in told) == 222.5
    assert body["to"] - body["from"] == pytest.approx(600_000)


def test_the_reading_before_the_interval_tells_what_holds_at_its_left_edge(twin: RunningTwin) -> None:
    told = twin.wait(
        f"/api/history?tag={TAG}&from=now-10m",
        lambda answer: answer.status_code == 200 and bool(answer.json()["raw"]["value"]),
    ).json()
    assert told["before"] is None
    last = told["raw"]["time_ms"][-1]
    body = twin.client.get(f"/api/history?tag={TAG}&from={last + 1:.6f}&to=now").json()
    HistoryAnswer.model_validate(body, strict=True)
    assert body["raw"]["value"] == []
    assert body["before"] == {"time_ms": pytest.approx(last), "value": 222.5, "status": 0}
    at_it = twin.client.get(f"/api/history?tag={TAG}&from={last - 1:.6f}&to=now").json()
    assert (at_it["raw"]["value"], at_it["before"]["value"]) == ([222.5], 221.5), "never in both"


def test_a_day_begins_at_midnight_where_the_park_is(twin: RunningTwin) -> None:
    path = f"/api/history?tag={TAG}&from=now-30d&points=31"
    body = twin.wait(
        path, lambda answer: answer.status_code == 200 and len(answer.json()["raw"]["value"]) > 1
    )
    day_ms = 86_400_000
    assert body.json()["width_ms"] == day_ms
    assert body.json()["buckets"]["start_ms"][0] % day_ms == 17 * 3_600_000, "00:00 in Hanoi is 17:00 UTC"


def test_nothing_lies_before_1970(twin: RunningTwin) -> None:
    body = twin.client.get(f"/api/history?tag={TAG}&from=0&to=now&points=1")
    assert (body.status_code, body.json()["before"]) == (200, None)


def test_a_tag_of_the_park_without_readings_is_an_empty_trend(twin: RunningTwin) -> None:
    answer = twin.wait(
        "/api/history?tag=thu/nha-may/xuong/lo2:speed", lambda answer: answer.status_code != 503
    )
    body = answer.json()
    assert answer.status_code == 200
    assert (body["unit"], sum(body["buckets"]["count"]), body["raw"]["value"]) == ("m/s", 0, [])
    assert body["before"] is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "request"),
        ("tag=no/such:tag", 404, "state.unknown_tag"),
        (f"tag={TAG}&from=yesterday", 400, "history.time"),
        (f"tag={TAG}&from=2026-01-01T00:00:00", 400, "history.time"),
        (f"tag={TAG}&from=now&to=now-1h", 400, "history.query"),
        (f"tag={TAG}&from=0&to=999999999999999", 400, "history.query"),
        (f"tag={TAG}&from=-999999999999999", 400, "history.query"),
        (f"tag={TAG}&points=0", 422, "request"),
        (f"tag={TAG}&points=10001", 422, "request"),
    ],
)
def test_questions_without_an_answer(twin: RunningTwin, query: str, status: int, code: str) -> None:
    answer = twin.wait(f"/api/history?{query}", lambda answer: answer.status_code != 503)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_times_as_people_and_programs_write_them() -> None:
    now = time.time_ns()
    assert parse_time("now", now) == now
    assert parse_time("now-90s", now) == now - 90_000_000_000
    assert parse_time("now-2d", now) == now - 172_800_000_000_000
    assert parse_time("1700000000000", now) == 1_700_000_000_000_000_000
    assert parse_time("2023-11-15T05:13:20+07:00", now) == 1_700_000_000_000_000_000
    assert parse_time("2023-11-15T05:13:20 07:00", now) == 1_700_000_000_000_000_000


@pytest.mark.parametrize("text", ["", "now+1h", "now-1y", "-", "1e9", "2023-11-15", "99999999999999999999"])
def test_what_is_no_time_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(TimeError, match="write 2026-01-31T08:00:00"):
        parse_time(text, 0)
