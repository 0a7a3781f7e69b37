from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.alarms.alarm_parks import (
    NAME,
    NOW,
    S,
    alarm_park,
    alarm_table,
    readings,
    shown,
    tag_number,
)
from tests.twin.alarms.scalar_alarm import limit_edges
from twin.alarms.condition_bank import ConditionBank, Edge
from twin.alarms.reorder import Reorder
from twin.bus.base import TopicPartition
from twin.contract.messages import Condition, Connection, Gap, GapReason, SourceState
from twin.park.alarm import AlarmRule, Suppression

BAD = 0x80000000
UNCERTAIN = 0x40000000


def rule(identifier: str, kind: str, signal: str = "flow", **more: object) -> AlarmRule:
    made = AlarmRule(identifier, NAME, kind, kind="pump", signals=(signal,))  # type: ignore[arg-type]
    return replace(made, **more)  # type: ignore[arg-type]


class Rig:
    """A bank of one park, and its first pump's signals by name."""

    def __init__(self, *rules: AlarmRule) -> None:
        self.table = alarm_table(alarm_park(rules))
        self.bank = ConditionBank(self.table)
        self.bank.clock.note_frame(0, NOW, NOW)

    def say(self, *rows: tuple[object, ...]) -> list[tuple[str, float, bool]]:
        """Tell readings of (signal, seconds, value[, status[, text]])."""
        told = [(tag_number(self.table, str(row[0])), *row[1:]) for row in rows]
        return shown(self.table, self.bank.take(readings(told)))  # type: ignore[arg-type]

    def wait(self, seconds: float) -> list[tuple[str, float, bool]]:
        return shown(self.table, self.bank.pass_time(NOW + round(seconds * S)))


def test_limits_of_a_signal_are_alarms_without_a_line() -> None:
    rig = Rig()
    assert rig.say(("plain", 1, 11.0)) == [("high", 1, True)]
    assert rig.say(("plain", 2, 21.0)) == [("high_high", 2, True)]
    assert rig.say(("plain", 3, -15.0)) == [("low", 3, True), ("high", 3, False), ("high_high", 3, False)]
    assert rig.say(("plain", 4, 0.0)) == [("low", 4, False)]


def test_a_limit_is_passed_beyond_it_and_left_behind_its_deadband() -> None:
    rig = Rig()  # flow: 0 to 100, 5 % deadband, high at 80
    assert rig.say(("flow", 1, 80.0)) == []
    assert rig.say(("flow", 2, 80.1)) == [("high", 2, True)]
    assert rig.say(("flow", 3, 79.0), ("flow", 4, 75.1)) == []
    assert rig.say(("flow", 5, 75.0)) == [("high", 5, False)]


def test_a_bad_reading_neither_begins_nor_ends_an_alarm_and_an_uncertain_one_does() -> None:
    rig = Rig()
    assert rig.say(("flow", 1, 90.0, BAD)) == []
    assert rig.say(("flow", 2, 90.0, UNCERTAIN)) == [("high", 2, True)]
    assert rig.say(("flow", 3, 50.0, BAD), ("flow", 4, float("nan"))) == []
    assert rig.say(("flow", 5, 50.0)) == [("high", 5, False)]


def test_late_and_repeated_readings_change_nothing_and_are_counted() -> None:
    rig = Rig()
    assert rig.say(("flow", 5, 90.0)) == [("high", 5, True)]
    assert rig.say(("flow", 5, 50.0), ("flow", 4, 50.0)) == []
    assert rig.bank.late == 2


def test_a_delay_runs_in_time_of_the_readings_and_dates_the_alarm_to_its_end() -> None:
    rig = Rig(rule("slow", "high", on_delay_s=10.0, off_delay_s=5.0))
    assert rig.say(("flow", 1, 90.0), ("flow", 6, 91.0)) == []
    assert rig.say(("flow", 8, 50.0), ("flow", 9, 90.0), ("flow", 20, 90.0)) == []
    assert rig.say(("flow", 21, 50.0)) == [("slow", 19, True)], "found when a later reading says otherwise"
    assert rig.wait(26) == []
    assert rig.wait(26.1) == [("slow", 26, False)], "found when the source's time goes on without a reading"


