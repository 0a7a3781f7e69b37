from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sim.calendar.calendar import make_calendars
from sim.plant import SHIPPED, read_plant
from tests.twin.kpi.small_park import small_plan
from twin.contract.clock import NS_PER_S, from_iso
from twin.kpi.calendar import hours, planned, shift_at
from twin.kpi.spans import length
from twin.park.kpi import Calendar
from twin.park.park_file import load_park
from twin.park.shift_times import public_holidays

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def day(text: str) -> int:
    return from_iso(f"{text}T00:00:00+07:00")


def worked_h(first: str, last: str) -> float:
    calendar = small_plan().rules.calendars[0]
    return length(planned(calendar, day(first), day(last), HANOI, False)) / NS_PER_S / 3600


def test_tet_hung_kings_and_own_days_off_are_not_planned() -> None:
    assert worked_h("2026-09-24", "2026-09-25") == 7.0
    assert worked_h("2026-02-16", "2026-02-21") == 0.0, "Tết: 17 February 2026 is the first of the year"
    assert worked_h("2026-04-26", "2026-04-28") == 0.0, "Hùng Kings' day on a Sunday, and the day in lieu"
    assert worked_h("2026-10-05", "2026-10-06") == 0.0
    assert worked_h("2026-11-24", "2026-11-25") == 7.0, "a public holiday that this plant works"


def test_tet_of_2030_is_the_vietnamese_one() -> None:
    """New moon at 23:08 in Hanoi, at 00:08 of the next day in Beijing: mùng 1 is 2 February."""
    days = sorted(day.isoformat() for day in public_holidays("VN", 2030))
    assert "2030-02-02" in days
    assert "2030-02-01" in days


def test_the_twin_and_the_simulator_plan_the_same_time() -> None:
    park = load_park(Path(SHIPPED).with_name("park.yaml"), environment={})
    theirs = make_calendars(read_plant().calendars, 7)
    for calendar in park.kpi.calendars:
        for first, last in (
            ("2026-01-01", "2026-03-01"),
            ("2027-04-10", "2027-05-10"),
            ("2029-08-28", "2029-09-10"),
        ):
            start, end = day(first), day(last)
            ours = length(planned(calendar, start, end, HANOI, False)) / NS_PER_S
            assert ours == pytest.approx(theirs[calendar.id].working_s(start, end)), (calendar.id, first)


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    park = load_park(Path(SHIPPED).with_name("park.yaml"), environment={})
    three = next(calendar for calendar in park.kpi.calendars if calendar.id == "three_shifts")
    name, start, end = shift_at(three, from_iso("2026-09-25T02:00:00+07:00"), HANOI)
    assert (name, start, end) == (
        "C",
        from_iso("2026-09-24T22:00:00+07:00"),
        from_iso("2026-09-25T06:00:00+07:00"),
    )
    assert shift_at(None, start, HANOI)[0] == ""


def test_a_calendar_without_shifts_is_all_of_every_day_but_days_off() -> None:
    start, end = day("2026-02-16"), day("2026-02-23")
    always = Calendar("always", public_holidays="VN")
    assert length(planned(always, start, end, HANOI, False)) / NS_PER_S / 3600 == 48.0


def test_hours_are_those_of_the_clock() -> None:
    found = hours(from_iso("2026-09-24T08:10:00+07:00"), from_iso("2026-09-24T11:30:00+07:00"), HANOI)
    assert found[:, 0].tolist() == [
        from_iso("2026-09-24T09:00:00+07:00"),
        from_iso("2026-09-24T10:00:00+07:00"),
    ]
