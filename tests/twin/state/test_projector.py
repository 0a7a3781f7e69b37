"""The projector on real buses: good frames, broken ones, restarts, and a bus that is away."""

from __future__ import annotations

import logging
import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from tests.twin.state.bus_source import BusSource
from tests.twin.state.parks import NOW, S, connected, lost, make_frame, make_park, make_state
from twin.bus.base import (
    Bus,
    BusUnavailableError,
    Consumer,
    Membership,
    Message,
    Positions,
    Start,
    TopicPartition,
)
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.contract.frame import encode_frame
from twin.contract.topics import DEAD_LETTERS, SOURCE_STATES
from twin.state.metrics import StateMetrics
from twin.state.projector import Projector
from twin.state.snapshot_place import SnapshotPlan
from twin.state.twin_state import TwinState

PARK = make_park(2, sources=("anphat", "dongho"))


class Rig:
    """A projector on a bus, its metrics, and two sources."""

    def __init__(self, bus: Bus, snapshots: SnapshotPlan | None = None) -> None:
        self.bus = bus
        self.registry = CollectorRegistry()
        self.state = make_state(PARK)
        self.directory = TagSetDirectory(bus)
        self.projector = Projector(
            bus,
            self.state,
            lookup=lambda identifier: self.directory.get(identifier, wait_s=0.05),
            snapshots=snapshots,
            metrics=StateMetrics(self.registry),
            clock=system_clock,
        )

    def drain(self) -> None:
        while self.projector.step(0.0) or not self.state.live:
            pass

    def value(self, metric: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"parktwin_{metric}", labels) or 0.0

    def close(self) -> None:
        self.projector.stop()
        self.directory.close()


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    yield bus
    bus.close()


@pytest.fixture
def rig(bus: Bus) -> Iterator[Rig]:
    rig = Rig(bus)
    yield rig
    rig.close()


def test_readings_of_every_source_become_last_values(bus: Bus, rig: Rig) -> None:
    anphat, dongho = BusSource(bus, PARK, "anphat"), BusSource(bus, PARK, "dongho")
    anphat.tell([(0, NOW, 220.0), (1, NOW, math.nan, 0, "Execute")])
    dongho.tell([(2, NOW, 1.5)])
    rig.drain()
    assert rig.state.values.value[0] == 220.0
    assert rig.state.values.text == {1: "Execute"}
    assert rig.state.values.value[rig.state.table.number["park/site/oven1:speed"]] == 1.5
    assert rig.value("readings_applied_total") == 3.0
    assert rig.state.values.simulated[0]


BROKEN: dict[str, Callable[[BusSource], None]] = {
    "contract.frame": lambda source: source.tell_bytes(b"no frame at all"),
    "contract.unknown_tag_set": lambda source: source.tell([(0, NOW, 1.0)], set_id="ab" * 16),
}


