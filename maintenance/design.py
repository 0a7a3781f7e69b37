"""The table a prognosis model sees: a row a machine and moment, made alike in training and in service.

A column is a functional of a sensor's z-score, the age, or the cycles spent in a regime. Sensors that are
missing, stuck or far outside anything seen in training are taken out and estimated from the others; a machine
that loses too many of them gets no row but a reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from maintenance.errors import HistoryError, NotEnoughDataError
from maintenance.features import FUNCTIONALS, LEVEL, YOUTH_PLACE, at_every_cycle, at_last_cycle, fill_gaps
from maintenance.histories import F32, F64, I64, Bools, Histories
from maintenance.overhaul import find_overhauls, noise_of, worn_length
from maintenance.regimes import Regimes, fit_regimes

MIN_UNITS = 10
# below this a trend cannot be told from noise
MIN_CYCLES = 10
# a sensor that training shows in fewer of its rows is not used
KNOWN_SHARE = 0.9
# a sensor further beyond the range of training than this share of it measures something else
BEYOND_RANGE = 0.5
# more lost sensors than this share and the rest cannot stand in
LOST_SHARE = 1.0 / 3.0
# rows that must repeat, beyond twice the longest run seen in training, before a sensor counts as stuck
STUCK_ROWS = 10
# a column further out than this is clipped: a model is not asked what it has never seen
CLIP = 5.0


@dataclass(frozen=True)
class LastCycle:
    """What is known of machines at their last rows.

    Args:
        table: [u, p].
        lost: [u, s] which of the sensors used are missing, stuck or out of range.
        overhauled: [u] cycle of the last overhaul that nobody recorded; NaN where none was seen.
    """

    table: F32
    lost: Bools
    overhauled: F64


@dataclass(frozen=True)
class FittedDesign:
    """A design, and its table [n, p] at every row of training.

    ``ended`` [n] is false where a machine was overhauled later: how long it would have lived is not known.
    """

    design: Design
    table: F32
    ended: Bools


@dataclass(frozen=True)
class Design:
    """How to make the table.

    Args:
        regimes: operating regimes and z-scores.
        used: [s] indices of the sensors used, among the columns of the histories.
        covariance: [s, s] of the sensors' levels, to estimate a lost one from the others.
        low, high: [s] range of the sensors' levels in training.
        longest_run: [s] most rows in a row in which a sensor repeated itself in training.
        noise, worn: what tells an overhaul; see :mod:`maintenance.overhaul`.
        mean, scale: [p] of the table's columns in training.
    """

    regimes: Regimes
    used: I64
    covariance: F64
    low: F64
    high: F64
    longest_run: I64
    noise: F64
    worn: F64
    mean: F64
    scale: F64

    def last_cycle(self, h: Histories) -> LastCycle:
        """Return the table at each machine's last row, and what stood in the way."""
        z, regime = self._z(h)
        stuck = self._stuck(h)
        filled = fill_gaps(z, h.starts)
        whole = np.nan_to_num(filled) if np.isnan(filled).any() else filled
        found = find_overhauls(whole, h.starts, self.noise, float(self.worn))
        begins = h.starts[:-1].copy()
        # rising, so the last overhaul of a machine stays
        for row in found:
            begins[np.searchsorted(h.starts, row, "right") - 1] = row
        functionals = at_last_cycle(filled, h.starts, begins)
        level = functionals[:, LEVEL, :]
        with np.errstate(invalid="ignore"):
            beyond = (level < self.low) | (level > self.high)
        lost = np.isnan(level) | stuck | beyond
        self._estimate(functionals, lost)
        last = h.starts[1:] - 1
        exposure = exposure_to(regime, len(self.regimes.centres), h.starts)[last]
        overhauled = np.where(begins > h.starts[:-1], h.cycle[begins], np.nan)
        return LastCycle(self._scaled(functionals, h.cycle[last], exposure), lost, overhauled)

    def refusal(self, cycles: int, lost: Bools, names: tuple[str, ...]) -> str:
        """Return why a machine with so many cycles and these lost sensors gets no forecast; "" if it does."""
        if cycles < MIN_CYCLES:
            return f"not enough data: {cycles} cycles of history; at least {MIN_CYCLES} are needed"
        if lost.mean() > LOST_SHARE:
            gone = ", ".join(names[sensor] for sensor in self.used[lost])
            return (
                f"not enough data: {int(lost.sum())} of {len(lost)} sensors missing, stuck or unlike any "
                f"machine of training ({gone}); check the wiring and that it is a machine of this kind"
            )
        return ""

    def columns_of(self, names: Sequence[str]) -> I64:
        """[len(names) * s] columns of these functionals, of every sensor used."""
        sensors = len(self.used)
        first = sensors * np.array([FUNCTIONALS.index(name) for name in names])
        result: I64 = (first[:, None] + np.arange(sensors)).ravel().astype(np.int64)
        return result

    def without_sensor(self, table: F32, sensor: int) -> F32:
        """[n, p] the table as it would be had this sensor been lost."""
        raw = table * self.scale.astype(np.float32) + self.mean.astype(np.float32)
        width = len(FUNCTIONALS) * len(self.used)
        functionals = raw[:, :width].reshape(-1, len(FUNCTIONALS), len(self.used)).copy()
        lost = np.zeros((len(table), len(self.used)), np.bool_)
        lost[:, sensor] = True
        self._estimate(functionals, lost)
        raw[:, :width] = functionals.reshape(len(table), -1)
        scaled = (raw - self.mean) / self.scale
        return np.clip(scaled, -CLIP, CLIP).astype(np.float32)

    def _z(self, h: Histories) -> tuple[F64, I64]:
        regime = self.regimes.assign(h.settings)
        return self.regimes.z_scores(h.sensors, regime, self.used), regime

    def _stuck(self, h: Histories) -> Bools:
        """[u, s] sensors that have repeated themselves to the last row for longer than they ever do."""
        values = h.sensors[:, self.used]
        allowed = 2 * self.longest_run + STUCK_ROWS
        stuck = np.zeros((len(h.units), len(self.used)), np.bool_)
        for index, (begin, end) in enumerate(pairwise(h.starts)):
            recent = values[max(begin, end - int(allowed.max()) - 1) : end]
            same = np.cumprod(recent[:0:-1] == recent[-1], axis=0).sum(axis=0) if len(recent) > 1 else 0
            stuck[index] = same >= allowed
        return stuck

    def _estimate(self, functionals: F32, lost: Bools) -> None:
        """Put the mean given the other sensors where one is lost; one map serves every functional."""
        for pattern in np.unique(lost[lost.any(axis=1)], axis=0):
            rows = np.flatnonzero((lost == pattern).all(axis=1))
            kept = ~pattern
            if not kept.any():
                functionals[rows] = 0.0
                continue
            within = self.covariance[np.ix_(kept, kept)]
            ridge = 0.05 * np.trace(within) / len(within) * np.eye(len(within))
            mapping = np.linalg.solve(within + ridge, self.covariance[np.ix_(kept, pattern)])
            block = functionals[rows]
            block[:, :, pattern] = block[:, :, kept] @ mapping
            functionals[rows] = block

    def _scaled(self, functionals: F32, age: F64, exposure: F64) -> F32:
        table = _columns(functionals, age, exposure)
        return np.clip((table - self.mean) / self.scale, -CLIP, CLIP).astype(np.float32)


