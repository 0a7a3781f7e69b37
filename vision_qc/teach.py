"""Teach a station from folders of pictures: choose how to look, learn what is good, set the thresholds."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from vision_qc.costs import Costs, Priced, price
from vision_qc.detectors.detector import Detector
from vision_qc.detectors.gaussian_map import GaussianMap
from vision_qc.detectors.pooled_mahalanobis import PooledMahalanobis
from vision_qc.detectors.supervised_head import LEAST_DEFECTS, SupervisedHead
from vision_qc.errors import NotEnoughImagesError, RegistrationError
from vision_qc.features import FeatureNetwork
from vision_qc.fusion import Scale, fuse
from vision_qc.illumination import LIGHTS, Light
from vision_qc.image_file import U8, Decoding
from vision_qc.metrics import auroc
from vision_qc.part_registration import (
    WAYS,
    PartRegistration,
    Way,
    lay_straight,
    learn,
    steadier,
    template_size,
    to_canvas,
)
from vision_qc.preprocess import area_px, working_size
from vision_qc.quality_gate import QualityGate
from vision_qc.sight import Eye, Sight
from vision_qc.station import Station, places_of, raw_scores
from vision_qc.synthetic import spoil
from vision_qc.threshold import promise

F64 = npt.NDArray[np.float64]
In = TypeVar("In")
Out = TypeVar("Out")

DETECTORS: dict[str, type[Detector]] = {"gaussian_map": GaussianMap, "pooled_mahalanobis": PooledMahalanobis}
LEAST_GOOD = 20
FOLDS = 10
SEED = 7
TRIAL_GOOD = 80
"""So many good pictures, half of them with a defect drawn in, choose the way of looking."""
TRIAL_MARGIN = 0.02
"""Of AUROC: less is no reason to prefer a way of looking to an earlier one in :data:`PREFERENCE`; trials with
so few pictures differ by that much by chance."""
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
    """

    station: Station
    good_scores: F64
    trials: dict[Light, float]
    registration_trials: dict[Way | Literal["none"], float]
    priced: Priced | None


