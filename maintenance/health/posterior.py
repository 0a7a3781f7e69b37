"""Prognostic assessment: which mode fails, and when, as a distribution over modes and lives.

Bayes' rule on a grid (Gebraeel et al. 2005 for the scheme): lives of a mode are lognormal over the machines
of the kind; given a life, the age of a machine is a place on the mode's course, and its severities are more
or less likely there. Where the age is not known, it is one more unknown, and the way that severities went
tells how fast life passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from maintenance.health.courses import Course
from maintenance.histories import F64

LIVES = 96
AGES = 40
PAST_WEIGHT = 0.5
"""Severities of before are nearly the same knowledge again: they count for so much of what they say."""
WIDE_SHARE = 0.05
WIDE_SD = 1.5
"""So many machines are used in a way that the past ones were not: their lives spread like this (ln h)."""


@dataclass(frozen=True)
class Trust:
    """Which of what is known is believed: severities of now, those of before. Age and kind always are."""

    now: bool = True
    before: bool = True


ALL_OF_IT = Trust()
AGE_ONLY = Trust(now=False, before=False)
NO_COURSE = Trust(before=False)


@dataclass(frozen=True)
class Posterior:
    """What is known of one machine.

    Args:
        left_h: [n] running time to failure [h], rising.
        weight: [n] probability of each.
        modes: [m] probability of each mode.
        used: expected share of life that is over.
    """

    left_h: F64
    weight: F64
    modes: F64
    used: float

    def quantiles(self, levels: F64) -> F64:
        """Running time to failure [h] at rising probabilities."""
        total = np.cumsum(self.weight)
        result: F64 = np.interp(levels, (total - 0.5 * self.weight) / total[-1], self.left_h)
        return result

    def probability_within(self, hours: float) -> float:
        """Probability to fail within so many hours."""
        total = np.cumsum(self.weight)
        middle = (total - 0.5 * self.weight) / total[-1]
        return float(np.interp(hours, self.left_h, middle, left=0.0, right=1.0))


def assess(
    courses: Sequence[Course],
    severities: F64,
    ago_h: F64,
    *,
    age_h: float | None,
    window_h: float,
    trust: Trust = ALL_OF_IT,
) -> Posterior:
    """Weigh every mode and life.

    Args:
        courses: of the modes of the kind.
        severities: [k, m] of the machine, newest first.
        ago_h: [k] running time since each [h]; the first is 0.
        age_h: running time since new or overhauled [h]; None if not known.
        window_h: resolution of time [h].
        trust: what of it is believed, to see what the rest does.
    """
    left, weight, used, mode_weight = [], [], [], []
    total = sum(course.lives for course in courses)
    for course in courses:
        life, age, log_prior = _hypotheses(course, age_h, float(ago_h[-1]), window_h)
        log_weight = log_prior + np.log(course.lives / total)
        density = course.log_density(severities)
        for number, ago in enumerate(ago_h.tolist()):
            if not (trust.now if number == 0 else trust.before):
                continue
            at = course.place(np.maximum(age - ago, 0.0), life)
            share = 1.0 if number == 0 else PAST_WEIGHT / max(len(ago_h) - 1, 1)
            log_weight = log_weight + share * np.interp(at, np.arange(density.shape[1]), density[number])
        left.append(life - age)
        weight.append(log_weight)
        used.append(age / life)
        mode_weight.append(len(life))
    joint = np.concatenate(weight)
    probability = np.exp(joint - joint.max())
    probability /= probability.sum()
    left_h = np.concatenate(left)
    order = np.argsort(left_h, kind="stable")
    ends = np.cumsum([0, *mode_weight])
    modes = np.array([probability[a:b].sum() for a, b in pairwise(ends)])
    share_used = float(probability @ np.concatenate(used))
    return Posterior(left_h[order], probability[order], modes, share_used)


def _hypotheses(course: Course, age_h: float | None, seen_h: float, window_h: float) -> tuple[F64, F64, F64]:
    """Lives and ages [n] to weigh [h], and the logarithm of their prior weights."""
    mean, sd = course.log_life_mean, course.log_life_sd
    least = age_h if age_h is not None else seen_h
    if age_h is not None:
        # dense just beyond the age, where a machine is about to fail
        low = np.log(0.25 * window_h)
        high = max(mean + 4.0 * sd, np.log(least + 1.0) + 0.7)
        left = np.exp(np.linspace(low, np.log(np.exp(high) - least), LIVES))
        life = least + left
        age = np.full(len(life), age_h)
        step = left  # of equal steps in the logarithm of what is left
    else:
        log_life = np.linspace(mean - 5.0 * sd, mean + 4.0 * sd, LIVES)
        used = (np.arange(AGES) + 0.5) / AGES
        life, share = (one.ravel() for one in np.meshgrid(np.exp(log_life), used, indexing="ij"))
        age, step = share * life, life
        able = age >= seen_h
        life, age, step = life[able], age[able], step[able]
        if not len(life):
            life = np.array([seen_h / 0.99])
            age, step = np.array([seen_h]), life
    log_life = np.log(life)
    usual = (1.0 - WIDE_SHARE) * np.exp(-0.5 * ((log_life - mean) / sd) ** 2) / sd
    wide = WIDE_SHARE * np.exp(-0.5 * ((log_life - mean) / WIDE_SD) ** 2) / WIDE_SD
    return life, age, np.log(usual + wide) + np.log(step / life)
