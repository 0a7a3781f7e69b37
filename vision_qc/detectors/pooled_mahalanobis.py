"""One Gaussian for the whole picture: what is in it, wherever it is, and how it is lit.

For products that lie as they fall, for textures that move, and for what is wrong all over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vision_qc.detectors.covariance import ledoit_wolf, whitener
from vision_qc.detectors.detector import Arrays
from vision_qc.detectors.take import take
from vision_qc.errors import NotEnoughImagesError
from vision_qc.sight import Sight

F32 = npt.NDArray[np.float32]

LEAST_IMAGES = 8


@dataclass(frozen=True, slots=True, eq=False)
class PooledMahalanobis:
    """A Ledoit-Wolf Gaussian of pooled features.

    Args:
        mean: ``float32[1, n]``.
        whiten: ``float32[1, n, n]``.
    """

    mean: F32
    whiten: F32

    @classmethod
    def teach(cls, good: Sequence[Sight]) -> Self:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        if len(good) < LEAST_IMAGES:
            raise NotEnoughImagesError(
                f"{len(good)} good pictures: pooled features need {LEAST_IMAGES} at least; take more"
            )
        samples = np.stack([_row(sight) for sight in good]).astype(np.float64)
        mean = samples.mean(0)
        deviation = samples.std(0)
        deviation += 1e-2 * deviation.mean() + 1e-4
        whiten = whitener(ledoit_wolf(((samples - mean) / deviation)[None])) / deviation.astype(np.float32)
        return cls(mean.astype(np.float32)[None], whiten)

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        return cls(take(arrays, "mean", 2), take(arrays, "whiten", 3))

    def arrays(self) -> Arrays:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        return {"mean": self.mean, "whiten": self.whiten}

    def find(self, sight: Sight) -> tuple[float, None]:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        away = _row(sight) - self.mean[0]
        return float(np.linalg.norm(self.whiten[0] @ away) / np.sqrt(len(away))), None


def _row(sight: Sight) -> F32:
    return np.concatenate([sight.whole, sight.light])