def test_a_delay_stands_still_while_the_source_is_not_connected() -> None:
    rig = Rig(rule("slow", "high", on_delay_s=10.0))
    rig.say(("flow", 1, 90.0))
    lost = SourceState(source="anphat", connection=Connection.LOST, since=NOW, time=NOW)
    rig.bank.clock.note_state(0, lost, NOW + 5 * S)
    assert rig.wait(60) == []
    rig.bank.clock.note_state(0, replace_connection(lost), NOW + 61 * S)
    assert rig.wait(61) == [("slow", 11, True)]


def replace_connection(state: SourceState) -> SourceState:
    return SourceState(source=state.source, connection=Connection.CONNECTED, since=NOW, time=NOW)


def test_deviation_from_a_number_and_from_a_signal() -> None:
    rig = Rig(
        rule("off_fixed", "deviation", setpoint=50.0, limit=10.0, deadband=2.0),
        rule("off_wanted", "deviation", setpoint_signal="wanted", limit=5.0, deadband=0.0),
    )
    assert rig.say(("flow", 1, 61.0)) == [("off_fixed", 1, True)], "no set-point is known yet"
    assert rig.say(("wanted", 2, 60.0)) == []
    assert rig.say(("wanted", 3, 67.0)) == [("off_wanted", 3, True)], "the set-point moved away"
    assert rig.say(("wanted", 4, 67.0), ("flow", 5, 58.5)) == []
    assert rig.say(("flow", 6, 58.0), ("wanted", 7, 58.0)) == [
        ("off_fixed", 6, False), ("off_wanted", 7, False),
    ]  # fmt: skip


def test_rate_is_the_change_over_its_window() -> None:
    rig = Rig(rule("fast", "rate", "wanted", limit=5.0, window_s=10.0))
    assert rig.say(*(("wanted", t, 0.1 * t) for t in range(1, 12))) == []
    assert rig.say(("wanted", 15, 7.0), ("wanted", 21, 8.0)) == [("fast", 21, True)]
    assert rig.say(("wanted", 31, 8.0)) == [("fast", 31, False)]


def test_discrete_numbers_and_texts() -> None:
    rig = Rig(
        rule("aborted", "discrete", "state", values=(8.0, 9.0)),
        rule("by_hand", "discrete", "mode", texts=("manual",)),
    )
    assert rig.say(("state", 1, 9.0)) == [("aborted", 1, True)]
    assert rig.say(("state", 2, 8.0)) == []
    assert rig.say(("state", 3, 6.0)) == [("aborted", 3, False)]
    nan = float("nan")
    assert rig.say(("mode", 4, nan, 0, "MANUAL")) == [("by_hand", 4, True)]
    assert rig.say(("mode", 5, nan, 0, None)) == []
    assert rig.say(("mode", 6, nan, BAD, "Auto")) == []
    assert rig.say(("mode", 7, nan, 0, "Auto")) == [("by_hand", 7, False)]


def test_bad_of_its_own_value() -> None:
    rig = Rig(rule("broken", "bad", on_delay_s=2.0))
    assert rig.say(("flow", 1, 50.0, BAD), ("flow", 2, 50.0)) == []
    assert rig.say(("flow", 3, 50.0, BAD)) == []
    assert rig.wait(5.1) == [("broken", 5, True)]
    assert rig.say(("flow", 6, 50.0)) == [("broken", 6, False)]


def test_suppression_by_design_is_a_condition_of_its_own_with_a_hold() -> None:
    rig = Rig(rule("no_flow", "low", suppress=Suppression("state", (2.0,), hold_s=20.0)))
    assert rig.say(("state", 1, 2.0)) == [("no_flow/design", 1, True)]
    assert rig.say(("flow", 2, 0.0)) == [("no_flow", 2, True)]
    assert rig.say(("state", 3, 6.0)) == []
    assert rig.say(("flow", 10, 50.0)) == [("no_flow", 10, False)]
    assert rig.wait(23.1) == [("no_flow/design", 23, False)]


