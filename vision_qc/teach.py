"""Teach a station from folders of pictures: choose how to look, learn what is good, set the thresholds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from vision_qc.costs import Costs, Priced, price
from vision_qc.defect_names import DefectNames
from vision_qc.detectors.known import DETECTORS
from vision_qc.detectors.supervised_head import LEAST_DEFECTS, SupervisedHead
from vision_qc.errors import NotEnoughImagesError, RegistrationError
from vision_qc.features import FeatureNetwork
from vision_qc.fusion import Scale, fuse_by_shape
from vision_qc.illumination import LIGHTS, Light
from vision_qc.image_file import U8, Decoding
from vision_qc.metrics import auroc
from vision_qc.part_registration import (
    WAYS,
    PartRegistration,
    Way,
    learn,
    steadier,
    template_size,
    to_canvas,
)
from vision_qc.preprocess import area_px, may_be_fine, working_size
from vision_qc.quality_gate import QualityGate
from vision_qc.shapes import find_shapes
from vision_qc.sight import Eye, Sight
from vision_qc.station import Station, places_of, raw_scores
from vision_qc.threshold import promise
from vision_qc.trials import (
    SEED,
    TRIAL_GOOD,
    TRIAL_MARGIN,
    Runner,
    scales_by_shape,
    see,
    trial_light,
    trial_shapes,
    trial_sizes,
    trial_straight,
)

F64 = npt.NDArray[np.float64]

LEAST_GOOD = 20
FOLDS = 10
Registering = Literal["auto", "off"] | Way
PREFERENCE: tuple[Light, ...] = ("whole", "as_is")


@dataclass(frozen=True, slots=True)
class Taught:
    """A station, and what teaching found out on the way.

    Args:
        station: ready to judge.
        good_scores: out of fold, of the good pictures.
        trials: AUROC of each way of looking on drawn defects.
        priced: what the thresholds cost; None where a rate was promised.
        registration_trials: AUROC of pictures as they lie and laid straight; empty where that was not worth
            trying.
        size_trials: AUROC as usual and looking finely; empty where that was not to be chosen.
        shape_trials: AUROC with one map of places and with one a shape; empty where there is one shape.
    """

    station: Station
    good_scores: F64
    trials: dict[Light, float]
    registration_trials: dict[Way | Literal["none"], float]
    size_trials: tuple[float, float] | tuple[()]
    shape_trials: tuple[float, float] | tuple[()]
    priced: Priced | None


def teach(
    good: Sequence[U8],
    bad: Sequence[U8],
    network: FeatureNetwork,
    *,
    target_fpr: float = 0.02,
    workers: int | None = None,
    parts: Sequence[str] | None = None,
    fine: bool | None = False,
    registration: Registering = "auto",
    decoding: Decoding = "full",
    costs: Costs | None = None,
    types: Sequence[str] | None = None,
) -> Taught:
    """Teach a station.

    Args:
        good: pictures of good products, ``uint8[height, width, 3]`` of any sizes.
        bad: pictures of defects, or none.
        network: to look with.
        target_fpr: share of good products that may be rejected.
        workers: threads; None = one a core, at most four. The result does not depend on it.
        parts: which part each good picture shows, where one was taken several times; None = each another.
            The threshold then rests on parts that were not learnt from. Left out, it rests on other pictures
            of the same parts, and new parts are rejected far more often than promised.
        fine: look with 2.25 times as many pixels; None = where defects drawn into pictures show that it pays,
            if the pictures are neither small nor large (see :func:`vision_qc.preprocess.may_be_fine`).
        registration: ``auto`` = lay pictures straight if that helps by cross-validation; ``off`` = never; a
            way = this one, whatever it helps.
        costs: of mistakes; the thresholds are then those of least expected cost, and nothing is promised.
        decoding: how the pictures were decoded, and will be; see :mod:`vision_qc.decoding`.
        types: of defect, of each bad picture, "" where it is not said; None = of none. Types of five pictures
            and more are told apart afterwards.

    Raises:
        NotEnoughImagesError: fewer than :data:`LEAST_GOOD` good pictures, fewer parts than :data:`FOLDS`, or
            one to four bad pictures.
        RegistrationError: the way asked for does not hold these pictures.
        ValueError: not as many ``parts`` as good pictures, or ``types`` as bad ones.
    """
    if len(good) < LEAST_GOOD:
        raise NotEnoughImagesError(f"{len(good)} good pictures: {LEAST_GOOD} at least; take more")
    if 0 < len(bad) < LEAST_DEFECTS:
        raise NotEnoughImagesError(
            f"{len(bad)} bad pictures: {LEAST_DEFECTS} at least; leave them out or take more"
        )
    folds = _folds(range(len(good)) if parts is None else parts, FOLDS)
    if len(folds) != len(good):
        raise ValueError(f"{len(folds)} parts of {len(good)} good pictures: name one a picture")
    if types is not None and len(types) != len(bad):
        raise ValueError(f"{len(types)} types of {len(bad)} bad pictures: name one a picture")
    times = 2 if decoding == "half" else 1
    sizes = [(len(picture), len(picture[0])) for picture in good]
    size = working_size(sizes, area_px(bool(fine)))
    with ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1)) as pool:
        run = Runner(pool)
        eye = Eye.open(size, "as_is")
        fitted = run(eye.fit, good)
        trials = {light: trial_light(Eye.open(size, light), fitted, network, run) for light in LIGHTS}
        eye = Eye.open(size, _prefer(trials))
        size_trials: tuple[float, float] | tuple[()] = ()
        if fine is None and decoding == "full" and may_be_fine(sizes):
            finer = Eye.open(working_size(sizes, area_px(True)), eye.light)
            usual, finely = trial_sizes((eye, finer), good, network, run)
            size_trials, fine = (usual, finely), finely >= usual + TRIAL_MARGIN
            if fine:
                eye, fitted = finer, run(finer.fit, good)
        px = area_px(bool(fine))
        straightener, straight_trials = _register(good, eye, px, network, run, registration)
        straight = run(lambda picture: see(eye, picture, straightener), good) if straightener else fitted
        eye = replace(eye, shapes=find_shapes(sizes))
        shapes = [eye.shape_of(picture) for picture in good]
        sights = run(lambda place: eye.look(straight[place], network, shapes[place]), range(len(good)))
        shape_trials = trial_shapes(sights, straight, eye, network, folds, run)
        if not shape_trials or shape_trials[1] < shape_trials[0] - TRIAL_MARGIN:
            eye, shapes = replace(eye, shapes=eye.shapes[:1]), [0] * len(good)
            sights = [replace(sight, shape=0) for sight in sights]
        bad_sights = run(
            lambda picture: eye.look(see(eye, picture, straightener), network, eye.shape_of(picture)), bad
        )
        bad_folds = np.random.default_rng(SEED).permutation(np.arange(len(bad)) % FOLDS)
        held = run(lambda fold: _held_out(sights, bad_sights, folds, bad_folds, fold), range(FOLDS))
    held_out = np.concatenate([scores for scores, _, _ in held])
    heats = np.concatenate([heats for _, heats, _ in held])
    asked = np.array([shapes[place] for fold in range(FOLDS) for place in np.flatnonzero(folds == fold)])
    order = [int(place) for fold in range(FOLDS) for place in np.flatnonzero(bad_folds == fold)]
    bad_out = np.concatenate([scores for _, _, scores in held])
    scales, fused, bad_fused = _fuse(held_out, asked, bad_out, [bad_sights[place].shape for place in order])
    priced = None if costs is None else price(fused, bad_fused, costs)
    detectors = {name: kind.teach(sights) for name, kind in DETECTORS.items()}
    station = Station(
        eye=eye,
        detectors=detectors,
        head=SupervisedHead.teach(places_of(detectors), sights, bad_sights) if bad_sights else None,
        scales=scales,
        threshold=promise(fused, target_fpr) if priced is None else priced.threshold,
        gate=QualityGate.teach([(times * height, times * width) for height, width in sizes], fitted),
        decoding=decoding,
        hottest_good=float(np.quantile(heats, 0.99)),
        registration=straightener,
        names=None if types is None else DefectNames.teach(places_of(detectors), bad_sights, types),
    )
    return Taught(station, fused, trials, straight_trials, size_trials, shape_trials, priced)


def _fuse(
    good: F64, shapes: npt.NDArray[np.int64], bad: F64, bad_shapes: Sequence[int]
) -> tuple[tuple[tuple[Scale, ...], ...], F64, F64]:
    """Return scales and fused scores, without the head where its score tells defects apart no better.

    Twenty defects are not always like those to come: what they taught must show on defects held out before
    it may move the score. All scores are out of fold, ``[pictures, detectors]``.
    """
    scales = scales_by_shape(good, shapes)
    fused = fuse_by_shape(scales, good, shapes.tolist()), fuse_by_shape(scales, bad, bad_shapes)
    if not len(bad):
        return scales, *fused
    count = len(DETECTORS)
    alone = scales_by_shape(good[:, :count], shapes)
    without = (
        fuse_by_shape(alone, good[:, :count], shapes.tolist()),
        fuse_by_shape(alone, bad[:, :count], bad_shapes),
    )
    return (alone, *without) if auroc(*without) > auroc(*fused) else (scales, *fused)


def registering(asked: str) -> Registering:
    """Read what a command line says of registration.

    Raises:
        RegistrationError: it is no way of it.
    """
    if asked == "auto" or asked == "off":
        return "auto" if asked == "auto" else "off"
    way = next((way for way in WAYS if way == asked), None)
    if way is None:
        raise RegistrationError(
            f"registration {asked!r}: none of auto, off, {', '.join(WAYS)}; give one of them"
        )
    return way


def _folds(parts: Sequence[str] | range, folds: int) -> npt.NDArray[np.int64]:
    """Deal pictures into ``folds``, shuffled, those of one part into one fold."""
    kinds, which = np.unique(np.asarray(parts), return_inverse=True)
    if len(kinds) < folds:
        raise NotEnoughImagesError(f"{len(kinds)} parts: {folds} different ones at least; take more")
    return np.asarray(np.random.default_rng(SEED).permutation(np.arange(len(kinds)) % folds)[which])


def _held_out(
    sights: Sequence[Sight],
    bad: Sequence[Sight],
    folds: npt.NDArray[np.int64],
    bad_folds: npt.NDArray[np.int64],
    fold: int,
) -> tuple[F64, F64, F64]:
    """Return scores and heat of the good pictures in ``fold``, and scores of the bad, by the others."""
    inside = [sight for sight, its in zip(sights, folds, strict=True) if its != fold]
    outside = [sight for sight, its in zip(sights, folds, strict=True) if its == fold]
    detectors = {name: kind.teach(inside) for name, kind in DETECTORS.items()}
    found = [[detector.find(sight) for detector in detectors.values()] for sight in outside]
    scores = np.array([[score for score, _ in row] for row in found])
    asked = [sight for sight, its in zip(bad, bad_folds, strict=True) if its == fold]
    bad_scores = raw_scores(list(detectors.values()), asked).reshape(len(asked), len(detectors))
    if bad:
        places = places_of(detectors)
        known = [sight for sight, its in zip(bad, bad_folds, strict=True) if its != fold]
        head = SupervisedHead.teach(places, inside, known if len(known) >= LEAST_DEFECTS else bad)
        scores = np.c_[scores, [head.odds(places, sight) for sight in outside]]
        bad_scores = np.c_[bad_scores, [head.odds(places, sight) for sight in asked]]
    hottest = [heat.max() for row in found for _, heat in row if heat is not None]
    return scores, np.array(hottest), bad_scores


def _register(
    good: Sequence[U8], eye: Eye, px: int, network: FeatureNetwork, run: Runner, asked: Registering
) -> tuple[PartRegistration | None, dict[Way | Literal["none"], float]]:
    """Choose whether and how pictures are laid straight."""
    if asked == "off":
        return None, {}
    size = template_size([(len(picture), len(picture[0])) for picture in good], px)
    chosen = np.random.default_rng(SEED).permutation(len(good))[:TRIAL_GOOD]
    canvases = run(lambda place: to_canvas(good[place], size), [int(place) for place in chosen])
    if asked != "auto":
        registration = learn(canvases, size, asked)
        if registration is None:
            raise RegistrationError(
                f"registration {asked!r}: {len(good)} good pictures do not show one part in one fixture; "
                "leave the choice to teaching, or switch it off"
            )
        return registration, {}
    way = steadier(canvases, size)
    if way is None:
        return None, {}
    still, straight = trial_straight(eye, canvases, size, way, network, run)
    registration = learn(canvases, size, way) if straight >= still + TRIAL_MARGIN else None
    return registration, {"none": still, way: straight}


def _prefer(trials: dict[Light, float]) -> Light:
    best = max(trials.values())
    return next(light for light in PREFERENCE if trials[light] >= best - TRIAL_MARGIN)
