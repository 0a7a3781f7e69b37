"""The FEMTO bearings (PRONOSTIA, IEEE PHM 2012 challenge): six run to failure, eleven cut short are forecast.

Six lives are few, so that little is fitted: how the life left compares with the age, by how much louder, more
peaked and more impulsive a bearing has become since its own first minutes (ridge regression of logarithms).
What that is worth is said by bearings left out in turn, and the intervals are made of their errors; they are
wide, as there is little to go by.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from maintenance.errors import DataSetError
from maintenance.forecast import LEVELS
from maintenance.histories import F64, I64

SNAPSHOT_S = 10.0
FIRST_SNAPSHOTS = 60
"""A bearing's own level is that of its first ten minutes."""
SMOOTHED_SNAPSHOTS = 30
STATISTICS = ("rms", "peak", "kurt")
LEARNED = (0.3, 0.98)
"""Shares of a life between which is learned and scored: the challenge cuts bearings late, and a failure is no
forecast."""
EVERY_SNAPSHOTS = 5
RIDGE = 1.0
"""Weight of the penalty against one standardised column; strong, as there are six bearings."""
COLUMNS = ("bearing", "rul_s", "p05", "p10", "p50", "p90", "p95", "status")


@dataclass(frozen=True)
class Bearing:
    """A bearing: its statistics [n, 3] over its own first level, in logarithms, its age [n] and, if it ran to
    failure, the life left [n], both in seconds."""

    name: str
    grown: F64
    age: F64
    left: F64 | None


@dataclass(frozen=True)
class Ratio:
    """Logarithm of life left over age, as a linear function of what has grown [3]."""

    weights: F64
    centre: F64
    level: float

    def logarithm(self, bearing: Bearing) -> F64:
        """[n] logarithm of the median life left [s]."""
        result: F64 = np.log(bearing.age) + self.level + (bearing.grown - self.centre) @ self.weights
        return result


@dataclass(frozen=True)
class Outcome:
    """Forecasts [b, 5] of the bearings cut short, at the levels of every forecast, and how bearings left out
    in turn were forecast.

    Args:
        factor: median of how many times too long or too short a forecast was.
        factor_by_age: the same if only the age is used, and nothing that is measured.
        coverage: of the 90 % interval.
        score: of the challenge (1 = every forecast exact).
    """

    names: tuple[str, ...]
    quantiles: F64
    learned: int
    factor: float
    factor_by_age: float
    coverage: float
    score: float


def run(directory: Path) -> Outcome:
    """Learn from the bearings run to failure, leave each out in turn, forecast those cut short."""
    learned = _bearings(directory, "learning.csv", ends=True)
    cut = _bearings(directory, "test_truncated.csv", ends=False)
    by_age = [_silent(one) for one in learned]
    covered, scores = [], []
    for place, one in enumerate(learned):
        rows = _rows(one)
        told = _forecast(learned[:place] + learned[place + 1 :], one)[rows]
        left = _left(one)[rows]
        covered.append(float(np.mean((told[:, 0] <= left) & (left <= told[:, -1]))))
        scores.append(float(np.mean(challenge_score(told[:, 2], left))))
    return Outcome(
        names=tuple(one.name for one in cut),
        quantiles=np.array([_forecast(learned, one)[-1] for one in cut]),
        learned=len(learned),
        factor=_factor(_left_out(learned)),
        factor_by_age=_factor(_left_out(by_age)),
        coverage=float(np.mean(covered)),
        score=float(np.mean(scores)),
    )


def _forecast(learned: list[Bearing], bearing: Bearing) -> F64:
    """[n, 5] quantiles of the life left [s]: the ratio that was learned, and the errors of those left out."""
    grid = np.linspace(0.0, 1.0, 201)
    errors = np.concatenate([np.quantile(error, grid) for error in _left_out(learned)])  # each counts as one
    result: F64 = np.exp(_fit(learned).logarithm(bearing)[:, None] + np.quantile(errors, LEVELS))
    return result


def _left_out(learned: list[Bearing]) -> list[F64]:
    """Errors of each bearing, in logarithms, when the others forecast it."""
    errors = []
    for place, one in enumerate(learned):
        rows, ratio = _rows(one), _fit(learned[:place] + learned[place + 1 :])
        errors.append(np.log(_left(one)[rows]) - ratio.logarithm(one)[rows])
    return errors


def _fit(bearings: list[Bearing]) -> Ratio:
    grown, ratio, weight = [], [], []
    for one in bearings:
        rows = _rows(one)
        grown.append(one.grown[rows])
        ratio.append(np.log(_left(one)[rows] / one.age[rows]))
        weight.append(np.full(len(rows), 1.0 / len(rows) / len(bearings)))  # every bearing counts as one
    table, target, counts = np.vstack(grown), np.concatenate(ratio), np.concatenate(weight)
    centre = counts @ table
    level = float(counts @ target)
    scale = np.maximum(np.sqrt(counts @ (table - centre) ** 2), 1e-9)
    z = (table - centre) / scale
    square = (z * counts[:, None]).T @ z + RIDGE * np.eye(z.shape[1])
    solved = np.linalg.solve(square, (z * counts[:, None]).T @ (target - level))
    return Ratio(solved / scale, centre, level)


