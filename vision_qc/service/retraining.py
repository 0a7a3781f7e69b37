"""What people said of inspected products, made into pictures to teach from and into thresholds set anew.

One product in four is held out, by its id and so the same ones always: from those nothing is ever learnt, and
on them the recipe in force and its successor are compared before a person puts it in force.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from twin.contract.inspection import Inspection, Truth, Verdict
from vision_qc.baseline import write_baseline
from vision_qc.errors import NotEnoughImagesError
from vision_qc.features import FeatureNetwork
from vision_qc.metrics import auroc
from vision_qc.recalibration import Scored, recalibrate
from vision_qc.recipe import Recipe, save
from vision_qc.service.index import MOST_ROWS, InspectionIndex, Wanted
from vision_qc.service.judge import judge
from vision_qc.service.lessons import MOST_PICTURES, Lessons, Shelf
from vision_qc.service.pictures import PictureStore
from vision_qc.service.recipe_library import RecipeFiles, RecipeLibrary, Release
from vision_qc.threshold import Threshold

HELD_OUT: Final = 4
"""One product in so many."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was taken from reviews into a lesson.

    Args:
        good, bad: pictures to learn from.
        held_good, held_bad: pictures to compare on.
        passed: of ``good``, those that passed and that nobody has reviewed.
        missing: reviewed products whose picture is not kept (any more).
    """

    good: int
    bad: int
    held_good: int
    held_bad: int
    passed: int
    missing: int


@dataclass(frozen=True, slots=True)
class Side:
    """How a recipe does on products that were held out.

    Args:
        good, bad: how many were asked.
        good_rejected, good_looked_at: of the good, those rejected, and those that go to a person.
        bad_passed: of the bad, those that would go on unseen.
        image_auroc: None where there are only good or only bad ones.
    """

    good: int
    bad: int
    good_rejected: int
    good_looked_at: int
    bad_passed: int
    image_auroc: float | None


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """A release with thresholds set anew, not yet in force.

    Args:
        release: the new one.
        before, after: thresholds.
        held_before, held_after: how both do on reviewed products that were held out.
    """

    release: Release
    before: Threshold
    after: Threshold
    held_before: Side
    held_after: Side


def held_out(inspection: str) -> bool:
    """Whether nothing may be learnt from an inspection.

    Example:
        >>> [held_out(f"{number:032x}") for number in (0, 1, 4)]
        [True, False, True]
    """
    return int(inspection, 16) % HELD_OUT == 0


def gather(
    lessons: Lessons, key: str, index: InspectionIndex, pictures: PictureStore, *, passed: int
) -> Gathered:
    """Take pictures of reviewed products into a lesson; the last word on a product counts.

    Args:
        lessons, key: which lesson; its station and product say whose reviews.
        index, pictures: what was inspected.
        passed: so many products that passed unseen are taken for good as well, the newest first.

    Raises:
        UnknownStationError: there is no such lesson.
        RequestError: it is being taught, or is full.
        DatabaseError: the index does not answer.
    """
    about = lessons.get(key).about
    counts: dict[Shelf, int] = {"good": 0, "bad": 0, "held/good": 0, "held/bad": 0}
    missing = unseen = 0
    told = [row for row in index.reviewed(about.station, MOST_ROWS) if row[0].product == about.product]
    for inspection, reviews in told:
        data = _picture(pictures, inspection)
        if data is None:
            missing += 1
            continue
        bad = reviews[-1].truth is Truth.DEFECTIVE
        shelf: Shelf = "bad" if bad else "good"
        if held_out(inspection.id):
            shelf = "held/bad" if bad else "held/good"
        lessons.add(key, shelf, data, defect=reviews[-1].defect if bad else "")
        counts[shelf] += 1
    wanted = Wanted(
        station=about.station,
        product=about.product,
        verdicts=(Verdict.PASS,),
        unreviewed=True,
        limit=min(MOST_ROWS, HELD_OUT * MOST_PICTURES),
    )
    for inspection in index.find(wanted) if passed else ():
        data = None if held_out(inspection.id) else _picture(pictures, inspection)
        if data is not None and unseen < passed:
            lessons.add(key, "good", data)
            unseen += 1
    return Gathered(
        good=counts["good"] + unseen,
        bad=counts["bad"],
        held_good=counts["held/good"],
        held_bad=counts["held/bad"],
        passed=unseen,
        missing=missing,
    )


def compare(recipe: Recipe, good: Iterable[Path], bad: Iterable[Path], network: FeatureNetwork) -> Side:
    """Judge held-out pictures with a recipe."""
    judged = [[judge(path.read_bytes(), recipe, network) for path in sorted(paths)] for paths in (good, bad)]
    verdicts = [[one.verdict for one in side] for side in judged]
    scores = [[one.score for one in side if one.score is not None] for side in judged]
    return _side(verdicts[0], verdicts[1], scores[0], scores[1])


def set_anew(
    library: RecipeLibrary,
    index: InspectionIndex,
    station: str,
    product: str,
    version: int,
    *,
    target_fpr: float,
    by: str,
    reason: str,
) -> Recalibrated:
    """Install a release like ``version``, with thresholds from what it judged since; it is not in force.

    Raises:
        UnknownStationError, RecipeError: the release is missing or damaged.
        NotEnoughImagesError: too few products, or too few of those that were stopped have been reviewed.
        DatabaseError: the index does not answer.
    """
    loaded = library.load(station, product, version)
    rows = index.find(
        Wanted(station=station, product=product, recipe_sha256=loaded.release.sha256, limit=MOST_ROWS)
    )
    reviews = index.reviews(row.id for row in rows)
    # where gate, plan or block decided, the score did not
    scored = [
        (row.id, Scored(row.verdict, row.score, reviews[row.id][-1].truth if row.id in reviews else None))
        for row in rows
        if row.score is not None and not row.gate and row.verdict is not Verdict.CANNOT_JUDGE
    ]
    learnt = [one for key, one in scored if not held_out(key)]
    before, after = loaded.recipe.station.threshold, recalibrate(learnt, target_fpr)
    held = [one for key, one in scored if held_out(key) and one.truth is not None]
    if (after.review, after.reject) == (before.review, before.reject):
        raise NotEnoughImagesError(f"recipe {product} of {station}: its thresholds would stay as they are")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save(replace(loaded.recipe.station, threshold=after), folder)
        if loaded.baseline is not None:
            write_baseline(loaded.baseline, folder)
        files = RecipeFiles.read(folder)
    release = library.install(
        station, product, files, by=by, reason=reason, mm_per_px=loaded.release.mm_per_px
    )
    return Recalibrated(release, before, after, _by_threshold(held, before), _by_threshold(held, after))


def _by_threshold(held: Sequence[Scored], threshold: Threshold) -> Side:
    words = {"accept": Verdict.PASS, "review": Verdict.REVIEW, "reject": Verdict.REJECT}
    good, bad = ([row.score for row in held if row.truth is truth] for truth in (Truth.GOOD, Truth.DEFECTIVE))
    verdicts = [[words[threshold.verdict(score)] for score in scores] for scores in (good, bad)]
    return _side(verdicts[0], verdicts[1], good, bad)


def _side(
    good: Sequence[Verdict], bad: Sequence[Verdict], good_scores: Sequence[float], bad_scores: Sequence[float]
) -> Side:
    return Side(
        good=len(good),
        bad=len(bad),
        good_rejected=sum(verdict is Verdict.REJECT for verdict in good),
        good_looked_at=sum(verdict in (Verdict.REVIEW, Verdict.CANNOT_JUDGE) for verdict in good),
        bad_passed=sum(verdict is Verdict.PASS for verdict in bad),
        image_auroc=auroc(np.array(good_scores), np.array(bad_scores))
        if good_scores and bad_scores
        else None,
    )


def _picture(pictures: PictureStore, inspection: Inspection) -> bytes | None:
    path = pictures.find(inspection.id, inspection.sequence)
    data = None if path is None else path.read_bytes()
    if data is None or hashlib.sha256(data).hexdigest() != inspection.picture_sha256:
        return None
    return data
