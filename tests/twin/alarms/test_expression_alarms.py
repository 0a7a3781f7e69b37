"""Alarms over several signals, for all equipment of a kind at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.alarms.alarm_parks import NAME, NOW, S, alarm_park, alarm_table, readings, shown, tag_number
from twin.alarms.condition_bank import ConditionBank, Edge
from twin.alarms.snapshot import (
    decode_snapshot,
    encode_snapshot,
    pack_names,
    restore_snapshot,
    take_snapshot,
)
from twin.park.alarm import AlarmRule

BAD = 0x80000000
NAN = float("nan")
DRY = AlarmRule(
    "dry", NAME, "expression", kind="pump", signals=("flow",), when="flow < 20 and wanted > 50 [m³/h]"
)


class Rig:
    def __init__(self, *rules: AlarmRule, pumps: int = 2) -> None:
        self.table = alarm_table(alarm_park(rules, pumps=pumps))
        self.bank = ConditionBank(self.table)
        self.bank.clock.note_frame(0, NOW, NOW)

    def say(self, *rows: tuple[object, ...]) -> list[tuple[str, float, bool]]:
        return self.only(self.edges(*rows))

    def edges(self, *rows: tuple[object, ...]) -> list[Edge]:
        """Tell readings of (signal, seconds, value[, status[, text]]), those of pump 1 as ``1:signal``."""
        told = []
        for signal, *rest in rows:
            pump, _, name = str(signal).rpartition(":")
            told.append((tag_number(self.table, name, int(pump or 0)), *rest))
        return self.bank.take(readings(told))  # type: ignore[arg-type]

    def only(self, edges: Sequence[Edge]) -> list[tuple[str, float, bool]]:
        return [one for one in shown(self.table, edges) if one[0] not in ("low", "high")]


def test_an_alarm_over_two_signals_begins_and_ends_with_either() -> None:
    rig = Rig(DRY)
    assert rig.say(("flow", 1, 10.0)) == [], "nothing is known of the other yet"
    assert rig.say(("wanted", 2, 60.0)) == [("dry", 2, True)]
    assert rig.say(("flow", 3, 30.0)) == [("dry", 3, False)]
    assert rig.say(("flow", 4, 10.0)) == [("dry", 4, True)]
    assert rig.say(("wanted", 5, 50.0)) == [("dry", 5, False)]


def test_every_moment_within_one_message_counts() -> None:
    rig = Rig(DRY)
    rig.say(("flow", 0, 10.0))
    found = rig.say(("wanted", 1, 60.0), ("flow", 2, 30.0), ("flow", 4, 10.0), ("wanted", 3, 40.0))
    assert found == [("dry", 1, True), ("dry", 2, False)], "at 4 the other had fallen already"


def test_a_signal_that_lags_says_how_it_is_now() -> None:
    rig = Rig(DRY)
    rig.say(("flow", 10, 10.0))
    assert rig.say(("wanted", 4, 60.0)) == [("dry", 10, True)]


def test_each_machine_is_judged_by_its_own_signals_and_shown_with_its_value() -> None:
    rig = Rig(DRY)
    edges = rig.edges(("1:wanted", 1, 60.0), ("1:flow", 1, 12.5), ("flow", 1, 5.0), ("wanted", 1, 10.0))
    (edge,) = [one for one in edges if rig.only([one])]
    alarm = int(rig.table.conditions.alarm[edge.row])
    assert (rig.table.name(alarm), edge.value) == ("park/site/pump1:flow:dry", 12.5)


def test_a_bad_signal_neither_begins_nor_ends_it_unless_it_is_asked_for() -> None:
    rig = Rig(DRY, replace(DRY, id="blind", when="not good(flow) and wanted > 50"))
    assert rig.say(("flow", 1, 10.0), ("wanted", 1, 60.0)) == [("dry", 1, True)]
    assert rig.say(("flow", 2, 99.0, BAD)) == [("blind", 2, True)]
    assert rig.say(("flow", 3, 30.0)) == [("dry", 3, False), ("blind", 3, False)]


def test_texts_delays_and_rules_for_single_machines() -> None:
    rig = Rig(
        replace(
            DRY,
            id="hand",
            when='mode == "manual" and flow > 1',
            on_delay_s=5.0,
            equipment=("park/site/pump0",),
        )
    )
    rig.say(("flow", 1, 30.0), ("1:flow", 1, 30.0))
    assert rig.say(("mode", 2, NAN, 0, "manual"), ("1:mode", 2, NAN, 0, "manual")) == []
    assert rig.only(rig.bank.pass_time(NOW + 8 * S)) == [("hand", 7, True)]
    assert rig.say(("mode", 9, NAN, 0, "auto")) == [("hand", 9, False)]


def test_a_snapshot_remembers_what_was_said() -> None:
    rule = replace(DRY, when='flow < 20 and wanted > 50 and mode == "auto"')
    rig = Rig(rule)
    rig.say(("wanted", 1, 60.0), ("mode", 1, NAN, 0, "auto"))
    kept = encode_snapshot(take_snapshot(rig.bank, {}, pack_names(rig.table)))
    again = Rig(rule)
    restore_snapshot(again.bank, decode_snapshot(kept, "test"))
    assert again.say(("flow", 2, 10.0)) == [("dry", 2, True)]


def test_a_rule_that_changed_is_judged_by_what_is_known() -> None:
    rig = Rig(DRY)
    rig.say(("wanted", 1, 40.0), ("flow", 1, 10.0))
    kept = encode_snapshot(take_snapshot(rig.bank, {}, pack_names(rig.table)))
    again = Rig(replace(DRY, when="flow < 20 and wanted > 30"))
    restore_snapshot(again.bank, decode_snapshot(kept, "test"))
    assert again.only(again.bank.reconsider(NOW + 5 * S)) == [("dry", 5, True)]


STEP = st.tuples(
    st.sampled_from(["flow", "wanted", "1:flow", "1:wanted"]),
    st.sampled_from([10.0, 30.0, 60.0, math.nan]),
    st.sampled_from([0, 0, 0, BAD]),
)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEP, min_size=1, max_size=30), cuts=st.sets(st.integers(0, 29)))
def test_arrays_agree_with_a_plain_loop_however_readings_are_cut(
    steps: list[tuple[str, float, int]], cuts: set[int]
) -> None:
    wanted: list[tuple[str, float, bool]] = []
    known: dict[str, tuple[float, int]] = {}
    holds = {"": False, "1:": False}
    for second, (signal, value, status) in enumerate(steps):
        known[signal] = (value, status)
        pump = "1:" if signal.startswith("1:") else ""
        inputs = [known.get(f"{pump}{one}", (math.nan, BAD)) for one in ("flow", "wanted")]
        if any(status or math.isnan(value) for value, status in inputs):
            continue
        now = inputs[0][0] < 20 and inputs[1][0] > 50
        if now != holds[pump]:
            holds[pump] = now
            wanted.append((f"park/site/pump{1 if pump else 0}", float(second), now))
    rig = Rig(DRY)
    edges: list[Edge] = []
    held: list[tuple[object, ...]] = []
    for second, (signal, value, status) in enumerate(steps):
        held.append((signal, second, value, status))
        if second in cuts:
            edges += rig.edges(*held)
            held = []
    if held:
        edges += rig.edges(*held)
    found = []
    for edge in sorted(edges, key=lambda edge: edge.time):
        alarm = int(rig.table.conditions.alarm[edge.row])
        if rig.table.spec_of(alarm).rule == "dry":
            machine = rig.table.subject(alarm).partition(":")[0]
            found.append((machine, (edge.time - NOW) / S, edge.on))
    assert found == wanted


def test_a_thousand_machines_are_one_evaluation() -> None:
    rig = Rig(DRY, pumps=1000)
    (group,) = rig.table.expressions
    assert len(group.rows) == 1000
    assert np.unique(group.rows).size == 1000