def challenge_score(forecast: F64, left: F64) -> F64:
    """[n] score of the IEEE PHM 2012 challenge: halved by 5 % too long, and by 20 % too short.

    >>> challenge_score(np.array([105.0, 80.0, 100.0]), np.array([100.0, 100.0, 100.0])).round(2).tolist()
    [0.5, 0.5, 1.0]
    """
    error = 100.0 * (left - forecast) / left
    result: F64 = 0.5 ** np.where(error <= 0.0, -error / 5.0, error / 20.0)
    return result


def lines(outcome: Outcome) -> Iterator[str]:
    """The result as text, one fact a line."""
    yield (
        f"{outcome.learned} bearings run to failure, each left out in turn and forecast from "
        f"{LEARNED[0]:.0%} to {LEARNED[1]:.0%} of its life:"
    )
    yield (
        f"  wrong by a factor of {outcome.factor:.2f} in the median (by age alone "
        f"{outcome.factor_by_age:.2f}); score of the challenge {outcome.score:.3f}"
    )
    yield f"  90 % interval: coverage {outcome.coverage:.1%}"
    yield "bearings cut short, no truth given, forecast blind:"
    for name, row in zip(outcome.names, outcome.quantiles, strict=True):
        yield f"  {name}: {row[2]:.0f} s ({row[0]:.0f} to {row[-1]:.0f})"
    yield "indicative only: six lives are too few to narrow that down"


def write(path: Path, outcome: Outcome) -> None:
    """Write a line a bearing cut short: median, quantiles, and that they are indicative."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for name, row in zip(outcome.names, outcome.quantiles, strict=True):
                writer.writerow((name, f"{row[2]:.1f}", *(f"{one:.1f}" for one in row), "indicative"))
    except OSError as error:
        raise DataSetError(f"{path} cannot be written: {error.strerror}; choose another --out") from error


def _bearings(directory: Path, name: str, *, ends: bool) -> list[Bearing]:
    path = next((one for one in (directory / name, directory / f"{name}.gz") if one.exists()), None)
    if path is None:
        raise DataSetError(f"no {name}, plain or .gz, in {directory}; give the folder of the FEMTO bearings")
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path} cannot be read: {error}") from error
    wanted = ["bearing", *(f"{one}_{axis}" for one in STATISTICS for axis in "hv"), *(["rul_s"] * ends)]
    if missing := [one for one in wanted if one not in table]:
        raise DataSetError(f"{path}: no column {missing[0]!r}; it is not a file of the FEMTO bearings")
    found = [_bearing(str(one), rows, ends=ends) for one, rows in table.groupby("bearing", sort=True)]
    if short := [one.name for one in found if len(one.age) <= FIRST_SNAPSHOTS]:
        raise DataSetError(f"{path}: {short[0]} has no more than {FIRST_SNAPSHOTS} snapshots")
    return found


def _bearing(name: str, table: pd.DataFrame, *, ends: bool) -> Bearing:
    grown = []
    for one in STATISTICS:
        axes = []
        for axis in "hv":
            logarithm = np.log(table[f"{one}_{axis}"].clip(lower=1e-6))
            smoothed = logarithm.rolling(SMOOTHED_SNAPSHOTS, min_periods=1).median().to_numpy(np.float64)
            axes.append(smoothed - float(logarithm.iloc[:FIRST_SNAPSHOTS].median()))
        grown.append(np.maximum(axes[0], axes[1]))
    return Bearing(
        name=name,
        grown=np.column_stack(grown),
        age=np.arange(1, len(table) + 1, dtype=np.float64) * SNAPSHOT_S,
        # the last snapshot is the one in which it failed
        left=table["rul_s"].to_numpy(np.float64) + SNAPSHOT_S if ends else None,
    )


def _silent(bearing: Bearing) -> Bearing:
    return Bearing(bearing.name, np.zeros_like(bearing.grown), bearing.age, bearing.left)


def _left(bearing: Bearing) -> F64:
    assert bearing.left is not None, "only bearings that ran to failure are learned from"
    return bearing.left


def _rows(bearing: Bearing) -> I64:
    begin, end = (int(share * len(bearing.age)) for share in LEARNED)
    return np.arange(begin, end, EVERY_SNAPSHOTS)


def _factor(errors: Sequence[F64]) -> float:
    return float(np.exp(np.median(np.concatenate([np.abs(error) for error in errors]))))
