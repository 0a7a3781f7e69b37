"""The measures on series whose answers are counted by hand."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.twin.alarms.alarm_parks import NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import open_journal
from twin.alarms.alarm_kpi import (
    DAY_NS,
    TEN_MINUTES_NS,
    Annunciation,
    alarm_kpi,
    find_chattering,
    find_floods,
)
from twin.alarms.annunciations import read_annunciations, read_standing
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event

MIN = 60 * S


def at(*minutes: float, alarm: str = "a", priority: str = "low") -> list[Annunciation]:
    return [Annunciation(alarm, priority, NOW + round(minute * MIN)) for minute in minutes]


def test_rates_are_per_ten_minutes_and_operator() -> None:
    told = at(1, 2, 3, 11, 25, 29) + at(5, alarm="b", priority="high")
    kpi = alarm_kpi(told, NOW, NOW + 60 * MIN)
    assert kpi.per_ten_minutes.tolist() == [4, 1, 2, 0, 0, 0]
    assert (kpi.count, kpi.peak) == (7, 4.0)
    assert kpi.average == pytest.approx(7 / 6)
    assert kpi.per_day == pytest.approx(7 * 24)
    assert dict(kpi.top) == {"a": 6, "b": 1}
    assert dict(kpi.priorities) == {"low": 6, "high": 1}
    shared = alarm_kpi(told, NOW, NOW + 60 * MIN, operators=2)
    assert shared.average == pytest.approx(7 / 12)
    assert shared.peak == 2.0


def test_a_flood_begins_above_ten_and_ends_below_five() -> None:
    counts = np.array([10, 11, 7, 5, 4, 0, 12, 30])
    floods = find_floods(counts, 0, 8 * TEN_MINUTES_NS)
    assert [(f.start // TEN_MINUTES_NS, f.end // TEN_MINUTES_NS, f.count, f.peak) for f in floods] == [
        (1, 4, 23, 11), (6, 8, 42, 30),
    ]  # fmt: skip
    assert find_floods(counts, 0, 8 * TEN_MINUTES_NS, operators=3) == ()
    kpi = alarm_kpi(at(*np.linspace(10, 19, 11).tolist()), NOW, NOW + 100 * MIN)
    assert kpi.above_ten == pytest.approx(0.1)
    assert kpi.flood_share == pytest.approx(0.1)


def test_three_times_in_a_minute_chatters_and_twice_does_not() -> None:
    told = at(1, 1.4, 1.9) + at(1, 1.5, 2.0, alarm="b") + at(5, 5.1, 5.2, 5.3, 9, alarm="c")
    assert find_chattering(told) == {"c": 4, "a": 3}


def test_the_top_ten_are_ten_and_their_share_is_of_all() -> None:
    numbers = count(1)
    told = [one for name in "abcdefghijkl" for one in at(*range(next(numbers)), alarm=name)]
    kpi = alarm_kpi(told, NOW, NOW + DAY_NS)
    assert list(kpi.top) == list("lkjihgfedc")
    assert kpi.top_share == pytest.approx(75 / 78)


@given(st.lists(st.integers(0, DAY_NS - 1), max_size=60), st.integers(1, 4))
def test_whatever_comes_the_parts_add_up(times: list[int], operators: int) -> None:
    told = [Annunciation(f"a{time % 5}", "low", NOW + time) for time in times]
    kpi = alarm_kpi(told, NOW, NOW + DAY_NS, operators=operators)
    assert kpi.per_ten_minutes.sum() == kpi.count == len(times)
    assert len(kpi.per_ten_minutes) == 144
    assert kpi.average * 144 * operators == pytest.approx(len(times))
    assert 0 <= kpi.flood_share <= 1
    assert kpi.peak * operators == kpi.per_ten_minutes.max()


def test_annunciations_are_read_from_the_journal_without_what_is_hidden(database_url: str) -> None:
    journal = open_journal(database_url, alarm_table(alarm_park()))
    high, low = "park/site/pump0:flow:high", "park/site/pump0:flow:low"

    def happen(event: Event, minute: float, alarm: str = high, by: str = "system", until: float = 0) -> None:
        time = NOW + round(minute * MIN)
        happening = Happening(alarm, event, time, by=by, reason="why", until=NOW + round(until * MIN))
        journal.write([happening], recorded=time)

    happen(Event.ALARM, 1)
    happen(Event.RETURN, 1.5)  # fleeting
    happen(Event.ALARM, 2)
    happen(Event.ACKNOWLEDGE, 3, by="Lan")
    happen(Event.RETURN, 4)
    happen(Event.SHELVE, 5, by="Lan", until=60)
    happen(Event.ALARM, 6)  # nobody is told
    happen(Event.RETURN, 7)
    happen(Event.ALARM, 8)
    happen(Event.UNSHELVE, 60)  # now they are
    happen(Event.ALARM, 61, low)
    found = read_annunciations(journal.engine, NOW, NOW + 100 * MIN)
    assert [(one.alarm, (one.time - NOW) / MIN) for one in found] == [
        (high, 1), (high, 2), (high, 60), (low, 61),
    ]  # fmt: skip
    kpi = alarm_kpi(found, NOW, NOW + 100 * MIN)
    assert dict(kpi.fleeting) == {high: 1}
    assert read_annunciations(journal.engine, NOW + 2 * MIN, NOW + 60 * MIN) == [
        Annunciation(high, "medium", NOW + 2 * MIN)
    ]
    day = 24 * 60
    assert read_standing(journal.engine, NOW + round((day + 1) * MIN)) == []
    assert [one.alarm for one in read_standing(journal.engine, NOW + round((day + 9) * MIN))] == [high]
    journal.engine.dispose()
