"""A recorded message as it goes onto the bus again: its times moved, its numbers new, marked as not live."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec
import numpy as np

from connectors.gaps import make_gap
from connectors.recording.file import Kept
from twin.bus.base import Message
from twin.contract.codec import decode_message, encode_message, frame_headers
from twin.contract.frame import I64, Frame, decode_frame, encode_frame
from twin.contract.messages import Gap, SourceState, TagSet
from twin.contract.topics import GAPS, READINGS, SOURCE_STATES, TAG_SETS

REPLAYED: Final = frozenset({TAG_SETS.name, READINGS.name, GAPS.name, SOURCE_STATES.name})
"""What a replay may say. Never a command, never a configuration: a plant must not move because somebody looks
at yesterday."""
MESSAGE_SOURCE: Final = "replay"


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Recorded to replayed times: ``base + (t - first) / speed``.

    Args:
        first: recorded time that ``base`` stands for, ns.
        base: what it becomes, ns.
        speed: how much faster time goes; 1 = as it did.
        keep: leave every time as it was recorded.

    >>> TimeMap(first=100, base=1_000, speed=2.0).of(140)
    1020
    >>> TimeMap(first=100, base=1_000, keep=True).of(140)
    140
    """

    first: int
    base: int
    speed: float = 1.0
    keep: bool = False

    def of(self, time_ns: int) -> int:
        """Map one time; 0 stays 0, it means never."""
        if self.keep or time_ns == 0:
            return time_ns
        if self.speed == 1.0:
            return self.base + (time_ns - self.first)
        return self.base + round((time_ns - self.first) / self.speed)

    def of_column(self, times: I64) -> I64:
        """Map a column of source times; intervals are exact at speed 1, else to a microsecond in a year."""
        if self.keep:
            return times
        if self.speed == 1.0:
            return times + np.int64(self.base - self.first)
        moved = np.round((times - self.first) / self.speed).astype(np.int64)
        return moved + np.int64(self.base)


@dataclass(slots=True)
class Retimer:
    """Makes what is published of what was recorded.

    Args:
        times: how times move.
        first_sequence: number of the first frame of each source; must grow from one replay to the next.
        mark_simulated: announce every tag set as simulated, so that no screen takes it for the plant.
        verbatim: change nothing at all.
    """

    times: TimeMap
    first_sequence: int = 1
    mark_simulated: bool = True
    verbatim: bool = False
    _sets: dict[str, str] = field(default_factory=dict)
    _sequences: dict[str, int] = field(default_factory=dict)

    def message(self, kept: Kept) -> Message | None:
        """Return what to publish for a recorded message; None for what a replay never says.

        Raises:
            ContractError: the recorded message cannot be read.
        """
        if kept.topic not in REPLAYED:
            return None
        if self.verbatim:
            return Message(kept.topic, kept.key, kept.value, kept.headers)
        if kept.topic == READINGS.name:
            return self._frame(decode_frame(kept.value), kept)
        if kept.topic == TAG_SETS.name:
            return self._tag_set(decode_message(TagSet, kept.value, kept.headers), kept)
        if kept.topic == GAPS.name:
            gap = decode_message(Gap, kept.value, kept.headers)
            made = make_gap(
                gap.source, self.times.of(gap.start), self.times.of(gap.end), gap.reason, gap.tags
            )
            return self._message(kept, made, made.id)
        state = decode_message(SourceState, kept.value, kept.headers)
        moved = self._state(state)
        return self._message(kept, moved, f"{moved.source}:{moved.time}")

    def _frame(self, frame: Frame, kept: Kept) -> Message:
        sequence = self._sequences.get(frame.source, self.first_sequence)
        self._sequences[frame.source] = sequence + 1
        source_time = self.times.of_column(frame.source_time)
        made = Frame(
            frame.source,
            sequence,
            self._sets.get(frame.tag_set, frame.tag_set),
            frame.index,
            source_time,
            frame.status,
            frame.value,
            frame.text,
        )
        headers = frame_headers(made, self.times.of(kept.time_ns))
        return Message(kept.topic, kept.key, encode_frame(made, compress=True), headers)

    def _tag_set(self, tag_set: TagSet, kept: Kept) -> Message:
        made = msgspec.structs.replace(tag_set, simulated=tag_set.simulated or self.mark_simulated)
        self._sets[tag_set.id] = made.id
        value, headers = encode_message(
            made, message_id=made.id, source=MESSAGE_SOURCE, time_ns=self.times.of(kept.time_ns)
        )
        return Message(kept.topic, made.id, value, headers)

    def _state(self, state: SourceState) -> SourceState:
        of = self.times.of
        conditions = tuple(
            msgspec.structs.replace(condition, since=of(condition.since)) for condition in state.conditions
        )
        return msgspec.structs.replace(
            state,
            since=of(state.since),
            time=of(state.time),
            last_heard=of(state.last_heard),
            conditions=conditions,
        )

    def _message(self, kept: Kept, made: Gap | SourceState, message_id: str) -> Message:
        value, headers = encode_message(
            made, message_id=message_id, source=MESSAGE_SOURCE, time_ns=self.times.of(kept.time_ns)
        )
        return Message(kept.topic, kept.key, value, headers)
