"""Histories as analysts keep them: a CSV with a header, or a C-MAPSS text; plain or ``.gz``.

The CSV has a column ``unit``, a column ``cycle``, and numbers: columns named in ``settings`` are operating
settings, all others are sensors. An empty field is a missing value.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np

from maintenance.cmapss import read_histories
from maintenance.errors import DataSetError
from maintenance.histories import F64, Histories, histories

UNIT, CYCLE = "unit", "cycle"
_MISSING = {"", "nan", "null", "na", "none"}


def read_history_file(path: Path, settings: tuple[str, ...]) -> Histories:
    """Read histories; raises DataSetError or HistoryError, naming the line, where they cannot be used."""
    if path.name.removesuffix(".gz").endswith(".txt"):
        return read_histories(path)
    header, rows = _table(path)
    for needed in (UNIT, CYCLE, *settings):
        if needed not in header:
            raise DataSetError(f"{path}: no column {needed!r}; its columns are {', '.join(header)}")
    sensors = tuple(name for name in header if name not in (UNIT, CYCLE, *settings))
    if not sensors:
        raise DataSetError(f"{path}: no sensor beside {', '.join(header)}; a forecast needs at least one")
    place = {name: index for index, name in enumerate(header)}
    numbers = _numbers(path, header, rows)
    unit = numbers[:, place[UNIT]]
    if not np.all(np.isfinite(unit) & (unit == np.round(unit))):
        row = int(np.flatnonzero(~(np.isfinite(unit) & (unit == np.round(unit))))[0])
        raise DataSetError(f"{path}: line {row + 2}: the unit must be a whole number")
    # a model without settings runs in one regime; a column of zeros says so
    told = numbers[:, [place[name] for name in settings]] if settings else np.zeros((len(numbers), 1))
    return histories(
        unit.astype(np.int64),
        numbers[:, place[CYCLE]],
        told,
        numbers[:, [place[name] for name in sensors]],
        setting_names=settings or ("none",),
        sensor_names=sensors,
    )


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text)) if row]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataSetError(f"{path} cannot be read as CSV: {error}") from error
    if not rows:
        raise DataSetError(f"{path} is empty; a header with {UNIT!r}, {CYCLE!r} and sensors is expected")
    header = [name.strip() for name in rows[0]]
    if len(set(header)) != len(header):
        raise DataSetError(f"{path}: two columns have one name; its columns are {', '.join(header)}")
    return header, rows[1:]


def _numbers(path: Path, header: list[str], rows: list[list[str]]) -> F64:
    result = np.empty((len(rows), len(header)))
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise DataSetError(f"{path}: line {line} has {len(row)} fields, the header {len(header)}")
        for column, field in enumerate(row):
            try:
                result[line - 2, column] = np.nan if field.strip().lower() in _MISSING else float(field)
            except ValueError:
                raise DataSetError(
                    f"{path}: line {line}, column {header[column]!r}: {field!r} is not a number"
                ) from None
    return result
