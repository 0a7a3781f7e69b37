"""``python -m twin.scene`` as another process sees it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parents[3] / "sim" / "parks" / "yenphong" / "park.yaml"


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "twin.scene", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_prints_where_the_demo_park_is_and_stays_small(tmp_path: Path) -> None:
    done = _run(DEMO, tmp_path)
    assert done.returncode == 0, done.stderr
    row = json.loads(done.stdout)
    path = Path(row["path"])
    assert path == tmp_path / f"{row['hash']}.glb"
    assert len(gzip.compress(path.read_bytes())) < 1_300_000, "what is sent of the park of 68 shapes"
    assert {"cabinet", "compressor", "reflow_oven", "transformer"} <= set(row["shapes"])
    assert done.stdout.count("\n") == 1


def test_a_park_that_does_not_check_is_told_and_exits_2(tmp_path: Path) -> None:
    broken = tmp_path / "park.yaml"
    broken.write_text("park: {id: Not An Id}\n")
    done = _run(broken, tmp_path / "cache")
    assert done.returncode == 2
    assert "park.yaml" in done.stderr
    assert not (tmp_path / "cache").exists()
