"""The scene: cold build, cached look-up, and size of the file for the demo park."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.table import Row, as_markdown, median_seconds
from twin.park.park_file import load_park
from twin.scene.scene_file import build_scene

_PARK = Path(__file__).parents[1] / "sim" / "parks" / "yenphong" / "park.yaml"


def run() -> list[Row]:
    """Measure in a cache of its own; the first build includes the import of VTK."""
    park = load_park(_PARK, environment=os.environ)
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        cold = median_seconds(lambda: build_scene(park, cache), repeats=1)
        cached = median_seconds(lambda: build_scene(park, cache))
        size = build_scene(park, cache).path.stat().st_size / 1e6
    return [
        Row("scene", "cold build with the import of VTK", cold, "s", "at most 4", cold <= 4),
        Row("scene", "cached", cached * 1000, "ms", "at most 300", cached <= 0.3),
        Row("scene", "size of the demo park", size, "MB", "at most 1.5", size <= 1.5),
    ]


if __name__ == "__main__":
    print(as_markdown(run()))
