"""Which signals tell what a machine has to do, and which tell how worn it is.

Found from machines that failed, not from names. What wear moves plainly tells wear. Of the others, all are
first taken to tell the work; the one that wear moves most, given what the rest tell, is taken out, and again,
until none is left that wear moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from maintenance.histories import F64, I64, Bools
from maintenance.machine_lives import Lives

HEALTHY_SHARE = 0.15
"""Machines that ran to failure are taken to be healthy in this first share of their lives."""
LATE_SHARE = 0.9
LAST_WINDOWS = 4
"""Worn is a machine in the last tenth of its life, and in its last windows for what comes suddenly."""
MOVED_BY_WEAR = 0.35
"""A signal whose mean moves by more than this many healthy scatters before failure speaks of wear."""
MOVED_PLAINLY = 0.7
"""The same for a signal by itself, whatever the machine has to do."""
ALIKE = 1.0
"""And the mean must be above so many standard deviations from machine to machine: wear moves a signal the
same way on every machine, a season that was another one does not."""
FINEST = 0.003
"""No scatter is taken to be below this share of what a signal ever covered: some stand still when healthy."""
RIDGE = 1.0
REACH = 4.0
"""Beyond so many scatters of training, what is asked of the machine is new and is held at that."""


@dataclass(frozen=True)
class Evidence:
    """What machines that failed showed, healthy and worn, each against its own healthy mean.

    Args:
        centre, scale, finest: [s] of the signals when healthy, and the least scatter.
        usable: numbers of the signals that neither stand still nor count.
        healthy_values, healthy_design: [h, s], [h, 1 + 2 s] of the healthy windows.
        late: worn means of every machine, each as [u, s] values and [u, 1 + 2 s] design.
        mode: [u] mode that each machine failed in.
    """

    centre: F64
    scale: F64
    finest: F64
    usable: list[int]
    healthy_values: F64
    healthy_design: F64
    late: tuple[tuple[F64, F64], ...]
    mode: I64
    gram: F64
    cross: F64
    square: F64

    def columns(self, operating: list[int]) -> npt.NDArray[np.intp]:
        """Columns of the design that belong to operating signals."""
        at = np.array(operating, np.intp)
        return np.concatenate([[0], 1 + at, 1 + len(self.scale) + at]).astype(np.intp)

    def weights(self, operating: list[int], others: list[int]) -> F64:
        """[1 + 2 k, c] ridge regression of other signals on operating ones, on healthy windows."""
        columns = self.columns(operating)
        ridged = self.gram[np.ix_(columns, columns)] + RIDGE * np.eye(len(columns))
        return np.asarray(np.linalg.solve(ridged, self.cross[columns][:, others]), np.float64)

    def moved(self, signal: int, operating: list[int]) -> float:
        """By how many healthy scatters wear moves a signal, given what the operating ones tell."""
        columns = self.columns(operating)
        weights = self.weights(operating, [signal])[:, 0]
        told = weights @ self.gram[np.ix_(columns, columns)] @ weights
        left = float(self.square[signal] - 2 * weights @ self.cross[columns, signal] + told)
        spread = np.sqrt(max(left, 0.0) / len(self.healthy_values))
        scatter = max(float(spread), float(self.finest[signal]))
        most = 0.0
        for values, design in self.late:
            shift = values[:, signal] - design[:, columns] @ weights
            for mode in range(int(self.mode.max()) + 1):
                mine = shift[self.mode == mode]
                if len(mine) and abs(mine.mean()) > ALIKE * mine.std():
                    most = max(most, abs(float(mine.mean())) / scatter)
        return most


def gather(lives: Lives) -> Evidence:
    """Gather the evidence of lives that ended."""
    value = lives.value.astype(np.float64)
    unit = np.repeat(np.arange(lives.units), np.diff(lives.starts))
    share = lives.hour / lives.end_h[unit]
    healthy = share <= HEALTHY_SHARE
    rows_left = lives.starts[1:][unit] - np.arange(len(unit))
    finest = np.maximum(FINEST * (value.max(axis=0) - value.min(axis=0)), 1e-9)
    centred = value - _unit_means(value, unit, healthy)[unit]
    spread = centred[healthy].std(axis=0)
    still = spread <= 1e-6 * np.maximum(np.abs(value.mean(axis=0)), 1e-6)
    centre, scale = value[healthy].mean(axis=0), np.maximum(spread, finest)
    design = quadratic((value - centre) / scale)
    design -= _unit_means(design, unit, healthy)[unit]
    inner, target = design[healthy], centred[healthy]
    return Evidence(
        centre,
        scale,
        finest,
        [int(one) for one in np.flatnonzero(~still & ~_counters(lives))],
        target,
        inner,
        tuple(
            (_unit_means(centred, unit, worn), _unit_means(design, unit, worn))
            for worn in (share >= LATE_SHARE, rows_left <= LAST_WINDOWS)
        ),
        lives.mode,
        inner.T @ inner,
        inner.T @ target,
        (target**2).sum(axis=0),
    )


def sort_signals(evidence: Evidence) -> tuple[list[int], list[int]]:
    """Return the numbers of the signals that tell the work, and of those that tell the wear."""
    # several signals that wear moves together explain each other: those that plainly move go first
    plain = [signal for signal in evidence.usable if evidence.moved(signal, []) >= MOVED_PLAINLY]
    operating = [signal for signal in evidence.usable if signal not in plain]
    condition: list[int] = []
    while operating:
        moved = [evidence.moved(signal, [one for one in operating if one != signal]) for signal in operating]
        if max(moved) < MOVED_BY_WEAR:
            break
        condition.append(operating.pop(int(np.argmax(moved))))
    # one that only seemed to move while a worn one was thought to tell the work tells the work itself
    worn = [evidence.moved(signal, operating) >= MOVED_BY_WEAR for signal in condition]
    back = [signal for signal, is_worn in zip(condition, worn, strict=True) if not is_worn]
    kept = [signal for signal, is_worn in zip(condition, worn, strict=True) if is_worn]
    return sorted(operating + back), sorted(plain + kept)


def quadratic(scaled: F64) -> F64:
    """[r, 1 + 2 k] design of scaled operating signals [r, k]; what is missing is taken to be usual."""
    held = np.clip(np.nan_to_num(scaled), -REACH, REACH)
    return np.concatenate([np.ones((len(held), 1)), held, held**2], axis=1)


def _unit_means(value: F64, unit: npt.NDArray[np.intp], rows: Bools) -> F64:
    units = int(unit.max()) + 1
    count = np.maximum(np.bincount(unit, rows, units), 1.0)
    total = np.stack([np.bincount(unit, np.where(rows, column, 0.0), units) for column in value.T], axis=1)
    result: F64 = total / count[:, None]
    return result


def _counters(lives: Lives) -> Bools:
    """[s] signals that only ever rise: they count, and say how old a machine is, not how it is."""
    result = np.ones(len(lives.signals), np.bool_)
    for unit in range(lives.units):
        steps = np.diff(lives.value[lives.rows(unit)], axis=0)
        if len(steps):
            result &= (steps >= 0).all(axis=0) & (steps > 0).any(axis=0)
    return result