def teach(
    good: Sequence[U8],
    bad: Sequence[U8],
    network: FeatureNetwork,
    *,
    target_fpr: float = 0.02,
    workers: int | None = None,
    parts: Sequence[str] | None = None,
    fine: bool = False,
    registration: Registering = "auto",
    decoding: Decoding = "full",
    costs: Costs | None = None,
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
        fine: look with 2.25 times as many pixels.
        registration: ``auto`` = lay pictures straight if that helps by cross-validation; ``off`` = never; a
            way = this one, whatever it helps.
        costs: of mistakes; the thresholds are then those of least expected cost, and nothing is promised.
        decoding: how the pictures were decoded, and will be; see :mod:`vision_qc.decoding`.

    Raises:
        NotEnoughImagesError: fewer than :data:`LEAST_GOOD` good pictures, fewer parts than :data:`FOLDS`, or
            one to four bad pictures.
        RegistrationError: the way asked for does not hold these pictures.
        ValueError: not as many ``parts`` as good pictures.
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
    px, times = area_px(fine), 2 if decoding == "half" else 1
    size = working_size([(len(picture), len(picture[0])) for picture in good], px)
    with ThreadPoolExecutor(workers or min(4, os.cpu_count() or 1)) as pool:
        run = _Runner(pool)
        eye = Eye.open(size, "as_is")
        fitted = run(eye.fit, good)
        trials = {light: _trial(Eye.open(size, light), fitted, network, run) for light in LIGHTS}
        eye = Eye.open(size, _prefer(trials))
        straightener, straight_trials = _register(good, eye, px, network, run, registration)
        straight = run(lambda picture: _see(eye, picture, straightener), good) if straightener else fitted
        sights = run(lambda picture: eye.look(picture, network), straight)
        bad_sights = run(lambda picture: eye.look(_see(eye, picture, straightener), network), bad)
        bad_folds = np.random.default_rng(SEED).permutation(np.arange(len(bad)) % FOLDS)
        held = run(lambda fold: _held_out(sights, bad_sights, folds, bad_folds, fold), range(FOLDS))
    held_out = np.concatenate([scores for scores, _, _ in held])
    heats = np.concatenate([heats for _, heats, _ in held])
    scales = tuple(Scale.of(column) for column in held_out.T)
    fused = fuse(scales, held_out)
    priced = None
    if costs is not None:
        priced = price(fused, fuse(scales, np.concatenate([scores for _, _, scores in held])), costs)
    detectors = {name: kind.teach(sights) for name, kind in DETECTORS.items()}
    station = Station(
        eye=eye,
        detectors=detectors,
        head=SupervisedHead.teach(places_of(detectors), sights, bad_sights) if bad_sights else None,
        scales=scales,
        threshold=promise(fused, target_fpr) if priced is None else priced.threshold,
        gate=QualityGate.teach([(times * len(picture), times * len(picture[0])) for picture in good], fitted),
        decoding=decoding,
        hottest_good=float(np.quantile(heats, 0.99)),
        registration=straightener,
    )
    return Taught(station, fused, trials, straight_trials, priced)


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


class _Runner:
    """Runs a function over items on all cores; results in the order of the items."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
        return list(self._pool.map(work, items))


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


def _trial(eye: Eye, fitted: Sequence[U8], network: FeatureNetwork, run: _Runner) -> float:
    """Return the AUROC of a way of looking on defects drawn into pictures that were not learnt from."""
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(fitted))[:TRIAL_GOOD]
    learnt, asked = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
    spoiled = [spoil(fitted[place], rng) for place in asked]
    pictures = [fitted[place] for place in chain(learnt, asked)] + spoiled
    sights = run(lambda picture: eye.look(picture, network), pictures)
    return _area(sights, len(learnt), len(asked))


def _see(eye: Eye, picture: U8, registration: PartRegistration | None) -> U8:
    """Bring a picture to what the network sees, laid straight if it can be."""
    if registration is None:
        return eye.fit(picture)
    canvas = registration.canvas(picture)
    motion = registration.find(canvas)
    return eye.fit(picture if motion.why_not else lay_straight(canvas, motion))


def _register(
    good: Sequence[U8], eye: Eye, px: int, network: FeatureNetwork, run: _Runner, asked: Registering
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
    folds = [
        _straight_trial(eye, canvases[begin::2], canvases[1 - begin :: 2], size, way, network, run)
        for begin in (0, 1)
    ]
    still, straight = np.mean(folds, axis=0).tolist()
    registration = learn(canvases, size, way) if straight >= still + TRIAL_MARGIN else None
    return registration, {"none": still, way: straight}


def _straight_trial(
    eye: Eye,
    learnt: Sequence[U8],
    asked: Sequence[U8],
    size: tuple[int, int],
    way: Way,
    network: FeatureNetwork,
    run: _Runner,
) -> tuple[float, float]:
    """Return the AUROC as pictures lie and laid straight, the same defects drawn into the same pictures."""
    rng = np.random.default_rng(SEED)
    pictures = [*learnt, *asked, *(spoil(canvas, rng) for canvas in asked)]
    areas = []
    for registration in (None, learn(learnt, size, way)):
        sights = run(
            lambda picture, by=registration: eye.look(_see(eye, picture, by), network),  # type: ignore[misc]
            pictures,
        )
        areas.append(_area(sights, len(learnt), len(asked)))
    return areas[0], areas[1]


def _area(sights: Sequence[Sight], learnt: int, asked: int) -> float:
    """Return the AUROC of sights in the order learnt, asked, asked with a defect."""
    detectors = [kind.teach(sights[:learnt]) for kind in DETECTORS.values()]
    scores = raw_scores(detectors, sights[learnt:])
    scales = [Scale.of(column) for column in scores[:asked].T]
    fused = fuse(scales, scores)
    return auroc(fused[:asked], fused[asked:])


def _prefer(trials: dict[Light, float]) -> Light:
    best = max(trials.values())
    return next(light for light in PREFERENCE if trials[light] >= best - TRIAL_MARGIN)
