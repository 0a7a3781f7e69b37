"""Lives on a bench: the law's own, to the end, the same every time, and the truth kept apart."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from sim.kinds import machine_kinds
from sim.lives.__main__ import main, write_lives
from sim.lives.drawn import draw_lives
from sim.lives.forecastable import forecastable
from sim.truth.hourly import RUNNING_DOWN


def test_each_unit_fails_in_its_mode_and_no_other_comes_first() -> None:
    modes, _ = forecastable(machine_kinds()["screw_compressor"], 8.0)
    lives = draw_lives(modes, 50, np.random.default_rng(1), shortest_h=400.0)
    columns = np.arange(50)
    end = lives.severity(lives.end_h)
    assert np.allclose(end[lives.target, columns], 1.0)
    others = end.copy()
    others[lives.target, columns] = 0.0
    assert (others < 1.0).all()
    assert np.bincount(lives.target).tolist() == [10] * 5
    assert (lives.end_h >= 400.0).all()
    onset = lives.onset_h()
    assert np.allclose(lives.severity(onset)[lives.target, columns], RUNNING_DOWN, atol=0.02)
    assert (lives.severity(onset * 0.98)[lives.target, columns] <= RUNNING_DOWN).all()


def test_what_cannot_be_forecast_is_left_out_with_the_reason() -> None:
    modes, left = forecastable(machine_kinds()["cnc_machine"], 8.0)
    assert {mode.name for mode in modes} >= {"spindle_bearing", "ball_screw_wear"}
    assert left.keys() == {"tool_chipping"}
    assert "3 h before" in left["tool_chipping"]
    assert forecastable(machine_kinds()["feeder"], 8.0)[1]["feeder_trip"].startswith("a disturbance")


def test_files_are_the_same_for_a_seed_and_hold_no_truth(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_lives(tmp_path / name, kinds=["evaporative_condenser"], units=4, seed=3, window_h=72.0)
    with (
        np.load(tmp_path / "a" / "evaporative_condenser.npz") as one,
        np.load(tmp_path / "b" / "evaporative_condenser.npz") as other,
    ):
        assert set(one.files) == {"signals", "unit", "hour", "value"}
        assert all(np.array_equal(one[name], other[name]) for name in one.files)
        kind = machine_kinds()["evaporative_condenser"]
        assert set(one["signals"]) <= {signal.name for signal in kind.signals}
        last = [one["hour"][one["unit"] == unit].max() for unit in range(4)]
    with (tmp_path / "a" / "truth" / "evaporative_condenser.csv").open() as file:
        truth = list(csv.DictReader(file))
    # a machine is off the bench once it has failed, and was seen until less than a window before
    assert all(
        float(row["end_h"]) - 72.0 <= hour < float(row["end_h"])
        for row, hour in zip(truth, last, strict=True)
    )
    assert all(0 < float(row["onset_h"]) < float(row["end_h"]) for row in truth)


@pytest.mark.parametrize("kinds", ["no_such_kind", "agv,no_such_kind", "compressor"])
def test_kinds_that_cannot_be_are_refused(tmp_path: Path, kinds: str) -> None:
    class Said:
        text = ""

        def write(self, text: str) -> int:
            self.text += text
            return len(text)

    said = Said()
    arguments = [str(tmp_path / "x"), "--kinds", kinds, "--units", "2", "--seed", "1", "--window-h", "500"]
    assert main(arguments, said) == 2  # type: ignore[arg-type]
    assert "kind" in said.text
