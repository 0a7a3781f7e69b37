"""Teaching a station from 200 good pictures by its command: reading, choosing, calibrating, saving."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.bench_qc_service import SIDE, jpeg
from benchmarks.bench_qc_tiles import DATA
from benchmarks.table import Row
from vision_qc.image_file import list_images

PICTURES = 200
MOST_S = 20.0
TILES = DATA / "MT_Free"


def run() -> list[Row]:
    """Teach plates of a megapixel, and magnetic tiles where the data is there."""
    with tempfile.TemporaryDirectory() as name:
        plates, tiles = Path(name) / "plates", Path(name) / "tiles"
        plates.mkdir()
        for number in range(PICTURES):
            (plates / f"{number:03d}.jpg").write_bytes(jpeg(number))
        rows = [_taught(plates, f"plates of {SIDE} x {SIDE} px")]
        if TILES.is_dir():
            found = list_images(TILES)
            tiles.mkdir()
            for number in range(PICTURES):
                path = found[number * len(found) // PICTURES]
                (tiles / path.name).symlink_to(path)
            rows.append(_taught(tiles, "magnetic tiles of many sizes, each part in several exposures"))
    return rows


def _taught(good: Path, what: str) -> Row:
    before, begun = _cpu_s(), perf_counter()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "vision_qc",
            "teach",
            str(good.parent / f"{good.name}-recipe"),
            "--good",
            str(good),
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    took = perf_counter() - begun
    cores = len(os.sched_getaffinity(0))
    return Row(
        "qc", f"teach from {PICTURES} {good.name} with calibration", took, "s", f"at most {MOST_S:.0f}",
        took <= MOST_S, f"{what}; {_cpu_s() - before:.1f} s of processor, {cores} cores; the whole command",
    )  # fmt: skip


def _cpu_s() -> float:
    """Processor seconds of the processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
