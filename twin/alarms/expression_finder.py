"""What readings say of alarms over several signals: for all equipment of a kind at once, at every moment at
which one of the signals has a new reading.

At each of these moments the other signals are what they were then, also where readings of several moments
come together. What cannot be worked out, because a signal is Bad, neither begins nor ends an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.alarms.alarm_table import AlarmTable, Bools, ExpressionRows
from twin.alarms.readings import Readings
from twin.alarms.standing import NEVER
from twin.contract.frame import F64, I64, U32
from twin.contract.status import BAD_WAITING_FOR_INITIAL_DATA
from twin.expressions.column import Column, Texts
from twin.park.bound import Bound

Rows = npt.NDArray[np.intp]
Found = tuple[int, int, bool, float]
"""Condition, time, whether it holds, and the value it is shown with."""


@dataclass(frozen=True, slots=True, eq=False)
class _Hangs:
    """Which places hang on which tags: ``tag`` ascending, ``place`` beside it; ``inputs`` of each place in
    runs that begin at ``first``."""

    tag: Rows
    place: Rows
    inputs: Rows
    first: Rows


class ExpressionFinder:
    """Keeps the newest reading of every tag, and finds what it means to expressions. Not thread-safe.

    Args:
        table: the alarms.
    """

    def __init__(self, table: AlarmTable) -> None:
        n = len(table.tags)
        self._groups = table.expressions
        self._hangs = [_hangs(group.bound) for group in self._groups]
        self.value: F64 = np.full(n, np.nan)
        self.status: U32 = np.full(n, BAD_WAITING_FOR_INITIAL_DATA, np.uint32)
        self.time: I64 = np.full(n, NEVER, np.int64)
        self.text: dict[int, str] = {}

    def find(self, readings: Readings, raw: Bools) -> list[Found]:
        """Work out what readings, in order of tag and time, say of conditions, and remember them.

        Args:
            readings: each newer than what is known of its tag.
            raw: ``bool[r]``, which conditions hold now: a condition to which nothing is news is left out.
        """
        found: list[Found] = []
        for group, hangs in zip(self._groups, self._hangs, strict=True):
            start = np.searchsorted(hangs.tag, readings.tag, side="left")
            count = np.searchsorted(hangs.tag, readings.tag, side="right") - start
            if count.any():
                total = int(count.sum())
                at = np.arange(total) - np.repeat(np.cumsum(count) - count - start, count)
                place, time = hangs.place[at], np.repeat(readings.time, count)
                # a signal that lags behind the others says how it is with them, not how it was before
                known = np.maximum.reduceat(self.time[hangs.inputs], hangs.first)
                found += self._verdicts(group, readings, place, np.maximum(time, known[place]), raw)
        self._remember(readings)
        return found

    def together(self) -> Rows:
        """Return one number for all tags that expressions look at together, ``intp[n]``: for those that a
        chain of expressions links the same, for all others their own."""
        above: dict[int, int] = {}

        def top(tag: int) -> int:
            while (up := above.get(tag, tag)) != tag:
                above[tag] = tag = above.get(up, up)
            return tag

        for hangs in self._hangs:
            for run in np.split(hangs.inputs, hangs.first[1:]):
                first, *others = (top(tag) for tag in run.tolist())
                above |= dict.fromkeys((first, *others), first)
        group = np.arange(len(self.value), dtype=np.intp)
        for tag in above:
            group[tag] = top(tag)
        return group

    def everything(self, now: int, raw: Bools) -> list[Found]:
        """Work out all conditions from what is known, as of ``now`` [ns]: the rules may have changed."""
        none = _no_readings()
        return [
            one
            for group in self._groups
            for places in (np.arange(len(group.rows), dtype=np.intp),)
            for one in self._verdicts(group, none, places, np.full(len(places), now, np.int64), raw)
        ]

    def _verdicts(
        self, group: ExpressionRows, readings: Readings, place: Rows, time: I64, raw: Bools
    ) -> list[Found]:
        order = np.lexsort((time, place))
        place, time = place[order], time[order]
        fresh = np.append(True, (place[1:] != place[:-1]) | (time[1:] != time[:-1]))
        place, time = place[fresh], time[fresh]
        moments = np.unique(np.append(readings.time, time))
        width = len(moments) + 1
        keys = readings.tag * width + np.searchsorted(moments, readings.time)
        moment = np.searchsorted(moments, time)

        def pick(tags: Rows, row: Rows) -> Column:
            return self._as_of(readings, keys, tags, tags * width + moment[row])

        verdict = group.bound.evaluate(pick, place)
        usable = verdict.status >> np.uint32(31) == 0
        row, on = group.rows[place], verdict.value != 0
        news = np.zeros(len(raw), np.bool_)
        news[row[usable & (on != raw[row])]] = True
        chosen = np.flatnonzero(usable & news[row])
        if not len(chosen):
            return []
        shown = pick(group.shown[place[chosen]], chosen).value
        return list(
            zip(
                row[chosen].tolist(),
                time[chosen].tolist(),
                on[chosen].tolist(),
                shown.tolist(),
                strict=True,
            )
        )

    def _as_of(self, readings: Readings, keys: Rows, tags: Rows, wanted: Rows) -> Column:
        """The last reading of each tag up to a moment: among those that came, else what was known."""
        if not len(readings):
            return Column(self.value[tags], self.status[tags], self._texts(tags))
        at = np.searchsorted(keys, wanted, side="right") - 1
        came = (at >= 0) & (readings.tag[at] == tags)
        value = np.where(came, readings.value[at], self.value[tags])
        status = np.where(came, readings.status[at], self.status[tags])
        text = self._texts(tags)
        if readings.text is not None or text is not None:
            new = readings.text if readings.text is not None else np.full(len(readings), None, np.object_)
            old = text if text is not None else np.full(len(tags), None, np.object_)
            text = np.where(came, new[at], old)
        return Column(value, status, text)

    def _texts(self, tags: Rows) -> Texts | None:
        if not self.text:
            return None
        found = np.empty(len(tags), np.object_)
        found[:] = [self.text.get(tag) for tag in tags.tolist()]
        return found

    def _remember(self, readings: Readings) -> None:
        self.value[readings.tag] = readings.value  # of a tag twice, the last one stays
        self.status[readings.tag] = readings.status
        self.time[readings.tag] = readings.time
        if readings.text is not None:
            for tag, text in zip(readings.tag.tolist(), readings.text.tolist(), strict=True):
                if text is not None:
                    self.text[tag] = text
                else:
                    self.text.pop(tag, None)
        elif self.text:
            for tag in readings.tag.tolist():
                self.text.pop(tag, None)


def _hangs(bound: Bound) -> _Hangs:
    runs = [bound.all_tags(place) for place in range(len(bound.machines))]
    inputs = np.concatenate(runs)
    counts = [len(run) for run in runs]
    place = np.repeat(np.arange(len(runs), dtype=np.intp), counts)
    order = np.argsort(inputs, kind="stable")
    first = np.cumsum([0, *counts[:-1]], dtype=np.intp)
    return _Hangs(inputs[order], place[order], inputs, first)


def _no_readings() -> Readings:
    none = np.zeros(0, np.int64)
    return Readings(none.astype(np.intp), none, none, none.astype(np.uint32), none.astype(np.float64))
