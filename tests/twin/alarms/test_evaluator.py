"""From the bus to the journal and back onto the bus, over restarts and with parts missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from tests.twin.alarms.alarm_parks import NAME, NOW, S, alarm_park, alarm_table
from tests.twin.alarms.alarm_source import AlarmSource, journalled, open_journal, published, told
from twin.alarms.actions import Action, make_happenings
from twin.alarms.evaluator import Evaluator
from twin.alarms.journal import Journal
from twin.alarms.metrics import AlarmMetrics
from twin.alarms.standing import Happening
from twin.alarms.state_machine import Event
from twin.bus.base import Bus, BusUnavailableError, Message
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.codec import encode_message
from twin.contract.messages import Gap, GapReason
from twin.contract.topics import GAPS, READINGS
from twin.park.alarm import AlarmRule, Suppression
from twin.park.model import Limits, Park
from twin.service.database import DatabaseBusyError
from twin.state.snapshot_place import SnapshotPlan

RULES = (
    AlarmRule("slow", NAME, "high", kind="pump", signals=("flow",), on_delay_s=10.0, limit=80.0),
    AlarmRule("hole", NAME, "gap", sources=("anphat",), after_s=1.0),
)
PARK = alarm_park(RULES)


class Rig:
    """An evaluator on a bus and a database, with a clock that stands until told otherwise."""

    def __init__(self, folder: Path, bus: Bus, park: Park = PARK, *, lateness_s: float = 0.0) -> None:
        self.now = NOW
        self.bus = bus
        self.folder = folder
        self.registry = CollectorRegistry()
        self.journal = open_journal(f"sqlite:///{folder / 'tables.db'}", alarm_table(park))
        self.directory = TagSetDirectory(bus)
        self.evaluator = Evaluator(
            bus,
            self.journal,
            lookup=lambda identifier: self.directory.get(identifier, wait_s=0.05),
            snapshots=SnapshotPlan(folder / "alarms.snapshot", 3600.0),
            metrics=AlarmMetrics(self.registry),
            clock=lambda: self.now,
            lateness_s=lateness_s,
        )
        self.known = self.evaluator.load()

    @property
    def engine(self) -> Engine:
        return self.journal.engine

    def drain(self, seconds: float | None = None) -> None:
        """Take in everything, the clock at ``seconds`` after NOW."""
        if seconds is not None:
            self.now = NOW + round(seconds * S)
        while self.evaluator.step(0.0) or not self.evaluator.live:
            pass
        self.evaluator.step(0.0)

    def value(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"parktwin_alarm_{metric}", labels) or 0.0

    def die(self) -> None:
        """End without a last snapshot, as a crash would."""
        self.directory.close()
        self.engine.dispose()

    def end(self) -> None:
        self.evaluator.close()
        self.evaluator.stop()
        self.die()


class Clocked:
    """The bus's clock."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clocked:
    return Clocked()


@pytest.fixture
def bus(tmp_path: Path, clock: Clocked) -> Iterator[Bus]:
    bus = open_bus(f"embedded:{tmp_path / 'bus'}", clock=clock)
    yield bus
    bus.close()


def test_readings_become_entries_of_the_journal_and_messages_on_the_bus(tmp_path: Path, bus: Bus) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 0.1, 11.0), ("plain", 0.3, 0.0), ("pump1:plain", 0.2, -25.0)])
    rig.drain(1)
    assert told(rig.engine) == [
        ("pump0:plain:high", "alarm", "unacknowledged", 0.1),
        ("pump1:plain:low_low", "alarm", "unacknowledged", 0.2),
        ("pump1:plain:low", "alarm", "unacknowledged", 0.2),
        ("pump0:plain:high", "return", "returned_unacknowledged", 0.3),
    ]
    rig.drain(2)
    assert published(bus) == journalled(rig.engine)
    assert rig.value("journal_entries_total", event="alarm") == 3.0
    assert rig.value("readings_evaluated_total") == 3.0
    assert rig.evaluator.troubles() == {}
    rig.end()


