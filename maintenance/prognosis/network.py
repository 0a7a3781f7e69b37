"""A small feed-forward network in numpy, trained by Adam with decoupled weight decay.

Written out because it is small, runs on one thread, gives the same bits for the same seed and is saved as
plain arrays. Dropout and strong decay matter more than size: rows of one machine are nearly copies of each
other, so a hundred machines are few whatever the number of rows (decay: Loshchilov and Hutter 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from maintenance.histories import F32, F64


@dataclass(frozen=True)
class NetworkSettings:
    """How a network is built and trained.

    Args:
        hidden: units in each hidden layer.
        steps: of the optimiser; the same whatever the number of rows, as the task is equally hard.
        batch: rows a step.
        rate: highest learning rate; it warms up, then falls along a cosine.
        decay: decoupled weight decay, in units of the learning rate.
        dropout: share of hidden units left out at each step.
    """

    hidden: tuple[int, ...] = (128, 64)
    steps: int = 3_000
    batch: int = 512
    rate: float = 3e-3
    decay: float = 3.0
    dropout: float = 0.1


@dataclass(frozen=True)
class Network:
    """A trained network: layers of (weights [in, out], offsets [out]) and the scale of its target."""

    layers: tuple[tuple[F32, F32], ...]
    target_mean: float
    target_scale: float

    def predict(self, table: F32) -> F64:
        """[rows] the target."""
        hidden = table
        for weight, offset in self.layers[:-1]:
            hidden = np.maximum(hidden @ weight + offset, 0.0)
        weight, offset = self.layers[-1]
        return (hidden @ weight + offset)[:, 0].astype(np.float64) * self.target_scale + self.target_mean


def fit_network(table: F32, target: F64, weight: F64, settings: NetworkSettings, *, seed: int) -> Network:
    """Fit by weighted least squares."""
    rng = np.random.default_rng(seed)
    mean = float(np.average(target, weights=weight))
    scale = max(float(target.std()), 1e-9)
    goal = ((target - mean) / scale).astype(np.float32)
    pull = (weight / weight.mean()).astype(np.float32)
    parameters = _initial((table.shape[1], *settings.hidden, 1), rng)
    adam = _Adam(parameters, settings)
    batch = min(settings.batch, len(table))
    per_epoch = len(table) // batch
    order = rng.permutation(len(table))
    for step in range(settings.steps):
        if (place := step % per_epoch) == 0:
            order = rng.permutation(len(table))
        rows = order[place * batch : (place + 1) * batch]
        gradients = _gradients(parameters, table[rows], goal[rows], pull[rows], settings.dropout, rng)
        adam.step(gradients, settings.steps)
    layers = tuple((parameters[i], parameters[i + 1]) for i in range(0, len(parameters), 2))
    return Network(layers, mean, scale)


def _initial(sizes: Sequence[int], rng: np.random.Generator) -> list[F32]:
    parameters: list[F32] = []
    for before, after in pairwise(sizes):
        parameters.append((rng.standard_normal((before, after)) * np.sqrt(2.0 / before)).astype(np.float32))
        parameters.append(np.zeros(after, np.float32))
    parameters[-2] *= np.float32(0.3)
    return parameters


def _gradients(
    parameters: list[F32], rows: F32, goal: F32, pull: F32, dropout: float, rng: np.random.Generator
) -> list[F32]:
    layers = len(parameters) // 2
    active, masks = [rows], []
    for layer in range(layers - 1):
        before = active[-1] @ parameters[2 * layer] + parameters[2 * layer + 1]
        mask = (before > 0).astype(np.float32)
        if dropout:
            kept = rng.random(mask.shape, dtype=np.float32) > dropout
            mask *= kept * np.float32(1.0 / (1.0 - dropout))
        active.append(before * mask)
        masks.append(mask)
    output = (active[-1] @ parameters[-2] + parameters[-1])[:, 0]
    gradient: F32 = ((output - goal) * pull / np.float32(len(goal)))[:, None]
    result: list[F32] = [rows] * len(parameters)
    for layer in range(layers - 1, -1, -1):
        result[2 * layer] = active[layer].T @ gradient
        result[2 * layer + 1] = gradient.sum(axis=0)
        if layer:
            gradient = (gradient @ parameters[2 * layer].T) * masks[layer - 1]
    return result


class _Adam:
    """Adam's moments of each parameter; changes the parameters in place."""

    def __init__(self, parameters: list[F32], settings: NetworkSettings) -> None:
        self._parameters = parameters
        self._settings = settings
        self._first = [np.zeros_like(parameter) for parameter in parameters]
        self._second = [np.zeros_like(parameter) for parameter in parameters]
        self._taken = 0

    def step(self, gradients: list[F32], total: int) -> None:
        self._taken += 1
        taken = self._taken
        done = taken / total
        rate = self._settings.rate * min(1.0, done / 0.05) * (0.02 + 0.49 * (1.0 + np.cos(np.pi * done)))
        first_scale = np.float32(rate / (1.0 - 0.9**taken))
        second_scale = np.float32(1.0 / (1.0 - 0.999**taken))
        shrink = np.float32(1.0 - rate * self._settings.decay)
        for parameter, gradient, first, second in zip(
            self._parameters, gradients, self._first, self._second, strict=True
        ):
            first *= np.float32(0.9)
            first += np.float32(0.1) * gradient
            second *= np.float32(0.999)
            second += np.float32(0.001) * gradient * gradient
            parameter -= first_scale * first / (np.sqrt(second * second_scale) + np.float32(1e-8))
            if parameter.ndim == 2:
                parameter *= shrink