def fit_design(h: Histories, *, seed: int) -> FittedDesign:
    """Return the design learned from machines that ran to failure.

    Nothing here looks at remaining life, so it is fitted once for all folds. Raises NotEnoughDataError below
    ``MIN_UNITS`` machines, HistoryError if no sensor says anything.
    """
    if len(h.units) < MIN_UNITS:
        raise NotEnoughDataError(
            f"{len(h.units)} machines that ran to failure; at least {MIN_UNITS} are needed to learn from"
        )
    regimes = fit_regimes(h.settings, h.sensors, seed=seed)
    regime = regimes.assign(h.settings)
    z = regimes.z_scores(h.sensors, regime)
    used = np.flatnonzero(np.isfinite(z).mean(axis=0) >= KNOWN_SHARE)
    if not len(used):
        raise HistoryError("no sensor of the history moves within a regime; there is nothing to learn from")
    filled = np.nan_to_num(fill_gaps(z[:, used], h.starts))
    noise = noise_of(filled, h.starts)
    worn = worn_length(filled, h.starts, noise)
    found = find_overhauls(filled, h.starts, noise, worn)
    lives = np.union1d(h.starts, found)
    functionals = at_every_cycle(filled, lives)
    if len(found):
        functionals[:, YOUTH_PLACE] = at_every_cycle(filled, h.starts)[:, YOUTH_PLACE]
    level = functionals[:, LEVEL, :].astype(np.float64)
    span = level.max(axis=0) - level.min(axis=0)
    bare = Design(
        regimes=regimes,
        used=used,
        covariance=np.atleast_2d(np.cov(level.T)),
        low=level.min(axis=0) - BEYOND_RANGE * span,
        high=level.max(axis=0) + BEYOND_RANGE * span,
        longest_run=_longest_runs(h.sensors[:, used], h.starts),
        noise=noise,
        worn=np.array(worn),
        mean=np.zeros(1),
        scale=np.ones(1),
    )
    table = _columns(functionals, h.cycle, exposure_to(regime, len(regimes.centres), h.starts))
    mean, spread = table.mean(axis=0), table.std(axis=0)
    scale = np.where(spread > 1e-6, spread, 1.0)
    design = Design(**{**bare.__dict__, "mean": mean, "scale": scale})
    ended = np.repeat(np.isin(lives[1:], h.starts), np.diff(lives))
    return FittedDesign(design, np.clip((table - mean) / scale, -CLIP, CLIP).astype(np.float32), ended)


def exposure_to(regime: I64, regimes: int, starts: I64) -> F64:
    """[n, r - 1] cycles spent so far in each regime but the last (with it, their sum is the age)."""
    spent = np.cumsum(regime[:, None] == np.arange(regimes - 1), axis=0, dtype=np.float64)
    before = np.vstack([np.zeros((1, regimes - 1)), spent])[starts[:-1]]
    result: F64 = spent - np.repeat(before, np.diff(starts), axis=0)
    return result


def _columns(functionals: F32, age: F64, exposure: F64) -> F64:
    flat = functionals.reshape(len(functionals), -1)
    return np.column_stack([flat, age, np.log1p(age), exposure]).astype(np.float64)


def _longest_runs(values: F64, starts: I64) -> I64:
    """[s] the most times a sensor repeated its value without a break, within a machine."""
    same = values[1:] == values[:-1]
    same[starts[1:-1] - 1] = False
    run = np.zeros(values.shape[1], np.int64)
    longest = run.copy()
    for row in same:
        run = np.where(row, run + 1, 0)
        np.maximum(longest, run, out=longest)
    return longest
