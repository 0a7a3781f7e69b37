"""The last hours of the live stream, kept so that figures of the shift that runs can be reckoned at any
moment.

A reading is put where its source time says, however late it came and in whatever order, as long as that time
is still kept; one told twice counts once, and of two of one time the one told last. So the figures are those
of the history over the same interval: the same functions reckon over the same columns. What is older than the
hours kept is in the history alone. A reading from the future waits until its time has come.

Memory is bounded by the hours and, per tag, by :data:`MOST_READINGS`: beyond it the oldest go, which is
counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from twin.contract.clock import NS_PER_S
from twin.contract.frame import F64, I64, U32
from twin.contract.messages import Gap
from twin.kpi.series import Series, cut, empty_series, in_order
from twin.kpi.spans import spans

HOURS_KEPT = 26
"""A day and a shift's margin."""
MOST_READINGS = 200_000
"""Of one tag; two a second for a day and more."""


class LiveReadings:
    """See the module; a :class:`twin.kpi.series.Readings`. Thread-safe.

    Args:
        sources: by tag that is kept the source that feeds it; other tags are passed over.
        kept_s: how long [s]; also how late a reading may come and still be put right.
    """

    def __init__(self, sources: Mapping[str, str], *, kept_s: float = HOURS_KEPT * 3600.0) -> None:
        self._source = dict(sources)
        self._number = {tag: number for number, tag in enumerate(sources)}
        self._kept_ns = round(kept_s * NS_PER_S)
        self._series: list[Series] = [empty_series() for _ in sources]
        self._new: list[list[tuple[I64, F64, U32]]] = [[] for _ in sources]
        self._gaps: dict[str, Gap] = {}
        self._lock = Lock()
        self.since = 0
        """From when on it is whole [ns]; 0 = nothing has come."""
        self.dropped = 0
        """Readings that were too old, or too many."""

    def take(self, tags: Sequence[str], index: I64, time: I64, value: F64, status: U32) -> None:
        """Take the readings of a frame in.

        Args:
            tags: of its tag set.
            index: of each reading in ``tags``.
            time, value, status: of each reading; the value of a PackML state is its number.
        """
        numbers = np.array([self._number.get(tag, -1) for tag in tags], np.int64)
        with self._lock:
            wanted = numbers[index]
            for number in np.unique(wanted[wanted >= 0]).tolist():
                mine = wanted == number
                self._new[number].append((time[mine], value[mine], status[mine]))

    def put(self, tag: str, series: Series) -> None:
        """Take in what the history knows of a tag."""
        with self._lock:
            number = self._number[tag]
            self._new[number].insert(0, (series.time, series.value, series.status))

    def whole_from(self, since: int) -> None:
        """Note from when on nothing is missing [ns]; 0 = not yet."""
        with self._lock:
            self.since = since

    def has(self, tags: Sequence[str], start: int) -> bool:
        """Tell whether it has all there is of tags from ``start`` on."""
        return 0 < self.since <= start and all(tag in self._number for tag in tags)

    def take_gap(self, gap: Gap) -> None:
        """Note a gap; told again it is as it was told last."""
        with self._lock:
            self._gaps[gap.id] = gap

    def forget(self, now: int) -> None:
        """Drop what is older than what is kept, but of each tag the reading that holds at its begin."""
        oldest = now - self._kept_ns
        with self._lock:
            self.since = max(self.since, oldest) if self.since else 0
            for number in range(len(self._series)):
                one = self._merged(number)
                first = max(int(np.searchsorted(one.time, oldest, "right")) - 1, 0)
                first = max(first, len(one) - MOST_READINGS)
                if first:
                    self.dropped += first
                    part = slice(first, None)
                    self._series[number] = Series(
                        one.time[part].copy(), one.value[part].copy(), one.status[part].copy()
                    )
            for name in [name for name, gap in self._gaps.items() if gap.end < oldest]:
                del self._gaps[name]

    def read(self, tags: Sequence[str], start: int, end: int) -> Mapping[str, Series]:
        """Return the series of tags over an interval; see :class:`twin.kpi.series.Readings`."""
        found = {}
        with self._lock:
            for tag in tags:
                number = self._number.get(tag)
                one = empty_series() if number is None else cut(self._merged(number), start, end)
                marked = [
                    (gap.start, gap.end)
                    for gap in self._gaps.values()
                    if gap.source == self._source.get(tag) and (not gap.tags or tag in gap.tags)
                ]
                found[tag] = Series(one.time, one.value, one.status, spans(marked))
        return found

    def counters(
        self, tags: Sequence[str], start: int, end: int, edges: Sequence[int]
    ) -> Mapping[str, Series]:
        """Return the series of counters, whole; see :class:`twin.kpi.series.Readings`."""
        return self.read(tags, start, end)

    def _merged(self, number: int) -> Series:
        """The series of a tag with what is new put in its place."""
        new = self._new[number]
        if new:
            old = self._series[number]
            time, value, status = (
                np.concatenate([each, *(part[column] for part in new)])
                for column, each in enumerate((old.time, old.value, old.status))
            )
            self._series[number] = in_order(time, value, status.astype(np.uint32))
            new.clear()
        return self._series[number]
