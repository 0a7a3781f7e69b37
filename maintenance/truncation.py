"""Where machines under test were stopped, and how much each row of training looks like such a stop.

A test set stops machines at some age. Held-out forecasts are to be scored at the same ages, and each machine
once; weights that do both are found by fitting the two margins in turn (Deming and Stephan 1940).
"""

from __future__ import annotations

import numpy as np

from maintenance.histories import F64, Histories

ROUNDS = 200
SMOOTHING_CYCLES = 15.0
# no test set stops a machine in its last few cycles
LAST_CYCLES = 5


def truncation_weights(h: Histories, ages: F64) -> F64:
    """[n] weight of each training row: one a machine, and over all machines distributed as ``ages``."""
    last = int(max(ages.max(), h.lengths.max())) + 1
    grid = np.arange(last + 1)
    wanted = np.exp(-0.5 * ((grid[:, None] - ages[None, :]) / SMOOTHING_CYCLES) ** 2).sum(axis=1)
    wanted /= wanted.sum()
    unit = h.unit_of_row
    age = np.arange(h.rows) - np.repeat(h.starts[:-1], h.lengths) + 1
    weight = ((age >= ages.min()) & (h.remaining_life() >= LAST_CYCLES)).astype(np.float64)
    for _ in range(ROUNDS):
        weight /= np.maximum(np.bincount(unit, weight), 1e-12)[unit]
        have = np.bincount(age, weight, last + 1) / len(h.units)
        weight *= np.divide(wanted, have, out=np.zeros_like(wanted), where=have > 1e-12)[age]
    result: F64 = weight / np.maximum(np.bincount(unit, weight), 1e-12)[unit]
    return result
