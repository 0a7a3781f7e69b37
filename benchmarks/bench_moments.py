"""What it costs to keep the past at once: readings alone, with every reading in all levels of ``moments`` as
it comes, and with levels 1 to 3 written once a slot is over. A run holds all three: compare within it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time, time_ns

import numpy as np

from benchmarks.table import Row
from twin.contract.clock import NS_PER_S
from twin.contract.frame import Frame
from twin.contract.messages import TagSet
from twin.historian.embedded import EmbeddedEngine
from twin.historian.moments_table import SLOT_NS
from twin.historian.store import EngineHistory

TAGS, PER_DEVICE = 5_000, 25
CYCLE_S = 20
SIZES = ((20, 432), (1, 60))
"""Frames an insert, and frames: in bulk, and as a small live park tells them."""
_DAY_NS = 86_400 * NS_PER_S
KINDS = ("readings alone", "all levels as it comes", "levels 1 to 3 once a slot is over")


def _cost(kind: str, an_insert: int, cycles: int) -> tuple[float, float, float, int]:
    """CPU a reading [µs] until all is in, that and all merged, bytes a reading, and rows of ``moments``."""
    tags = tuple(f"park/works/machine{number // PER_DEVICE}:signal_{number}" for number in range(TAGS))
    of = TagSet(source="works", tags=tags, units=("",) * TAGS, data_types=("Double",) * TAGS)
    of_id = of.id
    rng = np.random.default_rng(20)
    start = time_ns() // SLOT_NS * SLOT_NS - cycles * CYCLE_S * NS_PER_S
    now = [start + _DAY_NS if kind == KINDS[1] else start]
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder) / "history")
        history = EngineHistory(engine, retention_days=0, clock=lambda: now[0])
        if kind == KINDS[0]:
            engine.execute("DROP TABLE moments_as_told")
        value = np.round(rng.uniform(10, 500, TAGS), 1)
        index, status = np.arange(TAGS, dtype=np.uint32), np.zeros(TAGS, np.uint32)
        begun = process_time()
        frames = []
        for cycle in range(cycles):
            value = np.round(value + rng.normal(0.0, 0.3, TAGS), 1)
            at = start + cycle * CYCLE_S * NS_PER_S
            frames.append((of, Frame("works", cycle + 1, of_id, index, np.full(TAGS, at), status, value)))
            if len(frames) == an_insert:
                if kind == KINDS[2]:
                    now[0] = at
                history.append(frames)
                frames = []
        if frames:
            history.append(frames)
        told = process_time() - begun
        engine.execute("OPTIMIZE TABLE readings FINAL")
        engine.execute("OPTIMIZE TABLE moments FINAL")
        whole = process_time() - begun
        size = engine.query(
            "SELECT toUInt64(sum(bytes_on_disk)) AS size FROM system.parts "
            "WHERE database = currentDatabase() AND active",
            {},
        )
        rows = engine.query("SELECT count() AS n FROM moments WHERE level > 0", {})
        n = cycles * TAGS
        history.close()
    scale = 1e6 / n
    return told * scale, whole * scale, float(np.asarray(size["size"])[0]) / n, int(np.asarray(rows["n"])[0])


def run() -> Sequence[Row]:
    """Measure all three."""
    begun = perf_counter()
    rows = []
    for an_insert, cycles in SIZES:
        costs = {kind: _cost(kind, an_insert, cycles) for kind in KINDS}
        alone = costs[KINDS[0]][0]
        for kind, (told, whole, size, above) in costs.items():
            note = (
                f"{cycles * TAGS / 1e6:.1f} M readings of {TAGS:,} tags, {an_insert * TAGS:,} an insert; "
                f"{told / alone:.2f} times that of readings alone; {whole:.2f} us with everything merged; "
                f"{size:.1f} B a reading, merged; {above:,} rows above level 0"
            )
            rows.append(Row("moments", f"append, {kind}", told, "us of CPU a reading", note=note))
    rows.append(Row("moments", "wall time of it all", perf_counter() - begun, "s"))
    return rows
