"""A model of remaining life for one kind of machine: fitted on lives that ended, forecasting live ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from maintenance.conformal import LocalConformal, fit_conformal
from maintenance.design import Design, LastCycle, fit_design
from maintenance.errors import HistoryError
from maintenance.forecast import HORIZON_CYCLES, LEVELS, Forecasts
from maintenance.histories import F32, F64, I64, Bools, Histories
from maintenance.prognosis.similarity import Library, library
from maintenance.prognosis.stack import FittedStack, Stack, StackSettings, fit_stack, row_weights
from maintenance.workers import one_thread

# what a lost sensor costs is measured on this many held-out rows
INFLATION_ROWS = 4_000
# lives after an overhaul are few in any training; theirs are taken to be this much less certain
OVERHAULED_WIDENING = 1.25
COMPARED = ("level30", "slope60")
"""By these machines are compared with past ones: where they are, and where they are going."""


@dataclass(frozen=True)
class ModelSettings:
    """How a model is fitted.

    Args:
        cap: remaining life beyond which a machine is simply healthy [cycles]; Heimes (PHM 2008) for 125-130.
        bandwidth: spread of the forecasts whose errors make the interval at one forecast [cycles].
        stack: the members.
    """

    cap: float = 125.0
    bandwidth: float = 6.0
    stack: StackSettings = field(default_factory=StackSettings)


@dataclass(frozen=True)
class RulModel:
    """What is needed to forecast.

    Args:
        design, stack, conformal: the parts.
        inflation: [s] by how much the error grows when a sensor is lost (1 = not at all).
        setting_names, sensor_names: columns a history must have.
        trained_on: SHA-256 of the histories it was fitted on.
        seed: of the fit.
        compared: columns of the table by which machines are compared.
        past: machines that it was fitted on, by those columns.
    """

    design: Design
    stack: Stack
    conformal: LocalConformal
    inflation: F64
    setting_names: tuple[str, ...]
    sensor_names: tuple[str, ...]
    trained_on: str
    seed: int
    compared: I64
    past: Library

    def forecast(self, h: Histories) -> Forecasts:
        """Forecast every machine at its last row; raises HistoryError if the columns are not the model's."""
        if (h.setting_names, h.sensor_names) != (self.setting_names, self.sensor_names):
            wanted = [*self.setting_names, *self.sensor_names]
            missing = [name for name in wanted if name not in (*h.setting_names, *h.sensor_names)]
            raise HistoryError(
                f"the model reads {', '.join(wanted)} in this order; "
                + (f"{', '.join(missing)} are missing" if missing else "the history has other columns")
            )
        with one_thread():
            seen = self.design.last_cycle(h)
            refusals = [
                self.design.refusal(int(cycles), gone, self.sensor_names)
                for cycles, gone in zip(h.lengths, seen.lost, strict=True)
            ]
            answered = np.array([not refusal for refusal in refusals])
            life = self.stack.predict(np.nan_to_num(seen.table))
            widening = self._widening(seen)
            quantiles = self.conformal.quantiles(life, LEVELS, widening=widening)
            fails = self.conformal.probability_below(life, HORIZON_CYCLES, widening=widening)
        for column in (life, fails):
            column[~answered] = np.nan
        quantiles[~answered] = np.nan
        status, reasons = self._statuses(life, refusals, seen)
        return Forecasts(h.units, life, quantiles, fails, status, reasons, self.stack.cap)

    def _widening(self, seen: LastCycle) -> F64:
        """[u] errors of independent losses add in squares."""
        overhauled = np.where(np.isfinite(seen.overhauled), OVERHAULED_WIDENING**2, 1.0)
        result: F64 = np.sqrt(overhauled + seen.lost @ np.maximum(self.inflation**2 - 1.0, 0.0))
        return result

    def _statuses(
        self, life: F64, refusals: list[str], seen: LastCycle
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        healthy_from = 0.95 * self.stack.cap
        status, reasons = [], []
        for cycles, refusal, gone, overhaul in zip(life, refusals, seen.lost, seen.overhauled, strict=True):
            if refusal:
                status.append("not_enough_data")
                reasons.append(refusal)
            elif gone.any():
                names = ", ".join(self.sensor_names[sensor] for sensor in self.design.used[gone])
                status.append("indicative")
                reasons.append(f"estimated without {names}: missing, stuck or out of range; interval widened")
            elif np.isfinite(overhaul):
                status.append("indicative")
                reasons.append(
                    f"much less worn from cycle {overhaul:.0f} on, with no overhaul on record: forecast from "
                    "what came since, interval widened"
                )
            elif cycles >= healthy_from:
                status.append("healthy")
                reasons.append(f"healthy: more than {healthy_from:.0f} cycles")
            else:
                status.append("forecast")
                reasons.append("")
        return tuple(status), tuple(reasons)


@dataclass(frozen=True)
class FittedModel:
    """A model and how it did on machines held out of it: forecasts and lives [n] of all its rows."""

    model: RulModel
    held_out: F64
    remaining: F64
    ended: Bools
    fitted: FittedStack


def fit_model(
    h: Histories, settings: ModelSettings, *, seed: int, jobs: int, progress: Callable[[int, int], None]
) -> FittedModel:
    """Fit on machines that each ran to failure at their last row.

    The same histories, settings and seed give the same model to the bit, whatever ``jobs`` is. Raises
    NotEnoughDataError if there are too few machines.
    """
    with one_thread():
        prepared = fit_design(h, seed=seed)
    design, table = prepared.design, prepared.table
    remaining = h.remaining_life()
    fitted = fit_stack(
        table,
        remaining,
        h.unit_of_row,
        prepared.ended,
        cap=settings.cap,
        settings=settings.stack,
        seed=seed,
        jobs=jobs,
        progress=progress,
    )
    with one_thread():
        life = np.minimum(remaining, settings.cap)
        compared = design.columns_of(COMPARED)
        unit, left = h.units[h.unit_of_row], remaining[prepared.ended]
        conformal = fit_conformal(
            fitted.held_out,
            life,
            unit_weights(remaining, h, settings.stack) * prepared.ended,
            cap=settings.cap,
            bandwidth=settings.bandwidth,
        )
        model = RulModel(
            design=design,
            stack=fitted.stack,
            conformal=conformal,
            inflation=_inflation(design, fitted, table, life),
            setting_names=h.setting_names,
            sensor_names=h.sensor_names,
            trained_on=fingerprint(h),
            seed=seed,
            compared=compared,
            past=library(table[prepared.ended][:, compared], unit[prepared.ended], left),
        )
    return FittedModel(model, fitted.held_out, remaining, prepared.ended, fitted)


def unit_weights(remaining: F64, h: Histories, settings: StackSettings) -> F64:
    """[n] weights of rows that make every machine count as one."""
    weight = row_weights(remaining, settings)
    total = np.bincount(h.unit_of_row, weight)
    result: F64 = weight / total[h.unit_of_row]
    return result


def fingerprint(h: Histories) -> str:
    """SHA-256 of the histories."""
    digest = hashlib.sha256()
    for numbers in (h.units, h.starts):
        digest.update(np.ascontiguousarray(numbers).tobytes())
    for values in (h.cycle, h.settings, h.sensors):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def _inflation(design: Design, fitted: FittedStack, table: F32, life: F64) -> F64:
    """[s] error of held-out forecasts without a sensor over the error with it, at least 1."""
    rows = np.arange(0, len(table), max(1, len(table) // INFLATION_ROWS))
    folds = fitted.fold_of_row[rows]

    def error(changed: F32) -> float:
        return float(np.sqrt(np.mean((fitted.stack.predict_held_out(changed, folds) - life[rows]) ** 2)))

    base = max(error(table[rows]), 1e-9)
    return np.array(
        [
            max(1.0, error(design.without_sensor(table[rows], sensor)) / base)
            for sensor in range(len(design.used))
        ]
    )
