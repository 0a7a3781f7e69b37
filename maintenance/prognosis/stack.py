"""The stack: networks and trees, bagged over folds of machines, joined by non-negative weights.

Every machine is held out of one fold. The members of that fold forecast it, which gives out-of-fold forecasts
for all of training: they set the weights (non-negative least squares), and their errors are what the
conformal intervals are made of. In service the mean over all folds forecasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import nnls

from maintenance.histories import F32, F64, I64, Bools
from maintenance.prognosis.network import Network, NetworkSettings, fit_network
from maintenance.prognosis.trees import Trees, TreesSettings, fit_trees
from maintenance.workers import run_all

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class StackSettings:
    """What the stack is made of.

    Args:
        folds: groups of machines.
        networks: networks a fold, each from its own seed.
        forgetting: cycles of remaining life over which a row's weight falls by e: late life counts most.
        floor: least weight of a row.
    """

    folds: int = 10
    networks: int = 3
    forgetting: float = 70.0
    floor: float = 0.05
    network: NetworkSettings = field(default_factory=NetworkSettings)
    trees: tuple[TreesSettings, ...] = (TreesSettings(),)


@dataclass(frozen=True)
class Fold:
    """Members that have not seen one group of machines."""

    networks: tuple[Network, ...]
    trees: tuple[Trees, ...]

    def members(self, table: F32) -> F64:
        """[rows, m] of each kind of member: the mean of the networks, then each set of trees."""
        networks = np.mean([network.predict(table) for network in self.networks], axis=0)
        return np.column_stack([networks, *(trees.predict(table) for trees in self.trees)])


@dataclass(frozen=True)
class Stack:
    """Folds, the weights [m] of their members, and the cap of what they learned."""

    folds: tuple[Fold, ...]
    weights: F64
    cap: float

    def predict(self, table: F32) -> F64:
        """[rows] cycles left, between 0 and the cap."""
        each = np.mean([_clipped(fold.members(table), self.cap) for fold in self.folds], axis=0)
        result: F64 = np.clip(each @ self.weights, 0.0, self.cap)
        return result

    def predict_held_out(self, table: F32, fold_of_row: I64) -> F64:
        """[rows] forecasts of training rows by the fold that has not seen them."""
        result = np.empty(len(table))
        for number, fold in enumerate(self.folds):
            rows = fold_of_row == number
            result[rows] = _clipped(fold.members(table[rows]), self.cap) @ self.weights
        return np.clip(result, 0.0, self.cap)


@dataclass(frozen=True)
class FittedStack:
    """A stack and its out-of-fold forecasts of every training row [n], with the fold of each row."""

    stack: Stack
    held_out: F64
    members: F64
    fold_of_row: I64


def _clipped(members: F64, cap: float) -> F64:
    # a line in a leaf can run away on a row unlike training
    result: F64 = np.clip(members, -0.2 * cap, 1.2 * cap)
    return result


def row_weights(remaining: F64, settings: StackSettings) -> F64:
    """[n] how much a row counts in training."""
    return np.exp(-remaining / settings.forgetting) + settings.floor


def folds_of_units(units: int, folds: int, *, seed: int) -> I64:
    """[units] a fold for each machine, as even as can be."""
    return np.random.default_rng(seed).permutation(units) % folds


def fit_stack(
    table: F32,
    remaining: F64,
    unit_of_row: I64,
    learned: Bools,
    *,
    cap: float,
    settings: StackSettings,
    seed: int,
    jobs: int,
    progress: Progress,
) -> FittedStack:
    """Fit all members on table [n, p] with cycles remaining [n], from the rows ``learned`` [n].

    ``progress(done, of)`` is called after each fold.
    """
    units = int(unit_of_row.max()) + 1
    count = min(settings.folds, units)
    fold_of_row = folds_of_units(units, count, seed=seed)[unit_of_row]
    target = np.minimum(remaining, cap)
    weight = row_weights(remaining, settings)
    tasks = (
        (table[rows], target[rows], weight[rows], settings, seed + 100 * fold)
        for fold in range(count)
        for rows in [(fold_of_row != fold) & learned]
    )
    folds = tuple(run_all(_fit_fold, tasks, count, jobs=jobs, progress=progress))
    members = np.empty((len(table), 1 + len(settings.trees)))
    for number, fold in enumerate(folds):
        rows = fold_of_row == number
        members[rows] = _clipped(fold.members(table[rows]), cap)
    stack = Stack(folds, _join(members, target, weight * learned), cap)
    return FittedStack(stack, np.clip(members @ stack.weights, 0.0, cap), members, fold_of_row)


def _fit_fold(task: tuple[F32, F64, F64, StackSettings, int]) -> Fold:
    table, target, weight, settings, seed = task
    return Fold(
        networks=tuple(
            fit_network(table, target, weight, settings.network, seed=seed + number)
            for number in range(settings.networks)
        ),
        trees=tuple(fit_trees(table, target, weight, one, seed=seed) for one in settings.trees),
    )


def _join(members: F64, target: F64, weight: F64) -> F64:
    """[m] non-negative weights with sum one."""
    root = np.sqrt(weight)[:, None]
    # a heavy last row keeps the sum at one
    heavy = 1e3 * float(np.linalg.norm(root * members))
    rows = np.vstack([root * members, np.full((1, members.shape[1]), heavy)])
    solved, _ = nnls(rows, np.concatenate([root[:, 0] * target, [heavy]]))
    result: F64 = solved / solved.sum()
    return result


def each_member(folds: tuple[Fold, ...]) -> Iterator[Network | Trees]:
    """Iterate over every network and every set of trees, in the order they are saved."""
    for fold in folds:
        yield from fold.networks
        yield from fold.trees
