"""Which conditions hold, with their delays: from readings in, to edges out.

*Raw* is what the newest reading says, deadband included; *active* is raw once it has lasted for the delay. A
delay runs in time of the readings, by the clock of the source, and the edge is dated to the moment it ran
out, whenever that is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twin.alarms.alarm_table import AlarmTable, Bools, Watch
from twin.alarms.crossings import CrossingFinder, Crossings
from twin.alarms.readings import Readings, in_order
from twin.alarms.source_clock import SourceClock
from twin.alarms.standing import NEVER
from twin.contract.frame import I64
from twin.contract.messages import Gap, SourceState

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Edge:
    """A condition that begins to hold (``on``) or ceases to, at ``time``, at a reading of ``value``."""

    row: int
    time: int
    on: bool
    value: float


class ConditionBank:
    """The conditions of a park. Not thread-safe.

    Args:
        table: the alarms.
    """

    def __init__(self, table: AlarmTable) -> None:
        self.table = table
        self.finder = CrossingFinder(table)
        self.clock = SourceClock(len(table.tags.sources))
        r = len(table.conditions)
        self.raw: Bools = np.zeros(r, np.bool_)
        self.active: Bools = np.zeros(r, np.bool_)
        self.since: I64 = np.full(r, NEVER, np.int64)
        self.told: I64 = np.full(r, NEVER, np.int64)
        """``int64[r]``: time of the last edge; those of one condition only grow."""
        self.last_time: I64 = np.full(len(table.tags), NEVER, np.int64)
        """``int64[n]``: of the newest reading of each tag."""
        self.pending: dict[int, float] = {}
        """Conditions that differ from what was told of them, with the value that made them differ."""
        self.late = 0
        """Readings that came too late, or again, and changed nothing."""
        self._source_rows = np.flatnonzero(table.conditions.watch == Watch.SOURCE_STALE)
        self._gap_rows = self._by_source(Watch.GAP)
        self._condition_rows = self._by_source(Watch.SOURCE_CONDITION)
        self._beside = self._pairs()

    def _by_source(self, watch: Watch) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = {}
        for row in np.flatnonzero(self.table.conditions.watch == watch).tolist():
            rows.setdefault(int(self.table.conditions.source[row]), []).append(row)
        return rows

    def _pairs(self) -> dict[int, int]:
        """The condition that drives an alarm and the one that suppresses it, each by the other."""
        conditions = self.table.conditions
        design = np.flatnonzero(conditions.design)
        alarms = conditions.alarm[design]
        own = np.flatnonzero(~conditions.design & np.isin(conditions.alarm, alarms))
        own_of = dict(zip(conditions.alarm[own].tolist(), own.tolist(), strict=True))
        pairs = [(row, own_of[alarm]) for row, alarm in zip(design.tolist(), alarms.tolist(), strict=True)]
        return dict(pairs) | {own: row for row, own in pairs}

    def take(self, readings: Readings) -> list[Edge]:
        """Take in readings in any order; each that is not newer than what is known of its tag is late."""
        fresh = readings.time > self.last_time[readings.tag]
        if not fresh.all():
            self.late += len(fresh) - int(np.count_nonzero(fresh))
            readings = readings.take(fresh)
        if not len(readings):
            return []
        ordered = in_order(readings)
        edges: list[Edge] = []
        self._flip_all(self.finder.find(ordered, self.raw), edges)
        self.last_time[ordered.tag] = ordered.time  # of a tag twice, the newest stands last
        return edges

    def pass_time(self, bus_now: int) -> list[Edge]:
        """Let time go on to ``bus_now`` [ns, by the bus's clock]: delays run out, the silent become stale."""
        edges: list[Edge] = []
        conditions = self.table.conditions
        if self.pending:
            source_now = np.append(self.clock.now(bus_now), bus_now)  # -1 picks the last one
            for row in list(self.pending):
                watch = conditions.watch[row]
                now = bus_now if watch >= Watch.STALE else int(source_now[conditions.source[row]])
                self._settle(row, now, edges)
        for row, due in self.finder.overdue(bus_now, self.raw):
            self._flip(row, due, True, NAN, edges)
        if len(self._source_rows):
            lost = self.clock.lost_since(bus_now)
            for row in self._source_rows.tolist():
                since = int(lost[conditions.source[row]])
                due = since + int(conditions.after[row])
                if since == NEVER:
                    if self.raw[row]:
                        self._flip(row, bus_now, False, NAN, edges)
                elif due < bus_now and not self.raw[row]:
                    self._flip(row, due, True, NAN, edges)
        return edges

    def take_gap(self, gap: Gap) -> list[Edge]:
        """Take in that readings could not be had: an alarm that is over at once, and stays until
        acknowledged."""
        edges: list[Edge] = []
        if gap.source in self.table.tags.sources:
            for row in self._gap_rows.get(self.table.tags.sources.index(gap.source), ()):
                if gap.end - gap.start > self.table.conditions.after[row] and gap.end > self.told[row]:
                    seconds = (gap.end - gap.start) / 1e9
                    self._flip(row, gap.end, True, seconds, edges)
                    self._flip(row, gap.end + 1, False, seconds, edges)
        return edges

    def take_state(self, source: int, state: SourceState, received: int) -> list[Edge]:
        """Take in what a source says of itself, at ``received`` [ns, by the bus's clock]."""
        self.clock.note_state(source, state, received)
        edges: list[Edge] = []
        codes = {condition.code for condition in state.conditions}
        for row in self._condition_rows.get(source, ()):
            spec = self.table.spec_of(int(self.table.conditions.alarm[row]))
            on = not codes.isdisjoint(spec.texts)
            if on != self.raw[row]:
                self._flip(row, received, on, NAN, edges)
        return edges

    def reconsider(self, now: int) -> list[Edge]:
        """Compare the last values with limits that may have changed with the park file: a source that reports
        changes will not say the same value again.

        Args:
            now: when the new limits are in force, ns.
        """
        conditions = self.table.conditions
        rows = np.flatnonzero(conditions.watch == Watch.LIMIT)
        values = self.finder.good_value[conditions.tag[rows]]
        signed = conditions.sign[rows] * values
        on, off = signed > conditions.set_at[rows], signed <= conditions.clear_at[rows]
        changed = np.flatnonzero((on & ~self.raw[rows]) | (off & self.raw[rows]))
        edges: list[Edge] = []
        for place in changed.tolist():
            self._flip(int(rows[place]), now, bool(on[place]), float(values[place]), edges)
        if self.finder.expressions is not None:
            for row, time, holds, value in self.finder.expressions.everything(now, self.raw):
                self._flip(row, time, holds, value, edges)
        return edges

    def hold(self, row: int, active: bool) -> None:
        """Set what is known of a condition from elsewhere, before any reading."""
        self.raw[row] = self.active[row] = active

    def _flip_all(self, found: Crossings, edges: list[Edge]) -> None:
        if not len(found.row):
            return
        order = np.lexsort((found.time, found.row))
        row, on = found.row[order], found.on[order]
        first = np.append(True, row[1:] != row[:-1])
        before = np.where(first, self.raw[row], np.append(False, on[:-1]))
        changed = order[on != before]
        for one, time, is_on, value in zip(
            found.row[changed].tolist(), found.time[changed].tolist(), found.on[changed].tolist(),
            found.value[changed].tolist(), strict=True,
        ):  # fmt: skip
            self._flip(one, time, is_on, value, edges)

    def _flip(self, row: int, time: int, on: bool, value: float, edges: list[Edge]) -> None:
        """The newest reading says otherwise than the one before. What ran out before that comes first, or an
        alarm would be told as suppressed, or not, by when somebody looked."""
        self._settle(row, time, edges)
        beside = self._beside.get(row)
        if beside is not None:
            self._settle(beside, time, edges)
        self.raw[row] = on
        self.since[row] = time
        if on == self.active[row]:
            self.pending.pop(row, None)
        elif self._delay(row, on):
            self.pending[row] = value
        else:
            self._tell(row, time, on, value, edges)

    def _settle(self, row: int, now: int, edges: list[Edge]) -> None:
        """Tell a pending condition whose delay ran out before ``now``."""
        if row not in self.pending:
            return
        on = bool(self.raw[row])
        due = int(self.since[row]) + self._delay(row, on)
        if due < now:
            self._tell(row, due, on, self.pending[row], edges)

    def _tell(self, row: int, time: int, on: bool, value: float, edges: list[Edge]) -> None:
        self.active[row] = on
        self.pending.pop(row, None)
        self.told[row] = time = max(time, int(self.told[row]) + 1)
        edges.append(Edge(row, time, on, value))

    def _delay(self, row: int, on: bool) -> int:
        conditions = self.table.conditions
        return int((conditions.on_delay if on else conditions.off_delay)[row])


def sort_edges(edges: Iterable[Edge]) -> list[Edge]:
    """Return edges in order of time."""
    return sorted(edges, key=lambda edge: edge.time)
