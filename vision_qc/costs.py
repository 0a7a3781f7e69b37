"""Thresholds that cost least: escapes, false rejects and looks of a person, each with its price (Chow 1970).

What share of products is defective is never known, only how many of how many were: that is a Beta
distribution (Jeffreys). Expected cost is linear in the share, so its mean decides; how far the thresholds
would move within what the counts and the few scores leave open is told beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vision_qc.errors import CostsError, NotEnoughImagesError
from vision_qc.threshold import LEAST_SCORES, TAIL_SHARE, Threshold

F64 = npt.NDArray[np.float64]

DRAWS = 200
SEED = 7
_GRID = 400


@dataclass(frozen=True, slots=True)
class Costs:
    """What mistakes cost, in any one currency, and how often products are defective.

    Args:
        escape: of a defective product that is accepted.
        false_reject: of a good product that is rejected.
        review: of a person who looks at a product and then knows.
        defective, of: so many of so many products were.
    """

    escape: float
    false_reject: float
    review: float
    defective: int
    of: int


@dataclass(frozen=True, slots=True)
class Priced:
    """Thresholds and what they cost.

    Args:
        threshold: to judge with; its promise is the false rejects expected.
        per_1000: expected cost of a thousand products.
        per_1000_low, per_1000_high: 90 % interval of it.
        review_low, review_high, reject_low, reject_high: 90 % intervals of where the thresholds would lie.
        escapes, false_rejects, reviews: expected among a thousand products.
        without_review_per_1000: the least cost with no review band.
        accept_all_per_1000: what it costs to inspect nothing.
    """

    threshold: Threshold
    per_1000: float
    per_1000_low: float
    per_1000_high: float
    review_low: float
    review_high: float
    reject_low: float
    reject_high: float
    escapes: float
    false_rejects: float
    reviews: float
    without_review_per_1000: float
    accept_all_per_1000: float


def price(good: F64, bad: F64, costs: Costs) -> Priced:
    """Find the thresholds of least expected cost.

    Args:
        good, bad: scores of pictures that nothing was learnt from.
        costs: of mistakes.

    Raises:
        NotEnoughImagesError: fewer scores of either than :data:`vision_qc.threshold.LEAST_SCORES`.
        CostsError: a cost is below 0, or the counts contradict each other.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> good, bad = rng.normal(0, 1, 400), rng.normal(4, 1, 100)
        >>> dear, cheap = (price(good, bad, Costs(cost, 5, 2, 3, 1000)).threshold for cost in (1000, 20))
        >>> dear.review < cheap.review
        True
    """
    if min(len(good), len(bad)) < LEAST_SCORES:
        raise NotEnoughImagesError(
            f"costs: {len(good)} good and {len(bad)} bad pictures, {LEAST_SCORES} of each at least; add some "
            "or promise a rate of false rejects instead"
        )
    _refuse(costs)
    grid = np.unique(np.quantile(np.concatenate([good, bad]), np.linspace(0, 1, _GRID)))
    grid = np.append(grid, np.nextafter(grid[-1], np.inf))
    share = (costs.defective + 0.5) / (costs.of + 1)
    stopped, missed = _tail(good, grid), _tail(-bad, np.nextafter(-grid, np.inf))
    low, high, cost = _least(stopped, missed, share, costs)
    rng = np.random.default_rng(SEED)
    drawn = []
    for _ in range(DRAWS):
        guess = float(rng.beta(costs.defective + 0.5, costs.of - costs.defective + 0.5))
        of_good = _tail(rng.choice(good, len(good)), grid)
        of_bad = _tail(-rng.choice(bad, len(bad)), np.nextafter(-grid, np.inf))
        a, b, _ = _least(of_good, of_bad, guess, costs)
        # the price of the thresholds that are used, should the world be as drawn
        drawn.append((grid[a], grid[b], float(_cost(of_good, of_bad, guess, costs, low, high))))
    reviews, rejects, spent = np.quantile(np.array(drawn), [0.05, 0.95], axis=0).T
    without = min(float(_cost(stopped, missed, share, costs, at, at)) for at in range(len(grid)))
    return Priced(
        threshold=Threshold(float(grid[low]), float(grid[high]), float(stopped[high]), len(good)),
        per_1000=1000 * cost,
        per_1000_low=1000 * float(spent[0]),
        per_1000_high=1000 * float(spent[1]),
        review_low=float(reviews[0]),
        review_high=float(reviews[1]),
        reject_low=float(rejects[0]),
        reject_high=float(rejects[1]),
        escapes=1000 * share * float(missed[low]),
        false_rejects=1000 * (1 - share) * float(stopped[high]),
        reviews=1000
        * float(share * (missed[high] - missed[low]) + (1 - share) * (stopped[low] - stopped[high])),
        without_review_per_1000=1000 * without,
        accept_all_per_1000=1000 * share * costs.escape,
    )


def read_costs(text: str) -> Costs:
    """Read costs as a command line gives them: escape, false reject, review, defective/of.

    Raises:
        CostsError: it is not that.

    Example:
        >>> read_costs("200,5,1,3/1000")
        Costs(escape=200.0, false_reject=5.0, review=1.0, defective=3, of=1000)
    """
    try:
        prices, counts = text.rsplit(",", 1)
        escape, false_reject, review = (float(part) for part in prices.split(","))
        defective, of = (int(part) for part in counts.split("/"))
    except ValueError as error:
        raise CostsError(
            f"costs {text!r}: write escape,false reject,review,defective/of, as 200,5,1,3/1000"
        ) from error
    costs = Costs(escape, false_reject, review, defective, of)
    _refuse(costs)
    return costs


def _refuse(costs: Costs) -> None:
    for name, cost in (
        ("escape", costs.escape), ("false reject", costs.false_reject), ("review", costs.review)
    ):  # fmt: skip
        if not 0 <= cost < np.inf:
            raise CostsError(f"costs: {name} {cost:g} is no cost of 0 or more; give another")
    if not 0 <= costs.defective <= costs.of or costs.of < 1:
        raise CostsError(f"costs: {costs.defective} defective of {costs.of} cannot be; count again")


def _cost(stopped: F64, missed: F64, share: float, costs: Costs, low: int, high: int) -> float:
    of_bad = costs.escape * missed[low] + costs.review * (missed[high] - missed[low])
    of_good = costs.review * (stopped[low] - stopped[high]) + costs.false_reject * stopped[high]
    return float(share * of_bad + (1 - share) * of_good)


def _least(stopped: F64, missed: F64, share: float, costs: Costs) -> tuple[int, int, float]:
    """Return places of review and reject threshold, the first not above the second, and the cost."""
    accept = share * (costs.escape - costs.review) * missed + (1 - share) * costs.review * stopped
    reject = share * costs.review * missed + (1 - share) * (costs.false_reject - costs.review) * stopped
    # least cost of rejecting from here or further up: the sum is least where either half is
    best = np.minimum.accumulate(reject[::-1])[::-1]
    low = int((accept + best).argmin())
    high = low + int(reject[low:].argmin())
    return low, high, float(accept[low] + reject[high])


def _tail(scores: F64, grid: F64) -> F64:
    """Return the share of such scores at or above each place of ``grid``; beyond the data it falls off."""
    ordered = np.sort(scores)
    share = 1 - np.searchsorted(ordered, grid, side="left") / len(ordered)
    foot = float(np.quantile(ordered, 1 - TAIL_SHARE))
    above = ordered[ordered > foot] - foot
    if len(above) == 0:
        return np.asarray(share)
    fall = len(above) / len(ordered) * np.exp(-np.maximum(grid - foot, 0) / above.mean())
    return np.asarray(np.where(grid > foot, fall, share))