def test_a_delay_runs_out_without_another_reading(tmp_path: Path, bus: Bus) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("flow", 0, 90.0)])
    rig.drain(9.9)
    assert told(rig.engine) == []
    rig.drain(10.1)
    assert told(rig.engine) == [("pump0:flow:slow", "alarm", "unacknowledged", 10)]
    rig.end()


@pytest.mark.parametrize("ending", ["ended", "crashed", "snapshot lost", "snapshot damaged"])
def test_a_restart_goes_on_with_conditions_and_delays_and_tells_nothing_twice(
    tmp_path: Path, bus: Bus, ending: str
) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 1, 11.0), ("flow", 1, 90.0)])
    rig.drain(2)
    if ending == "crashed":
        rig.die()
    else:
        rig.end()
    snapshot = tmp_path / "alarms.snapshot"
    if ending == "snapshot lost":
        snapshot.unlink()
    elif ending == "snapshot damaged":
        snapshot.write_bytes(snapshot.read_bytes()[:-1] + b"?")
    source.tell([("plain", 3, 0.0), ("plain", 4, 12.0)])
    again = Rig(tmp_path, bus)
    again.drain(12)
    assert told(again.engine) == [
        ("pump0:plain:high", "alarm", "unacknowledged", 1),
        ("pump0:plain:high", "return", "returned_unacknowledged", 3),
        ("pump0:plain:high", "alarm", "unacknowledged", 4),
        ("pump0:flow:slow", "alarm", "unacknowledged", 11),
    ]
    again.drain(13)
    assert published(bus) == journalled(again.engine)
    again.end()


def test_a_person_acts_while_the_evaluator_runs(tmp_path: Path, bus: Bus) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 1, 11.0)])
    rig.drain(2)
    other = open_journal(str(rig.engine.url), rig.journal.table)
    alarm = "park/site/pump0:plain:high"
    other.write([Happening(alarm, Event.ACKNOWLEDGE, NOW + 3 * S, by="Lan")], recorded=NOW + 3 * S)
    other.write(
        [Happening("park/site/pump0:plain:low", Event.SHELVE, NOW + 3 * S, by="Lan", until=NOW + 9 * S)],
        recorded=NOW + 3 * S,
    )
    source.tell([("plain", 5, 0.0), ("plain", 6, -15.0)])
    rig.drain(7)
    rig.drain(10)
    assert [row[:3] for row in told(rig.engine)[2:]] == [
        ("pump0:plain:low", "shelve", "shelved"),
        ("pump0:plain:high", "return", "normal"),
        ("pump0:plain:low", "alarm", "shelved"),
        ("pump0:plain:low", "unshelve", "unacknowledged"),
    ]
    rig.drain(11)
    assert [entry.by for entry in published(bus)] == ["system", "Lan", "Lan", "system", "system", "system"]
    other.engine.dispose()
    rig.end()


def test_a_gap_is_told_once_it_is_over(tmp_path: Path, bus: Bus) -> None:
    rig = Rig(tmp_path, bus)
    gap = Gap(id="1", source="anphat", start=NOW, end=NOW + 5 * S, reason=GapReason.SOURCE_LOST)
    value, headers = encode_message(gap, message_id="1", source="anphat", time_ns=NOW)
    bus.publish([Message(GAPS.name, "anphat", value, headers)] * 2)
    rig.drain(6)
    assert [row[:3] for row in told(rig.engine)] == [
        ("anphat:hole", "alarm", "unacknowledged"), ("anphat:hole", "return", "returned_unacknowledged"),
    ]  # fmt: skip
    rig.end()


