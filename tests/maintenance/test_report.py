"""The weekly report: urgent machines first, what is not known said, the record of the forecasts shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from maintenance.live.ledger import KeptForecast, Ledger, Outcome
from maintenance.report import _TEXTS, WEEK_NS, gather_week, weekly_report
from twin.contract.health import (
    HealthReason,
    HealthState,
    HealthStep,
    MachineHealth,
    RankedMode,
    RemainingLife,
    SimilarLife,
)
from twin.service.database import open_database

NOW_NS = 1_790_000_000 * 10**9


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    engine = open_database("sqlite://")
    yield Ledger(engine)
    engine.dispose()


def _told(machine: str, state: HealthState, left_h: float = 0.0, *, ago_ns: int = 0) -> KeptForecast:
    known = state in {HealthState.FAILING, HealthState.DEGRADING}
    health = MachineHealth(
        machine=machine,
        time=NOW_NS - ago_ns,
        state=state,
        kind="pump",
        model="pump",
        model_version="v1",
        health=0.4 if known else None,
        remaining=RemainingLife(p05=left_h / 3, p10=left_h / 2, p50=left_h, p90=2 * left_h, p95=3 * left_h)
        if known
        else None,
        modes=(
            RankedMode(
                mode="wear", iso14224="VIB", mechanism="2.4 Wear", probability=0.9,
                name_vi="Mòn ổ trục", name_en="Bearing wear",
            ),
        )
        if known
        else (),
        reasons=(HealthReason(signal="vibration", contribution=1.0, vi="rung cao", en="shakes"),)
        if known
        else (),
        trend_vi="Mức hư hại tăng" if known else "",
        trend_en="severity rose" if known else "",
        steps=tuple(
            HealthStep(block=block, remaining_h=left, vi="", en="")
            for block, left in (("age", 8000.0), ("signals", 50.0), ("course", left_h))
        )
        if known
        else (),
        similar=tuple(
            SimilarLife(life=life, distance=0.1, remaining_h=left, mode="wear", vi="", en="")
            for life, left in (("3", 40.0), ("7", 25.0))
        )
        if known
        else (),
        note_vi="" if known else "Chưa đủ dữ liệu: chưa có mô hình",
        note_en="" if known else "Not enough data: there is no model",
    )  # fmt: skip
    return KeptForecast(health, 100.0)


def test_the_most_urgent_machine_is_first_and_a_week_ago_is_told(ledger: Ledger) -> None:
    ledger.write([_told("park/a/slow", HealthState.DEGRADING, 900.0, ago_ns=WEEK_NS + 1)])
    ledger.write(
        [
            _told("park/a/slow", HealthState.DEGRADING, 400.0),
            _told("park/a/soon", HealthState.FAILING, 30.0),
            _told("park/a/new", HealthState.NOT_ENOUGH_DATA),
        ]
    )
    vi, en = (weekly_report(gather_week(ledger, NOW_NS), language) for language in ("vi", "en"))
    rows = [line for line in en.splitlines() if line.startswith("| park/")]
    assert [row.split(" ")[1] for row in rows] == ["park/a/soon", "park/a/slow"]
    assert "about 30 (15 to 60)" in rows[0]
    assert "none yet" in rows[0]
    assert "degrading" in rows[1]
    assert "park/a/new" not in en
    assert "1 not enough data to say" in en
    assert "Bearing wear (VIB, 90 %)" in en
    assert "Mòn ổ trục (VIB, 90 %)" in vi
    assert "rung cao" in vi
    assert "nobody knows how good" in en
    assert "  - 1 machines: there is no model" in en
    assert "  - 1 máy: chưa có mô hình" in vi


def test_a_machine_without_a_model_that_shows_something_is_named(ledger: Ledger) -> None:
    calm = _told("park/a/calm", HealthState.NOT_ENOUGH_DATA)
    reason = HealthReason(signal="noise", contribution=1.0, vi="noise cao hơn", en="noise is above")
    strange = replace(calm.health, machine="park/a/strange", reasons=(reason,))
    ledger.write([calm, KeptForecast(strange, 30.0)])
    en = weekly_report(gather_week(ledger, NOW_NS), "en")
    assert "- park/a/strange: noise is above" in en
    assert "park/a/calm" not in en


def test_why_is_told_below_the_table(ledger: Ledger) -> None:
    ledger.write([_told("park/a/soon", HealthState.FAILING, 30.0)])
    week = gather_week(ledger, NOW_NS)
    en = weekly_report(week, "en", kinds={"pump": "Pump"}, zone=ZoneInfo("Asia/Ho_Chi_Minh"))
    why = next(line for line in en.splitlines() if line.startswith("- **Pump, park/a/soon**"))
    assert "Signals: shakes. Severity rose." in why
    assert "by age and kind alone 8,000, with its signals of now 50, with the way there 30." in why
    assert (
        "2 past machines that once looked the same ran 25 to 40 hours more, then failed: bearing wear (2)"
        in why
    )
    vi = weekly_report(week, "vi", kinds={"pump": "Bơm"})
    assert "chỉ theo tuổi và loại máy 8.000" in vi
    assert "2 máy mẫu từng ở mức này chạy thêm 25 đến 40 giờ rồi hỏng: mòn ổ trục (2)" in vi


def test_days_are_those_of_the_site(ledger: Ledger) -> None:
    late = NOW_NS // (86_400 * 10**9) * 86_400 * 10**9 + 20 * 3600 * 10**9  # 20:00 UTC
    week = gather_week(ledger, late)
    utc, local = (
        weekly_report(week, "en", zone=ZoneInfo(zone)).splitlines()[2] for zone in ("UTC", "Asia/Ho_Chi_Minh")
    )
    assert utc != local


def test_what_came_and_how_good_it_was_forecast_is_shown(ledger: Ledger) -> None:
    ledger.write([_told("park/a/soon", HealthState.FAILING, 30.0, ago_ns=WEEK_NS // 2)])
    ledger.report(Outcome("park/a/soon", NOW_NS - 10, "failed", "wear", True, "lan", NOW_NS))
    ledger.report(Outcome("park/a/other", NOW_NS - 9, "failed", "", True, "lan", NOW_NS))
    text = weekly_report(gather_week(ledger, NOW_NS), "en")
    assert "park/a/soon failed; found: Bearing wear" in text
    assert "park/a/other failed; how it failed was not reported" in text
    assert re.search(r"\| pump \| 1 \| 1 \|", text)


def test_an_empty_park_is_no_error(ledger: Ledger) -> None:
    text = weekly_report(gather_week(ledger, NOW_NS), "vi")
    assert "Không có máy nào" in text


def test_every_text_is_there_in_both_languages() -> None:
    assert all(vi and en and vi != en for vi, en in _TEXTS.values())
