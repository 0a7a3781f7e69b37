"""What the few defects that turned up look like: a regularised logistic head on the most unusual places.

On the whole picture's features twenty defects teach less than nothing (magnetic tiles: AUROC 86 alone, and
the station worse with it); on the places that a map of Gaussians finds unusual, 97 alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vision_qc.detectors.detector import Arrays
from vision_qc.detectors.gaussian_map import GaussianMap, describe_hottest
from vision_qc.detectors.take import take
from vision_qc.errors import NotEnoughImagesError
from vision_qc.sight import Sight

F32 = npt.NDArray[np.float32]

LEAST_DEFECTS = 5
STRENGTH = 0.01
"""Inverse of the ridge; the features are standardised and far more than the pictures."""
_MOST_LOG_ODDS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class SupervisedHead:
    """A hyperplane between good and bad.

    Args:
        weights: ``float32[n]``.
        offset: ``float32[1]``.
    """

    weights: F32
    offset: F32

    @classmethod
    def teach(cls, taught: GaussianMap, good: Sequence[Sight], bad: Sequence[Sight]) -> Self:
        """Learn what tells ``bad`` from ``good``; both kinds weigh the same.

        Args:
            taught: the map that says which places are unusual.
            good, bad: sights of pictures.

        Raises:
            NotEnoughImagesError: fewer bad pictures than :data:`LEAST_DEFECTS`.
        """
        if len(bad) < LEAST_DEFECTS:
            raise NotEnoughImagesError(
                f"{len(bad)} bad pictures: {LEAST_DEFECTS} at least; leave them out or take more"
            )
        rows = np.stack([describe_hottest(taught, sight) for sight in (*good, *bad)]).astype(np.float64)
        truth = np.r_[np.zeros(len(good)), np.ones(len(bad))]
        mean, deviation = rows[: len(good)].mean(0), rows[: len(good)].std(0)
        deviation += 1e-2 * deviation.mean() + 1e-4
        from sklearn.linear_model import LogisticRegression  # 87 MB that a station which judges never needs

        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=500)
        model.fit((rows - mean) / deviation, truth)
        weights = model.coef_[0] / deviation
        return cls(weights.astype(np.float32), np.array([model.intercept_[0] - weights @ mean], np.float32))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Make again what :meth:`arrays` described.

        Raises:
            RecipeError: an array is missing or has another shape.
        """
        return cls(take(arrays, "weights", 1), take(arrays, "offset", 1))

    def arrays(self) -> Arrays:
        """Return all that was learnt."""
        return {"weights": self.weights, "offset": self.offset}

    def odds(self, taught: GaussianMap, sight: Sight) -> float:
        """Return how many times likelier bad is than good, were both as frequent."""
        log_odds = float(self.weights @ describe_hottest(taught, sight) + self.offset[0])
        return float(np.exp(np.clip(log_odds, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)))