def test_a_clock_far_in_the_future_blocks_nothing(tmp_path: Path, bus: Bus, clock: Clocked) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 7 * 3600, 11.0)])
    clock.now = NOW + 2 * S
    source.tell([("plain", 2, 0.0)])
    clock.now = NOW + 3 * S
    source.tell([("plain", 7 * 3600 + 1, 0.0), ("plain", 7 * 3600 + 2, 12.0)])
    rig.drain(4)
    assert told(rig.engine) == [
        ("pump0:plain:high", "alarm", "unacknowledged", 0),
        ("pump0:plain:high", "return", "returned_unacknowledged", 2),
        ("pump0:plain:high", "alarm", "unacknowledged", 3),
    ]
    rig.end()


def test_what_cannot_be_read_is_counted_and_passed_over(tmp_path: Path, bus: Bus) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    bus.publish([Message(READINGS.name, "anphat", b"no frame"), Message(GAPS.name, "anphat", b"{}")])
    source.tell([("plain", 1, 11.0)])
    rig.drain(2)
    assert len(told(rig.engine)) == 1
    assert rig.value("messages_unreadable_total", code="contract.frame") == 1.0
    assert rig.value("messages_unreadable_total", code="contract.message") == 1.0
    rig.end()


def test_while_the_database_is_away_what_was_found_is_kept(
    tmp_path: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    rig.drain(0.5)
    write = Journal.write
    monkeypatch.setattr(Journal, "write", _busy)
    source.tell([("plain", 1, 11.0)])
    for _ in range(3):
        with pytest.raises(DatabaseBusyError):
            rig.drain(2)
    monkeypatch.setattr(Journal, "write", write)
    rig.drain(3)
    assert told(rig.engine) == [("pump0:plain:high", "alarm", "unacknowledged", 1)]
    rig.end()


def _busy(*_: object, **__: object) -> None:
    raise DatabaseBusyError("locked")


def test_a_tag_set_that_cannot_be_asked_for_now_loses_no_reading(
    tmp_path: Path, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 1, 11.0)])
    get = rig.directory.get

    def away(identifier: str, *, wait_s: float = 0.0) -> None:
        raise BusUnavailableError("the broker is away")

    monkeypatch.setattr(rig.directory, "get", away)
    with pytest.raises(BusUnavailableError):
        rig.drain(2)
    monkeypatch.setattr(rig.directory, "get", get)
    rig.drain(3)
    assert len(told(rig.engine)) == 1
    rig.end()


def test_after_a_change_of_the_park_file_alarms_are_found_again_by_name(tmp_path: Path, bus: Bus) -> None:
    park = alarm_park(RULES, pumps=3)
    source, rig = AlarmSource(bus, park), Rig(tmp_path, bus, park)
    source.tell([("pump1:plain", 1, 11.0), ("pump2:plain", 1, 11.0)])
    rig.drain(2)
    rig.end()
    changed = alarm_park((*RULES, replace(RULES[0], id="more", type="low", limit=5.0)), revision="ff" * 8)
    shifted = Rig(tmp_path, bus, changed)
    AlarmSource(bus, changed).tell([("pump1:plain", 3, 0.0)])
    shifted.drain(4)
    assert [(alarm, event) for alarm, event, _, _ in told(shifted.engine)][2:] == [
        ("pump2:plain:high", "retire"), ("pump1:plain:high", "return"),
    ]  # fmt: skip
    shifted.end()


def test_a_journal_that_was_set_back_is_made_good_once_the_bus_was_read(tmp_path: Path, bus: Bus) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 1, 11.0)])
    rig.drain(2)
    rig.end()
    (tmp_path / "tables.db").unlink()
    again = Rig(tmp_path, bus)
    again.drain(5)
    assert told(again.engine) == [("pump0:plain:high", "alarm", "unacknowledged", 5)]
    again.end()


