"""A state of the past: the last reading of every tag up to a moment, from the history in chDB; and what
changed in the half second, or the five minutes, that a frame covers when the stream is played back."""

from __future__ import annotations

from time import process_time, time_ns

import numpy as np

from benchmarks.scratch_history import scratch_history
from benchmarks.table import Row, median_seconds
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.store import EngineHistory

TAGS = 300_000
SIGNALS = 30
MINUTES = 20
_MINUTE = 60 * NS_PER_S


def run() -> list[Row]:
    """Measure in a directory of its own, removed afterwards."""
    with scratch_history() as history:
        return _measure(history)


def _measure(history: EngineHistory) -> list[Row]:
    tags = tuple(
        f"park/works/hall/machine{number // SIGNALS}:signal_{number % SIGNALS}" for number in range(TAGS)
    )
    of = TagSet(source="works", tags=tags, units=("",) * TAGS, data_types=("Double",) * TAGS)
    rng = np.random.default_rng(3)
    start = time_ns() - MINUTES * _MINUTE
    index = np.arange(TAGS, dtype=np.uint32)
    for minute in range(MINUTES):
        frame = Frame(
            source="works",
            sequence=minute + 1,
            tag_set=of.id,
            index=index,
            source_time=start + minute * _MINUTE + rng.integers(0, _MINUTE, TAGS),
            status=np.zeros(TAGS, np.uint32),
            value=np.round(rng.normal(50.0, 10.0, TAGS), 1),
        )
        history.append([(of, frame)])
    rows = []
    for count, target in ((TAGS, 500.0), (10_000, 0.0), (SIGNALS, 0.0)):
        asked = tags[:count]
        moments = iter(start + minute * _MINUTE + 1 for minute in (15, 5, 7, 11, 17, 9, 19))
        found = history.last_readings(asked, next(moments))
        begun = process_time()
        history.last_readings(asked, next(moments))
        cpu = process_time() - begun
        seconds = median_seconds(lambda: history.last_readings(asked, next(moments)), repeats=5)  # noqa: B023
        known = int((found.value == found.value).sum())
        rows.append(
            Row(
                "replay",
                f"last readings of {count:,} of {TAGS:,} tags at a moment of twenty minutes",
                seconds * 1e3,
                "ms",
                target=f"at most {target:g}" if target else "",
                met=seconds * 1e3 <= target if target else None,
                note=f"one reading a tag and minute, {TAGS * MINUTES / 1e6:.0f} M; "
                f"{known:,} tags known; {cpu * 1e3:.0f} ms of CPU",
            )
        )
    for speed in (1, 600):
        moments = iter(start + minute * _MINUTE + 1 for minute in (13, 6, 8, 12, 10))
        length = speed * NS_PER_S // 2

        def move_on() -> int:
            after = next(moments)  # noqa: B023
            found = history.last_between(tags, after, after + length)  # noqa: B023
            return int((found.time > after).sum())

        changed = move_on()
        seconds = median_seconds(move_on, repeats=3)
        note = f"{changed:,} of {TAGS:,} tags changed"
        rows.append(
            Row("replay", f"what changed in one frame at {speed} times", seconds * 1e3, "ms", note=note)
        )
    return rows
