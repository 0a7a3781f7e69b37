"""Failure modes: how probable each is, so that the most probable comes first; any of them is a failure.

A model a mode sees clearer than one model of all: each follows its own physics, and a machine may have two at
once. Together they fail as links of a chain do: the machine is well if none has come.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm
import numpy as np

from maintenance.histories import F64, Bools

_PARAMETERS = {
    "objective": "binary",
    "num_leaves": 4,
    "min_data_in_leaf": 10,
    "learning_rate": 0.05,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "min_sum_hessian_in_leaf": 0.1,
    "num_threads": 1,
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
}
ROUNDS = 200


@dataclass(frozen=True)
class FailureModes:
    """Fitted modes, by name."""

    names: tuple[str, ...]
    boosters: tuple[lightgbm.Booster, ...]

    def probabilities(self, table: F64) -> F64:
        """[n, modes] probability of each mode."""
        return np.column_stack(
            [np.asarray(one.predict(table, num_threads=1), np.float64) for one in self.boosters]
        )

    def contributions(self, table: F64) -> F64:
        """[n, modes, p + 1] what each column adds to the log-odds of each mode (TreeSHAP, exact for trees:
        Lundberg et al. 2020); the last is what they start from, and all add up to the log-odds."""
        told = [
            np.asarray(one.predict(table, pred_contrib=True, num_threads=1), np.float64)
            for one in self.boosters
        ]
        return np.stack(told, axis=1)

    def ranked(self, table: F64) -> list[list[tuple[str, float]]]:
        """For each row, the modes from the most probable down, with their probabilities."""
        return [
            sorted(zip(self.names, map(float, row), strict=True), key=lambda pair: -pair[1])
            for row in self.probabilities(table)
        ]


def fit_failure_modes(table: F64, modes: Bools, names: tuple[str, ...], *, seed: int) -> FailureModes:
    """Fit on rows [n, p] with the modes that were found in each [n, modes]."""
    boosters = tuple(
        lightgbm.train(
            _PARAMETERS | {"seed": seed},
            lightgbm.Dataset(table, modes[:, place].astype(np.float64)),
            num_boost_round=ROUNDS,
        )
        for place in range(modes.shape[1])
    )
    return FailureModes(names, boosters)


def any_mode(probabilities: F64) -> F64:
    """[n] probability that at least one of the modes [n, modes] has come.

    >>> any_mode(np.array([[0.5, 0.5], [0.0, 0.1]])).tolist()
    [0.75, 0.1]
    """
    result: F64 = np.round(1.0 - np.prod(1.0 - probabilities, axis=1), 12)
    return result
