from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from sim.errors import ReplayDataError
from sim.machine import Columns
from sim.machines.cmapss_compressor import (
    DATA,
    MEASURED,
    CmapssCompressor,
    CmapssParameters,
    load_engines,
)

RNG = np.random.default_rng(0)
NONE = np.zeros(0)
STATE = len(MEASURED) + 2


def step(machine: CmapssCompressor, dt_s: float) -> Columns:
    return machine.step(0, dt_s, RNG, NONE)


def test_one_engine_is_shown_number_by_number_to_its_end() -> None:
    with gzip.open(DATA, "rt") as lines:
        recorded = [line.split() for line in lines if line.startswith("7 ")]
    machine = CmapssCompressor(CmapssParameters(first_unit=7))
    shown = [step(machine, 0.0)] + [step(machine, 2.0) for _ in recorded[1:]]
    for columns, row in zip(shown, recorded, strict=True):
        assert columns.value[:24].tolist() == [float(text) for text in row[2:]]
        assert columns.value[24:26].tolist() == [float(row[1]), 7.0]
        assert columns.text[STATE] == "Execute"


def test_after_the_last_cycle_it_stands_and_then_the_next_engine_starts() -> None:
    machine = CmapssCompressor(CmapssParameters(first_unit=24, overhaul_s=20.0))
    last = load_engines()[23]
    stopped = step(machine, 2.0 * len(last))
    assert stopped.text[STATE] == "Stopped"
    assert stopped.value[:24].tolist() == last[-1].tolist()
    fresh = step(machine, 20.0)
    assert fresh.text[STATE] == "Execute"
    assert fresh.value[24:26].tolist() == [1.0, 1.0]


def test_it_can_start_in_the_middle_of_a_life() -> None:
    machine = CmapssCompressor(CmapssParameters(first_unit=1, start_at=0.5))
    assert step(machine, 0.0).value[24] == 192 // 2 + 1


@pytest.mark.parametrize("wrong", [{"cycle_s": 0.0}, {"start_at": 1.0}, {"first_unit": 25}])
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"cycle_s|first_unit"):
        CmapssParameters(**wrong)  # type: ignore[arg-type]


def test_a_missing_data_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayDataError, match="restore the file"):
        load_engines(tmp_path / "nothing.gz")


def test_a_file_of_other_columns_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.gz"
    path.write_bytes(gzip.compress(b"1 1 2.0\n1 2 2.5\n"))
    with pytest.raises(ReplayDataError, match="26 columns"):
        load_engines(path)


def test_a_gap_in_the_cycles_is_told(tmp_path: Path) -> None:
    path = tmp_path / "gap.gz"
    row = " 0" * 24
    path.write_bytes(gzip.compress(f"1 1{row}\n1 3{row}\n".encode()))
    with pytest.raises(ReplayDataError, match="unit 1"):
        load_engines(path)
