"""Histories: what the sensors of many machines of one kind said, cycle by cycle.

Rows lie machine after machine and, within a machine, in the order of time; ``starts`` says where each machine
begins. A missing value is NaN and stays so: filling is the business of whoever knows what it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maintenance.errors import HistoryError

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Machines of one kind.

    Args:
        units: [u] the machines' numbers, each once.
        starts: [u + 1] row where each machine begins; the last entry is the number of rows.
        cycle: [n] cycles since the machine was new or overhauled, rising within each machine.
        settings: [n, k] what the machine was told to do (the operating condition).
        sensors: [n, s] what was measured; NaN where nothing was.
        setting_names, sensor_names: names of the columns.
    """

    units: I64
    starts: I64
    cycle: F64
    settings: F64
    sensors: F64
    setting_names: tuple[str, ...]
    sensor_names: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.starts[-1])

    @property
    def lengths(self) -> I64:
        """[u] number of rows of each machine."""
        return np.diff(self.starts)

    @property
    def unit_of_row(self) -> I64:
        """[n] index (not number) of the machine each row belongs to."""
        return np.repeat(np.arange(len(self.units)), self.lengths)

    def select(self, chosen: I64) -> Histories:
        """Return the machines with these indices, in this order."""
        rows = _rows_of(self.starts, chosen)
        lengths = self.lengths[chosen]
        return Histories(
            units=self.units[chosen],
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            cycle=self.cycle[rows],
            settings=self.settings[rows],
            sensors=self.sensors[rows],
            setting_names=self.setting_names,
            sensor_names=self.sensor_names,
        )

    def truncated(self, lengths: I64) -> Histories:
        """Return each machine as it was known after its first ``lengths`` [u] rows."""
        kept = np.minimum(lengths, self.lengths)
        starts = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        rows = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[:-1], kept)
        return Histories(
            units=self.units,
            starts=starts,
            cycle=self.cycle[rows],
            settings=self.settings[rows],
            sensors=self.sensors[rows],
            setting_names=self.setting_names,
            sensor_names=self.sensor_names,
        )

    def remaining_life(self) -> F64:
        """[n] cycles left at each row, if every machine here ran until it failed at its last row."""
        last = self.cycle[self.starts[1:] - 1]
        return np.repeat(last, self.lengths) - self.cycle


def histories(
    unit: I64,
    cycle: F64,
    settings: F64,
    sensors: F64,
    *,
    setting_names: tuple[str, ...],
    sensor_names: tuple[str, ...],
) -> Histories:
    """Return histories from columns whose machines lie one after the other.

    Infinities become NaN (a sensor out of its range has measured nothing). Raises HistoryError where there is
    no row at all, a machine appears in two places, or time stands still or runs backwards.

    >>> made = histories(
    ...     np.array([7, 7, 9]), np.array([1.0, 2.0, 1.0]), np.zeros((3, 1)), np.ones((3, 2)),
    ...     setting_names=("load",), sensor_names=("t", "p"),
    ... )
    >>> made.units.tolist(), made.starts.tolist(), made.remaining_life().tolist()
    ([7, 9], [0, 2, 3], [1.0, 0.0, 0.0])
    """
    if not len(unit):
        raise HistoryError("the history is empty: no row of any machine; give at least one row")
    if not (len(unit) == len(cycle) == len(settings) == len(sensors)):
        raise HistoryError(
            f"columns of different length: {len(unit)} units, {len(cycle)} cycles, {len(settings)} rows of "
            f"settings, {len(sensors)} of sensors; every row needs all of them"
        )
    begins = np.flatnonzero(np.concatenate([[True], unit[1:] != unit[:-1]]))
    units = unit[begins].astype(np.int64)
    if len(np.unique(units)) != len(units):
        values, counts = np.unique(units, return_counts=True)
        raise HistoryError(
            f"machine {values[counts > 1][0]} appears in two places; rows of one machine must lie together "
            "(or two machines carry one number)"
        )
    if not np.all(np.isfinite(cycle)):
        row = int(np.flatnonzero(~np.isfinite(cycle))[0])
        raise HistoryError(f"machine {unit[row]}: row {row + 1} has no cycle; every row needs its time")
    step = np.diff(cycle)
    same = unit[1:] == unit[:-1]
    if np.any(same & (step <= 0)):
        row = int(np.flatnonzero(same & (step <= 0))[0]) + 1
        raise HistoryError(
            f"machine {unit[row]}: cycle {cycle[row]:g} comes after cycle {cycle[row - 1]:g}; time must rise "
            "(an overhaul begins a new machine number)"
        )
    return Histories(
        units=units,
        starts=np.concatenate([begins, [len(unit)]]).astype(np.int64),
        cycle=np.asarray(cycle, np.float64),
        settings=np.where(np.isfinite(settings), settings, np.nan),
        sensors=np.where(np.isfinite(sensors), sensors, np.nan),
        setting_names=setting_names,
        sensor_names=sensor_names,
    )


def _rows_of(starts: I64, chosen: I64) -> I64:
    lengths = np.diff(starts)[chosen]
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return np.arange(offsets[-1]) + np.repeat(starts[:-1][chosen] - offsets[:-1], lengths)
