from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest

from sim.errors import ReplayDataError
from sim.kind import F64, Site
from sim.machines.femto_spindle import (
    BEARINGS,
    FEATURES,
    FILE,
    KIND,
    FemtoSpindleFleet,
    FemtoSpindleParameters,
    modelled,
    recorded,
)
from tests.sim.fleet_rig import FleetRig

PUBLISHED = Path(__file__).parents[4] / "shared" / "data" / FILE


def a_data_folder(folder: Path) -> Path:
    """A folder like the published one, with three snapshots a bearing of numbers that tell where they are
    from."""
    rows = ["bearing,i,rul_s," + ",".join(FEATURES)]
    for number, bearing in enumerate(BEARINGS):
        for snapshot in range(3):
            values = [f"{number + snapshot / 10 + feature / 100}" for feature in range(len(FEATURES))]
            rows.append(f"{bearing},{snapshot},{20 - 10 * snapshot}," + ",".join(values))
    path = folder / FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return folder


class Rig(FleetRig):
    """Spindles of chosen parameters, held while they are not ready, as the simulation does."""

    def __init__(self, *parameters: FemtoSpindleParameters) -> None:
        super().__init__(KIND, len(parameters))
        self.fleet = FemtoSpindleFleet(parameters, Site(7.0, tuple("abcdef"[: len(parameters)]), (1,)))

    def read(self, dt_s: float) -> dict[str, F64]:
        read = dict(self.step(dt_s))
        self.running = read["ready"] > 0
        return read


def test_snapshots_are_shown_number_by_number_and_then_the_next_bearing(tmp_path: Path) -> None:
    folder = str(a_data_folder(tmp_path))
    rig = Rig(FemtoSpindleParameters(bearing="Bearing2_2", data=folder, change_s=30.0))
    for snapshot in range(3):
        read = rig.read(10.0 if snapshot else 0.0)
        assert read["replay"][0] == 1.0
        expected = [3 + snapshot / 10 + feature / 100 for feature in range(len(FEATURES))]
        assert [float(read[name][0]) for name in FEATURES] == pytest.approx(expected, abs=1e-12)
        assert read["rul_h"][0] * 3600 == pytest.approx(30 - 10 * snapshot)
        assert (read["bearing"][0], read["speed"][0], read["radial_load"][0]) == (4.0, 1650.0, 4200.0)
    standing = rig.read(10.0)
    assert (standing["ready"][0], standing["rms_h"][0], standing["rul_h"][0]) == (0.0, 0.0, 0.0)
    assert [rig.read(10.0)["ready"][0] for _ in range(3)] == [0.0, 0.0, 1.0]
    fresh = rig.read(0.0)
    assert (fresh["bearing"][0], fresh["rms_h"][0], fresh["speed"][0]) == (5.0, 4.0, 1500.0)


def test_without_the_data_it_says_so_and_shows_the_model(tmp_path: Path) -> None:
    for data in ("", str(tmp_path)):
        rig = Rig(FemtoSpindleParameters(data=data))
        read = rig.read(0.0)
        assert read["replay"][0] == 0.0
        life = modelled(Site(7.0, ("a",), (1,)).rng())[0]
        assert [read[name][0] for name in FEATURES] == life[0].tolist()


def test_modelled_lives_begin_quiet_and_end_loud() -> None:
    for life in modelled(np.random.default_rng(3)):
        rms = life[:, 0]
        assert np.median(rms[50:200]) < 0.7
        assert rms[-5:].mean() > 1.8
        assert 2.7 < np.median(life[: len(life) // 2, 2]) < 3.3
        assert np.isfinite(life).all()
        assert life.min() > 0


def test_a_stopped_spindle_does_not_age() -> None:
    rig = Rig(FemtoSpindleParameters())
    rig.read(0.0)
    before = rig.read(40.0)["snapshot"][0]
    rig.running = np.array([False])
    assert rig.read(5000.0)["snapshot"][0] == before


@pytest.mark.shared_data
@pytest.mark.skipif(not PUBLISHED.is_file(), reason="needs the published data sets beside the checkout")
def test_the_published_set_is_read_whole() -> None:
    assert [len(life) for life in recorded(PUBLISHED)] == [2803, 871, 911, 797, 515, 1637]
    ranges = {signal.name: (signal.low, signal.high) for signal in KIND.signals}
    for life in recorded(PUBLISHED):
        for name, values in zip(FEATURES, life.T, strict=True):
            assert ranges[name][0] <= values.min() <= values.max() <= ranges[name][1], name


@pytest.mark.parametrize("wrong", [{"bearing": "Bearing9_9"}, {"snapshot_s": 0.0}, {"start_at": 1.0}])
def test_impossible_parameters_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"bearing|snapshot_s"):
        msgspec.convert(wrong, FemtoSpindleParameters)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "learning.csv.gz"
    path.write_bytes(gzip.compress(b"bearing,i,rul_s\nBearing1_1,0,10,0.5\n"))
    with pytest.raises(ReplayDataError, match="restore the file"):
        recorded(path)
