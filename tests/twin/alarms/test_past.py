"""How alarms stood: the answer of later is the answer of then."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import Engine

from tests.twin.alarms.alarm_parks import NAME, NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import open_journal
from twin.alarms.journal import Journal
from twin.alarms.past import PastAlarms
from twin.alarms.queries import AlarmFilter, Located, count_states, list_standings, supply_alarms
from twin.alarms.standing import NEVER, Happening
from twin.alarms.state_machine import PRESENTED, Event, State
from twin.park.alarm import AlarmRule

RULES = (
    AlarmRule("stuck", NAME, "high", kind="pump", signals=("flow",), limit=70.0, latch=True),
    AlarmRule("gone", NAME, "low", kind="pump", signals=("wanted",), limit=1.0, alarm_class="supply"),
)
ALARMS = [
    f"park/site/pump{pump}:{rest}" for pump in (0, 1) for rest in ("flow:stuck", "wanted:gone", "plain:high")
]
ASKED = [
    AlarmFilter(),
    AlarmFilter(tuple(State)),
    AlarmFilter((State.SHELVED, State.OUT_OF_SERVICE)),
    AlarmFilter(PRESENTED, ("high",), (), "park/site/pump1"),
]
Answer = tuple[list[tuple[list[Located], int]], list[Located], dict[str, int]]


def live(engine: Engine) -> Answer:
    answers = [list_standings(engine, wanted, limit=3, offset=0) for wanted in ASKED]
    return answers, sorted(supply_alarms(engine), key=name), count_states(engine)


def later(journal: Journal, at: int) -> Answer:
    past = PastAlarms(journal.engine, journal.table, at)
    answers = [past.list_standings(wanted, limit=3, offset=0) for wanted in ASKED]
    return answers, sorted(past.supply_alarms(), key=name), past.count_states()


def name(one: Located) -> str:
    return one.standing.alarm


def happening(rng: random.Random, now: int) -> Happening:
    alarm, event = rng.choice(ALARMS), rng.choice([*Event, None, Event.ALARM, Event.RETURN])
    latching = alarm.endswith("stuck")
    if event in (Event.ALARM, Event.RETURN):
        return Happening(alarm, event, now, value=rng.random(), limit=70.0, latching=latching)
    if event in (Event.SUPPRESS, Event.UNSUPPRESS):
        return Happening(alarm, event, now, latching=latching)
    until = now + rng.choice([20, 10_000]) * S
    return Happening(alarm, event, now, by="Lan", reason=f"vì {now}", until=until, latching=latching)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_asked_later_is_what_was_answered_then(database_url: str, seed: int) -> None:
    table = alarm_table(alarm_park(RULES))
    journal = open_journal(database_url, table)
    rng = random.Random(seed)
    answers: list[tuple[int, Answer]] = [(NOW, live(journal.engine))]
    now = NOW
    for _ in range(30):
        now += rng.choice([1, 5]) * S
        journal.write(journal.overdue_shelves(now), recorded=now)
        journal.write([happening(rng, now) for _ in range(rng.randrange(4))], recorded=now)
        answers.append((now, live(journal.engine)))
    # shelvings that a person ended say nowhere until when they were: let time end the others
    now += 20_000 * S
    journal.write(journal.overdue_shelves(now), recorded=now)
    for at, answer in answers:
        again = later(journal, at + S // 2)
        assert strip(again) == strip(answer)
        for found, then in zip(ends(again), ends(answer), strict=True):
            assert found in (then, NEVER)
    journal.engine.dispose()


def ends(answer: Answer) -> list[int]:
    """Until when alarms were shelved."""
    return [one.standing.shelved_until for found, _ in answer[0] for one in found]


def strip(answer: Answer) -> object:
    """Without until when alarms were shelved."""
    lists, supplies, counts = answer
    return (
        [([bare(one) for one in found], total) for found, total in lists],
        list(map(bare, supplies)),
        counts,
    )


def bare(one: Located) -> tuple[object, ...]:
    standing = one.standing
    left_out = ("shelved_until",)
    return (
        one.equipment,
        one.alarm_class,
        *(getattr(standing, field) for field in standing.__slots__ if field not in left_out),
    )


def test_before_anything_happened_there_was_nothing(database_url: str) -> None:
    journal = open_journal(database_url, alarm_table(alarm_park(RULES)))
    journal.write([Happening(ALARMS[0], Event.ALARM, NOW, value=80.0)], recorded=NOW)
    past = PastAlarms(journal.engine, journal.table, NOW - 1)
    assert past.list_standings(AlarmFilter(), limit=10) == ([], 0)
    assert past.count_states() == {}
    journal.engine.dispose()
