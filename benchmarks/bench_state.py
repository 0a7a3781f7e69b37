"""State: memory of 300,000 tags, cost of a reading, of a sweep and of a snapshot."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np
import psutil

from benchmarks.table import Row
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame, decode_frame, encode_frame
from twin.contract.messages import Connection, SourceState
from twin.park.model import Equipment, EquipmentKind, Limits, Name, Park, SignalKind, Source, Tag
from twin.state.snapshot import (
    pack_names,
    read_snapshot,
    restore_snapshot,
    take_snapshot,
    write_snapshot,
)
from twin.state.tag_map import TagMapping
from twin.state.tag_table import TagTable, build_tag_table
from twin.state.twin_state import TwinState

TAGS = 300_000
SOURCE_TAGS = 5_000
SIGNALS = 30
FRAME_ROWS = 1000
FRAMES = 200
NOW = 1_767_225_600 * NS_PER_S


def cpu_seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Run ``work`` a few times and return the least CPU seconds of one run: what it costs, whoever else uses
    the machine meanwhile."""
    seconds = []
    for _ in range(repeats):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return min(seconds)


def make_park(tags: int = TAGS) -> Park:
    """Make a park of machines with 30 signals each, every one with limits and an age, ten with a state."""
    name = Name("Máy", "Machine")
    signals = tuple(
        SignalKind(
            f"signal_{number}",
            name,
            unit="°C",
            limits=Limits(low_low=-90.0, low=-50.0, high=50.0, high_high=90.0),
            stale_after_s=60.0,
        )
        for number in range(SIGNALS)
    )
    kind = EquipmentKind("machine", name, "cabinet", signals)
    machines = [
        Equipment(f"park/works/hall/line/machine{number}", kind, name, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
        for number in range(tags // SIGNALS)
    ]
    rows = [
        Tag(machine * SIGNALS + number, tag, machine, signal, "works", f"nsu=urn:x;s={tag}")
        for machine, equipment in enumerate(machines)
        for number, signal in enumerate(signals)
        for tag in (f"{equipment.id}:{signal.name}",)
    ]
    source = Source("works", name, "opcua", "opc.tcp://127.0.0.1:1/", 500.0, 500.0, True)
    return Park(
        "park",
        name,
        "Asia/Ho_Chi_Minh",
        "0011223344556677",
        (),
        tuple(machines),
        tuple(rows),
        (source,),
        (),
        (),
    )


def fill(state: TwinState) -> None:
    """Give every tag a value, and word of its source."""
    n = len(state.table)
    rng = np.random.default_rng(7)
    frame = Frame(
        source="works", sequence=1, tag_set="0" * 32, index=np.arange(n, dtype="<u4"),
        source_time=np.full(n, NOW, "<i8"), status=np.zeros(n, "<u4"), value=rng.normal(0.0, 30.0, n),
    )  # fmt: skip
    state.apply(frame, TagMapping(np.arange(n, dtype=np.intp), True), NOW)
    state.note_source(SourceState(source="works", connection=Connection.CONNECTED, since=NOW, time=NOW), NOW)
    state.sweep(NOW)


def make_frames(tags: int, source_tags: int) -> list[Frame]:
    """Make frames, each of random tags of one source of ``source_tags`` tags, newer than the one before."""
    rng = np.random.default_rng(42)
    frames = []
    for number in range(FRAMES):
        first = int(rng.integers(0, tags // source_tags)) * source_tags
        time = NOW + (number + 1) * NS_PER_S // 100 + np.arange(FRAME_ROWS, dtype="<i8")
        frames.append(
            Frame(
                source="works", sequence=number + 2, tag_set="0" * 32,
                index=(first + rng.integers(0, source_tags, FRAME_ROWS)).astype("<u4"), source_time=time,
                status=np.zeros(FRAME_ROWS, "<u4"), value=rng.normal(0.0, 30.0, FRAME_ROWS),
            )
        )  # fmt: skip
    return frames


@dataclass(slots=True)
class _Reading:
    value: float
    source_time: int
    status: int
    received: int


def _peer_seconds(frames: list[Frame], tags: int) -> float:
    """Seconds a reading of the peer: a dict of one object a tag, written by a plain loop."""
    state: dict[int, _Reading] = {number: _Reading(0.0, 0, 0, 0) for number in range(tags)}

    def apply() -> None:
        for frame in frames:
            for index, time, status, value in zip(
                frame.index.tolist(), frame.source_time.tolist(), frame.status.tolist(), frame.value.tolist(),
                strict=True,
            ):  # fmt: skip
                old = state[index]
                if time > old.source_time:
                    state[index] = _Reading(value, time, status, NOW)

    return cpu_seconds(apply, 2) / (len(frames) * FRAME_ROWS)


def measure_memory() -> dict[str, float]:
    """Build park and state in this process; return how it grew [MB]."""
    process = psutil.Process()

    def rss() -> float:
        gc.collect()
        return process.memory_info().rss / 1e6

    start = rss()
    park = make_park()
    with_park = rss()
    state = TwinState(build_tag_table(park))
    fill(state)
    with_state = rss()
    take_snapshot(state, {}, pack_names(state), NOW)
    return {"park": with_park - start, "state": with_state - with_park, "peak": rss() - start}


def run() -> list[Row]:
    """Measure."""
    printed = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_state"], capture_output=True, check=True, text=True
    ).stdout
    memory = json.loads(printed)
    table = build_tag_table(make_park())
    rows = [
        Row(
            "state", f"memory of {TAGS:,} tags", memory["state"], "MB", "under 200", memory["state"] < 200,
            f"process growth; the park's own rows {memory['park']:.0f} MB more",
        )
    ]  # fmt: skip
    return rows + _apply_rows(table) + _snapshot_rows(table)


def _apply_rows(table: TagTable) -> list[Row]:
    mapping = TagMapping(np.arange(len(table), dtype=np.intp), True)
    frames = make_frames(len(table), SOURCE_TAGS)
    readings = FRAMES * FRAME_ROWS

    def microseconds(frames: list[Frame], decode: bool) -> float:
        encoded = [encode_frame(frame) for frame in frames]
        states = [TwinState(table) for _ in range(3)]
        for state in states:
            fill(state)

        def work() -> None:
            state = states.pop()
            for frame, data in zip(frames, encoded, strict=True):
                state.apply(decode_frame(data) if decode else frame, mapping, NOW)

        return cpu_seconds(work, 3) / readings * 1e6

    plain, decoded = microseconds(frames, False), microseconds(frames, True)
    scattered = microseconds(make_frames(len(table), len(table)), False)
    peer = _peer_seconds(frames, len(table)) * 1e6
    state = TwinState(table)
    fill(state)
    sweep = cpu_seconds(lambda: state.sweep(NOW)) * 1e3
    note = f"CPU; frames of {FRAME_ROWS}, {len(table):,} tags; a dict of objects: {peer:.2f} us in this run"
    return [
        Row("state", "apply a reading", plain, "us", note=note),
        Row("state", "apply, times cheaper than a dict of objects", peer / plain, "x"),
        Row(
            "state",
            "apply a reading, tags scattered over all",
            scattered,
            "us",
            note="the cache's worst case",
        ),
        Row("state", "decode frame and apply, a reading", decoded, "us", note="checksum included"),
        Row("state", f"sweep limits and staleness of {len(table):,} tags", sweep, "ms", note="once a tick"),
    ]


def _snapshot_rows(table: TagTable) -> list[Row]:
    state = TwinState(table)
    fill(state)
    names = pack_names(state)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.snapshot"
        take = cpu_seconds(lambda: take_snapshot(state, {}, names, NOW)) * 1e3
        snapshot = take_snapshot(state, {}, names, NOW)
        size = write_snapshot(path, snapshot) / 1e6
        write = cpu_seconds(lambda: write_snapshot(path, snapshot), 3) * 1e3

        def load() -> None:
            found = read_snapshot(path)
            assert found is not None
            restore_snapshot(TwinState(table), found)

        loaded = cpu_seconds(load, 3) * 1e3
    return [
        Row("state", f"snapshot of {len(table):,} tags, copy under the lock", take, "ms"),
        Row("state", "snapshot, write and sync", write, "ms", note=f"{size:.1f} MB, in a thread of its own"),
        Row("state", "snapshot, load", loaded, "ms"),
    ]


if __name__ == "__main__":
    print(json.dumps(measure_memory()))
