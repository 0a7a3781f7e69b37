"""What the places of a product that are unlike good ones are called: a type that was shown, or unknown.

Each type is a Gaussian of what its pictures show at their most unusual places, all with one Ledoit-Wolf
covariance; a place further from its nearest type than pictures of that type are in cross-validation is of a
type that nobody has shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.detectors.detector import Arrays
from vision_qc.detectors.gaussian_map import HOTTEST_PLACES, GaussianMap
from vision_qc.detectors.take import take
from vision_qc.errors import RecipeError
from vision_qc.open_set import LEAST, OpenSet, TypeDistance, confidences
from vision_qc.sight import Sight

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

UNKNOWN_TYPE: Final = "unknown_type"
MOST_UNKNOWN: Final = 0.05
"""Share of defects of a type shown that may be called unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class DefectNames:
    """The types that were shown.

    Args:
        distance: to each of them.
        limits: by type, how far is too far.
        sharpness: of :func:`vision_qc.open_set.confidences`; None = how sure a type is was never looked at.
    """

    distance: TypeDistance
    limits: dict[str, float]
    sharpness: float | None = None

    @classmethod
    def teach(cls, places: GaussianMap, sights: Sequence[Sight], types: Sequence[str]) -> Self | None:
        """Learn the types that have :data:`vision_qc.open_set.LEAST` pictures at least.

        Args:
            places: says which places are unusual.
            sights: of pictures of defects.
            types: of the pictures; "" = not said.

        Returns:
            None where no type has so many.
        """
        counts = Counter(types)
        kept = [place for place, name in enumerate(types) if name and counts[name] >= LEAST]
        if not kept:
            return None
        rows = np.stack([describe_places(places, sights[place]) for place in kept])
        learnt = OpenSet.learn(rows, [types[place] for place in kept], MOST_UNKNOWN)
        sharpness = learnt.sharpness if len(learnt.limits) > 1 else None
        exact = cls(learnt.distance, learnt.limits, sharpness)
        # rounded as it will be on disk: a recipe says the same before it is saved and after it is loaded
        return cls.from_record(exact.record(), exact.arrays())

    @classmethod
    def from_record(cls, record: Mapping[str, Any], arrays: Arrays) -> Self:
        """Make again what :meth:`record` and :meth:`arrays` described.

        Raises:
            RecipeError: an array is missing or has another shape, or a type has no limit.
        """
        limits = {str(name): float(limit) for name, limit in record["limits"].items()}
        middles = take(arrays, "middles", 2)
        types = tuple(str(name) for name in record["types"])
        if set(limits) != set(types) or len(middles) != len(types):
            raise RecipeError(f"recipe: {len(types)} types and {len(middles)} middles; teach it again")
        distance = TypeDistance(
            types,
            take(arrays, "axes", 2).astype(np.float64),
            middles.astype(np.float64),
            take(arrays, "mean", 1).astype(np.float64),
            take(arrays, "deviation", 1).astype(np.float64),
        )
        sharpness = record.get("sharpness")
        return cls(distance, limits, None if sharpness is None else float(sharpness))

    def record(self) -> dict[str, Any]:
        """Return what is no array."""
        return {"types": list(self.distance.types), "limits": self.limits, "sharpness": self.sharpness}

    def arrays(self) -> Arrays:
        """Return all that is."""
        return {
            "axes": self.distance.axes.astype(np.float32),
            "middles": self.distance.middles.astype(np.float32),
            "mean": self.distance.mean.astype(np.float32),
            "deviation": self.distance.deviation.astype(np.float32),
        }

    def name(self, places: GaussianMap, sight: Sight, where: Bools | None = None) -> tuple[str, float]:
        """Name what is at the most unusual places.

        Args:
            places, sight: as in :meth:`teach`.
            where: ``bool[h, w]``, the places of one piece; None = all.

        Returns:
            The type, and how sure that is: 0 to 1, 0 where it cannot be said.
        """
        distances = self.distance.of(describe_places(places, sight, where)[None])[0]
        nearest = int(distances.argmin())
        name = self.distance.types[nearest]
        if distances[nearest] >= self.limits[name]:
            return UNKNOWN_TYPE, 0.0
        return name, 0.0 if self.sharpness is None else float(confidences(distances, self.sharpness)[nearest])

    def heats(
        self, places: GaussianMap, sight: Sight, heat: F32, from_heat: float
    ) -> tuple[dict[str, F32], dict[str, F32]]:
        """Part a heat map by the types of its pieces.

        Args:
            places, sight: as in :meth:`teach`.
            heat: ``float32[h, w]``, of ``sight``.
            from_heat: where a piece begins.

        Returns:
            By type the heat of its pieces, 0 elsewhere; and the same times how sure the type of each is.
        """
        count, labels = cv2.connectedComponents((heat >= from_heat).astype(np.uint8))
        found: dict[str, F32] = {}
        sure: dict[str, F32] = {}
        for label in range(1, count):
            piece = np.asarray(labels == label)
            name, confidence = self.name(places, sight, piece)
            found.setdefault(name, np.zeros_like(heat))[piece] = heat[piece]
            sure.setdefault(name, np.zeros_like(heat))[piece] = confidence * heat[piece]
        return found, sure


def describe_places(taught: GaussianMap, sight: Sight, where: Bools | None = None) -> F64:
    """Describe the most unusual places: how they differ from good, and what is there.

    Returns:
        ``float64[2 x channels]``.
    """
    white = taught.away(sight)
    lengths = np.linalg.norm(white, axis=1)
    if where is not None:
        lengths = np.where(where.ravel(), lengths, -1.0)
    hottest = np.argsort(lengths, kind="stable")[-HOTTEST_PLACES:]
    hottest = hottest[lengths[hottest] >= 0]
    rows = sight.grid.reshape(len(lengths), -1)
    return np.concatenate([white[hottest].mean(0), rows[hottest].mean(0)]).astype(np.float64)
