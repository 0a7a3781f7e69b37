from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.twin.state.parks import NOW, identity, make_frame, make_park, make_state
from twin.bus.base import TopicPartition
from twin.state.last_values import NEVER
from twin.state.snapshot import (
    SnapshotError,
    pack_names,
    read_snapshot,
    restore_snapshot,
    take_snapshot,
    write_snapshot,
)
from twin.state.twin_state import TwinState

POSITIONS = {TopicPartition("readings", 0): 17, TopicPartition("readings", 5): 4}


def filled() -> TwinState:
    state = make_state()
    rows = [(0, NOW, 220.5), (1, NOW + 1, math.nan, 0, "Đang chạy"), (5, NOW + 2, -1e300, 0x80AB0480)]
    state.apply(make_frame(rows, sequence=9), identity(state, simulated=True), NOW + 3)  # type: ignore[arg-type]
    return state


def write(path: Path, state: TwinState) -> Path:
    write_snapshot(path, take_snapshot(state, POSITIONS, pack_names(state), NOW))
    return path


def restored(path: Path, into: TwinState) -> TwinState:
    snapshot = read_snapshot(path)
    assert snapshot is not None
    restore_snapshot(into, snapshot)
    return into


def same(one: TwinState, other: TwinState) -> None:
    for column in ("value", "source_time", "status", "received", "simulated", "has_text"):
        np.testing.assert_array_equal(getattr(one.values, column), getattr(other.values, column), column)
    assert one.values.text == other.values.text
    assert one.sequences == other.sequences


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    state = filled()
    path = write(tmp_path / "deep" / "state.snapshot", state)
    snapshot = read_snapshot(path)
    assert snapshot is not None
    assert (snapshot.positions, snapshot.taken, snapshot.sequences) == (POSITIONS, NOW, {"anphat": 9})
    same(restored(path, make_state()), state)


def test_a_restored_state_can_be_written_to_and_is_told_to_viewers(tmp_path: Path) -> None:
    state = restored(write(tmp_path / "s", filled()), make_state())
    assert state.changes(0).index.tolist() == [0, 1, 5]
    state.apply(make_frame([(0, NOW + 9, 1.0)], sequence=10), identity(state), NOW + 9)
    assert state.values.value[0] == 1.0


def test_a_changed_park_finds_its_tags_again_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "s", filled())
    park = make_park(3, revision="ffffffffffffffff")
    moved = [tag for tag in park.tags if tag.tag != "park/site/oven0:temperature"]
    object.__setattr__(park, "tags", tuple(moved))
    state = restored(path, make_state(park))
    assert state.values.value[state.table.number["park/site/oven1:speed"]] == -1e300
    assert state.values.text == {state.table.number["park/site/oven0:state"]: "Đang chạy"}
    assert int((state.values.source_time != NEVER).sum()) == 2


def test_no_file_is_no_snapshot(tmp_path: Path) -> None:
    assert read_snapshot(tmp_path / "none") is None


def test_every_cut_and_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path / "s", filled())
    whole = path.read_bytes()
    step = max(1, len(whole) // 60)
    for cut in range(0, len(whole), step):
        path.write_bytes(whole[:cut])
        with pytest.raises(SnapshotError):
            read_snapshot(path)
    for place in range(0, len(whole), step):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(SnapshotError):
            read_snapshot(path)


def test_a_write_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = write(tmp_path / "s", filled())
    before = path.read_bytes()
    path.with_suffix(".part").mkdir()
    with pytest.raises(OSError, match="part"):
        write(path, make_state())
    assert path.read_bytes() == before
