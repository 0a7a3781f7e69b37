"""Why a forecast of remaining life is what it is: by signal, by block of features, and by past machines.

Contributions are Shapley values of groups of columns over the whole stack, against the mean row of training
(baseline Shapley: Sundararajan and Najmi 2020), by permutations in opposite pairs (Strumbelj and Kononenko
2014; Mitchell et al. 2022 for the pairs): from the reference, groups are put in one after the other, and each
gets what it changed. They add up to the forecast exactly. LightGBM's own TreeSHAP does not know trees with a
line in each leaf, and could not see the networks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from maintenance.features import FUNCTIONALS
from maintenance.histories import F32, F64, I64, Histories
from maintenance.model import RulModel
from maintenance.prognosis.similarity import SimilarMachine
from maintenance.workers import one_thread

PAIRS = 12
"""Pairs of opposite orders in which groups are put in."""
SIMILAR = 5
AGE, EXPOSURE = "age", "exposure"


@dataclass(frozen=True)
class Explanation:
    """Why one machine is forecast as it is, in cycles of remaining life.

    Args:
        unit: number of the machine.
        life: the forecast.
        reference: forecast of the mean row of training.
        by_signal: what each signal adds to the reference, with its age and exposure; strongest first.
        by_block: the same by block of features.
        trend: of each signal in ``by_signal``, its slope over the last 30 cycles, in scatters of its regime a
            cycle; NaN for age and exposure.
        similar: past machines that looked most alike.
    """

    unit: int
    life: float
    reference: float
    by_signal: Sequence[tuple[str, float]]
    by_block: Sequence[tuple[str, float]]
    trend: Sequence[float]
    similar: Sequence[SimilarMachine]


def explain(model: RulModel, h: Histories, unit: int) -> Explanation:
    """Explain the forecast of the machine with this index among ``h``.

    Raises:
        HistoryError, NotEnoughDataError: there is no forecast of it to explain.
    """
    one = h.select(np.array([unit]))
    told = model.forecast(one)
    if not told.known[0]:
        return Explanation(int(one.units[0]), np.nan, np.nan, (), (), (), ())
    with one_thread():
        row: F32 = np.nan_to_num(model.design.last_cycle(one).table[0])
        signals, blocks = _groups(model, len(row))
        by_signal = shapley(model.stack.predict, row, [columns for _, columns in signals])
        by_block = shapley(model.stack.predict, row, [columns for _, columns in blocks])
        reference = float(model.stack.predict(np.zeros((1, len(row)), np.float32))[0])
        slopes = row * model.design.scale + model.design.mean
        similar = model.past.nearest(row[model.compared], SIMILAR)
    order = np.argsort(-np.abs(by_signal), kind="stable").tolist()
    slope = FUNCTIONALS.index("slope30") * len(model.design.used)
    return Explanation(
        unit=int(one.units[0]),
        life=float(told.life[0]),
        reference=reference,
        by_signal=[(signals[place][0], float(by_signal[place])) for place in order],
        by_block=[(name, float(value)) for (name, _), value in zip(blocks, by_block, strict=True)],
        trend=[
            float(slopes[slope + place]) if place < len(model.design.used) else float("nan")
            for place in order
        ],
        similar=similar,
    )


def shapley(predict: Callable[[F32], F64], row: F32, groups: Sequence[I64], *, seed: int = 0) -> F64:
    """[g] Shapley values of groups of columns of a row [p], against the row of zeros.

    >>> halves = [np.array([0]), np.array([1])]
    >>> both = lambda table: (table[:, 0] * table[:, 1]).astype(np.float64)
    >>> shapley(both, np.array([2.0, 3.0], np.float32), halves).tolist()
    [3.0, 3.0]
    """
    rng = np.random.default_rng(seed)
    orders = []
    for _ in range(PAIRS):
        order = rng.permutation(len(groups))
        orders += [order, order[::-1]]
    rows = np.zeros((len(orders), len(groups) + 1, len(row)), np.float32)
    for path, order in zip(rows, orders, strict=True):
        for step, group in enumerate(order.tolist(), start=1):
            path[step] = path[step - 1]
            path[step, groups[group]] = row[groups[group]]
    told = predict(rows.reshape(-1, len(row))).reshape(len(orders), -1)
    total = np.zeros(len(groups))
    for order, steps in zip(orders, np.diff(told, axis=1), strict=True):
        total[order] += steps
    result: F64 = total / len(orders)
    return result


def _groups(model: RulModel, columns: int) -> tuple[list[tuple[str, I64]], list[tuple[str, I64]]]:
    """Columns of the table by signal, and by block."""
    sensors = len(model.design.used)
    width = len(FUNCTIONALS) * sensors
    place = np.arange(width).reshape(len(FUNCTIONALS), sensors)
    age, exposure = np.array([width, width + 1]), np.arange(width + 2, columns)
    rest = [(AGE, age), *([(EXPOSURE, exposure)] if len(exposure) else [])]
    signals = [
        (model.sensor_names[int(sensor)], place[:, number]) for number, sensor in enumerate(model.design.used)
    ]
    trend = np.array([name.startswith("slope") for name in FUNCTIONALS])
    youth = np.array([name in {"youth", "mean"} for name in FUNCTIONALS])
    blocks = [
        ("level", place[~trend & ~youth].ravel()),
        ("trend", place[trend].ravel()),
        ("youth", place[youth].ravel()),
    ]
    return [*signals, *rest], [*blocks, *rest]
