"""How sure one can be of a share."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A share and how sure it is.

    Args:
        count, of: so many of so many.
        share: None of none.
        low, high: two-sided interval; 0 and 1 where nothing is known.
    """

    count: int
    of: int
    share: float | None
    low: float
    high: float


def wilson(count: int, of: int, confidence: float = CONFIDENCE) -> Share:
    """Return a share with its score interval (Wilson 1927), which holds near 0 and for few cases too.

    Args:
        count: of cases.
        of: so many looked at.
        confidence: two-sided.

    Example:
        >>> share = wilson(0, 50)
        >>> share.share, round(share.low, 3), round(share.high, 3)
        (0.0, 0.0, 0.071)
    """
    if not of:
        return Share(count, of, None, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, spread = count / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * (share * (1 - share) / of + spread / (4 * of)) ** 0.5
    return Share(count, of, share, max(0.0, middle - half), min(1.0, middle + half))
