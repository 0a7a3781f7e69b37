"""Features of a whole history: level, trend, drift from the machine's own youth, age, exposure.

Every feature of a sensor is a weighted sum over the machine's past, so a *functional* is a vector of weights
that depends on the number of cycles alone. One table of weights gives the features of every row of a training
history and of the last row of a live machine; the two cannot drift apart.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from maintenance.errors import HistoryError
from maintenance.histories import F32, F64, I64

EWMA_SPANS = (20,)
FIT_WINDOWS = (15, 30, 60)
YOUTH = 15
MAX_CYCLES = 2_000
FUNCTIONALS = (
    *(f"ewma{span}" for span in EWMA_SPANS),
    *(f"level{window}" for window in FIT_WINDOWS),
    *(f"slope{window}" for window in FIT_WINDOWS),
    "youth",
    "mean",
)
LEVEL = FUNCTIONALS.index("level30")
YOUTH_PLACE = FUNCTIONALS.index("youth")


@lru_cache(maxsize=4096)
def weights(cycles: int) -> F64:
    """[f, cycles] what each functional gives to each of a machine's cycles, oldest first.

    >>> weights(3)[FUNCTIONALS.index("mean")].round(3).tolist()
    [0.333, 0.333, 0.333]
    >>> weights(3)[FUNCTIONALS.index("slope15")].tolist()
    [-0.5, 0.0, 0.5]
    """
    rows = [_ewma(cycles, span) for span in EWMA_SPANS]
    fits = [_trailing_fit(cycles, window) for window in FIT_WINDOWS]
    youth = np.zeros(cycles)
    youth[: min(YOUTH, cycles)] = 1.0 / min(YOUTH, cycles)
    mean = np.full(cycles, 1.0 / cycles)
    rows += [level for level, _ in fits] + [slope for _, slope in fits]
    rows += [youth, mean]
    return np.array(rows)


def _ewma(cycles: int, span: int) -> F64:
    age = np.arange(cycles - 1, -1, -1)
    raw = (1.0 - 2.0 / (span + 1.0)) ** age
    result: F64 = raw / raw.sum()
    return result


def _trailing_fit(cycles: int, window: int) -> tuple[F64, F64]:
    """Weights of the value at the last cycle and of the slope per cycle of a line through the last cycles."""
    level, slope = np.zeros(cycles), np.zeros(cycles)
    n = min(window, cycles)
    centred = np.arange(n) - (n - 1) / 2.0
    if n > 2:
        slope[-n:] = centred / np.sum(centred**2)
    level[-n:] = 1.0 / n
    return level + slope * (n - 1) / 2.0, slope


def fill_gaps(z: F64, starts: I64) -> F64:
    """[n, s] each missing value replaced by the machine's last known one, or its first known one before that.

    A sensor that a machine never had stays NaN.
    """
    if not np.isnan(z).any():
        return z
    filled = z.copy()
    for begin, end in pairwise(starts):
        block = filled[begin:end]
        known = np.isfinite(block)
        rows = np.arange(len(block))[:, None]
        last = np.maximum.accumulate(np.where(known, rows, -1), axis=0)
        first = np.where(known.any(axis=0), known.argmax(axis=0), 0)
        source = np.where(last >= 0, last, first)
        filled[begin:end] = np.take_along_axis(block, source, axis=0)
    return filled


def at_every_cycle(z: F64, starts: I64) -> F32:
    """[n, f, s] functionals of z [n, s] at every row, each seeing only its own past."""
    longest = int(np.max(np.diff(starts)))
    if longest > MAX_CYCLES:
        raise HistoryError(
            f"a machine has {longest} cycles; a model is trained on at most {MAX_CYCLES}: "
            "aggregate the readings to longer cycles"
        )
    table = np.zeros((longest, len(FUNCTIONALS), longest))
    for cycles in range(1, longest + 1):
        table[cycles - 1, :, :cycles] = weights(cycles)
    result = np.empty((len(z), len(FUNCTIONALS), z.shape[1]), np.float32)
    for begin, end in pairwise(starts):
        n = end - begin
        sums = table[:n, :, :n].reshape(-1, n) @ z[begin:end]
        result[begin:end] = sums.reshape(n, len(FUNCTIONALS), -1)
    return result


def at_last_cycle(z: F64, starts: I64, begins: I64) -> F32:
    """[u, f, s] functionals of z [n, s] at each machine's last row.

    They see the rows from ``begins`` [u] on; the youth is that of the whole machine.
    """
    result = np.empty((len(starts) - 1, len(FUNCTIONALS), z.shape[1]), np.float32)
    for index, (begin, end) in enumerate(pairwise(starts)):
        since = int(begins[index])
        result[index] = weights(int(end) - since) @ z[since:end]
        if since > begin:
            result[index, YOUTH_PLACE] = z[begin : min(begin + YOUTH, end)].mean(axis=0)
    return result
