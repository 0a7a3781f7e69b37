"""Thresholds set anew from what a station has judged, and from what people said of it afterwards.

Nobody reviews every product. Those that passed are taken for good unless somebody said otherwise; of those
that were stopped, the reviewed ones stand for all of their verdict. Taking the reviewed scores alone would
raise the threshold with every review, as people look at what was stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.contract.inspection import Truth, Verdict
from vision_qc.errors import NotEnoughImagesError
from vision_qc.threshold import Threshold, promise

F64 = npt.NDArray[np.float64]

LEAST_GOOD = 50
LEAST_REVIEWED = 5
"""Of the products of each verdict that stops, or all where there are fewer."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A product that was judged.

    Args:
        verdict: that its score gave.
        score: of the recipe whose threshold is set anew.
        truth: what a person said, None if nobody did.
    """

    verdict: Verdict
    score: float
    truth: Truth | None


def recalibrate(judged: Sequence[Scored], target_fpr: float) -> Threshold:
    """Set the thresholds anew.

    Args:
        judged: products that the recipe has not learnt from.
        target_fpr: share of good products that may be rejected.

    Raises:
        NotEnoughImagesError: too few products, or too few of those that were stopped have been reviewed.
    """
    good = good_scores(judged)
    if len(good) < LEAST_GOOD:
        raise NotEnoughImagesError(
            f"{len(good)} good products judged by this recipe: {LEAST_GOOD} at least; inspect more"
        )
    return promise(good, target_fpr)


def good_scores(judged: Sequence[Scored]) -> F64:
    """Return scores as all good products among ``judged`` have them, the unreviewed ones estimated.

    Raises:
        NotEnoughImagesError: too few of those that were stopped have been reviewed.

    Example:
        >>> passed = [Scored(Verdict.PASS, 1.0, None)] * 3
        >>> said = [Truth.GOOD] * 2 + [Truth.DEFECTIVE] * 4
        >>> stopped = [Scored(Verdict.REJECT, 9.0, truth) for truth in said]
        >>> waiting = [Scored(Verdict.REJECT, 9.0, None)] * 6
        >>> good_scores(passed + stopped + waiting).tolist()
        [1.0, 1.0, 1.0, 9.0, 9.0, 9.0, 9.0]
    """
    scores = [np.array([row.score for row in judged if row.verdict is Verdict.PASS and _may_be_good(row)])]
    for verdict in (Verdict.REVIEW, Verdict.REJECT):
        rows = [row for row in judged if row.verdict is verdict]
        reviewed = [row for row in rows if row.truth is not None]
        least = min(len(rows), LEAST_REVIEWED)
        if len(reviewed) < least:
            raise NotEnoughImagesError(
                f"{len(reviewed)} of {len(rows)} products of verdict {verdict.value} are reviewed: "
                f"{least} at least; say what they are"
            )
        good = np.sort([row.score for row in reviewed if row.truth is Truth.GOOD])
        if len(good):
            count = round(len(rows) * len(good) / len(reviewed))
            scores.append(np.quantile(good, (np.arange(count) + 0.5) / count, method="inverted_cdf"))
    return np.concatenate(scores)


def _may_be_good(row: Scored) -> bool:
    return row.truth is not Truth.DEFECTIVE
