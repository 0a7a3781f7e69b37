"""The conditions as they are kept, with the bus positions they stand at, to go on from there.

One piece, replaced whole: magic, length and CRC-32 of what follows, a JSON head, then columns by tag. Of the
conditions only those stand in it that were ever told or hold now. What is damaged, or of another
version, is no error but no snapshot: the conditions begin with what the journal says.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from twin.alarms.alarm_table import AlarmTable
from twin.alarms.condition_bank import ConditionBank
from twin.alarms.errors import AlarmSnapshotError
from twin.alarms.standing import NEVER
from twin.bus.base import TopicPartition

_MAGIC = b"PTALRM2\n"
_PREFIX = len(_MAGIC) + 8 + 4
_COLUMNS = (
    ("last_time", "<i8"),
    ("last_received", "<i8"),
    ("good_value", "<f8"),
    ("value", "<f8"),
    ("status", "<u4"),
)


class _Condition(msgspec.Struct, frozen=True, array_like=True):
    alarm: str
    design: bool
    raw: bool
    active: bool
    since: int
    told: int
    pending: float | None
    anchor: tuple[int, float] | None


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    revision: str
    tags: int
    names_bytes: int
    positions: list[tuple[str, int, int]]
    lags: dict[str, list[int]]
    conditions: list[_Condition]
    text: dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A copy of the conditions at some positions of the bus; ``names`` are the tags, compressed lines."""

    head: _Head
    names: bytes
    columns: Mapping[str, npt.NDArray[np.generic]]

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """Where the bus goes on after it."""
        return {TopicPartition(topic, partition): at for topic, partition, at in self.head.positions}


def pack_names(table: AlarmTable) -> bytes:
    """Compress the tags of a park; once is enough."""
    return zstandard.ZstdCompressor(level=3).compress("\n".join(table.tag_names).encode())


def take_snapshot(bank: ConditionBank, positions: Mapping[TopicPartition, int], names: bytes) -> Snapshot:
    """Copy the conditions; ``positions`` must be those up to which everything was taken in and journalled."""
    table, conditions = bank.table, bank.table.conditions
    anchors, known = bank.finder.anchors, bank.finder.expressions
    worth = bank.raw | bank.active | (bank.told != NEVER)
    worth[list(anchors)] = True
    worth[list(bank.pending)] = True
    kept = [
        _Condition(
            alarm=table.name(int(conditions.alarm[row])),
            design=bool(conditions.design[row]),
            raw=bool(bank.raw[row]),
            active=bool(bank.active[row]),
            since=int(bank.since[row]),
            told=int(bank.told[row]),
            pending=bank.pending.get(row),
            anchor=anchors.get(row),
        )
        for row in np.flatnonzero(worth).tolist()
    ]
    head = _Head(
        revision=table.tags.revision,
        tags=len(table.tags),
        names_bytes=len(names),
        positions=[(at.topic, at.partition, offset) for at, offset in positions.items()],
        lags={source: bank.clock.lag[:, n].tolist() for n, source in enumerate(table.tags.sources)},
        conditions=kept,
        text={} if known is None else {table.tag_names[tag]: text for tag, text in known.text.items()},
    )
    columns = {
        "last_time": bank.last_time.copy(),
        "last_received": bank.finder.last_received.copy(),
        "good_value": bank.finder.good_value.copy(),
        "value": np.full(len(table.tags), np.nan) if known is None else known.value.copy(),
        "status": np.zeros(len(table.tags), np.uint32) if known is None else known.status.copy(),
    }
    return Snapshot(head, names, columns)