def test_limits_of_one_machine_are_its_own() -> None:
    park = alarm_park()
    tight = replace(park.tags[1].signal, limits=Limits(high=1.0))
    tags = (park.tags[0], replace(park.tags[1], signal=tight), *park.tags[2:])
    table = alarm_table(replace(park, tags=tags))
    assert table.spec_of(table.number("park/site/pump0:plain:high")).limit == 1.0
    assert table.spec_of(table.number("park/site/pump1:plain:high")).limit == 10.0


def test_a_second_evaluator_on_the_same_journal_tells_nothing_twice(
    tmp_path: Path, bus: Bus, clock: Clocked
) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    other = Rig(tmp_path, bus)
    for second in range(1, 40):
        clock.now = NOW + second * S
        source.tell([("plain", second, 12.0 if second % 3 else 0.0), ("flow", second, 90.0 - second)])
        for one in (rig, other) if second % 2 else (other, rig):
            one.drain(second + 0.5)
    entries = journalled(rig.engine)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    plain = [(event, at) for alarm, event, _, at in told(rig.engine) if alarm == "pump0:plain:high"]
    assert plain == [
        ("alarm" if second % 3 == 1 else "return", second) for second in range(1, 40) if second % 3 != 2
    ]
    rig.end()
    other.end()


def test_a_limit_that_changes_in_the_park_file_is_compared_with_what_was_said_last(
    tmp_path: Path, bus: Bus
) -> None:
    source, rig = AlarmSource(bus, PARK), Rig(tmp_path, bus)
    source.tell([("plain", 1, 11.0), ("pump1:plain", 1, 5.0)])
    rig.drain(2)
    rig.end()
    rules = (
        AlarmRule("high_there", NAME, "high", "pump", ("plain",), ("park/site/pump1",), limit=4.0),
        AlarmRule("high_here", NAME, "high", "pump", ("plain",), ("park/site/pump0",), limit=15.0),
    )
    again = Rig(tmp_path, bus, alarm_park((*RULES, *rules), revision="ee" * 8))
    again.drain(5)
    assert told(again.engine)[1:] == [
        ("pump0:plain:high", "retire", "normal", 0),
        ("pump1:plain:high_there", "alarm", "unacknowledged", 5),
    ]
    again.end()


def test_suppressed_by_design_and_back_and_latched_until_a_person_lets_go(tmp_path: Path, bus: Bus) -> None:
    standing = Suppression("state", (2.0,))
    park = alarm_park(
        (
            AlarmRule("no_flow", NAME, "low", "pump", ("flow",), limit=5.0, suppress=standing),
            AlarmRule("hot", NAME, "high", "pump", ("plain",), limit=10.0, latch=True),
        )
    )
    source, rig = AlarmSource(bus, park), Rig(tmp_path, bus, park)
    source.tell([("state", 1, 2.0), ("flow", 2, 0.0), ("state", 3, 6.0), ("flow", 4, 50.0)])
    source.tell([("plain", 5, 11.0), ("plain", 6, 0.0)])
    rig.drain(7)
    assert told(rig.engine) == [
        ("pump0:flow:no_flow", "suppress", "suppressed_by_design", 1),
        ("pump0:flow:no_flow", "alarm", "suppressed_by_design", 2),
        ("pump0:flow:no_flow", "unsuppress", "unacknowledged", 3),
        ("pump0:flow:no_flow", "return", "returned_unacknowledged", 4),
        ("pump0:plain:hot", "alarm", "unacknowledged", 5),
        ("pump0:plain:hot", "return", "latched_unacknowledged", 6),
    ]
    actions: tuple[Action, ...] = ("reset", "acknowledge", "reset")
    states = []
    for action in actions:
        happenings = make_happenings(
            rig.journal.table, action, ["park/site/pump0:plain:hot"], by="Lan", time=rig.now
        )
        written = rig.journal.write(happenings, recorded=rig.now)
        states += [entry.to_state for entry in written.entries] or ["refused"]
    assert states == ["refused", "latched_acknowledged", "normal"]
    rig.end()
