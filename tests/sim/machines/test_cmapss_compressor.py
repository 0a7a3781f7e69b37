from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sim.errors import ReplayDataError
from sim.kind import EXECUTE, F64, STOPPED, Site
from sim.machines.cmapss_compressor import (
    DATA,
    KIND,
    MEASURED,
    CmapssCompressorFleet,
    CmapssParameters,
    load_engines,
)
from tests.sim.fleet_rig import FleetRig

NAMES = [signal.name for signal in MEASURED]


class Rig(FleetRig):
    """Compressors of chosen parameters."""

    def __init__(self, *parameters: CmapssParameters) -> None:
        super().__init__(KIND, len(parameters))
        self.fleet = CmapssCompressorFleet(parameters, Site(7.0, tuple("abcdef"[: len(parameters)]), (1,)))

    def read(self, dt_s: float) -> dict[str, F64]:
        return dict(self.step(dt_s))


def test_one_engine_is_shown_number_by_number_to_its_end() -> None:
    with gzip.open(DATA, "rt") as lines:
        recorded = [line.split() for line in lines if line.startswith("7 ")]
    rig = Rig(CmapssParameters(first_unit=7))
    shown = [rig.read(0.0)] + [rig.read(2.0) for _ in recorded[1:]]
    for read, row in zip(shown, recorded, strict=True):
        assert [read[name][0] for name in NAMES] == [float(text) for text in row[2:]]
        assert (read["cycle"][0], read["engine"][0]) == (float(row[1]), 7.0)
        assert read["state"][0] == EXECUTE


def test_after_the_last_cycle_it_stands_and_then_the_next_engine_starts() -> None:
    rig = Rig(CmapssParameters(first_unit=24, overhaul_s=20.0))
    last = load_engines()[23]
    stopped = rig.read(2.0 * len(last))
    assert stopped["state"][0] == STOPPED
    assert stopped["active_kw"][0] == 0.0
    assert [stopped[name][0] for name in NAMES] == last[-1].tolist()
    fresh = rig.read(20.0)
    assert fresh["state"][0] == EXECUTE
    assert (fresh["cycle"][0], fresh["engine"][0]) == (1.0, 1.0)


def test_units_are_independent_of_each_other() -> None:
    parameters = [CmapssParameters(first_unit=1, start_at=0.5), CmapssParameters(first_unit=3, cycle_s=5.0)]
    both, alone = Rig(*parameters), [Rig(one) for one in parameters]
    for _ in range(300):
        together, single = both.read(3.0), [rig.read(3.0) for rig in alone]
        for name, value in together.items():
            assert value.tolist() == [one[name][0] for one in single]


def test_it_can_start_in_the_middle_of_a_life() -> None:
    read = Rig(CmapssParameters(first_unit=1, start_at=0.5, cycle_s=3600.0)).read(0.0)
    assert read["cycle"][0] == 192 // 2 + 1
    assert read["rul_h"][0] == 192 // 2


def test_without_electricity_it_stands_and_does_not_age() -> None:
    rig = Rig(CmapssParameters())
    rig.read(10.0)
    rig.powered = np.array([False])
    dark = rig.read(600.0)
    assert (dark["state"][0], dark["active_kw"][0]) == (STOPPED, 0.0)
    rig.powered = np.array([True])
    assert rig.read(0.0)["cycle"][0] == 6


def test_a_long_step_ends_where_short_ones_do() -> None:
    short, long = Rig(CmapssParameters(first_unit=20)), Rig(CmapssParameters(first_unit=20))
    for _ in range(5000):
        end = short.read(1.0)
    assert {name: value.tolist() for name, value in long.read(5000.0).items()} == {
        name: value.tolist() for name, value in end.items()
    }


@pytest.mark.parametrize("wrong", [{"cycle_s": 0.0}, {"start_at": 1.0}, {"first_unit": 25}])
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"cycle_s|first_unit"):
        msgspec.convert(wrong, CmapssParameters)


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
