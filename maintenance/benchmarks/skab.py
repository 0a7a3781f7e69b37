"""The SKAB benchmark: 34 experiments on a pump test bench, each trained on its own first 400 rows.

The margin of the threshold comes from the long healthy run that the set has beside the experiments. Labels
are used to score only; rows of training are not scored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from maintenance.detectors.smoothed_mahalanobis import fit_smoothed_mahalanobis, margin_for
from maintenance.errors import DataSetError
from maintenance.histories import F64, Bools

TRAINING_ROWS = 400
STRETCH_ROWS = 1150
ALLOWED_FALSE_ALARMS = 0.25
FOLDERS = ("valve1", "valve2", "other")
SIGNALS = (
    "Accelerometer1RMS",
    "Accelerometer2RMS",
    "Current",
    "Pressure",
    "Temperature",
    "Thermocouple",
    "Voltage",
    "Volume Flow RateRMS",
)


@dataclass(frozen=True)
class Outcome:
    """F1 over all rows, false-alarm and missed-alarm rate, and the margin that healthy work gave."""

    experiments: int
    f1: float
    false_alarms: float
    missed: float
    margin: float


def run(directory: Path) -> Outcome:
    """Fit and score every experiment."""
    healthy = _signals(_read(_one(directory, "anomaly-free")))
    margin = margin_for(
        healthy, training_rows=TRAINING_ROWS, rows=STRETCH_ROWS, false_alarms=ALLOWED_FALSE_ALARMS
    )
    called: list[Bools] = []
    true: list[Bools] = []
    for path in (path for folder in FOLDERS for path in _all(directory, folder)):
        table = _read(path)
        signals = _signals(table)
        detector = fit_smoothed_mahalanobis(signals[:TRAINING_ROWS], margin=margin)
        called.append(detector.score(signals)[TRAINING_ROWS:] > 1.0)
        true.append(table["anomaly"].to_numpy(np.float64)[TRAINING_ROWS:] > 0.5)
    alarm, ill = np.concatenate(called), np.concatenate(true)
    hits = int(np.sum(alarm & ill))
    return Outcome(
        experiments=len(called),
        f1=2 * hits / (alarm.sum() + ill.sum()),
        false_alarms=float(alarm[~ill].mean()),
        missed=float(1.0 - alarm[ill].mean()),
        margin=margin,
    )


def lines(outcome: Outcome) -> Iterator[str]:
    """The result as text, one fact a line."""
    yield (
        f"{outcome.experiments} experiments, each trained on its first {TRAINING_ROWS} rows scored on "
        f"the rest; threshold {outcome.margin:.2f} greatest distances of training"
    )
    yield (
        f"F1 {outcome.f1:.3f}, false-alarm rate {outcome.false_alarms:.1%}, "
        f"missed-alarm rate {outcome.missed:.1%}"
    )


def _all(directory: Path, folder: str) -> list[Path]:
    found = sorted((directory / folder).glob("*.csv")) + sorted((directory / folder).glob("*.csv.gz"))
    if not found:
        raise DataSetError(f"no CSV in {directory / folder}; give the folder that holds {', '.join(FOLDERS)}")
    return found


def _one(directory: Path, folder: str) -> Path:
    return _all(directory, folder)[0]


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, sep=";")
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path} cannot be read: {error}") from error
    if missing := [name for name in SIGNALS if name not in table]:
        raise DataSetError(f"{path}: no column {missing[0]!r}; it is not a file of SKAB")
    return table


def _signals(table: pd.DataFrame) -> F64:
    return table[list(SIGNALS)].to_numpy(np.float64)
