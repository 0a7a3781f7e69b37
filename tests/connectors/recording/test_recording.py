"""A raw day in a file and back: nothing lost, nothing moved that should not, never a command."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from connectors.recording.errors import RecordingError
from connectors.recording.file import Kept, RecordingWriter, read_recording
from connectors.recording.recorder import Recorder, RecorderBounds
from connectors.recording.replay import Replay, ReplayPlan
from twin.bus.base import Bus, BusUnavailableError, Message, Start
from twin.bus.connect import open_bus
from twin.bus.memory import MemoryBus
from twin.contract.clock import NS_PER_S, system_clock
from twin.contract.codec import decode_message, encode_message, frame_headers
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import Connection, Gap, GapReason, SourceConfig, SourceState, TagSet
from twin.contract.topics import GAPS, READINGS, SOURCE_CONFIGS, SOURCE_STATES, TAG_SETS

ROOT = Path(__file__).parents[3]
DAY = 1_700_000_000 * NS_PER_S
SET = TagSet(source="plant", tags=("p/a:x", "p/a:y"), units=("", ""), data_types=("Double", "String"))
_NUMBERS = count()


def memory_bus() -> MemoryBus:
    """A bus of the test's own."""
    return MemoryBus(f"recording-{next(_NUMBERS)}", clock=system_clock)


def frame(number: int, source: str = "plant") -> Frame:
    """Two readings, a second after the frame before."""
    return Frame(
        source,
        number,
        SET.id,
        np.array([0, 1], np.uint32),
        np.array([DAY + number * NS_PER_S, DAY + number * NS_PER_S + 7], np.int64),
        np.array([0, 0x80000000], np.uint32),
        np.array([float(number), np.nan]),
        (None, "đỏ"),
    )


def messages(frames: int) -> list[Message]:
    """A day of one source: tag set, frames, a gap, a state."""
    value, headers = encode_message(SET, message_id=SET.id, source="t", time_ns=DAY)
    said = [Message(TAG_SETS.name, SET.id, value, headers)]
    for number in range(1, frames + 1):
        made = frame(number)
        said.append(Message(READINGS.name, "plant", encode_frame(made), frame_headers(made, DAY)))
    gap = Gap(id="g", source="plant", start=DAY, end=DAY + 9, reason=GapReason.SOURCE_LOST)
    value, headers = encode_message(gap, message_id=gap.id, source="t", time_ns=DAY)
    said.append(Message(GAPS.name, "plant", value, headers))
    state = SourceState(source="plant", connection=Connection.CONNECTED, since=DAY, time=DAY + 5)
    value, headers = encode_message(state, message_id="s", source="t", time_ns=DAY)
    said.append(Message(SOURCE_STATES.name, "plant", value, headers))
    return said


def recorded_day(path: Path, frames: int = 3, *, every_s: float = 1.0) -> list[Kept]:
    """A recording with a message every so often, and one of each topic a replay must keep to itself."""
    writer = RecordingWriter(path)
    kept = [
        Kept(m.topic, m.key, m.value, dict(m.headers), DAY + round(n * every_s * NS_PER_S))
        for n, m in enumerate(messages(frames))
    ]
    kept.append(Kept("commands", "plant", b"{}", {}, kept[-1].time_ns))
    config = SourceConfig(source="plant", protocol="opcua", endpoint="opc.tcp://plant:4840/")
    value, headers = encode_message(config, message_id="c", source="t", time_ns=DAY)
    kept.append(Kept(SOURCE_CONFIGS.name, "plant", value, headers, kept[-1].time_ns))
    for entry in kept:
        writer.write(entry)
    writer.close()
    return kept


def everything(bus: Bus) -> list[Message]:
    """What is on a bus, by topic."""
    found = []
    for name in (TAG_SETS.name, READINGS.name, GAPS.name, SOURCE_STATES.name, SOURCE_CONFIGS.name):
        consumer = bus.consumer([name])
        while received := consumer.poll(0.0):
            found += [entry.message for entry in received]
        consumer.close()
    return found


def replayed(path: Path, plan: ReplayPlan, bus: Bus | None = None) -> tuple[list[Message], Replay]:
    """What a replay puts on a bus."""
    target = bus or memory_bus()
    replay = Replay(target, plan, clock=system_clock, stop=threading.Event())
    replay.run(read_recording(path))
    return everything(target), replay


