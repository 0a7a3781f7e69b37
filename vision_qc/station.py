"""A taught station: it looks at a picture and says what it thinks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from vision_qc.checks.plan import IDENTITY, Checked, Plan, check
from vision_qc.defect_names import UNKNOWN_TYPE, DefectNames
from vision_qc.detectors.detector import Detector
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.detectors.supervised_head import SupervisedHead
from vision_qc.errors import RecipeError
from vision_qc.features import FeatureNetwork
from vision_qc.fusion import Fusion, Scale, fuse
from vision_qc.image_file import U8, Decoding
from vision_qc.open_set import LEAST
from vision_qc.part_registration import Motion, PartRegistration, lay_back, lay_straight
from vision_qc.quality_gate import QualityGate
from vision_qc.sight import Eye, Sight
from vision_qc.threshold import Threshold
from vision_qc.type_rules import decide
from vision_qc.verdicts import worst

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

CANNOT_JUDGE = "cannot_judge"
REVIEW = "review"


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """What a station says of a picture.

    Args:
        verdict: ``accept``, ``review``, ``reject`` or ``cannot_judge``.
        score: larger is worse; the station's threshold says from where on it is rejected.
        why: where not the score alone has decided; else empty.
        scores: of each detector, by name.
        heat: ``float32[h, w]`` on the grid of places, 1 = as hot as good ones get; None without map.
        fitted: the picture in the size that the network sees, as it lies.
        chance_of_defect: of the supervised head, None where the station was not shown defects.
        checked: what came of the recipe's checks, None where it has none or they could not be made.
        types: by type of defect the heat of its pieces, as :attr:`heat`; empty where no types were taught, or
            nothing is hotter than good ones get.
        sure: the same times how sure the type is, 0 to 1; 0 where that cannot be said.
    """

    verdict: str
    score: float
    why: str
    scores: dict[str, float]
    heat: F32 | None
    fitted: U8
    chance_of_defect: float | None = None
    checked: Checked | None = None
    types: dict[str, F32] = field(default_factory=dict)
    sure: dict[str, F32] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """All that was taught for one product at one station.

    Args:
        eye: how it looks.
        detectors: by name, in the order of ``scales``.
        head: what it learnt from defects; None if it was shown none.
        scales: of each shape those of the detectors, then of the head if it has a say in the score.
        threshold: of the fused score.
        gate: which pictures it takes.
        hottest_good: the heat that one good picture in a hundred reaches somewhere.
        registration: lays pictures straight before they are looked at; None = they are taken as they lie.
        plan: of what is measured and read; None = nothing.
        decoding: how files are to be decoded for it.
        fusion: of the scores.
        names: of types of defects; None where no type was shown often enough.
    """

    eye: Eye
    detectors: dict[str, Detector]
    head: SupervisedHead | None
    scales: tuple[tuple[Scale, ...], ...]
    threshold: Threshold
    gate: QualityGate
    hottest_good: float
    registration: PartRegistration | None = None
    plan: Plan | None = None
    decoding: Decoding = "full"
    fusion: Fusion = "soft_most"
    names: DefectNames | None = None

    def __post_init__(self) -> None:
        """Look whether each rule is of a type that was taught.

        Raises:
            RecipeError: one is not.
        """
        taught = {UNKNOWN_TYPE, *(() if self.names is None else self.names.limits)}
        for name in () if self.plan is None else self.plan.types:
            if name not in taught:
                raise RecipeError(
                    f"checks: type {name!r}: was not taught, only {', '.join(sorted(taught))}; show "
                    f"{LEAST} pictures of it at least, or take its rule out"
                )

    def judge(self, picture: U8, network: FeatureNetwork) -> Judgement:
        """Judge one picture.

        Args:
            picture: ``uint8[height, width, 3]``, as the camera sent it, decoded as :attr:`decoding` says.
            network: to look with.
        """
        fitted = self.eye.fit(picture)
        times = 2 if self.decoding == "half" else 1
        why = self.gate.why_not(times * picture.shape[0], times * picture.shape[1], fitted)
        straight, motion = self._straighten(picture, fitted)
        sight = self.eye.look(straight, network, self.eye.shape_of(picture))
        found = {name: detector.find(sight) for name, detector in self.detectors.items()}
        scores = {name: score for name, (score, _) in found.items()}
        heat = next((heat for _, heat in found.values() if heat is not None), None)
        row = list(scores.values())
        chance = None
        if self.head is not None:
            odds = self.head.odds(places_of(self.detectors), sight)
            # it may be shown and yet have no say, see vision_qc.teach
            row += [odds] * (len(self.scales[sight.shape]) - len(row))
            chance = odds / (1 + odds)
        score = float(fuse(self.scales[sight.shape], np.array([row]), self.fusion)[0])
        types, sure = dict[str, F32](), dict[str, F32]()
        if self.names is not None and heat is not None and float(heat.max()) >= self.hottest_good:
            types, sure = self.names.heats(places_of(self.detectors), sight, heat, self.hottest_good)
        verdict, reason = self.threshold.verdict(score), ""
        if self.plan is not None and types:
            hottest = {name: float(layer.max()) / self.hottest_good for name, layer in types.items()}
            verdict, reason = decide(self.plan.types, hottest, verdict)
        judgement = Judgement(
            verdict,
            score,
            reason,
            scores,
            None if heat is None else self._over_picture(heat, motion),
            fitted,
            chance,
            types={name: self._over_picture(layer, motion) for name, layer in types.items()},
            sure={name: self._over_picture(layer, motion) for name, layer in sure.items()},
        )
        if why:
            return replace(judgement, verdict=CANNOT_JUDGE, why=why)
        if motion is not None and motion.why_not:
            # the places that were looked at are not those that were taught: no score of theirs decides
            return replace(judgement, verdict=REVIEW, why=motion.why_not)
        if self.plan is None:
            return judgement
        checked = check(self.plan, picture, self._place(picture, motion))
        why = "; ".join(filter(None, (judgement.why, checked.why)))
        return replace(judgement, verdict=worst(judgement.verdict, checked.verdict), why=why, checked=checked)

    def _place(self, picture: U8, motion: Motion | None) -> F64:
        if self.registration is None or motion is None:
            return IDENTITY
        height, width = self.registration.template.shape
        return motion.scaled(picture.shape[1] / width, picture.shape[0] / height)

    def _straighten(self, picture: U8, fitted: U8) -> tuple[U8, Motion | None]:
        if self.registration is None:
            return fitted, None
        canvas = self.registration.canvas(picture)
        motion = self.registration.find(canvas)
        return (fitted if motion.why_not else self.eye.fit(lay_straight(canvas, motion))), motion

    def _over_picture(self, heat: F32, motion: Motion | None) -> F32:
        if self.registration is not None and motion is not None and not motion.why_not:
            height, width = self.registration.template.shape
            heat = lay_back(heat, motion, (height, width))
        return heat / np.float32(self.hottest_good)


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
    return np.array([[detector.find(sight)[0] for detector in detectors] for sight in sights])