def test_stale_tags_by_age_also_when_nobody_looked_while_it_lasted() -> None:
    rig = Rig(rule("silent", "stale", after_s=30.0))
    assert rig.wait(100) == [], "what never spoke is without data, not stale"
    rig.say(("flow", 1, 50.0))
    assert rig.wait(31) == []
    assert rig.wait(31.1) == [("silent", 31, True)]
    assert rig.say(("flow", 40, 50.0)) == [("silent", 40, False)]
    assert rig.say(("flow", 90, 50.0)) == [("silent", 70, True), ("silent", 90, False)]


def test_a_source_that_is_lost_and_a_gap_in_what_it_told() -> None:
    table = alarm_table(
        alarm_park(
            (
                AlarmRule("lost", NAME, "stale", sources=("anphat",), after_s=5.0),
                AlarmRule("hole", NAME, "gap", sources=("anphat",), after_s=60.0),
            )
        )
    )
    bank = ConditionBank(table)
    state = SourceState(source="anphat", connection=Connection.CONNECTED, since=NOW, time=NOW)
    bank.clock.note_state(0, state, NOW)
    assert shown(table, bank.pass_time(NOW + 8 * S)) == []
    assert shown(table, bank.pass_time(NOW + 9 * S)) == [("lost", 8, True)], "3 heartbeats, and 5 s"
    bank.clock.note_state(0, state, NOW + 20 * S)
    assert shown(table, bank.pass_time(NOW + 20 * S)) == [("lost", 20, False)]
    assert table.name(len(table) - 1) == "anphat:hole"

    def gap(seconds: int) -> Gap:
        return Gap(
            id=str(seconds), source="anphat", start=NOW, end=NOW + seconds * S, reason=GapReason.SOURCE_LOST
        )

    assert bank.take_gap(gap(60)) == []
    told = bank.take_gap(gap(61))
    assert [(edge.on, edge.value) for edge in told] == [(True, 61.0), (False, 61.0)]
    assert bank.take_gap(gap(61)) == [], "a gap told twice is one gap"


def test_a_condition_that_its_connector_tells_of_a_source() -> None:
    rule_of_it = AlarmRule(
        "expires", NAME, "condition", sources=("anphat",), texts=("certificate_expires", "commands_off")
    )
    table = alarm_table(alarm_park((rule_of_it,)))
    bank = ConditionBank(table)

    def say(seconds: int, *codes: str) -> list[tuple[str, float, bool]]:
        at = NOW + seconds * S
        conditions = tuple(Condition(code=code, since=at, detail="") for code in codes)
        state = SourceState(
            source="anphat", connection=Connection.CONNECTED, since=NOW, time=at, conditions=conditions
        )
        return shown(table, bank.take_state(0, state, at))

    assert say(1) == []
    assert say(2, "outbox_full") == []
    assert say(3, "outbox_full", "certificate_expires") == [("expires", 3, True)]
    assert say(4, "commands_off", "certificate_expires") == []
    assert say(5) == [("expires", 5, False)]


def test_rules_for_single_machines_win_and_limits_can_be_taken_away() -> None:
    rules = (
        rule("all", "high", limit=70.0, deadband=0.0),
        rule("one", "high", limit=60.0, deadband=0.0, equipment=("park/site/pump1",)),
        rule("none", "low", enabled=False),
    )
    table = alarm_table(alarm_park(rules))
    names = [table.name(n) for n in range(len(table)) if ":flow:" in table.name(n)]
    assert names == ["park/site/pump0:flow:all", "park/site/pump1:flow:one"]
    assert [table.number(name) for name in names] == [
        n for n in range(len(table)) if ":flow:" in table.name(n)
    ]


