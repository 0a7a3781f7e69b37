"""Bearings as FEMTO has them: what is read, what is refused, and that only growth counts, not the level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maintenance.benchmarks import femto
from maintenance.errors import DataSetError

LIVES = {"A": 300, "B": 420, "C": 500, "D": 360}


def _table(lives: dict[str, int], *, until: float, louder: float = 1.0) -> pd.DataFrame:
    """Bearings whose vibration grows a hundredfold, evenly in its logarithm, over their lives [snapshots]."""
    parts = []
    for name, snapshots in lives.items():
        at = np.arange(int(until * snapshots))
        grown = 100.0 ** (at / snapshots) * louder
        parts.append(
            pd.DataFrame(
                {"bearing": name, "i": at, "rul_s": (snapshots - 1 - at) * femto.SNAPSHOT_S}
                | {f"{one}_{axis}": grown for one in femto.STATISTICS for axis in "hv"}
            )
        )
    return pd.concat(parts)


def _folder(path: Path, test: pd.DataFrame) -> Path:
    path.mkdir()
    _table(LIVES, until=1.0).to_csv(path / "learning.csv", index=False)
    test.drop(columns="rul_s").to_csv(path / "test_truncated.csv.gz", index=False)
    return path


def test_how_far_a_bearing_is_shows_in_how_much_louder_it_has_become_and_not_in_how_loud_it_is(
    tmp_path: Path,
) -> None:
    told = femto.run(_folder(tmp_path / "a", _table({"E": 400}, until=0.8)))
    louder = femto.run(_folder(tmp_path / "b", _table({"E": 400}, until=0.8, louder=7.0)))
    early = femto.run(_folder(tmp_path / "c", _table({"E": 400}, until=0.4)))
    assert told.factor < 0.8 * told.factor_by_age
    assert np.allclose(told.quantiles, louder.quantiles)
    assert told.quantiles[0, 0] < 0.2 * 400 * femto.SNAPSHOT_S < told.quantiles[0, -1]
    assert early.quantiles[0, 2] > told.quantiles[0, 2]


def test_what_is_written_has_a_line_for_every_bearing_cut_short(tmp_path: Path) -> None:
    outcome = femto.run(_folder(tmp_path / "a", _table({"E": 400, "F": 200}, until=0.7)))
    femto.write(tmp_path / "out.csv", outcome)
    rows = pd.read_csv(tmp_path / "out.csv")
    assert tuple(rows.columns) == femto.COLUMNS
    assert rows["bearing"].tolist() == ["E", "F"]
    assert np.allclose(rows["rul_s"], outcome.quantiles[:, 2], atol=0.1)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda table: table.drop(columns="kurt_v"), "no column 'kurt_v'"),
        (lambda table: table[:60], "E has no more than 60 snapshots"),
    ],
)
def test_a_file_that_is_none_of_them_is_named(tmp_path: Path, damage: object, complaint: str) -> None:
    assert callable(damage)
    folder = _folder(tmp_path / "a", damage(_table({"E": 400}, until=0.8)))
    with pytest.raises(DataSetError, match=complaint):
        femto.run(folder)
    with pytest.raises(DataSetError, match=r"no learning\.csv"):
        femto.run(tmp_path)
