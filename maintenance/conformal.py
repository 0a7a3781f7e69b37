"""Local conformal prediction: the distribution of remaining life, from errors made on machines held out.

A forecast of 20 cycles errs by a few, one of 90 by many. So the distribution at a forecast is made of the
errors of held-out forecasts that were near it, each machine counting once however many rows it has (Lei and
Wasserman 2014; Guan 2023 for localised weights). No shape of the errors is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maintenance.histories import F64

# forecasts at which the distribution is kept; between them it is interpolated
GRID_STEP = 1.0
LEVELS = np.concatenate([[0.005, 0.01, 0.025], np.arange(0.05, 0.951, 0.025), [0.975, 0.99, 0.995]])


@dataclass(frozen=True)
class LocalConformal:
    """Quantiles of the error (life left minus forecast), by forecast.

    Args:
        grid: [g] forecasts, rising.
        errors: [g, q] quantile of the error at each of ``LEVELS``.
        cap: lives are known up to here.
    """

    grid: F64
    errors: F64
    cap: float

    def quantiles(self, forecast: F64, levels: F64, *, widening: F64 | float = 1.0) -> F64:
        """[m, l] quantiles of remaining life at ``levels``, between 0 and the cap and rising.

        ``widening`` [m] stretches the errors of forecasts that are known to be worse than those in training.
        """
        table = self._errors_at(forecast) * np.reshape(widening, (-1, 1))
        picked = np.array([np.interp(levels, LEVELS, row) for row in table]).reshape(len(table), len(levels))
        result: F64 = np.clip(forecast[:, None] + picked, 0.0, self.cap)
        return result

    def probability_below(self, forecast: F64, life: float, *, widening: F64 | float = 1.0) -> F64:
        """[m] probability that at most ``life`` cycles are left."""
        table = forecast[:, None] + self._errors_at(forecast) * np.reshape(widening, (-1, 1))
        result = np.empty(len(forecast))
        for index, row in enumerate(table):
            result[index] = np.interp(life, *_strictly_rising(row), left=0.0, right=1.0)
        return result

    def _errors_at(self, forecast: F64) -> F64:
        place = np.interp(forecast, self.grid, np.arange(len(self.grid)))
        low = np.minimum(place.astype(np.int64), len(self.grid) - 2)
        share = (place - low)[:, None]
        result: F64 = (1.0 - share) * self.errors[low] + share * self.errors[low + 1]
        return result


def fit_conformal(forecast: F64, life: F64, weight: F64, *, cap: float, bandwidth: float) -> LocalConformal:
    """Return the distribution from held-out forecasts [n] and the lives (capped) that were left [n].

    Args:
        weight: [n] of each row; rows of one machine together should weigh as much as those of another.
        bandwidth: spread [cycles] of the forecasts that count as near.
    """
    grid = np.arange(0.0, cap + GRID_STEP / 2, GRID_STEP)
    error = life - forecast
    order = np.argsort(error, kind="stable")
    error, forecast, weight = error[order], forecast[order], weight[order]
    errors = np.empty((len(grid), len(LEVELS)))
    for index, centre in enumerate(grid):
        local = weight * np.exp(-0.5 * ((forecast - centre) / bandwidth) ** 2)
        total = np.cumsum(local)
        # the machine to be forecast is one more draw, of unknown error: half a draw at either end
        errors[index] = np.interp(LEVELS, (total - 0.5 * local) / total[-1], error)
    return LocalConformal(grid, errors, cap)


def _strictly_rising(row: F64) -> tuple[F64, F64]:
    """Lives and their levels with equal lives taken together, so that a probability is single-valued."""
    kept = np.concatenate([row[1:] > row[:-1], [True]])
    return row[kept], LEVELS[kept]
