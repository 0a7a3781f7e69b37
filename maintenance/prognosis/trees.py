"""Boosted trees by LightGBM, one thread, the same bits for the same seed.

Trees with a line in every leaf follow the slow drift of a sensor with few leaves; on machines in several
regimes they are the best single member after the networks, and err elsewhere than those do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import lightgbm
import numpy as np

from maintenance.histories import F32, F64


@dataclass(frozen=True)
class TreesSettings:
    """How trees are grown.

    Args:
        rounds: number of trees.
        leaves: leaves of each.
        rate: shrinkage of each tree.
        linear: a line in every leaf instead of a constant.
        leaf_rows: fewest rows in a leaf.
        columns: share of the table's columns each tree may use.
    """

    rounds: int = 150
    leaves: int = 6
    rate: float = 0.05
    linear: bool = True
    leaf_rows: int = 200
    columns: float = 0.4
    linear_ridge: float = 1.0


@dataclass(frozen=True)
class Trees:
    """Grown trees: LightGBM's own text, which holds numbers and no code."""

    text: str
    _booster: lightgbm.Booster = field(compare=False, repr=False)

    def predict(self, table: F32) -> F64:
        """[rows] the target."""
        return np.asarray(self._booster.predict(table, num_threads=1), np.float64)


def read_trees(text: str) -> Trees:
    """Return trees from LightGBM's text."""
    return Trees(text, lightgbm.Booster(model_str=text))


def fit_trees(table: F32, target: F64, weight: F64, settings: TreesSettings, *, seed: int) -> Trees:
    """Fit by weighted least squares."""
    parameters = {
        "objective": "l2",
        "num_leaves": settings.leaves,
        "learning_rate": settings.rate,
        "min_data_in_leaf": min(settings.leaf_rows, max(5, len(table) // 50)),
        "feature_fraction": settings.columns,
        "bagging_fraction": 0.5,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "linear_tree": settings.linear,
        "linear_lambda": settings.linear_ridge if settings.linear else 0.0,
        "max_bin": 63,
        "num_threads": 1,
        "verbose": -1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
    }
    data = lightgbm.Dataset(table, target, weight=weight, params={"linear_tree": settings.linear})
    booster = lightgbm.train(parameters, data, num_boost_round=settings.rounds)
    return read_trees(booster.model_to_string(num_iteration=-1))
