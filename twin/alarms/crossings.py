"""What readings say of conditions: begins to hold, ceases to hold, or nothing, for all tags at once.

Limits, discrete values and Bad are array operations. Deviations from another signal and rates need earlier
readings of their own; they are few, and are worked out one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.alarms.alarm_spec import AlarmSpec
from twin.alarms.alarm_table import AlarmTable, Bools, Watch
from twin.alarms.expression_finder import ExpressionFinder
from twin.alarms.readings import Readings
from twin.alarms.standing import NEVER
from twin.contract.frame import F64, I64
from twin.contract.status import Quality, qualities

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """What was found, in columns of one length, in any order.

    Args:
        row: condition.
        time: of the reading, ns.
        on: True if it begins to hold (or goes on), False if it ceases to.
        value: the reading's.
    """

    row: Rows
    time: I64
    on: Bools
    value: F64


class CrossingFinder:
    """Keeps what deviations, rates and stale tags have to remember. Not thread-safe.

    Args:
        table: the alarms.
    """

    def __init__(self, table: AlarmTable) -> None:
        self._table = table
        conditions = table.conditions
        watch = conditions.watch
        self._plain = not (watch != Watch.LIMIT).any()
        self._setpoint_of: dict[int, list[int]] = {}
        for row in np.flatnonzero(conditions.other >= 0).tolist():
            self._setpoint_of.setdefault(int(conditions.other[row]), []).append(row)
        self.anchors: dict[int, tuple[int, float]] = {}
        """Time and value that a rate is measured from, by condition."""
        self.expressions = ExpressionFinder(table) if table.expressions else None
        """What alarms over several signals have to remember."""
        n = len(table.tags)
        self._stale_rows = np.flatnonzero(watch == Watch.STALE)
        self._deviates = bool((watch == Watch.DEVIATION).any())
        self.good_value: F64 = np.full(n, np.nan)
        """``float64[n]``: last value that was not Bad."""
        self.last_received: I64 = np.full(n, NEVER, np.int64)
        """``int64[n]``: last arrival; kept where stale tags are watched."""

    def find(self, readings: Readings, raw: Bools) -> Crossings:
        """Compare readings, in order and each newer than what was known, with their conditions.

        Args:
            readings: by tag and time.
            raw: ``bool[r]``, which conditions hold now: what is no news to all of a condition's readings is
                left out.
        """
        conditions = self._table.conditions
        start = conditions.first[readings.tag]
        count = conditions.first[readings.tag + 1] - start
        reading = np.repeat(np.arange(len(readings)), count)
        row = np.arange(len(reading)) - np.repeat(np.cumsum(count) - count - start, count)
        usable = qualities(readings.status) != Quality.BAD
        signed = conditions.sign[row] * readings.value[reading]
        on = signed > conditions.set_at[row]
        off = signed <= conditions.clear_at[row]
        if not usable.all():
            on &= usable[reading]
            off &= usable[reading]
        extra: list[tuple[int, int, bool, float]] = []
        if not self._plain:
            self._look_at_others(readings, usable, row, reading, on, off)
            if self._deviates:
                extra += self._deviations(readings, usable)
            if self.expressions is not None:
                extra += self.expressions.find(readings, raw)
            if len(self._stale_rows):
                extra += self._fresh(readings, raw)
        good = usable & ~np.isnan(readings.value)
        self.good_value[readings.tag[good]] = readings.value[good]  # of a tag twice, the last one stays
        news = (on & ~raw[row]) | (off & raw[row])
        marked = np.zeros(len(raw), np.bool_)
        marked[row[news]] = True
        chosen = np.flatnonzero(marked[row] & (on | off)) if news.any() else np.zeros(0, np.intp)
        if not extra:
            at = reading[chosen]
            return Crossings(row[chosen], readings.time[at], on[chosen], readings.value[at])
        at = reading[chosen]
        return Crossings(
            np.append(row[chosen], [one[0] for one in extra]).astype(np.intp),
            np.append(readings.time[at], np.array([one[1] for one in extra], np.int64)),
            np.append(on[chosen], [one[2] for one in extra]).astype(np.bool_),
            np.append(readings.value[at], [one[3] for one in extra]),
        )

    def _look_at_others(
        self, readings: Readings, usable: Bools, row: Rows, reading: Rows, on: Bools, off: Bools
    ) -> None:
        watch = self._table.conditions.watch[row]
        bad = np.flatnonzero(watch == Watch.BAD)
        on[bad] = ~usable[reading[bad]]
        off[bad] = usable[reading[bad]]
        discrete = np.flatnonzero(watch == Watch.DISCRETE)
        if len(discrete):
            self._discrete(readings, usable, row, reading, discrete, on, off)
        for at in np.flatnonzero(watch == Watch.RATE).tolist():
            number = int(reading[at])
            if usable[number] and not np.isnan(readings.value[number]):
                verdict = self._rate(int(row[at]), int(readings.time[number]), float(readings.value[number]))
                if verdict is not None:
                    on[at], off[at] = verdict, not verdict

    def _discrete(
        self, readings: Readings, usable: Bools, row: Rows, reading: Rows, at: Rows, on: Bools, off: Bools
    ) -> None:
        conditions, table = self._table.conditions, self._table
        design = conditions.design[row[at]]
        key = table.spec[conditions.alarm[row[at]]] * 2 + design
        for one in np.unique(key).tolist():
            spec = table.specs[one // 2]
            values, texts = _wanted(spec, bool(one % 2))
            mine = at[key == one]
            number = reading[mine]
            told = usable[number] & ~np.isnan(readings.value[number])
            is_on = told & np.isin(readings.value[number], values)
            if readings.text is not None:
                for place, words in enumerate(readings.text[number].tolist()):
                    if words is not None and usable[number[place]]:
                        told[place] = True
                        is_on[place] = words.casefold() in texts
            on[mine], off[mine] = is_on, told & ~is_on

    def _rate(self, row: int, time: int, value: float) -> bool | None:
        """Compare with the reading one window or more before; None if that is not yet over."""
        spec = self._spec(row)
        anchor = self.anchors.get(row)
        if anchor is not None and time - anchor[0] < spec.window:
            return None
        self.anchors[row] = (time, value)
        if anchor is None:
            return None
        change = (value - anchor[1]) * spec.window / (time - anchor[0])
        return abs(change) > spec.limit

    def _deviations(self, readings: Readings, usable: Bools) -> Iterator[tuple[int, int, bool, float]]:
        conditions = self._table.conditions
        rows: dict[int, None] = {}
        for tag in np.unique(readings.tag).tolist():
            own = range(int(conditions.first[tag]), int(conditions.first[tag + 1]))
            rows |= dict.fromkeys(row for row in own if conditions.watch[row] == Watch.DEVIATION)
            rows |= dict.fromkeys(self._setpoint_of.get(tag, ()))
        found = [one for row in rows for one in self._deviation(row, readings, usable)]
        return iter(found)

    def _deviation(
        self, row: int, readings: Readings, usable: Bools
    ) -> Iterator[tuple[int, int, bool, float]]:
        """Walk along the readings of a value and its set-point in order of time."""
        spec, conditions = self._spec(row), self._table.conditions
        tag, other = int(conditions.tag[row]), int(conditions.other[row])
        value = float(self.good_value[tag])
        wanted = spec.setpoint if other < 0 else float(self.good_value[other])
        places = [*_of_tag(readings, tag), *(_of_tag(readings, other) if other >= 0 else ())]
        for place in sorted(places, key=lambda place: int(readings.time[place])):
            if not usable[place] or np.isnan(readings.value[place]):
                continue
            if readings.tag[place] == tag:
                value = float(readings.value[place])
            else:
                wanted = float(readings.value[place])
            distance = abs(value - wanted)
            if distance > spec.limit:
                yield row, int(readings.time[place]), True, value
            elif distance <= spec.limit - spec.deadband:
                yield row, int(readings.time[place]), False, value

    def _fresh(self, readings: Readings, raw: Bools) -> Iterator[tuple[int, int, bool, float]]:
        """Tags that say something are not stale (any more); a silence that nobody looked at while it lasted,
        because the log is read later, was one all the same."""
        conditions = self._table.conditions
        nan = float("nan")
        found: list[tuple[int, int, bool, float]] = []
        rows = self._stale_rows
        arrived = np.full(len(self.last_received), NEVER, np.int64)
        np.maximum.at(arrived, readings.tag, readings.received)
        before, now = self.last_received[conditions.tag[rows]], arrived[conditions.tag[rows]]
        heard = now != NEVER
        missed = (
            heard & (before != NEVER) & (now - np.where(before == NEVER, 0, before) > conditions.after[rows])
        )
        for place in np.flatnonzero(heard & (missed | raw[rows])).tolist():
            row = int(rows[place])
            if missed[place] and not raw[row]:
                found.append((row, int(before[place] + conditions.after[row]), True, nan))
            found.append((row, int(now[place]), False, nan))
        np.maximum(self.last_received, arrived, out=self.last_received)
        return iter(found)

    def overdue(self, now: int, raw: Bools) -> list[tuple[int, int]]:
        """Return the tags' conditions that became stale by ``now`` [ns, of the bus], with the time."""
        rows = self._stale_rows
        if not len(rows):
            return []
        conditions = self._table.conditions
        before = self.last_received[conditions.tag[rows]]
        known = before != NEVER
        due = np.where(known, before, 0) + conditions.after[rows]
        late = np.flatnonzero(known & (due < now) & ~raw[rows])
        return [(int(rows[place]), int(due[place])) for place in late.tolist()]

    def _spec(self, row: int) -> AlarmSpec:
        return self._table.spec_of(int(self._table.conditions.alarm[row]))


def _wanted(spec: AlarmSpec, design: bool) -> tuple[tuple[float, ...], tuple[str, ...]]:
    if design and spec.suppress is not None:
        return spec.suppress.values, spec.suppress.texts
    return spec.values, spec.texts


def _of_tag(readings: Readings, tag: int) -> range:
    start, end = np.searchsorted(readings.tag, [tag, tag + 1])
    return range(int(start), int(end))
