"""Trials of ways of looking: on pictures that were not learnt from, defects drawn into some of them.

Which light is taken out, whether parts are laid straight, whether each shape has a map of its own: drawn
defects decide, and no accuracy is ever stated on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from vision_qc.detectors.gaussian_map import LEAST_IMAGES
from vision_qc.detectors.known import DETECTORS
from vision_qc.features import FeatureNetwork
from vision_qc.fusion import Scale, fuse, fuse_by_shape
from vision_qc.image_file import U8
from vision_qc.metrics import auroc
from vision_qc.part_registration import PartRegistration, Way, lay_straight, learn
from vision_qc.sight import Eye, Sight
from vision_qc.station import raw_scores
from vision_qc.synthetic import spoil

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
In = TypeVar("In")
Out = TypeVar("Out")

SEED = 7
TRIAL_GOOD = 80
"""So many good pictures, half of them with a defect drawn in, choose the way of looking."""
TRIAL_MARGIN = 0.02
"""Of AUROC: less is no reason to prefer a way of looking to an earlier one in :data:`PREFERENCE`; trials with
so few pictures differ by that much by chance."""


class Runner:
    """Runs a function over items on all cores; results in the order of the items."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def __call__(self, work: Callable[[In], Out], items: Sequence[In]) -> list[Out]:
        return list(self._pool.map(work, items))


def trial_light(eye: Eye, fitted: Sequence[U8], network: FeatureNetwork, run: Runner) -> float:
    """Return the AUROC of a way of looking on defects drawn into pictures that were not learnt from."""
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(fitted))[:TRIAL_GOOD]
    learnt, asked = chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]
    spoiled = [spoil(fitted[place], rng) for place in asked]
    pictures = [fitted[place] for place in chain(learnt, asked)] + spoiled
    sights = run(lambda picture: eye.look(picture, network), pictures)
    return _area(sights, len(learnt), len(asked), run)


