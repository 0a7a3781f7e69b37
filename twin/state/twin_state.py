"""The state of the twin: last values, trust in them, and the condition of every machine, behind one lock."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from twin.contract.errors import FrameError
from twin.contract.frame import F64, I64, U32, Frame
from twin.contract.messages import SourceState
from twin.state.condition import U8, equipment_conditions
from twin.state.last_values import NEVER, Applied, LastValues
from twin.state.source_states import Heard, SourceStates
from twin.state.staleness import stale_tags
from twin.state.tag_map import TagMapping
from twin.state.tag_table import TagTable

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What changed after some version, in columns of their own (copies).

    Args:
        version: everything up to here is in it; ask for what follows with this number.
        index, value, source_time, status, stale, simulated: of the tags, length n, ``index`` ascending.
        texts: text by row.
        equipment, condition: of the equipment, length e.
    """

    version: int
    index: U32
    value: F64
    source_time: I64
    status: U32
    stale: Bools
    simulated: Bools
    texts: dict[int, str]
    equipment: U32
    condition: U8


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """What a tick found.

    Args:
        changes: what to tell.
        stale: how many tags are stale.
        read: ``int64[k]``, source times of the readings that came since the last tick; none while the log is
            replayed, for those are late on purpose.
    """

    changes: Changes
    stale: int
    read: I64


class TwinState:
    """Thread-safe: the projector writes, the stream and the API read.

    Args:
        table: the park's tags.
        sources: what is known of the sources; left out, nothing yet.
    """

    def __init__(self, table: TagTable, sources: SourceStates | None = None) -> None:
        self.table = table
        self.tag_names = tuple(table.number)
        self.lock = Lock()
        """Held while arrays are read or written directly (snapshots do)."""
        self.values = LastValues(len(table))
        self.sequences: dict[str, int] = {}
        self.version = 0
        self.live = False
        """True once the log was read to its end: the state is the present, not a replay."""
        self._sources = SourceStates(table) if sources is None else sources
        # A value that no sweep has judged yet, as after a restart, is not to be trusted.
        self._stale: Bools = np.ones(len(table), np.bool_)
        self._condition: U8 = np.zeros(table.equipment_count, np.uint8)
        self._condition_changed: I64 = np.zeros(table.equipment_count, np.int64)

    def apply(self, frame: Frame, mapping: TagMapping, received: int, *, ahead: bool = False) -> Applied:
        """Take in a frame; see :meth:`LastValues.apply`.

        Args:
            frame, mapping, received: what, of which tags, and when the bus took it.
            ahead: True for a frame that overtook a backlog.

        Raises:
            FrameError: the tag set is another source's, or a row names a place beyond its end; nothing was
                taken.
        """
        if mapping.source not in ("", frame.source):
            raise FrameError(
                f"frame {frame.message_id}: tag set {frame.tag_set} is of source {mapping.source!r}; "
                "a frame must name a tag set of its own source"
            )
        if len(frame) and int(frame.index.max()) >= len(mapping.numbers):
            raise FrameError(
                f"frame {frame.message_id}: index {int(frame.index.max())} is beyond the end of its tag set "
                f"{frame.tag_set} ({len(mapping.numbers)} tags)"
            )
        with self.lock:
            self.version += 1
            if not ahead:
                newest = self.sequences.get(frame.source, 0)
                if frame.sequence == 1 < newest:
                    self.values.count_anew(mapping.numbers, received)
                self.sequences[frame.source] = max(newest, frame.sequence)
            return self.values.apply(
                frame,
                mapping.numbers,
                received=received,
                version=self.version,
                simulated=mapping.simulated,
            )

    def note_source(self, state: SourceState, at: int) -> bool:
        """Take in what a source says of itself; False if the park has no such source."""
        with self.lock:
            return self._sources.note(state, at)

    def source(self, source: str) -> Heard | None:
        """Return a source's newest word."""
        with self.lock:
            return self._sources.get(source)

    def sweep(self, now: int) -> int:
        """Work out staleness and conditions anew for ``now`` [ns]; return how many tags are stale."""
        with self.lock:
            return self._sweep(now)

    def changes(self, since: int) -> Changes:
        """Return what changed after version ``since``; 0 = everything known, every equipment included.

        Staleness and conditions are those of the last sweep.
        """
        with self.lock:
            return self._changes(since)

    def advance(self, now: int, since: int) -> Tick:
        """Sweep, and return what changed after version ``since``: a tick, in one piece, so that nothing is
        told before it was judged."""
        with self.lock:
            read = self.values.source_time[self.values.changed > since if self.live else slice(0)]
            stale = self._sweep(now)
            return Tick(self._changes(since), stale, read)

    def pick(self, tags: list[int]) -> Changes:
        """Return these tags as they are now, no equipment; a tag without data has status
        BadWaitingForInitialData."""
        with self.lock:
            return self._pick(np.array(tags, np.intp), np.zeros(0, np.uint32))

    def condition(self, equipment: int) -> int:
        """Return the condition of one equipment as of the last sweep."""
        with self.lock:
            return int(self._condition[equipment])

    def _sweep(self, now: int) -> int:
        self.version += 1
        values = self.values
        stale = stale_tags(values, self.table, self._sources.stale(now), self._sources.failed, now)
        valued = values.valued()
        values.changed[valued & (stale != self._stale)] = self.version
        self._stale = stale | ~valued
        condition = equipment_conditions(values, self.table, stale)
        self._condition_changed[condition != self._condition] = self.version
        self._condition = condition
        return int(np.count_nonzero(stale))

    def _changes(self, since: int) -> Changes:
        rows = np.flatnonzero((self.values.changed > since) & self.values.valued())
        machines = np.flatnonzero(self._condition_changed > since) if since else slice(None)
        equipment = np.arange(self.table.equipment_count, dtype=np.uint32)[machines]
        return self._pick(rows, equipment)

    def _pick(self, rows: npt.NDArray[np.intp], equipment: U32) -> Changes:
        values = self.values
        text_rows = np.flatnonzero(values.has_text[rows])
        return Changes(
            version=self.version,
            index=rows.astype(np.uint32),
            value=values.value[rows],
            source_time=values.source_time[rows],
            status=values.status[rows],
            stale=self._stale[rows] & (values.source_time[rows] != NEVER),
            simulated=values.simulated[rows],
            texts={row: values.text[int(rows[row])] for row in text_rows.tolist()},
            equipment=equipment,
            condition=self._condition[equipment],
        )
