"""History in chDB: how fast frames go in, how small they lie on disk, how soon a trend is there.

Two kinds of values, named in the rows. *Quantised*: random walks as sensors tell them, in steps of 0.1 or
0.01 of the unit, several steps from one reading to the next, with source times that jitter by milliseconds
per device of 25 tags. *Noise*: Gaussian doubles of full precision with times that jitter by 100 ns per tag;
nothing can be saved on such values (about 7.6 bytes each), so it has no target for size.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import perf_counter, time_ns

import numpy as np
import psutil

from benchmarks.scratch_history import scratch_history
from benchmarks.table import Row, as_markdown, median_seconds
from twin.contract.clock import NS_PER_MS, NS_PER_S
from twin.contract.frame import F64, I64, Frame
from twin.contract.messages import TagSet
from twin.historian.store import EngineHistory

TAGS = 5_000
TAGS_PER_DEVICE = 25
CYCLES = 4_320  # of 20 s: a day
CYCLE_NS = 20 * NS_PER_S
DAY_NS = CYCLES * CYCLE_NS
FRAMES_PER_INSERT = 20
NOISE_CYCLES = 400
DUPLICATE_CYCLES = 432


def run() -> list[Row]:
    """Measure in a directory of its own, removed afterwards."""
    with scratch_history() as history:
        return _measure(history)


def _measure(history: EngineHistory) -> list[Row]:
    rng = np.random.default_rng(20)
    start_ns = time_ns() // (7 * DAY_NS) * 7 * DAY_NS - 6 * DAY_NS  # within one week, as one day mostly is
    memory = _PeakMemory()
    tag_set = _tag_set("quantised")
    cpu = _cpu_seconds()
    seconds, rows = _fill(history, _quantised(tag_set, start_ns, rng))
    cpu = (_cpu_seconds() - cpu) / rows * 1e6
    size = f"{rows / 1e6:.1f} M readings of {TAGS:,} tags, frames of {TAGS:,}, {FRAMES_PER_INSERT} an insert"
    how = f"{size}, fsync on each insert, {cpu:.2f} us of CPU a reading with the merges"
    table = [_rate("append, quantised walks", rows / seconds, how)]
    fresh = history.stats()
    table.append(
        Row(
            "history",
            "minute buckets of one day, seconds after it was written",
            _trend_ms(history, tag_set, start_ns),
            "ms",
            note=f"merging still under way: {fresh.parts} parts, {fresh.bytes_per_reading:.2f} B a reading",
        )
    )
    began = perf_counter()
    history.optimize()
    merged = perf_counter() - began
    stats = history.stats()
    table.append(
        Row(
            "history",
            "on disk after merge, quantised walks",
            stats.bytes_per_reading,
            "B a reading",
            "at most 2.5",
            stats.bytes_per_reading <= 2.5,
            f"{stats.bytes_on_disk / 1e6:.0f} MB, merged in {merged:.1f} s",
        )
    )
    table.append(_trend_row(history, tag_set, start_ns, "minute buckets of one day, merged"))
    _fill(history, _quantised(tag_set, start_ns, np.random.default_rng(20)), DUPLICATE_CYCLES)
    table.append(
        _trend_row(history, tag_set, start_ns, "minute buckets of one day, a tenth told twice, not merged")
    )
    history.optimize()
    noise = _tag_set("noise")
    seconds, rows = _fill(history, _noise(noise, start_ns, rng))
    table.append(_rate("append, noise", rows / seconds, f"{rows / 1e6:.1f} M readings"))
    history.optimize()
    after = history.stats()
    noise_bytes = (after.bytes_on_disk - stats.bytes_on_disk) / rows
    table.append(
        Row("history", "on disk after merge, noise", noise_bytes, "B a reading", note="8 B of it are entropy")
    )
    assert after.readings == stats.readings + rows, "readings told twice must be one"
    table.append(
        Row("history", "memory", memory.stop() / 1e6, "MB", note="peak of the whole process above its start")
    )
    return table


def _cpu_seconds() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system


def _rate(name: str, rate: float, note: str) -> Row:
    return Row("history", name, rate, "readings/s", "at least 500,000", rate >= 500_000, note)


def _trend_row(history: EngineHistory, tag_set: TagSet, start_ns: int, name: str) -> Row:
    ms = _trend_ms(history, tag_set, start_ns)
    return Row("history", name, ms, "ms", "under 20", ms < 20, f"median of 31 tags, {CYCLES:,} readings each")


def _trend_ms(history: EngineHistory, tag_set: TagSet, start_ns: int) -> float:
    tags = iter(tag_set.tags[::7])

    def ask() -> None:
        trend = history.trend(next(tags), start_ns, start_ns + DAY_NS, 1440)
        assert CYCLES - 2 <= int(trend.count.sum()) <= CYCLES, "each reading must count once"

    return median_seconds(ask, repeats=31) * 1e3


def _fill(
    history: EngineHistory, frames: Iterator[tuple[TagSet, Frame]], cycles: int = CYCLES
) -> tuple[float, int]:
    """Append ``frames`` and return the seconds within ``append`` and the rows."""
    seconds, rows = 0.0, 0
    batch: list[tuple[TagSet, Frame]] = []
    for _, pair in zip(range(cycles), frames, strict=False):
        batch.append(pair)
        if len(batch) == FRAMES_PER_INSERT:
            began = perf_counter()
            rows += history.append(batch)
            seconds += perf_counter() - began
            batch = []
    return seconds, rows


def _tag_set(name: str) -> TagSet:
    tags = tuple(f"park/{name}/hall{i // 500}/machine{i // TAGS_PER_DEVICE}:signal_{i}" for i in range(TAGS))
    return TagSet(source=name, tags=tags, units=("°C",) * TAGS, data_types=("Double",) * TAGS)


def _quantised(tag_set: TagSet, start_ns: int, rng: np.random.Generator) -> Iterator[tuple[TagSet, Frame]]:
    tag_set_id = tag_set.id
    scale = rng.choice([10.0, 100.0], TAGS)
    level = np.round(rng.uniform(10, 500, TAGS) * scale)
    step = rng.choice([0.5, 1.0, 2.0, 5.0], TAGS)
    for cycle in range(CYCLES):
        level += np.round(rng.normal(size=TAGS) * step)
        jitter = np.repeat(rng.integers(0, 50, TAGS // TAGS_PER_DEVICE) * NS_PER_MS, TAGS_PER_DEVICE)
        times = start_ns + cycle * CYCLE_NS + jitter
        yield tag_set, _frame(tag_set.source, cycle + 1, tag_set_id, times, np.asarray(level / scale))


def _noise(tag_set: TagSet, start_ns: int, rng: np.random.Generator) -> Iterator[tuple[TagSet, Frame]]:
    tag_set_id = tag_set.id
    for cycle in range(NOISE_CYCLES):
        times = start_ns + cycle * CYCLE_NS + rng.integers(0, 50_000, TAGS) * 100
        yield tag_set, _frame(tag_set.source, cycle + 1, tag_set_id, times, rng.normal(0, 100, TAGS))


def _frame(source: str, sequence: int, tag_set_id: str, times: I64, values: F64) -> Frame:
    index = np.arange(TAGS, dtype=np.uint32)
    status = np.zeros(TAGS, dtype=np.uint32)
    return Frame(source, sequence, tag_set_id, index, times.astype(np.int64), status, values)


class _PeakMemory:
    """Watches this process's resident memory every 50 ms."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._base = self._peak = self._process.memory_info().rss
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self._peak = max(self._peak, self._process.memory_info().rss)

    def stop(self) -> int:
        """Return the peak above the start [bytes]."""
        self._done.set()
        self._thread.join()
        return self._peak - self._base


if __name__ == "__main__":
    print(as_markdown(run()))
