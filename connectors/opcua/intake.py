"""From a publish response to a delivery for the outbox: readings with what must be said beside them.

* **Told twice.** After a new subscription a server sends the current value of every item again, and some
  servers do so at other times too. The very reading that was taken last of a tag (same time, status, value
  and text) is dropped. Across a restart of this process it is passed on once more, and is harmless: history
  is idempotent by (tag, source time).
* **Back again.** A tag that was told Bad, because its item was not monitored, ends that with the first
  reading the server has of it again. Many servers keep the source time of a value that did not change
  meanwhile; told so it would lie before the Bad one, which would then stand as the newest for as long as
  nothing changes. That one reading bears the first moment after the Bad one: it was true at that time.
* **Overflow.** A status with the overflow bit says that the server dropped values of this item just before
  this one: a gap of that tag, from its previous reading to this one.
* **Within its deadband.** See :mod:`connectors.opcua.deadband`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from connectors.frames import Readings
from connectors.gaps import make_gap
from connectors.opcua.deadband import Deadband
from connectors.opcua.decode import Changes, Paths
from connectors.opcua.times import NS_PER_TICK
from twin.contract.frame import F64, I64, U32
from twin.contract.messages import Gap, GapReason, TagSet
from twin.contract.status import OVERFLOW_BITS

MAX_TAG_GAPS: Final = 32
SILENCES: Final = 50
FEWEST_SILENCES: Final = 10
"""More tags than this that overflow in one response are told as one gap, so that a sick server floods
nobody."""

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class IntakeCounts:
    """What came in since the process started; for the metrics."""

    paths: Paths = field(default_factory=Paths)
    repeated: int = 0
    stray: int = 0
    overflows: int = 0
    within_deadband: int = 0


class Intake:
    """Turns changes into readings; remembers the last reading of every tag.

    Args:
        tag_set: what a client handle means: it is the index.
        deadbands: of each tag, in its unit; 0 = none. None = no tag has one.
    """

    def __init__(self, tag_set: TagSet, deadbands: F64 | None = None) -> None:
        self.counts = IntakeCounts()
        self._tag_set = tag_set
        self._id = tag_set.id
        n = len(tag_set.tags)
        self.first: I64 = np.zeros(n, np.int64)
        """Source time of what the server said first of each tag since it was subscribed, ns; 0 = nothing yet;
        -1 = nothing yet since something of it was missed."""
        self.last: I64 = np.zeros(n, np.int64)
        """Source time of what was taken last of each tag before that, ns; 0 = not known."""
        self._time = np.zeros(n, np.int64)
        self._status = np.zeros(n, np.uint32)
        self._value = np.full(n, np.nan)
        self._text: dict[int, str] = {}
        self._unsupported: set[int] = set()
        self._began_ns = 0
        self._heard_ns = 0
        self._silences: deque[int] = deque(maxlen=SILENCES)
        self._deadband = Deadband(deadbands) if deadbands is not None and deadbands.any() else None
        self._bad_since = np.zeros(n, np.int64)  # ns, of tags told Bad and not read since; else 0

    def subscribed(self, began_ns: int) -> None:
        """Note that everything is subscribed anew since ``began_ns``: the server kept nothing from before."""
        self._began_ns = began_ns
        # the old ones stay with whoever fills gaps
        self.first, self.last = np.zeros(len(self.first), np.int64), self._taken_last()
        if self._deadband is not None:
            self._deadband.forget()

    def subscribed_anew(self, tags: Sequence[int]) -> None:
        """Note that some tags are subscribed anew: what they say first is passed on."""
        self._begin_anew(tags, 0)
        if self._deadband is not None:
            self._deadband.forget(np.array(tags, np.int64))

    def missed(self, tags: Sequence[int]) -> None:
        """Note that what some tags said is missing, though their subscription goes on."""
        self._begin_anew(tags, -1)

    def _begin_anew(self, tags: Sequence[int], first: int) -> None:
        rows = np.array(tags, np.int64)
        self.first, self.last = self.first.copy(), self.last.copy()
        self.first[rows], self.last[rows] = first, self._taken_last()[rows]

    def _taken_last(self) -> I64:
        return np.where(self._bad_since > 0, np.int64(0), self._time)

    def forget(self) -> None:
        """Forget the last readings: they did not get through, so what comes again is not told twice."""
        self._time[:] = 0
        self._text.clear()
        if self._deadband is not None:
            self._deadband.forget()

    def told_bad(self, readings: Readings) -> None:
        """Note readings that the connector made because it cannot read these tags."""
        self._remember(readings)
        self._bad_since[readings.index] = readings.source_time
        if self._deadband is not None:
            self._deadband.forget(readings.index)

    def take(self, changes: Changes) -> tuple[Readings, tuple[Gap, ...]]:
        """Turn the changes of one notification into readings and the gaps they tell of."""
        index, time, status, value = changes.handle, changes.source_time, changes.status, changes.value
        text = changes.text
        keep = index < len(self._time)
        if not keep.all():
            self._stray(int(len(keep) - keep.sum()))
        self._note_first(index[keep], time[keep])
        keep &= ~self._repeated(changes, keep)
        if self._deadband is not None:
            held = self._deadband.holds(changes, keep)
            self.counts.within_deadband += int(held.sum())
            keep &= ~held
        if changes.unsupported:
            self._note_unsupported([int(index[row]) for row in changes.unsupported])
        if not keep.all():
            rows = np.flatnonzero(keep)
            places = {row: place for place, row in enumerate(rows.tolist())}
            text = {places[row]: entry for row, entry in text.items() if row in places}
            index, time, status, value = index[rows], time[rows], status[rows], value[rows]
        time = self._after_bad(index, time)
        readings = Readings(self._id, index, time, status, value, text)
        gaps = self._overflows(readings)
        self._remember(readings)
        return readings, gaps

    def _after_bad(self, index: U32, time: I64) -> I64:
        """Return the times, moved past the Bad reading for the first of each tag that comes after it."""
        bad = np.flatnonzero(self._bad_since[index])
        if not len(bad):
            return time
        tags, first = np.unique(index[bad], return_index=True)
        rows = bad[first]
        moved = time.copy()
        moved[rows] = np.maximum(time[rows], self._bad_since[tags] + NS_PER_TICK)
        self._bad_since[tags] = 0
        return moved

    def _repeated(self, changes: Changes, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Tell which rows are the very reading that was taken last of their tag."""
        index = np.where(known, changes.handle, 0)
        value, last = changes.value, self._value[index]
        same: npt.NDArray[np.bool_] = (
            known
            & (changes.source_time == self._time[index])
            & (changes.status == self._status[index])
            & ((value == last) | (np.isnan(value) & np.isnan(last)))
        )
        for row in np.flatnonzero(same).tolist():
            if changes.text.get(row) != self._text.get(int(index[row])):
                same[row] = False
        self.counts.repeated += int(same.sum())
        return same

    def _overflows(self, readings: Readings) -> tuple[Gap, ...]:
        rows = np.flatnonzero((readings.status & np.uint32(OVERFLOW_BITS)) == OVERFLOW_BITS).tolist()
        if not rows:
            return ()
        self.counts.overflows += len(rows)
        spans: dict[int, tuple[int, int]] = {}
        for row in rows:
            tag = int(readings.index[row])
            before = readings.source_time[:row][readings.index[:row] == tag]
            start = int(before[-1]) if len(before) else int(self._time[tag]) or self._began_ns
            end = int(readings.source_time[row])
            known = spans.get(tag, (start, end))
            spans[tag] = min(known[0], start), max(known[1], end)
        tags, source = self._tag_set.tags, self._tag_set.source
        if len(spans) <= MAX_TAG_GAPS:
            return tuple(
                make_gap(source, start, end, GapReason.SERVER_OVERFLOW, [tags[tag]])
                for tag, (start, end) in spans.items()
            )
        start, end = min(s for s, _ in spans.values()), max(e for _, e in spans.values())
        return (make_gap(source, start, end, GapReason.SERVER_OVERFLOW, [tags[tag] for tag in spans]),)

    def _remember(self, readings: Readings) -> None:
        index = readings.index
        time: I64 = self._time
        time[index] = readings.source_time
        self._status[index] = readings.status
        self._value[index] = readings.value
        for row, entry in readings.text.items():
            self._text[int(index[row])] = entry

    def _note_first(self, index: U32, time: I64) -> None:
        new = np.flatnonzero(self.first[index] <= 0)
        if len(new):
            tags, rows = np.unique(index[new], return_index=True)
            self.first[tags] = time[new[rows]]

    def heard(self, received_ns: int) -> None:
        """Note when changes came, ns of our clock."""
        if self._heard_ns:
            self._silences.append(received_ns - self._heard_ns)
        self._heard_ns = received_ns

    @property
    def usual_silence_ns(self) -> int | None:
        """How long the source says nothing between two notifications, the longest tenth left out [ns]; None
        while too little is known."""
        if len(self._silences) < FEWEST_SILENCES:
            return None
        return sorted(self._silences)[len(self._silences) * 9 // 10]

    def _stray(self, rows: int) -> None:
        if not self.counts.stray:
            _LOG.warning(
                "source %s: the server sends values for items nobody asked for; they are dropped and counted",
                self._tag_set.source,
            )
        self.counts.stray += rows

    def _note_unsupported(self, handles: Sequence[int]) -> None:
        for handle in handles:
            if handle in self._unsupported or handle >= len(self._tag_set.tags):
                continue
            self._unsupported.add(handle)
            _LOG.warning(
                "tag %s: its value is an array or a structure, which a reading cannot hold; it reads "
                "BadDataEncodingUnsupported; name one element of it in the park file",
                self._tag_set.tags[handle],
            )
