"""Lives of machines of one kind that ended: what was measured in each window, and what failed when.

A folder has ``<kind>.npz`` with what instruments showed and ``truth/<kind>.csv`` with what came; it is what
``python -m sim.lives`` writes, and what a site can write from its history and its work orders.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maintenance.errors import DataSetError
from maintenance.histories import F32, F64, I64


@dataclass(frozen=True)
class ModeRow:
    """A failure mode: its name, ISO 14224:2016 code and mechanism, and what it is called."""

    name: str
    iso14224: str
    mechanism: str
    vi: str
    en: str


@dataclass(frozen=True)
class Lives:
    """Machines of one kind, one after the other, each from new to failure.

    Args:
        kind: of all of them.
        signals: names of the columns of ``value``.
        starts: [u + 1] row where each machine begins.
        hour: [r] running time since new at the end of a window [h].
        value: [r, s] mean of the readings of a window, NaN where there was none.
        modes: those that occur.
        mode: [u] number of the mode that each machine failed in.
        onset_h: [u] running time at which it began [h]; for scoring only.
        end_h: [u] running time at failure [h].
    """

    kind: str
    signals: tuple[str, ...]
    starts: I64
    hour: F64
    value: F32
    modes: tuple[ModeRow, ...]
    mode: I64
    onset_h: F64
    end_h: F64

    @property
    def units(self) -> int:
        """How many machines."""
        return len(self.end_h)

    def rows(self, unit: int) -> slice:
        """Rows of one machine."""
        return slice(int(self.starts[unit]), int(self.starts[unit + 1]))

    def take(self, units: I64) -> Lives:
        """Return some of the machines."""
        rows = [np.arange(self.starts[unit], self.starts[unit + 1]) for unit in units]
        kept = np.concatenate(rows)
        return Lives(
            self.kind,
            self.signals,
            np.concatenate([[0], np.cumsum([len(one) for one in rows])]),
            self.hour[kept],
            self.value[kept],
            self.modes,
            self.mode[units],
            self.onset_h[units],
            self.end_h[units],
        )


def read_lives(folder: Path, kind: str) -> Lives:
    """Read the lives of one kind; raises DataSetError if a file is missing or is not what its name says."""
    try:
        with np.load(folder / f"{kind}.npz", allow_pickle=False) as saved:
            signals = tuple(str(one) for one in saved["signals"])
            unit, hour, value = saved["unit"], saved["hour"], saved["value"]
        with (folder / "truth" / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        order = np.lexsort((hour, unit))
        rows = [
            ModeRow(one["mode"], one["iso14224"], one["mechanism"], one["name_vi"], one["name_en"])
            for one in table
        ]
        modes = tuple(sorted(set(rows), key=lambda one: one.name))
        return Lives(
            kind,
            signals,
            np.searchsorted(unit[order], np.arange(len(table) + 1)),
            hour[order].astype(np.float64),
            value[order].astype(np.float32),
            modes,
            np.array([modes.index(one) for one in rows], np.int64),
            np.array([float(one["onset_h"]) for one in table]),
            np.array([float(one["end_h"]) for one in table]),
        )
    except (OSError, KeyError, ValueError) as error:
        raise DataSetError(f"lives of {kind!r} in {folder}: {error}; write them with sim.lives") from error