def test_what_goes_over_the_bus_is_kept_as_it_stands(tmp_path: Path) -> None:
    bus = memory_bus()
    said = messages(3)
    bus.publish(said)
    writer = RecordingWriter(tmp_path / "day")
    bounds = RecorderBounds(seconds=0.5)
    Recorder(bus, writer, bounds, clock=system_clock, stop=threading.Event(), start=Start.EARLIEST).run()
    writer.close()
    kept = list(read_recording(tmp_path / "day"))
    assert kept[0].topic == TAG_SETS.name
    assert {(k.topic, k.key, k.value) for k in kept} == {(m.topic, m.key, m.value) for m in said}
    assert all(k.headers["ce_id"] for k in kept)


def test_from_now_on_the_tag_sets_of_before_are_there(tmp_path: Path) -> None:
    bus = memory_bus()
    bus.publish(messages(2))
    writer = RecordingWriter(tmp_path / "day")
    stop = threading.Event()
    recorder = Recorder(bus, writer, RecorderBounds(), clock=system_clock, stop=stop)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    deadline = time.monotonic() + 10
    while writer.messages < 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    late = frame(9)
    while writer.messages < 2 and time.monotonic() < deadline:
        bus.publish([Message(READINGS.name, "plant", encode_frame(late), frame_headers(late, DAY))])
        time.sleep(0.05)
    stop.set()
    thread.join(10)
    writer.close()
    topics = [kept.topic for kept in read_recording(tmp_path / "day")]
    assert topics[0] == TAG_SETS.name
    assert set(topics[1:]) == {READINGS.name}


def test_only_chosen_sources_and_never_over_an_old_file(tmp_path: Path) -> None:
    bus = memory_bus()
    other = frame(1, "other")
    bus.publish(
        [*messages(1), Message(READINGS.name, "other", encode_frame(other), frame_headers(other, DAY))]
    )
    writer = RecordingWriter(tmp_path / "day")
    bounds = RecorderBounds(seconds=0.3, sources=frozenset({"other"}))
    stop = threading.Event()
    Recorder(bus, writer, bounds, clock=system_clock, stop=stop, start=Start.EARLIEST).run()
    writer.close()
    assert {kept.key for kept in read_recording(tmp_path / "day")} == {SET.id, "other"}
    with pytest.raises(RecordingError, match="never overwritten"):
        RecordingWriter(tmp_path / "day")


def test_shifted_the_first_message_is_now_and_intervals_hold(tmp_path: Path) -> None:
    recorded_day(tmp_path / "day")
    before = system_clock()
    said, replay = replayed(tmp_path / "day", ReplayPlan(speed=0))
    assert replay.counts.withheld == 2
    assert replay.counts.published == len(said) == 6
    assert not [message for message in said if message.topic == SOURCE_CONFIGS.name]
    tag_set = decode_message(TagSet, said[0].value, said[0].headers)
    assert tag_set.simulated
    assert tag_set.tags == SET.tags
    frames = [decode_frame(m.value) for m in said if m.topic == READINGS.name]
    assert {made.tag_set for made in frames} == {tag_set.id}
    assert [made.sequence - frames[0].sequence for made in frames] == [0, 1, 2]
    first = int(frames[0].source_time[0])
    assert before <= first <= system_clock(), "the first frame was as old as it is now: not at all"
    times = [int(made.source_time[0]) for made in frames]
    assert np.diff(times).tolist() == [NS_PER_S, NS_PER_S]
    assert [made.message_id for made in frames] == [
        m.headers["ce_id"] for m in said if m.topic == READINGS.name
    ]
    (gap,) = [decode_message(Gap, m.value, m.headers) for m in said if m.topic == GAPS.name]
    assert gap.end - gap.start == 9
    assert frames[0].text == (None, "đỏ")
    assert frames[0].status.tolist() == [0, 0x80000000]


def test_a_second_replay_is_no_repetition_of_the_first(tmp_path: Path) -> None:
    recorded_day(tmp_path / "day")
    bus = memory_bus()
    replayed(tmp_path / "day", ReplayPlan(speed=0), bus)
    time.sleep(0.01)
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=0), bus)
    frames = [decode_frame(m.value) for m in said if m.topic == READINGS.name]
    assert len({made.message_id for made in frames}) == 6