@pytest.mark.parametrize("code", BROKEN)
def test_what_cannot_be_read_is_counted_and_passed_over(
    bus: Bus, rig: Rig, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    source = BusSource(bus, PARK)
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            BROKEN[code](source)
            source.tell([(0, NOW + number, float(number))])
        rig.drain()
    assert rig.state.values.value[0] == 2.0
    assert rig.value("messages_unreadable_total", code=code) == 3.0
    assert len([record for record in caplog.records if "passed over" in record.message]) == 1


def test_an_index_beyond_the_tag_set_and_a_damaged_byte_stop_nothing(bus: Bus, rig: Rig) -> None:
    source = BusSource(bus, PARK)
    source.tell([(99, NOW, 1.0)])
    damaged = bytearray(encode_frame(make_frame([(0, NOW, 1.0)], set_id=source.tags.id)))
    damaged[70] ^= 1
    source.tell_bytes(bytes(damaged))
    source.tell([(0, NOW, 5.0)])
    rig.drain()
    assert rig.state.values.value[0] == 5.0
    assert rig.value("messages_unreadable_total", code="contract.frame") == 2.0


def test_a_frame_with_the_tag_set_of_another_source_changes_nothing(bus: Bus, rig: Rig) -> None:
    anphat, stranger = BusSource(bus, PARK, "anphat"), BusSource(bus, PARK, "dongho")
    anphat.tell([(0, NOW, 5.0)])
    stranger.tell([(0, NOW + S, 666.0)], set_id=anphat.tags.id)
    rig.drain()
    assert rig.state.values.value[0] == 5.0
    assert rig.value("messages_unreadable_total", code="contract.frame") == 1.0


def test_heartbeats_are_heard_and_a_broken_one_is_not(bus: Bus, rig: Rig) -> None:
    source = BusSource(bus, PARK)
    source.beat(connected())
    rig.drain()
    bus.publish([Message(SOURCE_STATES.name, "dongho", b"{}")])
    rig.drain()
    with closing(bus.consumer([DEAD_LETTERS.name])) as letters:
        (letter,) = letters.poll(20.0)
        assert letter.message.key == SOURCE_STATES.name
    heard = rig.state.source("anphat")
    assert heard is not None
    assert heard.state.connection == "connected"
    assert not heard.silent(system_clock())
    assert rig.value("messages_unreadable_total", code="contract.message") == 1.0

    source.beat(lost(connected()))
    rig.drain()
    heard = rig.state.source("anphat")
    assert heard is not None
    assert heard.state.connection == "lost"


def test_an_old_word_on_the_bus_does_not_make_a_dead_source_look_alive(tmp_path: Path) -> None:
    past = open_bus(f"embedded:{tmp_path / 'bus'}", clock=lambda: system_clock() - 60 * S)
    BusSource(past, PARK).beat(connected())
    past.close()
    bus = open_bus(f"embedded:{tmp_path / 'bus'}")
    rig = Rig(bus)
    rig.drain()
    heard = rig.state.source("anphat")
    assert heard is not None
    assert heard.silent(system_clock())
    rig.close()
    bus.close()


class Flaky:
    """A bus whose broker goes away and comes back; everything else is the real one."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.away = False

    def publish(self, messages: Sequence[Message]) -> None:
        self._bus.publish(messages)

    def consumer(
        self,
        topics: Sequence[str],
        *,
        group: str | None = None,
        start: Start = Start.EARLIEST,
        positions: Positions | None = None,
        partitions: Collection[TopicPartition] | None = None,
    ) -> Consumer:
        if self.away:
            raise BusUnavailableError("the broker is away")
        return self._bus.consumer(
            topics, group=group, start=start, positions=positions, partitions=partitions
        )

    @property
    def spread(self) -> bool:
        return self._bus.spread

    def join(self, group: str, topic: str) -> Membership:
        return self._bus.join(group, topic)

    def partition_of(self, topic: str, key: str) -> int:
        return self._bus.partition_of(topic, key)

    def close(self) -> None:
        self._bus.close()


def test_a_frame_is_not_passed_over_because_its_tag_set_could_not_be_asked_for(bus: Bus) -> None:
    flaky = Flaky(bus)
    rig = Rig(flaky)
    rig.drain()
    BusSource(bus, PARK).tell([(0, NOW, 7.0)])
    flaky.away = True
    with pytest.raises(BusUnavailableError):
        rig.drain()
    flaky.away = False
    rig.drain()
    assert rig.state.values.value[0] == 7.0
    rig.close()


def test_a_dead_source_does_not_look_alive_because_the_bus_was_opened_anew(tmp_path: Path) -> None:
    with closing(open_bus(f"embedded:{tmp_path / 'bus'}", clock=lambda: system_clock() - 60 * S)) as past:
        BusSource(past, PARK).beat(connected())
    with closing(open_bus(f"embedded:{tmp_path / 'bus'}")) as bus:
        flaky = Flaky(bus)
        with closing(Rig(flaky)) as rig:
            rig.drain()
            BusSource(bus, PARK).tell([(0, NOW, 7.0)])
            flaky.away = True
            with pytest.raises(BusUnavailableError):
                rig.drain()
            flaky.away = False
            rig.drain()
            heard = rig.state.source("anphat")
            assert heard is not None
            assert heard.silent(system_clock())


def test_the_thread_waits_for_a_bus_that_is_away_and_says_so(bus: Bus) -> None:
    flaky = Flaky(bus)
    flaky.away = True
    rig = Rig(flaky)
    rig.projector.start()
    wait_for(lambda: "bus" in rig.projector.troubles())
    BusSource(bus, PARK).tell([(0, NOW, 7.0)])
    flaky.away = False
    wait_for(lambda: rig.state.values.value[0] == 7.0 and not rig.projector.troubles())
    rig.close()


def wait_for(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


@pytest.mark.parametrize("restart", [False, True])
def test_the_present_overtakes_a_backlog_and_the_backlog_takes_nothing_back(
    tmp_path: Path, bus: Bus, restart: bool
) -> None:
    source = BusSource(bus, PARK)
    plan = SnapshotPlan(tmp_path / "snapshot", 0.0)
    # signal 0 changes all the time, signal 1 once in the backlog, and is corrected without moving its time
    backlog = [[(0, NOW + n * S, float(n))] for n in range(1, 9)]
    backlog[3].append((1, NOW + 4 * S, 1.0))
    backlog[5].append((1, NOW + 4 * S, 2.0))
    first = Rig(bus, plan)
    source.tell([(0, NOW, 0.0), (1, NOW, 0.0)])
    first.drain()
    source.tell_ahead([(0, NOW + 8 * S, 8.0), (1, NOW + 4 * S, 2.0)], sequence=9)
    first.drain()
    assert first.state.values.value[:2].tolist() == [8.0, 2.0]
    if restart:  # killed: its last snapshot may be older than what it knew
        first.directory.close()
    rig = Rig(bus, plan) if restart else first
    if restart:
        rig.projector.load()
    for n, rows in enumerate(backlog):
        source.tell(rows)
        source.tell_ahead([(0, NOW + (9 + n) * S, float(9 + n))], sequence=10 + n)
        rig.drain()
        assert rig.state.values.value[:2].tolist() == [9.0 + n, 2.0]
    assert rig.state.values.source_time[:2].tolist() == [NOW + 16 * S, NOW + 4 * S]
    assert rig.state.sequences == {"anphat": 9}
    assert rig.value("readings_late_total") > 0
    rig.close()


def test_a_restart_goes_on_after_its_snapshot(tmp_path: Path, bus: Bus) -> None:
    plan = SnapshotPlan(tmp_path / "state.snapshot", every_s=3600.0)
    source = BusSource(bus, PARK)
    first = Rig(bus, plan)
    source.tell([(0, NOW, 1.0)])
    first.projector.start()
    wait_for(lambda: first.state.values.value[0] == 1.0)
    first.close()
    source.tell([(2, NOW, 2.0)])

    second = Rig(bus, plan)
    assert second.projector.load() == 1
    second.drain()
    assert second.state.values.value.tolist()[:3:2] == [1.0, 2.0]
    second.close()


@pytest.mark.parametrize("damage", ["corrupt", "of another bus"])
def test_a_snapshot_that_does_not_fit_means_a_full_replay(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    plan = SnapshotPlan(tmp_path / "state.snapshot")
    old = open_bus(f"embedded:{tmp_path / 'old'}")
    before = Rig(old, plan)
    source = BusSource(old, PARK)
    for number in range(2500):
        source.tell([(0, NOW - 100 * S + number, float(number))])
    before.projector.start()
    wait_for(lambda: before.state.values.value[0] == 2499.0)
    before.close()
    old.close()
    if damage == "corrupt":
        plan.path.write_bytes(plan.path.read_bytes()[:-1])

    bus = open_bus(f"embedded:{tmp_path / 'new'}")
    BusSource(bus, PARK).tell([(0, NOW, 7.0)])
    after = Rig(bus, plan)
    with caplog.at_level(logging.WARNING):
        after.projector.load()
        after.drain()
    assert after.state.values.value[0] == 7.0
    assert ("replaying everything" in caplog.text) is (damage == "corrupt")
    after.close()
    bus.close()


FOLLOWER = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from tests.twin.state.test_projector import PARK
from tests.twin.state.parks import make_state
from twin.bus.connect import open_bus
from twin.bus.tag_sets import TagSetDirectory
from twin.contract.clock import system_clock
from twin.state.metrics import StateMetrics
from twin.state.projector import Projector
from twin.state.snapshot_place import SnapshotPlan

bus = open_bus(sys.argv[1])
projector = Projector(
    bus, make_state(PARK), lookup=TagSetDirectory(bus).get,
    snapshots=SnapshotPlan(Path(sys.argv[2]), every_s=0.02), metrics=StateMetrics(CollectorRegistry()),
    clock=system_clock,
)
projector.start()
print("following", flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_like_one_that_never_was(tmp_path: Path) -> None:
    url, path = f"embedded:{tmp_path / 'bus'}", tmp_path / "state.snapshot"
    bus = open_bus(url)
    source, rng, told = BusSource(bus, PARK), random.Random(20260131), 0

    def tell_some() -> None:
        nonlocal told
        for _ in range(rng.randrange(20, 60)):
            told += 1
            rows = [(rng.randrange(3), NOW + told * S - rng.randrange(3) * S, float(told)) for _ in range(5)]
            source.tell([*rows, (1, NOW + told * S, math.nan, 0, f"state {told}")])

    kills_with_snapshot = 0
    for _ in range(6):
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, url, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=os.getcwd(),
        )  # fmt: skip
        assert follower.stdout is not None
        assert follower.stdin is not None
        assert follower.stdout.readline() == b"following\n"
        deadline = time.monotonic() + rng.uniform(0.05, 0.4)
        while time.monotonic() < deadline:
            tell_some()
        follower.send_signal(signal.SIGKILL)
        follower.wait()
        follower.stdin.close()
        follower.stdout.close()
        kills_with_snapshot += path.exists()
    assert kills_with_snapshot >= 3

    killed, whole = Rig(bus, SnapshotPlan(path)), Rig(bus)
    assert killed.projector.load() > 0
    killed.drain()
    whole.drain()
    same(killed.state, whole.state)
    killed.close()
    whole.close()
    bus.close()


def same(one: TwinState, other: TwinState) -> None:
    for column in ("value", "source_time", "status", "received", "simulated", "has_text"):
        np.testing.assert_array_equal(getattr(one.values, column), getattr(other.values, column), column)
    assert one.values.text == other.values.text
    assert one.sequences == other.sequences
