"""A taught station: it looks at a picture and says what it thinks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.detectors.detector import Detector
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.detectors.supervised_head import SupervisedHead
from vision_qc.errors import RecipeError
from vision_qc.features import FeatureNetwork
from vision_qc.fusion import Scale, fuse
from vision_qc.image_file import U8
from vision_qc.quality_gate import QualityGate
from vision_qc.sight import Eye, Sight
from vision_qc.threshold import Threshold

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

CANNOT_JUDGE = "cannot_judge"


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a station says of a picture.

    Args:
        verdict: ``accept``, ``review``, ``reject`` or ``cannot_judge``.
        score: larger is worse; the station's threshold says from where on it is rejected.
        why: of ``cannot_judge``; else empty.
        scores: of each detector, by name.
        heat: ``float32[h, w]`` on the grid of places, 1 = as hot as good ones get; None without map.
        chance_of_defect: of the supervised head, None where the station was not shown defects.
    """

    verdict: str
    score: float
    why: str
    scores: dict[str, float]
    heat: F32 | None
    chance_of_defect: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """All that was taught for one product at one station.

    Args:
        eye: how it looks.
        detectors: by name, in the order of ``scales``.
        head: what it learnt from defects; None if it was shown none.
        scales: of the detectors, then of the head if there is one.
        threshold: of the fused score.
        gate: which pictures it takes.
        hottest_good: the heat that one good picture in a hundred reaches somewhere.
    """

    eye: Eye
    detectors: dict[str, Detector]
    head: SupervisedHead | None
    scales: tuple[Scale, ...]
    threshold: Threshold
    gate: QualityGate
    hottest_good: float

    def judge(self, picture: U8, network: FeatureNetwork) -> Judgement:
        """Judge one picture.

        Args:
            picture: ``uint8[height, width, 3]``, as the camera sent it.
            network: to look with.
        """
        fitted = self.eye.fit(picture)
        why = self.gate.why_not(picture.shape[0], picture.shape[1], fitted)
        sight = self.eye.look(fitted, network)
        scores = {name: detector.score(sight) for name, detector in self.detectors.items()}
        row = list(scores.values())
        chance = None
        if self.head is not None:
            odds = self.head.odds(places_of(self.detectors), sight)
            row.append(odds)
            chance = odds / (1 + odds)
        score = float(fuse(self.scales, np.array([row]))[0])
        verdict = CANNOT_JUDGE if why else self.threshold.verdict(score)
        return Judgement(verdict, score, why, scores, self._heat(sight), chance)

    def _heat(self, sight: Sight) -> F32 | None:
        for detector in self.detectors.values():
            heat = detector.heat(sight)
            if heat is not None:
                return heat / np.float32(self.hottest_good)
        return None


def places_of(detectors: Mapping[str, Detector]) -> GaussianMap:
    """Return the map of places among ``detectors``.

    Raises:
        RecipeError: there is none.
    """
    for detector in detectors.values():
        if isinstance(detector, GaussianMap):
            return detector
    raise RecipeError("recipe: a head for defects needs a map of places; teach it again")


def spread_heat(heat: F32, size: tuple[int, int]) -> F32:
    """Spread a heat map over a picture of ``size`` ``(height, width)`` [px]."""
    spread = cv2.resize(heat, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(spread, dtype=np.float32)


def raw_scores(detectors: Sequence[Detector], sights: Sequence[Sight]) -> F64:
    """Return ``[pictures, detectors]`` scores."""
    return np.array([[detector.score(sight) for detector in detectors] for sight in sights])