def trial_sizes(eyes: Sequence[Eye], good: Sequence[U8], network: FeatureNetwork, run: Runner) -> list[float]:
    """Return the AUROC of each of ``eyes`` on the same defects, drawn in the size that the last one sees."""
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(good))[:TRIAL_GOOD]
    fitted = run(lambda place: eyes[-1].fit(good[int(place)]), chosen.tolist())
    learnt, asked = fitted[: len(fitted) // 2], fitted[len(fitted) // 2 :]
    pictures = [*learnt, *asked, *(spoil(picture, rng) for picture in asked)]
    areas = []
    for eye in eyes:
        sights = run(lambda picture, by=eye: by.look(by.fit(picture), network), pictures)  # type: ignore[misc]
        areas.append(_area(sights, len(learnt), len(asked), run))
    return areas


def trial_straight(
    eye: Eye,
    canvases: Sequence[U8],
    size: tuple[int, int],
    way: Way,
    network: FeatureNetwork,
    run: Runner,
) -> tuple[float, float]:
    """Return the AUROC as pictures lie and laid straight, the same defects drawn into the same pictures.

    One half of the pictures is learnt and the other asked about, then the other way round; the mean of both.
    """

    def looks(pictures: Sequence[U8], by: PartRegistration | None) -> list[Sight]:
        return run(lambda picture: eye.look(see(eye, picture, by), network), pictures)

    lying = looks(canvases, None)
    areas = []
    for begin in (0, 1):
        rng = np.random.default_rng(SEED)
        learnt, asked = canvases[begin::2], canvases[1 - begin :: 2]
        spoiled = [spoil(canvas, rng) for canvas in asked]
        still = [*lying[begin::2], *lying[1 - begin :: 2], *looks(spoiled, None)]
        straight = looks([*learnt, *asked, *spoiled], learn(learnt, size, way))
        areas.append([_area(sights, len(learnt), len(asked), run) for sights in (still, straight)])
    without, with_it = np.mean(areas, axis=0).tolist()
    return without, with_it


def trial_shapes(
    sights: Sequence[Sight],
    straight: Sequence[U8],
    eye: Eye,
    network: FeatureNetwork,
    folds: I64,
    run: Runner,
) -> tuple[float, float] | tuple[()]:
    """Return the AUROC of drawn defects with one map for all and with one a shape; parts stay together.

    Nothing is returned where there is one shape, or one that half of the parts do not teach.

    More defects than a trial of the light has are drawn: what is lost by learning from fewer pictures shows
    in many pictures only.
    """
    halves = folds % 2
    shapes = np.array([sight.shape for sight in sights])
    counts = [np.bincount(shapes[halves == half], minlength=len(eye.shapes)).min() for half in (0, 1)]
    if len(eye.shapes) == 1 or min(counts) < LEAST_IMAGES:
        return ()
    rng = np.random.default_rng(SEED)
    chosen = [int(place) for place in rng.permutation(len(sights))[: 2 * TRIAL_GOOD]]
    drawn = [spoil(straight[place], rng) for place in chosen]
    spoiled = run(lambda row: eye.look(drawn[row], network, sights[chosen[row]].shape), range(len(chosen)))
    areas = []
    for shaped in (False, True):
        good, bad = (
            [sight if shaped else replace(sight, shape=0) for sight in group] for group in (sights, spoiled)
        )
        by_half = [_half_area(good, bad, halves, halves[chosen], half, run) for half in (0, 1)]
        areas.append(float(np.mean(by_half)))
    return areas[0], areas[1]


def _half_area(
    good: Sequence[Sight],
    bad: Sequence[Sight],
    halves: I64,
    bad_halves: I64,
    half: int,
    run: Runner,
) -> float:
    """Return the AUROC in one half of what was learnt in the other."""
    learnt = [good[int(place)] for place in np.flatnonzero(halves != half)]
    asked = [good[int(place)] for place in np.flatnonzero(halves == half)]
    wrong = [bad[int(place)] for place in np.flatnonzero(bad_halves == half)]
    scores = _scores(learnt, [*asked, *wrong], run)
    scores, bad_scores = scores[: len(asked)], scores[len(asked) :]
    shapes = np.array([sight.shape for sight in asked])
    scales = scales_by_shape(scores, shapes)
    return auroc(
        fuse_by_shape(scales, scores, shapes.tolist()),
        fuse_by_shape(scales, bad_scores, [sight.shape for sight in wrong]),
    )


def scales_by_shape(scores: F64, shapes: I64) -> tuple[tuple[Scale, ...], ...]:
    """Return the scales of each shape; ``scores`` are out of fold, ``[pictures, detectors]``.

    A shape of fewer pictures than a map has the scales of all.
    """
    rows = [scores[shapes == shape] for shape in range(1 + int(shapes.max()))]
    rows = [row if len(row) >= LEAST_IMAGES else scores for row in rows]
    return tuple(tuple(Scale.of(column) for column in row.T) for row in rows)


def see(eye: Eye, picture: U8, registration: PartRegistration | None) -> U8:
    """Bring a picture to what the network sees, laid straight if it can be."""
    if registration is None:
        return eye.fit(picture)
    canvas = registration.canvas(picture)
    motion = registration.find(canvas)
    return eye.fit(picture if motion.why_not else lay_straight(canvas, motion))


def _area(sights: Sequence[Sight], learnt: int, asked: int, run: Runner) -> float:
    """Return the AUROC of sights in the order learnt, asked, asked with a defect."""
    scores = _scores(sights[:learnt], sights[learnt:], run)
    scales = [Scale.of(column) for column in scores[:asked].T]
    fused = fuse(scales, scores)
    return auroc(fused[:asked], fused[asked:])


def _scores(learnt: Sequence[Sight], asked: Sequence[Sight], run: Runner) -> F64:
    """Return ``[asked, detectors]`` scores by what is learnt."""
    detectors = run(lambda kind: kind.teach(learnt), list(DETECTORS.values()))
    return np.concatenate(run(lambda sight: raw_scores(detectors, [sight]), asked))
