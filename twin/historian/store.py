"""The history store: one for every engine, so that SQL and its meaning exist once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from twin.contract.clock import NS_PER_S, Clock, system_clock
from twin.contract.frame import F64, Frame
from twin.contract.messages import Gap, TagSet
from twin.historian.answers import float64, int64, joined, made_gaps, made_points, texts
from twin.historian.base import (
    LastReadings,
    Piece,
    Points,
    QueryError,
    Stats,
    TagColumns,
    Trend,
    UnknownTagError,
    empty_points,
)
from twin.historian.copies import copy_in, copy_out
from twin.historian.downsample import (
    BUCKET_QUERY,
    GAP_QUERY,
    GAPS_QUERY,
    LAST_QUERY,
    RAW_QUERY,
    STATS_QUERY,
    TAG_QUERY,
    check_interval,
    choose_buckets,
)
from twin.historian.engine import Engine, Parameters
from twin.historian.many_tags import (
    Part,
    by_tag,
    counter_parts,
    counters_query,
    last_of_each,
    rows_query,
    sources_query,
)
from twin.historian.means import filled_means, means_query
from twin.historian.moments import Moments
from twin.historian.native import Column
from twin.historian.rows import TagNumbers, check_indexes, number_tags, reading_columns
from twin.historian.schema import (
    EARLIEST_NS,
    LATEST_NS,
    TABLE_QUERY,
    check_retention,
    retention_change,
    table_statements,
    tag_number,
)

_PAGE_ROWS = 65_536
_TAG_SETS_KEPT = 10_000
_NS_PER_DAY = 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True)
class _Tag:
    number: int
    unit: str
    source: str
    simulated: bool


class EngineHistory:
    """A :class:`twin.historian.base.HistoryStore` on any engine.

    Args:
        engine: runs the SQL; closed with the store.
        retention_days: how long a reading is kept after its source time; 0 = for ever. Weeks are dropped
            whole, so a reading may stay up to a week longer.
        clock: ns since the epoch; a slot of moments that is over by it is closed.

    Raises:
        HistoryUrlError: the retention is out of bounds.
        HistoryError: the tables cannot be made.
    """

    def __init__(self, engine: Engine, *, retention_days: int, clock: Clock = system_clock) -> None:
        self._retention_ns = check_retention(retention_days) * _NS_PER_DAY
        self._engine = engine
        self._numbers: dict[str, TagNumbers] = {}
        self._tags: dict[str, _Tag] = {}
        self._tags_lock = Lock()
        for statement in table_statements(retention_days):
            engine.execute(statement)
        created = texts(engine.query(TABLE_QUERY, {"name": "readings"})["create_table_query"])[0]
        change = retention_change(created, retention_days)
        if change is not None:
            engine.execute(change)
        self._moments = Moments(engine, clock)
        self._moments.prepare(retention_days)

    def append(self, frames: Sequence[tuple[TagSet, Frame]]) -> int:
        """Store all readings of ``frames`` and return how many rows they are."""
        numbered = []
        for tag_set, frame in frames:
            check_indexes(tag_set, frame)
            if len(frame):
                numbered.append((self._number(frame.tag_set, tag_set), frame))
        if not numbered:
            return 0
        columns = reading_columns(numbered)
        self._engine.insert("readings", columns)
        self._moments.told(max(int(frame.source_time.max()) for _, frame in numbered))
        return len(columns[0].data)

    def window(self, now_ns: int) -> tuple[int, int]:
        """Return the source times ``[earliest, latest)`` that can be stored at ``now_ns``."""
        earliest = now_ns - self._retention_ns if self._retention_ns else EARLIEST_NS
        return max(earliest, EARLIEST_NS), min(now_ns + _NS_PER_DAY, LATEST_NS)

    def append_gaps(self, gaps: Sequence[Gap]) -> None:
        """Store gaps; a gap told twice is one gap, as it was told last."""
        if not gaps:
            return
        self._engine.insert(
            "gaps",
            [
                Column("id", "String", [gap.id for gap in gaps]),
                Column("source", "String", [gap.source for gap in gaps]),
                Column("start", "Int64", np.array([gap.start for gap in gaps], dtype=np.int64)),
                Column("end", "Int64", np.array([gap.end for gap in gaps], dtype=np.int64)),
                Column("reason", "String", [gap.reason.value for gap in gaps]),
                Column("tags", "Array(String)", [gap.tags for gap in gaps]),
            ],
        )

    def trend(self, tag: str, start_ns: int, end_ns: int, points: int, offset_ns: int = 0) -> Trend:
        """Summarise one tag over ``[start_ns, end_ns)`` in at most ``points`` buckets."""
        buckets = choose_buckets(start_ns, end_ns, points, offset_ns)
        known = self._tag(tag)
        interval: Parameters = {"tag": known.number, "start": start_ns, "end": end_ns}
        found = self._engine.query(
            BUCKET_QUERY, {**interval, "first": buckets.first_ns, "width": buckets.width_ns}
        )
        low, high, mean = (np.full(buckets.n, np.nan) for _ in range(3))
        count, bad = (np.zeros(buckets.n, dtype=np.int64) for _ in range(2))
        told = 0
        if found:
            at = int64(found["bucket"])
            count[at], bad[at] = int64(found["good"]), int64(found["bad"])
            some = int64(found["good"]) > 0  # without any, the engine answers 0, which would be a lie
            for column, name in ((low, "low"), (high, "high"), (mean, "mean")):
                column[at[some]] = float64(found[name])[some]
            told = int(int64(found["told"]).sum())
        raw: Points | None = empty_points()
        if told:
            raw = self._raw(interval, points) if told <= points else None
        return Trend(
            tag=tag,
            unit=known.unit,
            simulated=known.simulated,
            start_ns=start_ns,
            end_ns=end_ns,
            width_ns=buckets.width_ns,
            bucket_start=buckets.first_ns + np.arange(buckets.n, dtype=np.int64) * buckets.width_ns,
            min=low,
            max=high,
            mean=mean,
            count=count,
            bad=bad,
            gaps=self._gaps(tag, known.source, start_ns, end_ns),
            raw=raw,
        )

    def last_before(self, tag: str, time_ns: int) -> Points:
        """Return the last reading before ``time_ns`` (0 or 1 rows)."""
        if time_ns <= EARLIEST_NS:
            raise QueryError(f"time {time_ns} ns: must be after 1970; times are in ns since the epoch")
        return made_points(self._engine.query(LAST_QUERY, {"tag": self._tag(tag).number, "end": time_ns}))

    def last_readings(self, tags: Sequence[str], at_ns: int) -> LastReadings:
        """Return the last reading of each tag with a source time of ``at_ns`` or before."""
        if at_ns <= EARLIEST_NS:
            raise QueryError(f"time {at_ns} ns: must be after 1970; times are in ns since the epoch")
        return self._moments.last_readings(tags, at_ns, self.gaps(at_ns, at_ns + 1))

    def last_between(self, tags: Sequence[str], after_ns: int, until_ns: int) -> LastReadings:
        """Return the last reading of each tag later than ``after_ns`` and up to ``until_ns``."""
        if not EARLIEST_NS < after_ns <= until_ns:
            raise QueryError(f"between {after_ns} and {until_ns} ns: the first must lie before the second")
        return self._moments.last_between(tags, after_ns, until_ns, self.gaps(until_ns, until_ns + 1))

    def gaps(self, start_ns: int, end_ns: int) -> list[Gap]:
        """Return the gaps of all sources that overlap an interval."""
        return [gap for many in self._gaps_of_sources(start_ns, end_ns).values() for gap in many]

    def export(self, tag: str, start_ns: int, end_ns: int) -> Iterator[Points]:
        """Yield every reading of one tag in order of time, in pages of at most 65,536 rows."""
        check_interval(start_ns, end_ns)
        number = self._tag(tag).number
        while start_ns < end_ns:
            page = self._raw({"tag": number, "start": start_ns, "end": end_ns}, _PAGE_ROWS)
            if len(page):
                yield page
            if len(page) < _PAGE_ROWS:
                return
            start_ns = int(page.time[-1]) + 1

    def columns(
        self, tags: Sequence[str], start_ns: int, end_ns: int, codes: Sequence[str] = ()
    ) -> dict[str, TagColumns]:
        """Return all readings of many tags in an interval, and of each the last one before."""
        check_interval(start_ns, end_ns)
        wanted = tuple(dict.fromkeys(tags))
        if not wanted:
            return {}
        interval: Parameters = {"start": start_ns, "end": end_ns}
        found = by_tag(self._engine.query(rows_query(wanted, codes), interval), wanted)
        return self._joined(wanted, codes, start_ns, found, self._marked(wanted, start_ns, end_ns))

    def counters(
        self, tags: Sequence[str], start_ns: int, end_ns: int, edges: Sequence[int]
    ) -> dict[str, TagColumns]:
        """Return what is needed of counters to tell by how much they went on between any of ``edges``."""
        check_interval(start_ns, end_ns)
        wanted = tuple(dict.fromkeys(tags))
        if not wanted:
            return {}
        interval: Parameters = {"start": start_ns, "end": end_ns}
        marked = self._marked(wanted, start_ns, end_ns)
        ends = {end for gaps in marked.values() for gap in gaps for end in gap}
        within = sorted({start_ns, *(edge for edge in (*edges, *ends) if start_ns < edge < end_ns)})
        found, fell = counter_parts(self._engine.query(counters_query(wanted, within), interval), wanted)
        if fell:
            found |= by_tag(self._engine.query(rows_query(fell, ()), interval), fell)
        return self._joined(wanted, (), start_ns, found, marked)

    def means(self, tags: Sequence[str], start_ns: int, width_ns: int, parts: int) -> F64:
        """Return the means of tags over equal stretches."""
        end_ns = start_ns + parts * width_ns
        check_interval(start_ns, end_ns)
        if not tags:
            return np.zeros((parts, 0))
        interval: Parameters = {"start": start_ns, "end": end_ns, "width": width_ns}
        found = self._engine.query(means_query(tags), interval)
        before = self._joined(tags, (), start_ns, {}, self._marked(tags, start_ns, end_ns))
        return filled_means(found, tags, parts, start_ns, width_ns, before)

    def _joined(
        self,
        tags: Sequence[str],
        codes: Sequence[str],
        start_ns: int,
        found: Mapping[str, Part],
        marked: Mapping[str, list[tuple[int, int]]],
    ) -> dict[str, TagColumns]:
        """Put what lay before an interval, what was found in it and its gaps together."""
        before = last_of_each(self._engine, tags, codes, start_ns)
        made = {}
        for tag in tags:
            parts = [part[tag] for part in (before, found) if tag in part]
            time, value, status = zip(*parts, strict=True) if parts else ((), (), ())
            made[tag] = TagColumns(
                joined(time, np.int64), joined(value, np.float64), joined(status, np.uint32),
                np.array(marked[tag], np.int64).reshape(-1, 2),
            )  # fmt: skip
        return made

    def _marked(self, tags: Sequence[str], start_ns: int, end_ns: int) -> dict[str, list[tuple[int, int]]]:
        """Return the gaps of each tag."""
        found = self._gaps_of_sources(start_ns, end_ns)
        sources = self._sources(tags) if found else {}
        return {
            tag: [
                (gap.start, gap.end)
                for gap in found.get(sources.get(tag, ""), ())
                if not gap.tags or tag in gap.tags
            ]
            for tag in tags
        }

    def _sources(self, tags: Sequence[str]) -> dict[str, str]:
        found = self._engine.query(sources_query(tags), {})
        return dict(zip(texts(found["name"]), texts(found["source"]), strict=True)) if found else {}

    def _gaps_of_sources(self, start_ns: int, end_ns: int) -> dict[str, list[Gap]]:
        found = self._engine.query(GAPS_QUERY, {"start": start_ns, "end": end_ns})
        by_source: dict[str, list[Gap]] = {}
        for gap in made_gaps(found):
            by_source.setdefault(gap.source, []).append(gap)
        return by_source

    def _raw(self, interval: Parameters, limit: int) -> Points:
        return made_points(self._engine.query(RAW_QUERY, {**interval, "limit": limit}))

    def stats(self) -> Stats:
        """Say how much there is."""
        row = self._engine.query(STATS_QUERY, {})
        readings, size, parts, tags = (
            int(int64(row[name])[0]) for name in ("readings", "bytes", "parts", "tags")
        )
        return Stats(readings, size, parts, tags)

    def optimize(self) -> None:
        """Merge all parts now; for benchmarks and tests, the engine does it by itself in time."""
        self._engine.execute("OPTIMIZE TABLE readings FINAL")

    def copy_out(self) -> Iterator[Piece]:
        """Yield everything in pieces for a backup."""
        return copy_out(self._engine)

    def copy_in(self, piece: Piece) -> None:
        """Put a piece in."""
        copy_in(self._engine, piece)

    def close(self) -> None:
        """Free everything. Questions still running are waited for."""
        self._engine.close()

    def _number(self, tag_set_id: str, tag_set: TagSet) -> TagNumbers:
        """Return the numbers of a tag set's tags; one not seen lately goes into table ``tags`` first, so that
        no reading is without its tag."""
        with self._tags_lock:
            numbers = self._numbers.get(tag_set_id)
        if numbers is not None:
            return numbers
        numbers = number_tags(tag_set)
        n = len(tag_set.tags)
        self._engine.insert(
            "tags",
            [
                Column("tag", "UInt64", numbers),
                Column("name", "String", tag_set.tags),
                Column("unit", "String", tag_set.units),
                Column("data_type", "String", tag_set.data_types),
                Column("source", "String", [tag_set.source] * n),
                Column("simulated", "UInt8", np.full(n, tag_set.simulated, dtype=np.uint8)),
            ],
        )
        with self._tags_lock:
            for tag in tag_set.tags:
                self._tags.pop(tag, None)
            if len(self._numbers) >= _TAG_SETS_KEPT:
                self._numbers.clear()
            self._numbers[tag_set_id] = numbers
        return numbers

    def _tag(self, tag: str) -> _Tag:
        with self._tags_lock:
            known = self._tags.get(tag)
        if known is not None:
            return known
        number = tag_number(tag)
        row = self._engine.query(TAG_QUERY, {"tag": number})
        if not row or texts(row["name"])[0] != tag:
            raise UnknownTagError(
                f"tag {tag!r}: the history holds no reading of it; see GET /api/park for tags"
            )
        known = _Tag(number, texts(row["unit"])[0], texts(row["source"])[0], bool(int64(row["simulated"])[0]))
        with self._tags_lock:
            self._tags[tag] = known
        return known

    def _gaps(self, tag: str, source: str, start_ns: int, end_ns: int) -> tuple[Gap, ...]:
        found = self._engine.query(
            GAP_QUERY, {"source": source, "name": tag, "start": start_ns, "end": end_ns}
        )
        return made_gaps(found)
