"""Forecasts as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from maintenance.errors import DataSetError
from maintenance.forecast import Forecasts
from twin.contract.csv_text import plain_cell

COLUMNS = ("unit", "rul", "p05", "p10", "p50", "p90", "p95", "p_fail_30")
REASON_COLUMNS = ("status", "reason")


def write_forecasts(path: Path, forecasts: Forecasts, *, reasons: bool) -> None:
    """Write one line a machine; a machine without a forecast has empty numbers, and ``reasons`` says why."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow((*COLUMNS, *REASON_COLUMNS) if reasons else COLUMNS)
            for index, numbers in enumerate(_rows(forecasts)):
                why = (forecasts.status[index], plain_cell(forecasts.reasons[index])) if reasons else ()
                writer.writerow((*numbers, *why))
    except OSError as error:
        raise DataSetError(f"{path} cannot be written: {error.strerror}; choose another --out") from error


def _rows(forecasts: Forecasts) -> Iterator[tuple[str, ...]]:
    for index, unit in enumerate(forecasts.units):
        if not forecasts.known[index]:
            yield (plain_cell(str(unit)), *("" for _ in COLUMNS[1:]))
            continue
        quantiles = (f"{value:.3f}" for value in forecasts.quantiles[index])
        name, soon = plain_cell(str(unit)), f"{forecasts.fails_within[index]:.5f}"
        yield name, f"{forecasts.life[index]:.3f}", *quantiles, soon
