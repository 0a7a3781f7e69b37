"""What the detectors of a station are shown of a picture, and how it comes about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vision_qc.features import CHANNELS, FeatureNetwork, describe, lay_out
from vision_qc.illumination import Light, describe_light, even_out
from vision_qc.image_file import U8
from vision_qc.preprocess import AREA_PX, fit_to
from vision_qc.shapes import shape_of

F32 = npt.NDArray[np.float32]

STRIDE = 16
DIMENSIONS = 128
"""Of a place, after a random orthogonal projection of its 384 channels; the memory of a map of Gaussians goes
with the square. On the magnetic tiles kept for development 160 gain 0.2 points of image AUROC over 100."""
FINE_DIMENSIONS = 96
"""Of a place where there are more of them than :data:`MOST_PLACES`: 2.25 times as many places then take a
quarter more memory, not all of it."""
MOST_PLACES = 400
_SEED = 20201108
MAP_LEVELS = (2, 3, 4)
"""Without the level of stride 8, and with the lengths of features as they are: on parts that were not taught,
each is worth a point of image AUROC (magnetic tiles kept for development)."""
WHOLE_LEVELS = (2, 3, 4)
WHOLE_STATISTICS = "msM"


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One picture as detectors see it.

    Args:
        grid: ``float32[h, w, dimensions]``, what is at each place.
        whole: ``float32[n]``, what is in the picture, wherever it is.
        light: ``float32[m]``, how it is lit [DN].
        shape: which of the eye's shapes it has.
    """

    grid: F32
    whole: F32
    light: F32
    shape: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """How a station looks at pictures.

    Args:
        height, width: at which the network sees them [px].
        light: what is taken out of them.
        projection: ``float32[channels, dimensions]``, orthonormal columns; kept with the recipe, because
            another machine's linear algebra may make it anew with other last bits.
        shapes: that pictures come in, see :mod:`vision_qc.shapes`.
    """

    height: int
    width: int
    light: Light
    projection: F32
    shapes: tuple[float, ...] = (0.0,)

    @classmethod
    def open(cls, size: tuple[int, int], light: Light) -> Self:
        """Make an eye for pictures of ``size`` ``(height, width)`` [px]."""
        channels = sum(CHANNELS[level] for level in MAP_LEVELS)
        random = np.random.default_rng(_SEED).normal(size=(channels, DIMENSIONS))
        places = (size[0] // STRIDE) * (size[1] // STRIDE)
        dimensions = DIMENSIONS if places <= MOST_PLACES else FINE_DIMENSIONS
        projection = np.linalg.qr(random)[0][:, :dimensions]
        return cls(*size, light, np.ascontiguousarray(projection, dtype=np.float32))

    @property
    def fine(self) -> bool:
        """Whether it looks with more pixels than is usual."""
        return bool(self.height * self.width > 1.5 * AREA_PX)

    def fit(self, picture: U8) -> U8:
        """Bring a camera's picture to the size the network sees."""
        return fit_to(picture, (self.height, self.width))

    def shape_of(self, picture: U8) -> int:
        """Return which of :attr:`shapes` a camera's picture has."""
        return shape_of((picture.shape[0], picture.shape[1]), self.shapes)

    def look(self, fitted: U8, network: FeatureNetwork, shape: int = 0) -> Sight:
        """Look at a picture of ``shape`` that :meth:`fit` made."""
        levels = network.levels(even_out(fitted, self.light))
        grid = lay_out(levels, MAP_LEVELS, STRIDE)
        return Sight(
            grid @ self.projection,
            describe(levels, WHOLE_LEVELS, WHOLE_STATISTICS),
            describe_light(fitted),
            shape,
        )
