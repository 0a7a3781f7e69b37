"""The park's calendars: lunar dates reckoned again from the astronomy, the law's days counted."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
import yaml

import sim
from sim.calendar.calendar import Calendar, Phase, make_calendars
from sim.calendar.rows import CalendarRow, DaysOffRow

FILE = Path(sim.__file__).parent / "parks" / "yenphong" / "plant" / "calendars.yaml"
HANOI = timezone(timedelta(hours=7))
YEARS = range(2025, 2031)
DELTA_T_S = 70.0  # of terrestrial over universal time in these years


@pytest.fixture(scope="module")
def rows() -> dict[str, CalendarRow]:
    read = msgspec.convert(yaml.safe_load(FILE.read_text(encoding="utf-8"))["calendars"], list[CalendarRow])
    return {row.id: row for row in read}


@pytest.fixture(scope="module")
def calendars(rows: dict[str, CalendarRow]) -> dict[str, Calendar]:
    return make_calendars(rows.values(), 7)


def days_of(row: DaysOffRow) -> list[date]:
    return [row.first + timedelta(days=n) for n in range(((row.last or row.first) - row.first).days + 1)]


def named(rows: dict[str, CalendarRow], text: str, year: int) -> list[date]:
    return [
        day
        for row in rows["three_shifts"].holidays
        if row.en.startswith(text)
        for day in days_of(row)
        if day.year == year
    ]


# --- the Vietnamese lunar calendar: months begin on the day of the new moon in Hanoi, the month in which the
# sun reaches 270° is the eleventh. Positions after J. Meeus, Astronomical Algorithms, 2nd ed., ch. 25 and 49.


def new_moon_jde(k: int) -> float:
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    node = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    omega = math.radians(124.7746 - 1.56375588 * k)
    sin = math.sin
    return (
        2451550.09766
        + 29.530588861 * k
        + 0.00015437 * t * t
        - 0.40720 * sin(moon)
        + 0.17241 * e * sin(sun)
        + 0.01608 * sin(2 * moon)
        + 0.01039 * sin(2 * node)
        + 0.00739 * e * sin(moon - sun)
        - 0.00514 * e * sin(moon + sun)
        + 0.00208 * e * e * sin(2 * sun)
        - 0.00111 * sin(moon - 2 * node)
        - 0.00057 * sin(moon + 2 * node)
        + 0.00056 * e * sin(2 * moon + sun)
        - 0.00042 * sin(3 * moon)
        + 0.00042 * e * sin(sun + 2 * node)
        + 0.00038 * e * sin(sun - 2 * node)
        - 0.00024 * e * sin(2 * moon - sun)
        - 0.00017 * sin(omega)
    )


def sun_longitude_deg(jde: float) -> float:
    t = (jde - 2451545.0) / 36525
    anomaly = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (
        (1.914602 - 0.004817 * t) * math.sin(anomaly)
        + 0.019993 * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * t)
    return (280.46646 + 36000.76983 * t + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


def new_moon(k: int) -> datetime:
    """The k-th new moon after 6 January 2000, in Hanoi."""
    noon = datetime(2000, 1, 1, 12, tzinfo=HANOI)
    return noon + timedelta(days=new_moon_jde(k) - 2451545.0, seconds=7 * 3600 - DELTA_T_S)


def sector(k: int) -> int:
    """Twelfth of the year in which the sun is when the month of the k-th new moon begins."""
    midnight = 2451544.5 + (new_moon(k).date() - date(2000, 1, 1)).days - 7 / 24
    return int(sun_longitude_deg(midnight) // 30)


def eleventh(year: int) -> int:
    near = round((year + 0.96 - 2000) * 12.3685)
    return next(k for k in range(near - 2, near + 3) if sector(k) == 8 and sector(k + 1) >= 9)


def months_of(year: int) -> dict[int, date]:
    """First days of the lunar months, from the eleventh of the year before."""
    first, last = eleventh(year - 1), eleventh(year)
    has_leap, found, number = last - first == 13, {}, 11
    for k in range(first, last):
        if has_leap and k > first and sector(k) == sector(k + 1):
            has_leap = False
            continue
        found[number] = new_moon(k).date()
        number = number % 12 + 1
    return found


@pytest.mark.parametrize("year", YEARS)
def test_tet_and_hung_kings_day_are_where_the_moon_puts_them(rows: dict[str, CalendarRow], year: int) -> None:
    months = months_of(year)
    tet = named(rows, "Tet of", year)
    assert len(tet) == 5
    assert tet[1] == months[1]  # one day of the old year, four of the new
    assert named(rows, "Hung Kings", year) == [months[3] + timedelta(days=9)]


def test_tet_2030_is_a_day_before_the_chinese_new_year() -> None:
    moon = next(new_moon(k) for k in range(360, 380) if new_moon(k).date() == date(2030, 2, 2))
    assert (moon + timedelta(hours=1)).date() == date(2030, 2, 3)


@pytest.mark.parametrize("year", YEARS)
def test_the_law_gives_eleven_days_a_year(rows: dict[str, CalendarRow], year: int) -> None:
    days = [day for row in rows["three_shifts"].holidays for day in days_of(row) if day.year == year]
    assert len(days) == len(set(days)) == 11
    assert {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)} <= set(days)


@pytest.mark.parametrize("calendar", ["two_shifts", "day_shift"])
def test_a_holiday_on_a_sunday_is_made_up_for_on_the_next_working_day(
    rows: dict[str, CalendarRow], calendar: str
) -> None:
    row = rows[calendar]
    holidays = {day for one in row.holidays for day in days_of(one)}
    off = holidays | {day for one in row.shutdowns for day in days_of(one)}
    sundays = sorted(day for day in holidays if day.weekday() == 6)
    assert len(sundays) >= 5
    for day in sundays:
        after = day + timedelta(days=1)
        while after in holidays:
            after += timedelta(days=1)
        assert after in off, f"{day} is a Sunday and {after} is worked"


def test_the_plant_stands_over_tet(calendars: dict[str, Calendar], rows: dict[str, CalendarRow]) -> None:
    for year in YEARS:
        first = named(rows, "Tet of", year)[1]
        for days in range(-2, 5):
            noon = datetime.combine(first + timedelta(days=days), datetime.min.time(), HANOI)
            moment_ns = int((noon + timedelta(hours=11)).timestamp()) * 10**9
            for name in ("three_shifts", "two_shifts", "day_shift"):
                assert calendars[name].phase(moment_ns) is Phase.OFF
            assert calendars["always"].is_working(moment_ns)


def test_breaks_are_as_long_as_the_law_asks(calendars: dict[str, Calendar]) -> None:
    """Labour Code, article 109: 30 minutes in a shift, 45 at night."""
    start_ns = int(datetime(2026, 11, 23, tzinfo=HANOI).timestamp()) * 10**9
    week_ns = 7 * 86_400 * 10**9
    assert calendars["three_shifts"].working_s(start_ns, start_ns + week_ns) == 7 * (24 - 1.75) * 3600
    assert calendars["two_shifts"].working_s(start_ns, start_ns + week_ns) == 6 * (16 - 1) * 3600
    assert calendars["day_shift"].working_s(start_ns, start_ns + week_ns) == pytest.approx(
        6 * (9 - 4 / 3) * 3600
    )
