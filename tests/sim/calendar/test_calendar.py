from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calendar.calendar import Calendar, Phase, make_calendars
from sim.calendar.rows import WEEKDAYS, BreakRow, CalendarRow, DaysOffRow, ShiftRow, Weekday
from sim.errors import PlantError

HANOI = timezone(timedelta(hours=7))
WEEK: tuple[Weekday, ...] = WEEKDAYS[:6]

TWO_SHIFTS = CalendarRow(
    "two",
    (
        ShiftRow("A", "06:00", "14:00", WEEK, (BreakRow("10:00", "10:30"),)),
        ShiftRow("B", "14:00", "22:00", WEEK, (BreakRow("18:00", "18:30"),)),
    ),
    holidays=(DaysOffRow(date(2026, 9, 2), "Quốc khánh", "National Day"),),
    shutdowns=(DaysOffRow(date(2026, 2, 14), "Nghỉ Tết", "Tet", date(2026, 2, 22)),),
)
NIGHT = CalendarRow("night", (ShiftRow("C", "22:00", "06:00", ("fri",), (BreakRow("02:00", "02:45"),)),))


def at(*moment: int) -> int:
    """Nanoseconds since the epoch of a local moment in Hanoi."""
    return int(datetime(*moment, tzinfo=HANOI).timestamp()) * 10**9  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "phase"),
    [
        ((2026, 11, 25, 5, 59, 59), Phase.OFF),
        ((2026, 11, 25, 6), Phase.WORKING),
        ((2026, 11, 25, 10), Phase.BREAK),
        ((2026, 11, 25, 10, 30), Phase.WORKING),
        ((2026, 11, 25, 14), Phase.WORKING),
        ((2026, 11, 25, 21, 59, 59), Phase.WORKING),
        ((2026, 11, 25, 22), Phase.OFF),
        ((2026, 11, 29, 9), Phase.OFF),  # a Sunday
        ((2026, 9, 2, 9), Phase.OFF),
        ((2026, 9, 3, 9), Phase.WORKING),
        ((2026, 2, 13, 21), Phase.WORKING),
        ((2026, 2, 14, 9), Phase.OFF),
        ((2026, 2, 22, 9), Phase.OFF),
        ((2026, 2, 23, 6), Phase.WORKING),
    ],
)
def test_the_phase_of_a_moment(moment: tuple[int, ...], phase: Phase) -> None:
    calendar = Calendar(TWO_SHIFTS, 7)
    assert calendar.phase(at(*moment)) is phase
    assert calendar.is_working(at(*moment)) is (phase is Phase.WORKING)


def test_a_night_shift_belongs_to_the_evening_it_starts() -> None:
    calendar = Calendar(NIGHT, 7)
    friday, saturday = (2026, 11, 27), (2026, 11, 28)
    assert calendar.phase(at(*friday, 5)) is Phase.OFF
    assert calendar.phase(at(*friday, 23)) is Phase.WORKING
    assert calendar.phase(at(*saturday, 2, 30)) is Phase.BREAK
    assert calendar.phase(at(*saturday, 5)) is Phase.WORKING
    assert calendar.phase(at(*saturday, 6)) is Phase.OFF
    assert calendar.phase(at(*saturday, 23)) is Phase.OFF


def test_a_shift_that_has_begun_before_a_holiday_is_worked_to_its_end() -> None:
    every_night = CalendarRow(
        "n", (ShiftRow("C", "22:00", "06:00"),), (DaysOffRow(date(2026, 9, 2), "Quốc khánh", "National Day"),)
    )
    calendar = Calendar(every_night, 7)
    assert calendar.is_working(at(2026, 9, 2, 5))
    assert not calendar.is_working(at(2026, 9, 2, 23))
    assert not calendar.is_working(at(2026, 9, 3, 5))


def test_shifts_without_a_gap_are_one_stretch_of_work() -> None:
    round_the_clock = CalendarRow(
        "r",
        (ShiftRow("A", "06:00", "14:00"), ShiftRow("B", "14:00", "22:00"), ShiftRow("C", "22:00", "06:00")),
    )
    calendar = Calendar(round_the_clock, 7)
    assert calendar.next_change_ns(at(2026, 11, 25, 9)) is None
    assert calendar.working_s(at(2026, 11, 25), at(2026, 12, 2)) == 7 * 86_400


def test_the_next_change_may_be_days_away() -> None:
    calendar = Calendar(TWO_SHIFTS, 7)
    assert calendar.next_change_ns(at(2026, 11, 25, 9)) == at(2026, 11, 25, 10)
    assert calendar.next_change_ns(at(2026, 11, 25, 10)) == at(2026, 11, 25, 10, 30)
    assert calendar.next_change_ns(at(2026, 11, 28, 22)) == at(2026, 11, 30, 6)  # over a Sunday
    assert calendar.next_change_ns(at(2026, 2, 13, 22)) == at(2026, 2, 23, 6)  # over Tet


def test_planned_time_of_a_day_and_a_week() -> None:
    calendar = Calendar(TWO_SHIFTS, 7)
    assert calendar.working_s(at(2026, 11, 25), at(2026, 11, 26)) == 15 * 3600
    assert calendar.working_s(at(2026, 11, 23), at(2026, 11, 30)) == 6 * 15 * 3600
    assert calendar.working_s(at(2026, 2, 9), at(2026, 2, 23)) == 5 * 15 * 3600  # Tet from Saturday on


def test_always_is_always_there() -> None:
    calendars = make_calendars([TWO_SHIFTS], 7)
    assert set(calendars) == {"two", "always"}
    assert calendars["always"].is_working(at(2026, 2, 17))
    assert calendars["always"].next_change_ns(0) is None
    with pytest.raises(PlantError, match="calendar 'two': is there twice"):
        make_calendars([TWO_SHIFTS, TWO_SHIFTS], 7)


def test_a_calendar_of_days_off_alone_works_on_all_others() -> None:
    calendar = Calendar(CalendarRow("c", shutdowns=TWO_SHIFTS.shutdowns), 7)
    assert calendar.is_working(at(2026, 2, 13, 23))
    assert calendar.next_change_ns(at(2026, 2, 13, 23)) == at(2026, 2, 14)
    assert calendar.next_change_ns(at(2026, 2, 15)) == at(2026, 2, 23)


@settings(max_examples=200, deadline=None)
@given(
    row=st.sampled_from([TWO_SHIFTS, NIGHT]),
    second=st.integers(0, 400 * 86_400),
    offset_h=st.sampled_from([0.0, 7.0, -3.5]),
)
def test_the_phase_is_the_same_until_the_next_change_and_another_from_then_on(
    row: CalendarRow, second: int, offset_h: float
) -> None:
    calendar = Calendar(row, offset_h)
    now_ns = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() + second) * 10**9
    change_ns = calendar.next_change_ns(now_ns)
    assert change_ns is not None
    phase = calendar.phase(now_ns)
    assert now_ns < change_ns
    assert calendar.phase(change_ns - 1) is phase
    assert calendar.phase((now_ns + change_ns) // 2) is phase
    assert calendar.phase(change_ns) is not phase
