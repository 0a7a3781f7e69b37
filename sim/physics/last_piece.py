"""Measurements of the last piece: they change when a piece has been made and stand until the next."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


class LastPiece:
    """What a station has measured on the piece that left it last.

    Args:
        spread: standard deviation from piece to piece, one a quantity [unit of the quantity].
        n: number of units.
        reach: pieces are kept within this many standard deviations.

    >>> last = LastPiece((1.0,), 2)
    >>> rng = np.random.default_rng(1)
    >>> first = last.step(np.array([0.0, 0.0]), np.full((1, 2), 50.0), rng)
    >>> again = last.step(np.array([1.0, 0.0]), np.full((1, 2), 60.0), rng)
    >>> bool(again[0, 0] > 55.0), bool(again[0, 1] == first[0, 1])
    (True, True)
    """

    __slots__ = ("_made", "_reach", "_spread", "value")

    def __init__(self, spread: tuple[float, ...], n: int, reach: float = 2.5) -> None:
        self._spread = np.array(spread)[:, None]
        self._reach = reach
        self._made = np.full(n, -1.0)
        self.value: F64 = np.zeros((len(spread), n))

    def step(self, made: F64, mean: F64, rng: np.random.Generator) -> F64:
        """Measure where ``made`` (pieces so far, ``float64[n]``) has changed, about ``mean``.

        Args:
            made: pieces that have left each unit.
            mean: what a piece measures now, ``float64[quantities, n]``.
            rng: of the step; only drawn from where there is a new piece.
        """
        fresh = made != self._made
        if fresh.any():
            self._made = made.copy()
            off = rng.standard_normal(self.value.shape)
            off = np.minimum(np.maximum(off, -self._reach), self._reach)
            self.value = np.where(fresh, mean + self._spread * off, self.value)
        return self.value
