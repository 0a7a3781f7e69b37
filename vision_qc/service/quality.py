"""What the inspections of a station say together: charts, drift, agreement, rates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from twin.contract.inspection import Inspection, InspectionReview, Truth, Verdict
from vision_qc.baseline import Baseline
from vision_qc.picture_figures import FIGURES
from vision_qc.service.index import InspectionIndex, Wanted
from vision_qc.spc.agreement import Agreement, agreement
from vision_qc.spc.drift import PictureDrift, ScoreDrift, picture_drift, score_drift
from vision_qc.spc.ewma import EwmaChart, ewma_chart
from vision_qc.spc.p_chart import PChart, p_chart
from vision_qc.spc.rates import Rates, Reviewed, rates

DRIFT_WINDOW: Final = 200
"""Pictures that are compared with those taught."""
CAMERA: Final = "camera"

Reviews = Mapping[str, Sequence[InspectionReview]]


@dataclass(frozen=True, slots=True)
class Charts:
    """Control charts of a station.

    Args:
        groups: first and last sequence number of each subgroup of the p chart.
        rejects: chart of the share rejected; None of too few subgroups.
        sequences: of the values of the score's chart.
        score: chart of the score, on the mean and spread that were taught; None without a baseline.
    """

    groups: tuple[tuple[int, int], ...]
    rejects: PChart | None
    sequences: tuple[int, ...]
    score: EwmaChart | None


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether a station still sees what it was taught; None of what there is too little to tell by.

    Args:
        scores: of products that were not rejected.
        pictures: brightness, contrast and sharpness of all that were looked at.
    """

    scores: ScoreDrift | None
    pictures: PictureDrift | None

    @property
    def alarms(self) -> tuple[str, ...]:
        """Which of ``scores`` and ``pictures`` have drifted."""
        parts = (("scores", self.scores), ("pictures", self.pictures))
        return tuple(name for name, part in parts if part is not None and part.alarm)


def last_inspections(
    index: InspectionIndex, station: str, product: str | None, limit: int, recipe_sha256: str | None = None
) -> list[Inspection]:
    """Return the last inspections of a station, the oldest first."""
    wanted = Wanted(station=station, product=product, recipe_sha256=recipe_sha256, limit=limit)
    return index.find(wanted)[::-1]


def charts(
    inspections: Sequence[Inspection], baseline: Baseline | None, *, subgroup: int, laney: bool
) -> Charts:
    """Draw the charts; what is left of a last subgroup waits for more.

    Args:
        inspections: the oldest first.
        baseline: of the recipe that judged them.
        subgroup: inspections in one point of the p chart.
        laney: p' instead of p.
    """
    whole = range(0, len(inspections) - subgroup + 1, subgroup)
    parts = [inspections[begin : begin + subgroup] for begin in whole]
    counts = [sum(row.verdict is Verdict.REJECT for row in part) for part in parts]
    scored = [(row.sequence, row.score) for row in inspections if row.score is not None]
    score = None
    if baseline is not None and len(baseline.scores) > 1:
        centre, sigma = float(np.mean(baseline.scores)), float(np.std(baseline.scores, ddof=1))
        score = ewma_chart([value for _, value in scored], centre=centre, sigma=sigma)
    return Charts(
        groups=tuple((part[0].sequence, part[-1].sequence) for part in parts),
        rejects=p_chart(counts, [subgroup] * len(parts), laney=laney),
        sequences=tuple(sequence for sequence, _ in scored),
        score=score,
    )


def find_drift(inspections: Sequence[Inspection], baseline: Baseline | None) -> Drift:
    """Compare the last pictures with those taught.

    Of the scores those of rejected products are left out: a run of defects is for the p chart. Of the
    pictures all count that were looked at: a lamp may fade until everything is rejected.
    """
    looked_at = [row for row in inspections if row.score is not None]
    if baseline is None or not looked_at:
        return Drift(None, None)
    scores = [row.score for row in looked_at if row.verdict is not Verdict.REJECT and row.score is not None]
    figures = {name: [row.figures[name] for row in looked_at] for name in FIGURES}
    return Drift(score_drift(baseline.scores, scores), picture_drift(baseline.figures, figures))


def agreements(told: Iterable[tuple[Inspection, Sequence[InspectionReview]]]) -> dict[str, Agreement]:
    """Compare every two appraisers on the products that both judged, the second taken for right.

    Only blind reviews count: who has seen a verdict agrees with it. The camera has judged where it said pass
    or reject; where it left the product to a person it has not. ``camera, camera`` is the camera's own
    repeatability: products of which it has two pictures, the first against each later one.
    """
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    again: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for inspection, reviews in told:
        decided = inspection.verdict in (Verdict.PASS, Verdict.REJECT)
        stopped = inspection.verdict is Verdict.REJECT
        if decided:
            said[CAMERA][inspection.id] = stopped
            again[inspection.product, inspection.serial].append(stopped)
        for review in reviews:
            if review.blind:
                said[review.by][inspection.id] = review.truth is Truth.DEFECTIVE
    found = {}
    people = sorted(name for name in said if name != CAMERA)
    for first, second in combinations([CAMERA, *people], 2):
        both = said[first].keys() & said[second].keys()
        if both:
            found[f"{first}, {second}"] = agreement([(said[first][k], said[second][k]) for k in sorted(both)])
    repeats = [(later, row[0]) for row in again.values() for later in row[1:]]
    if repeats:
        found[f"{CAMERA}, {CAMERA}"] = agreement(repeats)
    return found


def estimate_rates(inspections: Sequence[Inspection], reviews: Reviews) -> Rates:
    """Estimate false rejects and escapes from what people said; the last word on a product counts."""
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in inspections:
        counts = counted[row.verdict.value]
        counts[0] += 1
        said = reviews.get(row.id)
        if said:
            counts[1] += 1
            counts[2] += said[-1].truth is Truth.DEFECTIVE
    return rates({verdict: Reviewed(*counts) for verdict, counts in counted.items()})
