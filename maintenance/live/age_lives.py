"""Lives of machines of whose kind there is no model, by their ages alone: at failure, at a service, now.

Machines of one source with the same signals are taken to be of one kind. A life counts from an overhaul that
is on record: of a machine whose age is not known, it is only known that it lived for longer than it was seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maintenance.errors import NotEnoughDataError
from maintenance.health.forecast import FAILING_PROBABILITY, FAILING_WITHIN_H, LEVELS
from maintenance.histories import F64
from maintenance.prognosis.weibull import WeibullPosterior, fit_posterior

SEASON_H = 12 * 7 * 24.0
"""A machine as likely as not to fail within twelve weeks of running is no longer simply healthy."""


@dataclass(frozen=True)
class EndedLife:
    """A life that ended, or was cut short by a service.

    Args:
        group: of machines taken to be of one kind.
        age_h: running time at its end.
        failed: it ended with a failure, at an age that is known.
    """

    group: str
    age_h: float
    failed: bool


@dataclass(frozen=True)
class AgeForecast:
    """What ages alone tell of a machine.

    Args:
        quantiles: [5] of the running time to failure [h], at the levels of every forecast.
        fails_within_week, fails_within_season: probabilities.
        failures, machines: that it rests on.
        version: hash of the ages.
    """

    quantiles: F64
    fails_within_week: float
    fails_within_season: float
    failures: int
    machines: int
    version: str

    @property
    def failing(self) -> bool:
        """As likely as not to fail within a week of running."""
        return self.fails_within_week >= FAILING_PROBABILITY

    @property
    def worn(self) -> bool:
        """As likely as not to fail within a season of running."""
        return self.fails_within_season >= FAILING_PROBABILITY


def group_of(signals: Sequence[str]) -> str:
    """The group of a machine with these signals.

    >>> group_of(["speed", "load"]) == group_of(["load", "speed"])
    True
    """
    return hashlib.blake2b("\n".join(sorted(signals)).encode(), digest_size=4).hexdigest()


@dataclass(frozen=True)
class GroupLives:
    """What is known of the lives of a group.

    Args:
        failures: that ended lives at a known age.
        machines: ages that it rests on.
        lives: fitted to them, None if too few have failed.
        version: hash of the ages.
    """

    failures: int
    machines: int
    lives: WeibullPosterior | None
    version: str

    def forecast(self, age_h: float) -> AgeForecast | None:
        """Forecast a machine of this age; None if too few have failed."""
        if self.lives is None:
            return None
        week, season = self.lives.fails_within(age_h, np.array([FAILING_WITHIN_H, SEASON_H])).tolist()
        quantiles = self.lives.quantiles_left(age_h, LEVELS)
        return AgeForecast(quantiles, week, season, self.failures, self.machines, self.version)


def lives_of(ended: Sequence[EndedLife], running_h: Sequence[float]) -> GroupLives:
    """Fit the lives of a group: those that ended, and the ages of the machines that run."""
    ages = np.array([*(one.age_h for one in ended), *running_h])
    failed = np.array([*(one.failed for one in ended), *(False for _ in running_h)], np.bool_)
    try:
        lives = fit_posterior(ages, failed)
    except NotEnoughDataError:
        lives = None
    version = hashlib.blake2b(ages.tobytes() + failed.tobytes(), digest_size=16).hexdigest()
    return GroupLives(int(failed.sum()), len(ages), lives, version)
