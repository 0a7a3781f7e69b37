"""Conformal calibration of predictive distributions: levels that held on machines the model had not seen.

A distribution that is right puts what comes below its p-quantile in a share p of cases. On machines held out
of the fit, where what came is known, each forecast gives the level at which it came (the probability integral
transform); the p-quantile of those levels, of forecasts made at a like share of life, is the level to read
off to be right (Chernozhukov, Wüthrich, Zhu 2021, "Distributional conformal prediction", PNAS 118).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64

USED = np.linspace(0.05, 0.95, 10)
USED_WIDTH = 0.12
LEVELS = np.concatenate([[0.01, 0.025], np.arange(0.05, 0.951, 0.05), [0.975, 0.99]])


@dataclass(frozen=True)
class Calibration:
    """Levels to read off, ``[USED, LEVELS]``, for the level that is wanted."""

    table: F64

    def levels(self, used: float, wanted: F64) -> F64:
        """Levels at which to read a distribution of a machine with ``used`` of its life over."""
        row = np.array([np.interp(used, USED, column) for column in self.table.T])
        result: F64 = np.interp(wanted, np.r_[0.0, LEVELS, 1.0], np.r_[0.0, row, 1.0])
        return result

    def calibrated(self, used: float, level: float) -> float:
        """The true probability of what the distribution gives a probability ``level``."""
        row = np.array([np.interp(used, USED, column) for column in self.table.T])
        rising = np.maximum.accumulate(np.r_[0.0, row, 1.0] + np.arange(len(row) + 2) * 1e-9)
        return float(np.interp(level, rising, np.r_[0.0, LEVELS, 1.0]))


UNCALIBRATED = Calibration(np.tile(LEVELS, (len(USED), 1)))
"""Takes a distribution at its word."""


def fit_calibration(came_at: F64, used: F64, weight: F64) -> Calibration:
    """Fit on held-out forecasts [n]: the level at which life ended, the share of life that was over, weights
    that make every machine count as one."""
    order = np.argsort(came_at, kind="stable")
    came_at, used, weight = came_at[order], used[order], weight[order]
    table = np.empty((len(USED), len(LEVELS)))
    for number, centre in enumerate(USED):
        near = weight * np.exp(-0.5 * ((used - centre) / USED_WIDTH) ** 2)
        # a machine to come is one more draw, below or above all that were: half of it at either end
        one = float((near**2).sum() / max(near.sum(), 1e-12))
        total = np.cumsum(near)
        place = (0.5 * one + total - 0.5 * near) / (total[-1] + one)
        table[number] = np.interp(LEVELS, np.r_[0.0, place, 1.0], np.r_[0.0, came_at, 1.0])
    return Calibration(table)
