"""The C-MAPSS turbofan data sets as their authors released them (Saxena et al., PHM 2008).

A line is: unit, cycle, three operational settings, twenty-one sensors, blank-separated. ``train_FD00x`` runs
every unit until it fails, ``test_FD00x`` stops some time before, ``RUL_FD00x`` has the cycles that were left.
"""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maintenance.errors import DataSetError
from maintenance.histories import F64, Histories, histories

SUBSETS = ("FD001", "FD002", "FD003", "FD004")
SETTING_NAMES = ("altitude", "mach", "throttle")
# Saxena et al. 2008, table 2, in the order of the columns
SENSOR_NAMES = (
    "T2", "T24", "T30", "T50", "P2", "P15", "P30", "Nf", "Nc", "epr", "Ps30",
    "phi", "NRf", "NRc", "BPR", "farB", "htBleed", "Nf_dmd", "PCNfR_dmd", "W31", "W32",
)  # fmt: skip
COLUMNS = 2 + len(SETTING_NAMES) + len(SENSOR_NAMES)


@dataclass(frozen=True)
class Subset:
    """One of the four sets.

    Args:
        name: FD001 ... FD004.
        train: machines run to failure.
        test: machines stopped before.
        truth: [units of test] cycles that were left; None where it is not given.
    """

    name: str
    train: Histories
    test: Histories
    truth: F64 | None


def read_subset(directory: Path, name: str) -> Subset:
    """Read a subset; raises DataSetError if a file is missing or is not what its name says."""
    if name not in SUBSETS:
        raise DataSetError(f"no subset {name!r} in C-MAPSS; there are {', '.join(SUBSETS)}")
    train = read_histories(_find(directory, f"train_{name}.txt"))
    test = read_histories(_find(directory, f"test_{name}.txt"))
    truth_path = _find_any(directory, f"RUL_{name}.txt")
    truth = None if truth_path is None else _table(truth_path)[:, 0]
    if truth is not None and len(truth) != len(test.units):
        raise DataSetError(
            f"{truth_path}: {len(truth)} remaining lives for {len(test.units)} units of test_{name}; "
            "one line a unit"
        )
    return Subset(name=name, train=train, test=test, truth=truth)


def read_histories(path: Path) -> Histories:
    """Read a file of 26 columns, plain or ``.gz``."""
    table = _table(path)
    if table.shape[1] != COLUMNS:
        raise DataSetError(
            f"{path}: {table.shape[1]} columns; a C-MAPSS file has {COLUMNS}: unit, cycle, "
            f"{len(SETTING_NAMES)} settings, {len(SENSOR_NAMES)} sensors"
        )
    if not np.all(np.isfinite(table[:, 0])):
        row = int(np.flatnonzero(~np.isfinite(table[:, 0]))[0])
        raise DataSetError(f"{path}: line {row + 1} names no unit; every line begins with its unit")
    return histories(
        table[:, 0].astype(np.int64),
        table[:, 1],
        table[:, 2:5],
        table[:, 5:],
        setting_names=SETTING_NAMES,
        sensor_names=SENSOR_NAMES,
    )


def _find(directory: Path, name: str) -> Path:
    if (path := _find_any(directory, name)) is None:
        raise DataSetError(f"neither {name} nor {name}.gz in {directory}; give the folder that holds them")
    return path


def _find_any(directory: Path, name: str) -> Path | None:
    candidates = (directory / name, directory / f"{name}.gz")
    return next((path for path in candidates if path.is_file()), None)


def _table(path: Path) -> F64:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("ascii")
        if not text.strip():
            raise DataSetError(f"{path}: the file is empty; one line a cycle is expected")
        table = np.loadtxt(io.StringIO(text), dtype=np.float64, ndmin=2)
    except DataSetError:
        raise
    except (OSError, EOFError, ValueError) as error:
        raise DataSetError(f"{path}: not a table of numbers: {error}") from error
    return table