ROW = st.tuples(st.integers(1, 4), st.sampled_from([50.0, 74.0, 77.0, 81.0, 90.0]), st.integers(0, 5))


@settings(max_examples=150, deadline=None)
@given(
    steps=st.lists(ROW, min_size=1, max_size=40),
    on_delay=st.sampled_from([0, 1, 3]),
    off_delay=st.sampled_from([0, 2]),
    cuts=st.lists(st.integers(1, 39), max_size=6),
    seed=st.integers(0, 1000),
)
def test_arrays_agree_with_a_plain_loop_however_readings_are_cut_and_mixed_within_the_lateness(
    steps: list[tuple[int, float, int]], on_delay: int, off_delay: int, cuts: list[int], seed: int
) -> None:
    times = np.cumsum([step[0] for step in steps]).tolist()
    rows = [(time, step[1], step[2] == 0) for time, step in zip(times, steps, strict=True)]
    wanted = limit_edges(
        rows, high=80.0, deadband=5.0, on_delay=on_delay, off_delay=off_delay, until=times[-1] + 100
    )
    table = alarm_table(
        alarm_park([rule("h", "high", on_delay_s=float(on_delay), off_delay_s=float(off_delay))])
    )
    bank = ConditionBank(table)
    flow = tag_number(table, "flow")
    lateness = 8 * S
    reorder = Reorder(len(table.tags), lateness)
    rng = random.Random(seed)
    # each arrives up to (not quite) the lateness after its time, so they overtake one another
    arrivals = sorted((time * S + rng.randrange(lateness), n) for n, time in enumerate(times))
    arrivals += [arrivals[rng.randrange(len(arrivals))]]  # and one of them twice
    found: list[Edge] = []
    for count, (arrived, n) in enumerate(sorted(arrivals)):
        time, value, bad = rows[n]
        told = readings([(flow, time, value, BAD if bad else 0)], received=NOW + arrived)
        bank.clock.note_frame(0, NOW + time * S, NOW + arrived)
        reorder.add(told, TopicPartition("readings", 0), count, NOW + arrived)
        if count in cuts:
            ready = reorder.release(NOW + arrived)
            if ready is not None:
                found += bank.take(ready)
    rest = reorder.release(NOW + 10_000 * S)
    if rest is not None:
        found += bank.take(rest)
    found += bank.pass_time(NOW + (times[-1] + 200) * S)
    assert [((edge.time - NOW) // S, edge.on) for edge in found] == wanted


def test_readings_wait_for_the_lateness_and_earlier_ones_of_their_tag_come_with_them() -> None:
    reorder = Reorder(10, 5 * S)
    first = readings([(1, 10, 1.0), (2, 10, 1.0)], received=NOW + 10 * S)
    second = readings([(1, 8, 2.0), (1, 12, 2.0)], received=NOW + 13 * S)
    where = TopicPartition("readings", 0)
    reorder.add(first, where, 7, NOW + 10 * S)
    reorder.add(second, where, 8, NOW + 13 * S)
    assert reorder.release(NOW + 14 * S) is None
    assert reorder.hold_back({where: 9}) == {where: 7}
    ready = reorder.release(NOW + 15 * S)
    assert ready is not None
    assert sorted(zip(ready.tag.tolist(), ((ready.time - NOW) // S).tolist(), strict=True)) == [
        (1, 8), (1, 10), (2, 10),
    ]  # fmt: skip
    assert reorder.hold_back({where: 9}) == {where: 8}
    ready = reorder.release(NOW + 18 * S)
    assert ready is not None
    assert len(ready) == 1
    assert reorder.hold_back({where: 9}) == {where: 9}


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 1e308, -1e308])
def test_odd_numbers_are_compared_like_others(value: float) -> None:
    rig = Rig()
    (edge,) = [edge for edge in rig.say(("flow", 1, value)) if edge[2]]
    assert edge == ("high" if value > 0 else "low", 1, True)
