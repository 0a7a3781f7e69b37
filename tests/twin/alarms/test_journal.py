"""The journal on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.twin.alarms.alarm_parks import NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import journalled, open_journal, told
from twin.alarms.actions import make_happenings
from twin.alarms.errors import AlarmActionError, UnknownAlarmError
from twin.alarms.journal import Journal
from twin.alarms.queries import AlarmFilter, count_states, list_entries, list_standings
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event, State
from twin.bus.base import TopicPartition

HIGH = "park/site/pump0:flow:high"
LOW = "park/site/pump0:flow:low"
OTHER = "park/site/pump1:plain:high_high"
READINGS = TopicPartition("readings", 0)


@pytest.fixture
def journal(database_url: str) -> Iterator[Journal]:
    made = open_journal(database_url, alarm_table(alarm_park()))
    yield made
    made.engine.dispose()


def raised(alarm: str, seconds: float, value: float = 90.0) -> Happening:
    return Happening(alarm, Event.ALARM, NOW + round(seconds * S), value=value, limit=80.0)


def person(event: Event, alarm: str = HIGH, seconds: float = 50, until: float = 0) -> Happening:
    time = NOW + round(seconds * S)
    return Happening(alarm, event, time, by="Lan", reason="why", until=time + round(until * S))


def test_what_happens_is_journalled_in_order_with_who_and_when(journal: Journal) -> None:
    journal.write([raised(HIGH, 1), raised(OTHER, 2)], recorded=NOW + 3 * S, positions={READINGS: 7})
    journal.write([person(Event.ACKNOWLEDGE, seconds=5)], recorded=NOW + 5 * S)
    journal.write([Happening(HIGH, Event.RETURN, NOW + 9 * S)], recorded=NOW + 9 * S)
    first, _, third, fourth = journalled(journal.engine)
    assert (first.number, first.alarm, first.subject, first.equipment) == (
        1, HIGH, "park/site/pump0:flow", "park/site/pump0",
    )  # fmt: skip
    assert (first.value, first.limit, first.priority, first.by) == (90.0, 80.0, "medium", "system")
    assert (first.time, first.recorded) == (NOW + S, NOW + 3 * S)
    assert (third.event, third.by, third.from_state, third.to_state) == (
        "acknowledge", "Lan", "unacknowledged", "acknowledged",
    )  # fmt: skip
    assert (fourth.number, fourth.to_state, fourth.active) == (4, "normal", False)
    assert journal.positions() == {READINGS: 7}


def test_what_is_found_again_is_not_journalled_again(journal: Journal) -> None:
    again = [raised(HIGH, 1), Happening(HIGH, Event.RETURN, NOW + 2 * S), raised(HIGH, 3)]
    for _ in range(3):
        journal.write(again, recorded=NOW)
    assert [(event, at) for _, event, _, at in told(journal.engine)] == [
        ("alarm", 1), ("return", 2), ("alarm", 3),
    ]  # fmt: skip


def test_what_cannot_be_done_at_one_alarm_is_done_at_the_others(journal: Journal) -> None:
    journal.write([raised(HIGH, 1)], recorded=NOW)
    written = journal.write([person(Event.ACKNOWLEDGE, one) for one in (LOW, HIGH)], recorded=NOW)
    assert [entry.alarm for entry in written.entries] == [HIGH]
    assert list(written.refused) == [LOW]


def test_a_shelved_alarm_comes_back_by_itself_and_is_presented_anew(journal: Journal) -> None:
    journal.write([person(Event.SHELVE, until=60), raised(HIGH, 55)], recorded=NOW)
    assert journal.overdue_shelves(NOW + 109 * S) == []
    due = journal.overdue_shelves(NOW + 110 * S)
    journal.write(due, recorded=NOW + 200 * S)
    journal.write(due, recorded=NOW + 200 * S)
    assert told(journal.engine) == [
        ("pump0:flow:high", "shelve", "shelved", 50),
        ("pump0:flow:high", "alarm", "shelved", 55),
        ("pump0:flow:high", "unshelve", "unacknowledged", 110),
    ]


def test_an_alarm_that_the_park_file_has_no_more_is_brought_to_rest(
    journal: Journal, database_url: str
) -> None:
    journal.write([raised(OTHER, 1), raised(HIGH, 1)], recorded=NOW)
    smaller = open_journal(database_url, alarm_table(alarm_park(pumps=1)))
    assert smaller.retire(NOW + S) == 1
    assert smaller.retire(NOW + S) == 0
    last = journalled(smaller.engine)[-1]
    assert (last.alarm, last.event, last.to_state, last.active) == (OTHER, "retire", "normal", False)
    assert [one.standing.alarm for one in list_standings(smaller.engine, AlarmFilter(), limit=9)[0]] == [HIGH]
    smaller.engine.dispose()


def test_an_alarm_that_is_not_there_writes_nothing(journal: Journal) -> None:
    with pytest.raises(UnknownAlarmError, match="no-such"):
        journal.write([raised(HIGH, 1), raised("park/site/no-such:flow:high", 1)], recorded=NOW)
    assert journalled(journal.engine) == []


def test_writers_that_write_together_leave_no_number_out_and_lose_nothing(journal: Journal) -> None:
    def write(number: int) -> None:
        for step in range(10):
            comment = Happening(HIGH, None, NOW + step, by=f"person {number}", reason=f"{step}")
            journal.write([comment], recorded=NOW)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = journalled(journal.engine)
    assert [entry.number for entry in entries] == list(range(1, 41))
    assert {(entry.by, entry.reason) for entry in entries} == {
        (f"person {number}", f"{step}") for number in range(4) for step in range(10)
    }


def test_alarms_are_found_by_state_priority_and_place_a_page_at_a_time(journal: Journal) -> None:
    journal.write([raised(HIGH, 1), raised(OTHER, 2), raised(LOW, 3)], recorded=NOW)
    journal.write([person(Event.SHELVE, LOW, until=60)], recorded=NOW)

    def names(wanted: AlarmFilter, limit: int = 9, offset: int = 0) -> list[str]:
        found, _ = list_standings(journal.engine, wanted, limit=limit, offset=offset)
        return [one.standing.alarm for one in found]

    assert names(AlarmFilter()) == [OTHER, HIGH]
    assert names(AlarmFilter(), 1, 1) == [HIGH]
    assert names(AlarmFilter(priorities=["high"])) == [OTHER]
    assert names(AlarmFilter(states=[State.SHELVED])) == [LOW]
    assert names(AlarmFilter(equipment="park/site/pump0")) == [HIGH]
    assert names(AlarmFilter(equipment="park/site")) == [OTHER, HIGH]
    assert names(AlarmFilter(equipment="park/site/pump")) == []
    assert names(AlarmFilter(classes=["supply"])) == []
    assert list_standings(journal.engine, AlarmFilter(), limit=1)[1] == 2
    assert count_states(journal.engine) == {"unacknowledged": 2, "shelved": 1}
    page = list_entries(journal.engine, "park", start=NOW, end=NOW + 100 * S, limit=3)
    assert [entry.number for entry in page] == [4, 3, 2]
    behind = list_entries(
        journal.engine, "park", start=NOW, end=NOW + 100 * S, limit=3, before=page[-1].number
    )
    assert [entry.number for entry in behind] == [1]


@pytest.mark.parametrize(
    ("action", "given", "said"),
    [
        ("acknowledge", {"by": " "}, "name of a person"),
        ("acknowledge", {"by": "system"}, "name of a person"),
        ("shelve", {"minutes": 10.0}, "reason"),
        ("shelve", {"reason": "why"}, "minutes"),
        ("shelve", {"reason": "why", "minutes": 99_999.0}, "out of service"),
        ("comment", {}, "reason"),
    ],
)
def test_actions_that_make_no_sense_are_refused_before_anything_happens(
    action: str, given: dict[str, object], said: str
) -> None:
    table = alarm_table(alarm_park())
    with pytest.raises(AlarmActionError, match=said):
        make_happenings(table, action, [HIGH], time=NOW, **({"by": "Lan"} | given))  # type: ignore[arg-type]
