"""The timeline of a line: every moment of the interval has one use, and it agrees with the figures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.twin.kpi.small_park import BAD, DAY, HOUR, LINE1, MINUTE, Kept, line1, moments, small_plan
from twin.kpi.calendar import period
from twin.kpi.packml import Use
from twin.kpi.report import worked
from twin.kpi.timeline import NAMES, Spells, timeline_of

M2 = f"{LINE1}/m2"


def told(spells: Spells) -> list[tuple[float, str]]:
    minutes = ((spells.start - DAY) / MINUTE).tolist()
    return [(minute, NAMES[what]) for minute, what in zip(minutes, spells.what.tolist(), strict=True)]


def test_holes_breaks_and_states_stand_beside_each_other() -> None:
    series = line1(
        m2_state=moments(
            (-5, "Execute"), (20, "Aborted"), (30, "Execute"), (60, "Execute", BAD), (70, "Held"),
            (75, "Execute"), gaps=[(80, 90)],
        )
    )  # fmt: skip
    rows = timeline_of(small_plan(), Kept(series), LINE1, DAY - HOUR, DAY + 3 * HOUR, 100)
    assert [row.station for row in rows] == [f"{LINE1}/m1", M2]
    assert told(rows[1]) == [
        (-60, "unplanned"),
        (0, "producing"),
        (20, "failed"),
        (30, "producing"),
        (60, "unknown"),
        (70, "held"),
        (75, "producing"),
        (80, "unknown"),
        (90, "producing"),
        (120, "unplanned"),
        (135, "producing"),
    ]


def test_the_timeline_adds_up_to_the_figures() -> None:
    series = line1(m2_state=moments((0, "Execute"), (50, "Suspended"), (65, "Execute"), (400, "Stopped")))
    start, end = DAY, DAY + 8 * HOUR
    row = timeline_of(small_plan(), Kept(series), LINE1, start, end, 100)[1]
    length = np.diff(np.append(row.start, end))
    figures = worked(small_plan(), Kept(series), M2, start, end)[0].effort
    for use in Use:
        assert length[row.what == use].sum() == figures.use_ns[use]
    assert length[row.what != NAMES.index("unplanned")].sum() == figures.planned_ns


def test_a_flutter_is_joined_and_counted() -> None:
    flutter = [(minute / 10, "Execute" if minute % 2 else "Held") for minute in range(300)]
    series = line1(m2_state=moments(*flutter))
    whole = timeline_of(small_plan(), Kept(series), LINE1, DAY, DAY + 8 * HOUR, 10_000)[1]
    short = timeline_of(small_plan(), Kept(series), LINE1, DAY, DAY + 8 * HOUR, 100)[1]
    assert (len(whole.start), whole.joined) == (306, 0)
    assert len(short.start) + short.joined <= 306
    assert short.joined > 290
    assert short.start[0] == DAY


@pytest.mark.parametrize(
    ("of", "back", "hours"),
    [
        ("shift", 0, (0, 8)),
        ("shift", 1, (-24, -16)),
        ("day", 0, (-8, 16)),
        ("day", 2, (-56, -32)),
        ("week", 0, (-80, 88)),
        ("month", 0, (-560, 160)),
        ("month", 9, (-560 - 24 * (243 + 31), -560 - 24 * 243)),
    ],
)  # fmt: skip
def test_periods_are_those_of_the_park(of: str, back: int, hours: tuple[int, int]) -> None:
    calendar = small_plan().lines[LINE1].calendar
    name, start, end = period(calendar, of, back, DAY + HOUR, small_plan().zone)  # type: ignore[arg-type]
    assert ((start - DAY) // HOUR, (end - DAY) // HOUR) == hours
    assert name == ("day" if of == "shift" else "")


def test_between_shifts_the_last_one_is_looked_back_on() -> None:
    calendar = small_plan().lines[LINE1].calendar
    evening = DAY + 12 * HOUR
    assert period(calendar, "shift", 0, evening, small_plan().zone) == ("", DAY - 8 * HOUR, DAY + 16 * HOUR)
    assert period(calendar, "shift", 1, evening, small_plan().zone) == ("day", DAY, DAY + 8 * HOUR)
    assert period(None, "shift", 1, evening, small_plan().zone)[2] == DAY - 8 * HOUR