def test_kept_and_verbatim_times_are_those_of_the_day(tmp_path: Path) -> None:
    kept = recorded_day(tmp_path / "day")
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=0, times="keep", mark_simulated=False))
    frames = [decode_frame(m.value) for m in said if m.topic == READINGS.name]
    assert [int(made.source_time[0]) for made in frames] == [DAY + n * NS_PER_S for n in (1, 2, 3)]
    assert frames[0].tag_set == SET.id
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=0, times="verbatim"))
    assert {(m.topic, m.value, m.headers["ce_id"]) for m in said} == {
        (k.topic, k.value, k.headers["ce_id"]) for k in kept[:-2]
    }


def test_the_pace_is_that_of_the_day_times_the_speed(tmp_path: Path) -> None:
    recorded_day(tmp_path / "day", frames=8, every_s=0.5)
    begun = time.monotonic()
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=4))
    took = time.monotonic() - begun
    assert 0.8 <= took <= 6, "4 s of messages at four times the speed"
    frames = [decode_frame(m.value) for m in said if m.topic == READINGS.name]
    assert np.diff([int(made.source_time[0]) for made in frames]).tolist() == [NS_PER_S // 4] * 7


def test_a_part_of_the_day_of_some_sources(tmp_path: Path) -> None:
    recorded_day(tmp_path / "day", frames=5)
    plan = ReplayPlan(speed=0, begin=DAY + 2 * NS_PER_S, end=DAY + 4 * NS_PER_S)
    said, _ = replayed(tmp_path / "day", plan)
    assert [m.topic for m in said] == [TAG_SETS.name, READINGS.name, READINGS.name]
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=0, sources=frozenset({"nobody"})))
    assert [m.topic for m in said] == [TAG_SETS.name]


class AwayAtFirst(MemoryBus):
    """A bus that is away for the first publish."""

    away = True

    def publish(self, messages: object) -> None:
        """Refuse once."""
        if self.away:
            self.away = False
            raise BusUnavailableError("away")
        super().publish(messages)  # type: ignore[arg-type]


def test_a_bus_that_is_away_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.recording.replay.RETRY_S", 0.01)
    recorded_day(tmp_path / "day")
    said, _ = replayed(tmp_path / "day", ReplayPlan(speed=0), AwayAtFirst("away-once", clock=system_clock))
    assert len(said) == 6


def test_a_recording_cut_by_a_kill_is_whole_up_to_there(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "day")
    for number in range(6):
        made = frame(number + 1)
        writer.write(Kept(READINGS.name, "plant", encode_frame(made), {}, DAY))
        writer.flush()
    writer.close()
    data = (tmp_path / "day").read_bytes()
    whole = 0
    for cut in range(8, len(data), 17):
        (tmp_path / "cut").write_bytes(data[:cut])
        found = list(read_recording(tmp_path / "cut"))
        assert len(found) >= whole
        whole = len(found)
    assert whole >= 5
    damaged = bytearray(data)
    damaged[60] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(RecordingError, match="damaged"):
        list(read_recording(tmp_path / "damaged"))
    (tmp_path / "other").write_bytes(b"something else")
    with pytest.raises(RecordingError, match="no recording"):
        list(read_recording(tmp_path / "other"))


def test_a_message_that_cannot_be_read_is_left_out_and_counted(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "day")
    writer.write(Kept(READINGS.name, "plant", b"no frame", {}, DAY))
    made = frame(1)
    writer.write(Kept(READINGS.name, "plant", encode_frame(made), {}, DAY))
    writer.close()
    said, replay = replayed(tmp_path / "day", ReplayPlan(speed=0))
    assert (len(said), replay.counts.damaged) == (1, 1)


@pytest.mark.slow
def test_the_commands_record_one_bus_and_feed_another(tmp_path: Path) -> None:
    urls = [f"embedded:{tmp_path / name}" for name in ("plant", "lab")]
    bus = open_bus(urls[0])
    bus.publish(messages(4))
    bus.close()

    def parktwin(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "connectors", *arguments],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stderr

    day = str(tmp_path / "day.ptrec")
    assert "7 messages" in parktwin("record", day, "--bus", urls[0], "--for", "1s", "--from-start")
    assert "7 messages published" in parktwin("replay", day, "--bus", urls[1], "--speed", "0")
    bus = open_bus(urls[1])
    assert len([m for m in everything(bus) if m.topic == READINGS.name]) == 4
    bus.close()
