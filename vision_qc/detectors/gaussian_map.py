"""One Gaussian a place: PaDiM (Defard et al. 2020) with Ledoit-Wolf covariances.

For products that lie in a fixture: what is normal differs from place to place.
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
HOTTEST_SHARE = 0.01
"""The score of a picture is the mean over this share of its places: two of 256. Five, as it was, water small
defects down (drawn castings 97.0 to 98.6, strips with real ones 74.7 to 79.5, magnetic tiles kept for
development 99.5 with both); the hottest alone is as good on these, and worse on steel and transistors."""
OLDER_SHARE = 0.02
"""Of recipes that do not say."""


@dataclass(frozen=True, slots=True, eq=False)
class GaussianMap:
    """A Gaussian for every place of the grid, and that for every shape that pictures come in.

    Args:
        mean: ``float32[shapes x places, channels]``.
        whiten: ``float32[shapes x places, channels, channels]``.
        share: ``float32[1]``, of the places that make the score.
    """

    mean: F32
    whiten: F32
    share: F32

    @classmethod
    def teach(cls, good: Sequence[Sight]) -> Self:
        """See :class:`vision_qc.detectors.detector.Detector`.

        A shape of fewer than :data:`LEAST_IMAGES` pictures is given the map of all.
        """
        if len(good) < LEAST_IMAGES:
            raise NotEnoughImagesError(
                f"{len(good)} good pictures: a map of places needs {LEAST_IMAGES} at least; take more"
            )
        maps = []
        for shape in range(1 + max(sight.shape for sight in good)):
            alike = [sight for sight in good if sight.shape == shape]
            maps.append(_gaussians(alike if len(alike) >= LEAST_IMAGES else good))
        means, whiteners = zip(*maps, strict=True)
        return cls(np.concatenate(means), np.concatenate(whiteners), np.array([HOTTEST_SHARE], np.float32))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        share = take({"share": np.array([OLDER_SHARE], np.float32)} | dict(arrays), "share", 1)
        return cls(take(arrays, "mean", 2), take(arrays, "whiten", 3), share)

    def arrays(self) -> Arrays:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        return {"mean": self.mean, "whiten": self.whiten, "share": self.share}

    def find(self, sight: Sight) -> tuple[float, F32]:
        """See :class:`vision_qc.detectors.detector.Detector`."""
        height, width, channels = sight.grid.shape
        lengths = np.linalg.norm(self.away(sight), axis=1)
        heat = np.asarray(lengths.reshape(height, width) / np.sqrt(channels), dtype=np.float32)
        return hottest(heat, float(self.share[0])), heat

    def away(self, sight: Sight) -> F32:
        """Return how far each place is from good, in its own standard deviations: ``[places, channels]``."""
        rows = sight.grid.reshape(-1, sight.grid.shape[2])
        its = slice(sight.shape * len(rows), (sight.shape + 1) * len(rows))
        away = rows - self.mean[its]
        return np.asarray(np.matmul(self.whiten[its], away[:, :, None])[:, :, 0])


def _gaussians(good: Sequence[Sight]) -> tuple[F32, F32]:
    channels = good[0].grid.shape[2]
    samples = np.stack([sight.grid.reshape(-1, channels) for sight in good], axis=1)
    mean = samples.mean(1)
    centred = samples.astype(np.float64) - mean[:, None].astype(np.float64)
    deviation = np.sqrt(np.square(centred).mean(1))
    # a feature that never changes at a place must not make a wall of its first change
    deviation += 1e-2 * deviation.mean() + 1e-4
    whiten = whitener(ledoit_wolf(centred / deviation[:, None])) / deviation[:, None].astype(np.float32)
    return mean, whiten.astype(np.float32)


HOTTEST_PLACES = 5


def describe_hottest(taught: GaussianMap, sight: Sight) -> F32:
    """Describe what is unusual where it is most unusual: the mean direction away from good, and how far.

    Returns:
        ``float32[channels + 1]``.
    """
    white = taught.away(sight)
    lengths = np.linalg.norm(white, axis=1)
    places = np.argsort(lengths, kind="stable")[-HOTTEST_PLACES:]
    return np.append(white[places].mean(0), lengths[places].mean()).astype(np.float32)


def hottest(heat: F32, share: float) -> float:
    """Return the mean over the hottest ``share`` of the places of a heat map."""
    most = max(1, int(share * heat.size))
    return float(np.sort(heat.ravel())[-most:].mean())
