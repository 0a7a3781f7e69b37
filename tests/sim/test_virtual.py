from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from sim.virtual import main
from tests.sim.small_plant import write_plant

BEGIN = "2026-09-24T08:00:00+07:00"


def simulate(folder: Path, plant: Path, *more: str) -> tuple[int, str]:
    told = io.StringIO()
    arguments = [str(folder), "--park", str(plant), "--begin", BEGIN, "--for", "2h", "--every", "30s", *more]
    return main(arguments, error=told), told.getvalue()


def test_hours_of_readings_and_the_truth_are_in_the_folder(tmp_path: Path) -> None:
    status, told = simulate(tmp_path / "out", write_plant(tmp_path))
    assert status == 0, told
    with (tmp_path / "out" / "tags.csv").open(encoding="utf-8") as file:
        tags = list(csv.DictReader(file))
    parts = [np.load(path) for path in sorted((tmp_path / "out").glob("values-*.npz"))]
    assert [part["value"].shape for part in parts] == [(120, len(tags))] * 2
    times = np.concatenate([part["time_ns"] for part in parts])
    assert (np.diff(times) == 30 * 10**9).all()
    states = next(row for row in tags if row["tag"] == "tiny/a/weaving/lm1:state")
    assert states["texts"].split("|")[2] == "Execute"
    assert (tmp_path / "out" / "truth" / "truth-virtual.jsonl").stat().st_size > 0


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    plant = write_plant(tmp_path)
    scenario = tmp_path / "night.yaml"
    scenario.write_text('- {at: "+5m", fault: trip, equipment: tiny/a/weaving/lm1, for: 10m}\n')
    for name in ("one", "two"):
        status, told = simulate(tmp_path / name, plant, "--scenario", str(scenario))
        assert status == 0, told
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) == 4
    for file in files:
        if file.suffix == ".npz":  # a zip bears the time at which it was packed
            one, two = (np.load(tmp_path / name / file) for name in ("one", "two"))
            assert all(one[key].tobytes() == two[key].tobytes() for key in one.files)
        else:
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--every", "0.7s"], "multiple of the plant's step"),
        (["--begin", "2026-09-24"], "offset"),
        (["--scenario", "nowhere.yaml"], "nowhere.yaml"),
        (["--for", "long"], "long"),
    ],
)
def test_what_does_not_hold_is_told(tmp_path: Path, more: list[str], told: str) -> None:
    status, text = simulate(tmp_path / "out", write_plant(tmp_path), *more)
    assert status == 2
    assert told in text


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    status, text = simulate(tmp_path / "out", write_plant(tmp_path))
    assert status == 2
    assert "nothing is written over" in text
