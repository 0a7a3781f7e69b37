"""The AI4I 2020 benchmark: failures of a milling machine, by mode, in cross-validation (Matzka 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold

from maintenance.errors import DataSetError
from maintenance.failure_modes import any_mode, fit_failure_modes
from maintenance.histories import F64, Bools

FOLDS = 5
MODES = ("TWF", "HDF", "PWF", "OSF")
TARGET = "Machine failure"
MOST_COLUMNS = 3
COLUMNS = (
    "quality", "air", "process", "speed", "torque", "wear", "process over air", "power", "torque times wear"
)  # fmt: skip
_QUALITIES = {"L": 0.0, "M": 1.0, "H": 2.0}
_AIR, _PROCESS = "Air temperature [K]", "Process temperature [K]"
_SPEED, _TORQUE, _WEAR = "Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]"


@dataclass(frozen=True)
class Outcome:
    """Average precision for any failure and for each mode, over held-out rows; and the columns that speak
    most for each mode where it truly came, with their shares of what speaks."""

    rows: int
    failures: int
    average_precision: float
    by_mode: dict[str, float]
    speaks: dict[str, list[tuple[str, float]]]


def run(directory: Path, *, seed: int) -> Outcome:
    """Cross-validate."""
    data = _read(directory)
    table, modes = _table(data), data[list(MODES)].to_numpy(np.float64) > 0.5
    failed = data[TARGET].to_numpy(np.float64) > 0.5
    told, parts = _held_out(table, modes, failed, seed=seed)
    return Outcome(
        rows=len(data),
        failures=int(failed.sum()),
        average_precision=float(average_precision_score(failed, any_mode(told))),
        by_mode={
            name: float(average_precision_score(modes[:, place], told[:, place]))
            for place, name in enumerate(MODES)
        },
        speaks={name: _speaks(parts[modes[:, place], place]) for place, name in enumerate(MODES)},
    )


def lines(outcome: Outcome) -> Iterator[str]:
    """The result as text, one fact a line."""
    yield f"{outcome.failures} failures in {outcome.rows} rows, {FOLDS} folds"
    yield f"average precision {outcome.average_precision:.3f}"
    yield "by mode: " + ", ".join(f"{name} {value:.3f}" for name, value in outcome.by_mode.items())
    for name, columns in outcome.speaks.items():
        told = ", ".join(f"{column} {share:.0%}" for column, share in columns)
        yield f"{name} where it came, by TreeSHAP: {told}"


def _held_out(table: F64, modes: Bools, failed: Bools, *, seed: int) -> tuple[F64, F64]:
    told, parts = np.empty(modes.shape), np.empty((*modes.shape, table.shape[1] + 1))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(table, failed):
        fitted = fit_failure_modes(table[train], modes[train], MODES, seed=seed)
        told[test] = fitted.probabilities(table[test])
        parts[test] = fitted.contributions(table[test])
    return told, parts


def _speaks(parts: F64) -> list[tuple[str, float]]:
    """The columns that add most to a mode in rows [n, p + 1], with their shares of all that adds."""
    adds = np.clip(parts[:, :-1], 0.0, None).mean(axis=0)
    order = np.argsort(-adds, kind="stable")[:MOST_COLUMNS].tolist()
    return [(COLUMNS[place], float(adds[place] / adds.sum())) for place in order]


def _table(data: pd.DataFrame) -> F64:
    """[n, 9] what is measured, and what fails a spindle: heat that stays, power, strain."""
    air, process, speed, torque, wear = (
        data[name].to_numpy(np.float64) for name in (_AIR, _PROCESS, _SPEED, _TORQUE, _WEAR)
    )
    quality = data["Type"].map(_QUALITIES).to_numpy(np.float64)
    power_w = torque * speed * 2.0 * np.pi / 60.0
    return np.column_stack(
        [quality, air, process, speed, torque, wear, process - air, power_w, torque * wear]
    )


def _read(directory: Path) -> pd.DataFrame:
    names = ("ai4i2020.csv", "ai4i2020.csv.gz")
    path = next((directory / name for name in names if (directory / name).is_file()), None)
    if path is None:
        raise DataSetError(f"neither {names[0]} nor {names[1]} in {directory}; give the folder that holds it")
    try:
        data = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DataSetError(f"{path} cannot be read: {error}") from error
    needed = ("Type", _AIR, _PROCESS, _SPEED, _TORQUE, _WEAR, TARGET, *MODES)
    if missing := [name for name in needed if name not in data]:
        raise DataSetError(f"{path}: no column {missing[0]!r}; it is not AI4I 2020")
    return data
