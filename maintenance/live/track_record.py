"""How good forecasts were: scored against what was found when machines failed or were serviced.

A forecast of a machine that failed is compared with the running time that it truly had left; of one that was
serviced before, that time is only known to be longer (right-censored), so that only a forecast that promised
less can be called wrong. Metrics: Saxena et al. 2010, "Metrics for offline evaluation of prognostic
performance", Int. J. PHM 1(1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maintenance.live.ledger import KeptForecast, Ledger, Outcome
from twin.contract.health import HealthState

ALPHA = 0.2
COVERAGE_LEAST, COVERAGE_MOST = 0.80, 0.99
"""A 90 % interval that covers less, or more, over enough ended machines does not hold."""
ENOUGH_ENDED = 10
MOST_LOOKS = 500
"""Forecasts of one life that are scored: the newest."""


@dataclass(frozen=True)
class LifeScore:
    """How a machine was forecast until what became of it.

    Args:
        machine, version: whose, and by which version of its model.
        what, mode: what became of it.
        forecasts: with numbers.
        covered: share of them whose 90 % interval held the truth; None where that is not known.
        error_half: absolute error of the median at half of the time forecast, over the truth.
        horizon_h: running time before the end from which on all medians were within 20 % [h].
        ranked_first: whether the last forecast had the mode found first; None if none was found.
        false_alarm: called failing, and nothing was found.
        unexpected: failed without having been called degrading or failing.
    """

    machine: str
    version: str
    what: str
    mode: str
    forecasts: int
    covered: float | None
    error_half: float | None
    horizon_h: float | None
    ranked_first: bool | None
    false_alarm: bool
    unexpected: bool


@dataclass(frozen=True)
class TrackRecord:
    """Of one model over all machines of its kind; None where nothing has been scored yet."""

    model: str
    ended: int
    failed: int
    coverage: float | None
    alpha_lambda: float | None
    horizon_h: float | None
    ranked_first: float | None
    false_alarms: int
    unexpected: int

    @property
    def demoted(self) -> bool:
        """Whether its intervals have not held, so that it is indicative only."""
        if self.coverage is None or self.failed < ENOUGH_ENDED:
            return False
        return not COVERAGE_LEAST <= self.coverage <= COVERAGE_MOST


def track_records(ledger: Ledger) -> tuple[dict[str, TrackRecord], list[LifeScore]]:
    """Score every outcome in the ledger: the record of each model, and of each life."""
    by_model: dict[str, list[LifeScore]] = defaultdict(list)
    lives: list[LifeScore] = []
    before: Outcome | None = None
    for outcome in ledger.outcomes():
        since = before.time if before is not None and before.machine == outcome.machine else -(2**63)
        before = outcome
        kept = ledger.history(outcome.machine, limit=MOST_LOOKS, since=since, until=outcome.time)
        known = [one for one in kept if one.health.model]
        if known:
            scored = score_life(known, outcome)
            by_model[known[-1].health.model].append(scored)
            lives.append(scored)
    return {model: _record(model, found) for model, found in by_model.items()}, lives


def score_life(kept: Sequence[KeptForecast], outcome: Outcome) -> LifeScore:
    """Score the forecasts of one life, oldest first, by what became of the machine after the last of them."""
    kept = _since_last_overhaul(kept)
    end_h = kept[-1].running_h
    told = [one for one in kept if one.health.remaining is not None]
    left = np.array([end_h - one.running_h for one in told])
    quantiles = np.array([_bounds(one) for one in told]).reshape(-1, 3)
    failed = outcome.what == "failed"
    covered = error_half = horizon = None
    if told and failed:
        covered = float(np.mean((quantiles[:, 0] <= left) & (left <= quantiles[:, 2])))
        half = int(np.argmin(np.abs(left - 0.5 * left[0])))
        if left[half] > 0:
            error_half = float(abs(quantiles[half, 1] - left[half]) / left[half])
        bad = np.flatnonzero(np.abs(quantiles[:, 1] - left) > ALPHA * max(left[0], 1e-9))
        first_good = int(bad[-1]) + 1 if len(bad) else 0
        horizon = float(left[first_good]) if first_good < len(left) else 0.0
    elif told:
        covered = None if np.all(left <= quantiles[:, 2]) else float(np.mean(left <= quantiles[:, 2]))
    last = kept[-1].health
    states = {one.health.state for one in kept}
    first = last.modes[0].mode == outcome.mode if outcome.mode and last.modes else None
    return LifeScore(
        outcome.machine, last.model_version, outcome.what, outcome.mode, len(told), covered, error_half,
        horizon, first,
        false_alarm=not failed and not outcome.mode and last.state is HealthState.FAILING,
        unexpected=failed and not states & {HealthState.DEGRADING, HealthState.FAILING},
    )  # fmt: skip


def _since_last_overhaul(kept: Sequence[KeptForecast]) -> Sequence[KeptForecast]:
    """Forecasts after the running time was last counted anew: an overhaul was seen that nobody recorded."""
    running = np.array([one.running_h for one in kept])
    back = np.flatnonzero(np.diff(running) < 0.0)
    return kept[int(back[-1]) + 1 :] if len(back) else kept


def _bounds(one: KeptForecast) -> tuple[float, float, float]:
    remaining = one.health.remaining
    assert remaining is not None
    return remaining.p05, remaining.p50, remaining.p95


def _record(model: str, lives: Sequence[LifeScore]) -> TrackRecord:
    covered = [one.covered for one in lives if one.covered is not None]
    halves = [one.error_half for one in lives if one.error_half is not None]
    horizons = [one.horizon_h for one in lives if one.horizon_h is not None]
    ranked = [one.ranked_first for one in lives if one.ranked_first is not None]
    return TrackRecord(
        model,
        ended=len(lives),
        failed=sum(one.what == "failed" for one in lives),
        coverage=float(np.mean(covered)) if covered else None,
        alpha_lambda=float(np.mean([one <= ALPHA for one in halves])) if halves else None,
        horizon_h=float(np.median(horizons)) if horizons else None,
        ranked_first=float(np.mean(ranked)) if ranked else None,
        false_alarms=sum(one.false_alarm for one in lives),
        unexpected=sum(one.unexpected for one in lives),
    )
