from __future__ import annotations

from datetime import date

import msgspec
import pytest

from sim.calendar.rows import BreakRow, CalendarRow, DaysOffRow, ShiftRow, check_calendar
from sim.errors import PlantError

DAY = ShiftRow("day", "08:00", "17:00")
NIGHT = ShiftRow("night", "20:00", "08:00")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (CalendarRow("c", (ShiftRow("a", "8:00", "17:00"),)), "shift 'a': time '8:00': must be"),
        (CalendarRow("c", (ShiftRow("a", "08:00", "25:00"),)), "time '25:00'"),
        (
            CalendarRow("c", (ShiftRow("a", "08:00", "17:00", breaks=(BreakRow("17:00", "17:30"),)),)),
            "break 17:00-17:30: must lie within 08:00-17:00",
        ),
        (
            CalendarRow(
                "c",
                (
                    ShiftRow(
                        "a", "22:00", "06:00", breaks=(BreakRow("02:00", "03:00"), BreakRow("02:30", "03:30"))
                    ),
                ),
            ),
            "breaks: two overlap",
        ),
        (CalendarRow("c", (ShiftRow("a", "08:00", "17:00", days=("mon", "mon")),)), "each once"),
        (CalendarRow("c", (ShiftRow("a", "08:00", "17:00", days=()),)), "must name weekdays"),
        (CalendarRow("c", (DAY, ShiftRow("late", "16:00", "23:00"))), "shifts 'day' and 'late': overlap"),
        (CalendarRow("c", (ShiftRow("long", "20:00", "21:00"), NIGHT)), "overlap"),
        (
            CalendarRow("c", holidays=(DaysOffRow(date(2026, 2, 17), "Tết", "Tet", date(2026, 2, 16)),)),
            "'Tet': last 2026-02-16 must not be before first 2026-02-17",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_its_rule(row: CalendarRow, says: str) -> None:
    with pytest.raises(PlantError, match="calendar 'c'") as raised:
        check_calendar(row)
    assert says in str(raised.value)


def test_shifts_that_meet_are_no_overlap() -> None:
    check_calendar(CalendarRow("c", (DAY, ShiftRow("late", "17:00", "20:00"), NIGHT)))


def test_a_night_shift_overlaps_the_next_week_too() -> None:
    sunday_night = ShiftRow("s", "22:00", "06:00", days=("sun",))
    monday_early = ShiftRow("m", "05:00", "13:00", days=("mon",))
    with pytest.raises(PlantError, match="overlap"):
        check_calendar(CalendarRow("c", (monday_early, sunday_night)))


def test_an_unknown_weekday_and_an_unknown_key_are_refused() -> None:
    shift = {"name": "a", "start": "08:00", "end": "17:00"}
    with pytest.raises(msgspec.ValidationError, match=r"days\[0\]"):
        msgspec.convert({"id": "c", "shifts": [shift | {"days": ["monday"]}]}, CalendarRow)
    with pytest.raises(msgspec.ValidationError, match="pause"):
        msgspec.convert({"id": "c", "shifts": [shift | {"pause": "10:00"}]}, CalendarRow)
