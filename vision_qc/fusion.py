"""Put the scores of several detectors on one scale, and add them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """How the logarithms of a detector's scores lie on good pictures that it has not learnt from.

    Args:
        middle: their mean.
        spread: their standard deviation.
    """

    middle: float
    spread: float

    @classmethod
    def of(cls, scores: F64) -> Self:
        """Measure the scale of out-of-fold ``scores`` of good pictures."""
        logs = _logs(scores)
        return cls(float(logs.mean()), float(logs.std()) + 1e-6)

    def place(self, scores: F64) -> F64:
        """Return how many spreads above the middle ``scores`` lie.

        Example:
            >>> Scale(0.0, 0.5).place(np.array([1.0, np.e])).tolist()
            [0.0, 2.0]
        """
        return np.asarray((_logs(scores) - self.middle) / self.spread)


def fuse(scales: Sequence[Scale], scores: F64) -> F64:
    """Return one score a picture: the mean of the detectors' places.

    Args:
        scales: one a detector.
        scores: ``[pictures, detectors]``.
    """
    places = [scale.place(column) for scale, column in zip(scales, scores.T, strict=True)]
    return np.asarray(np.mean(places, axis=0))


def _logs(scores: F64) -> F64:
    return np.asarray(np.log(np.maximum(scores, 1e-9)))
