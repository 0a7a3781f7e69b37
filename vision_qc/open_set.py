"""Say "unknown" of a picture whose type was never shown: distance to the nearest type, with a limit for each.

Told apart by a head that knows five types, a sixth is always one of the five, and often a sure one. How far a
picture is from that type says more: a Mahalanobis distance with one Ledoit-Wolf covariance for all types (Lee
et al. 2018). The limits come from pictures that the distance has not learnt from, type by type, so that no
type's own variety is taken for another's novelty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vision_qc.detectors.covariance import ledoit_wolf, whitener
from vision_qc.errors import NotEnoughImagesError
from vision_qc.threshold import LEAST_SCORES, tail_quantile

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FOLDS = 5
SHARPNESSES = np.geomspace(0.03, 300.0, 41)
LEAST = 5
SEED = 7
DIRECTIONS = 64
"""Of the pictures' spread that distances are taken in; the others hold noise of few pictures."""


@dataclass(frozen=True, slots=True, eq=False)
class TypeDistance:
    """How far pictures are from types.

    Args:
        types: their names.
        axes: ``float64[features, directions]``, brings standardised features to where length is distance.
        middles: ``float64[types, directions]``, in that space.
        mean, deviation: ``float64[features]``.
    """

    types: tuple[str, ...]
    axes: F64
    middles: F64
    mean: F64
    deviation: F64

    @classmethod
    def learn(cls, rows: F64, labels: Sequence[str]) -> Self:
        """Learn from features ``[pictures, features]`` and the type of each picture."""
        types, which = np.unique(np.asarray(labels), return_inverse=True)
        mean, deviation = rows.mean(0), rows.std(0)
        deviation = deviation + 1e-2 * deviation.mean() + 1e-9
        placed = (rows - mean) / deviation
        _, _, directions = np.linalg.svd(placed, full_matrices=False)
        directions = directions[:DIRECTIONS].T
        placed = placed @ directions
        middles = np.stack([placed[which == place].mean(0) for place in range(len(types))])
        spread = placed - middles[which]
        size = spread.std() + 1e-12
        white = whitener(ledoit_wolf((spread / size)[None]))[0].astype(np.float64) / size
        return cls(tuple(map(str, types)), directions @ white.T, middles @ white.T, mean, deviation)

    def of(self, rows: F64) -> F64:
        """Return distances ``[pictures, types]``."""
        placed = ((rows - self.mean) / self.deviation) @ self.axes
        away = placed[:, None] - self.middles[None]
        return np.asarray(np.sqrt(np.square(away).mean(2)))


def confidences(distances: F64, sharpness: float) -> F64:
    """Return how sure each type is, given that it is one of them: ``[..., types]``, summing to 1.

    Args:
        distances: ``[..., types]``, of :meth:`TypeDistance.of`.
        sharpness: how much nearer a type must be to be surer.
    """
    odds = -sharpness * np.square(distances)
    shares = np.exp(odds - odds.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class OpenSet:
    """The types that are known, and how far from each is too far.

    Args:
        distance: to each type.
        limits: by type: a picture told to be of it that lies further away is of a type not shown.
        sharpness: of :func:`confidences`, under which pictures held out were told to be what they are with
            the best likelihood: of a hundred that are told with 80 % about eighty are what they are told.
    """

    distance: TypeDistance
    limits: dict[str, float]
    sharpness: float

    @classmethod
    def learn(cls, rows: F64, labels: Sequence[str], most_unknown: float) -> Self:
        """Learn types and their limits.

        Args:
            rows: ``[pictures, features]``.
            labels: type of each picture.
            most_unknown: share of pictures of a type shown that may be called unknown.

        Raises:
            NotEnoughImagesError: fewer than :data:`LEAST` pictures of a type.
        """
        names = np.asarray(labels)
        types, which, counts = np.unique(names, return_inverse=True, return_counts=True)
        if counts.min() < LEAST:
            few = str(types[int(counts.argmin())])
            raise NotEnoughImagesError(
                f"{few}: {counts.min()} pictures: its limit needs {LEAST} at least; take more"
            )
        folds = np.zeros(len(names), np.int64)
        rng = np.random.default_rng(SEED)
        for place in range(len(types)):
            folds[which == place] = rng.permutation(np.arange(counts[place]) % FOLDS)
        held_out = np.zeros((len(names), len(types)))
        for fold in range(FOLDS):
            held = folds == fold
            held_out[held] = TypeDistance.learn(rows[~held], names[~held].tolist()).of(rows[held])
        own = held_out[np.arange(len(names)), which]
        together = tail_quantile(own, most_unknown)
        # a type of few pictures says nothing of its own tail, all of them together do
        limits = {
            str(name): tail_quantile(own[which == place], most_unknown)
            if counts[place] >= 2 * LEAST_SCORES
            else together
            for place, name in enumerate(types)
        }
        shares = [confidences(held_out, sharpness)[np.arange(len(names)), which] for sharpness in SHARPNESSES]
        likeliest = int(np.argmax([np.log(share + 1e-12).mean() for share in shares]))
        return cls(TypeDistance.learn(rows, names.tolist()), limits, float(SHARPNESSES[likeliest]))

    def strangeness(self, rows: F64, told: Sequence[str]) -> F64:
        """Return how far pictures are from the type that they are told to be, 1 = as far as its limit."""
        distances = self.distance.of(rows)
        places = [self.distance.types.index(name) for name in told]
        own = distances[np.arange(len(rows)), places]
        return np.asarray(own / np.array([self.limits[name] for name in told]))