def restore_snapshot(bank: ConditionBank, snapshot: Snapshot) -> int:
    """Put a snapshot into conditions that are still empty; return how many conditions it knew something of.

    After a change of the park file tags and alarms are found again by name.
    """
    table, conditions = bank.table, bank.table.conditions
    here: npt.NDArray[np.intp] = np.arange(len(table.tags), dtype=np.intp)
    there = here
    if snapshot.head.revision != table.tags.revision:
        names = zstandard.ZstdDecompressor().decompress(snapshot.names).decode().split("\n")
        number = table.tags.number
        pairs = [(number[name], row) for row, name in enumerate(names) if name in number]
        here = np.array([pair[0] for pair in pairs], np.intp)
        there = np.array([pair[1] for pair in pairs], np.intp)
    for target, name in (
        (bank.last_time, "last_time"),
        (bank.finder.last_received, "last_received"),
        (bank.finder.good_value, "good_value"),
    ):
        target[here] = snapshot.columns[name][there]
    _restore_known(bank, snapshot, here, there)
    for number_of_source, source in enumerate(table.tags.sources):
        if source in snapshot.head.lags:
            bank.clock.lag[:, number_of_source] = snapshot.head.lags[source]
    wanted = {(one.alarm, one.design): one for one in snapshot.head.conditions}
    found = 0
    for row, key in _rows(table, wanted):
        one = wanted[key]
        bank.raw[row], bank.active[row] = one.raw, one.active
        bank.since[row], bank.told[row] = one.since, one.told
        if one.raw != one.active:
            bank.pending[row] = float("nan") if one.pending is None else one.pending
        if one.anchor is not None:
            bank.finder.anchors[row] = one.anchor
        found += 1
    assert len(conditions) == len(bank.raw)
    return found


def _restore_known(
    bank: ConditionBank, snapshot: Snapshot, here: npt.NDArray[np.intp], there: npt.NDArray[np.intp]
) -> None:
    """What expressions look at; of a snapshot whose park had none, nothing."""
    known = bank.finder.expressions
    if known is None:
        return
    status = snapshot.columns["status"][there]
    if not status.any() and np.isnan(snapshot.columns["value"]).all():
        return
    known.value[here], known.status[here] = snapshot.columns["value"][there], status
    known.time[here] = snapshot.columns["last_time"][there]
    for name, text in snapshot.head.text.items():
        tag = bank.table.tags.number.get(name)
        if tag is not None:
            known.text[tag] = text


def _rows(table: AlarmTable, wanted: Mapping[tuple[str, bool], object]) -> list[tuple[int, tuple[str, bool]]]:
    """Find the conditions of alarms by name, where the park still has them."""
    row_of = {}
    conditions = table.conditions
    for row in np.flatnonzero(conditions.design).tolist():
        row_of[int(conditions.alarm[row]), True] = row
    own = np.flatnonzero(~conditions.design)
    own_row = np.zeros(len(table), np.int64)
    own_row[conditions.alarm[own]] = own
    found = []
    for alarm, design in wanted:
        number = table.find(alarm)
        if number is None:
            continue
        at = row_of.get((number, True)) if design else int(own_row[number])
        if at is not None:
            found.append((at, (alarm, design)))
    return found


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return a snapshot as it is kept."""
    head = msgspec.json.encode(snapshot.head)
    parts = [len(head).to_bytes(8, "little"), head, snapshot.names]
    parts += [snapshot.columns[name].tobytes() for name, _ in _COLUMNS]
    body = b"".join(parts)
    return _MAGIC + len(body).to_bytes(8, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def decode_snapshot(data: bytes, place: str) -> Snapshot:
    """Read a snapshot that was kept at ``place``.

    Raises:
        AlarmSnapshotError: it is cut, damaged or of another version.
    """
    body = data[_PREFIX:]
    if data[: len(_MAGIC)] != _MAGIC or len(body) != int.from_bytes(
        data[len(_MAGIC) : _PREFIX - 4], "little"
    ):
        raise AlarmSnapshotError(f"snapshot {place}: it is cut, or of another version; it is left aside")
    if zlib.crc32(body) != int.from_bytes(data[_PREFIX - 4 : _PREFIX], "little"):
        raise AlarmSnapshotError(f"snapshot {place}: its checksum does not match; it was damaged on disk")
    size = int.from_bytes(body[:8], "little")
    try:
        head = msgspec.json.decode(body[8 : 8 + size], type=_Head)
    except (msgspec.MsgspecError, ValueError) as error:
        raise AlarmSnapshotError(f"snapshot {place}: its head cannot be read: {error}") from error
    start = 8 + size
    names = body[start : start + head.names_bytes]
    start += head.names_bytes
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name, kind in _COLUMNS:
        columns[name] = np.frombuffer(body, kind, head.tags, start)
        start += columns[name].nbytes
    return Snapshot(head, names, columns)
