"""Thresholds that mean what they say: from scores of good pictures that the model has not learnt from.

The scores that go in here come from k-fold teaching. Those of a model on its own training pictures are far
too low: their quantile rejects nearly every good product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision_qc.errors import NotEnoughImagesError

F64 = npt.NDArray[np.float64]

LEAST_SCORES = 10
TAIL_SHARE = 0.15
"""Of the scores, the upper part whose fall-off is taken for that of all products to come."""
AIM = 0.75
"""Share of the promised rate that is aimed at: what is promised should hold in most weeks, not in half."""
REVIEW_FACTOR = 3.0
"""The review band begins where this many times as many good products would be stopped."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where accept ends and reject begins.

    Args:
        review: from this score on a person looks again.
        reject: from this score on the product is rejected.
        target_fpr: share of good products that may be rejected, as promised.
        scores: how many good pictures it rests on.
    """

    review: float
    reject: float
    target_fpr: float
    scores: int

    def verdict(self, score: float) -> str:
        """Return ``accept``, ``review`` or ``reject``; what is no number is never accepted."""
        if score < self.review:
            return "accept"
        return "review" if score < self.reject else "reject"


def promise(good: F64, target_fpr: float) -> Threshold:
    """Set the thresholds so that about ``target_fpr`` of good products are rejected, rather fewer.

    Args:
        good: out-of-fold scores of good pictures.
        target_fpr: 0.001 to 0.2.

    Raises:
        NotEnoughImagesError: fewer scores than :data:`LEAST_SCORES`.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> limits = promise(rng.normal(size=500), 0.02)
        >>> bool(0.005 < (rng.normal(size=100_000) > limits.reject).mean() < 0.025)
        True
    """
    if len(good) < LEAST_SCORES:
        raise NotEnoughImagesError(
            f"{len(good)} good pictures: a threshold needs {LEAST_SCORES} at least; take more pictures"
        )
    rate = target_fpr * AIM
    return Threshold(
        review=tail_quantile(good, min(rate * REVIEW_FACTOR, 0.5)),
        reject=tail_quantile(good, rate),
        target_fpr=target_fpr,
        scores=len(good),
    )


def tail_quantile(scores: F64, rate: float) -> float:
    """Return the value that the next such score exceeds with chance ``rate``.

    The highest few of 200 scores say little about one in fifty: an exponential fall-off, fitted to the upper
    part, uses them all (peaks over threshold, Coles 2001, with shape 0). How fast it falls off is known no
    better than the number of scores above allows, and that is reckoned with: with its best estimate alone
    twenty pictures would stop 3.4 of a hundred good products where 1.5 are aimed at, forty 2.2.

    Args:
        scores: at least two.
        rate: between 0 and 1.
    """
    share = max(TAIL_SHARE, rate)
    foot = float(np.quantile(scores, 1 - share))
    above = scores[scores > foot] - foot
    count = len(above)
    if rate >= share or count == 0:
        return float(np.nextafter(foot, np.inf))
    # the fall-off integrated out over what is known of it: a Pareto tail, exponential for many scores
    return foot + float(above.sum()) * float((share / rate) ** (1 / count) - 1)
