"""Whether appraisers, the camera being one, say the same.

Attribute agreement by AIAG, Measurement Systems Analysis, 4th edition (2010), chapter III section C.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vision_qc.spc.intervals import Share, wilson

GOOD_KAPPA, POOR_KAPPA = 0.75, 0.40
"""MSA: above the first agreement is good to excellent, below the second poor."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two appraisers, the first compared with the second.

    Args:
        agreed: share of products of which both say the same.
        kappa: agreement beyond chance (Cohen 1960); None where one of them always says the same.
        effectiveness: share of products that the first judges as the second does; MSA accepts 90 %.
        miss: share of the second's defective products that the first lets pass; MSA accepts 2 %.
        false_alarm: share of the second's good products that the first stops; MSA accepts 5 %.
        rating: ``acceptable``, ``marginal`` or ``unacceptable`` by the worst of the three; None of none.
    """

    agreed: Share
    kappa: float | None
    effectiveness: Share
    miss: Share
    false_alarm: Share
    rating: str | None


def agreement(pairs: Sequence[tuple[bool, bool]]) -> Agreement:
    """Compare.

    Args:
        pairs: of each product whether it is defective by the first and by the second, who is taken for right.

    Example:
        >>> pairs = [(True, True)] * 20 + [(False, False)] * 70 + [(True, False)] * 9 + [(False, True)]
        >>> told = agreement(pairs)
        >>> round(told.kappa, 2), told.miss.count, told.rating
        (0.74, 1, 'unacceptable')
    """
    both = sum(first == second for first, second in pairs)
    missed = sum(second and not first for first, second in pairs)
    alarmed = sum(first and not second for first, second in pairs)
    defective = sum(second for _, second in pairs)
    agreed = wilson(both, len(pairs))
    miss, false_alarm = wilson(missed, defective), wilson(alarmed, len(pairs) - defective)
    return Agreement(agreed, kappa(pairs), agreed, miss, false_alarm, _rating(agreed, miss, false_alarm))


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Return Cohen's kappa: 1 = always the same, 0 = as by chance.

    Example:
        >>> kappa([(True, True), (False, False)] * 5)
        1.0
    """
    n = len(pairs)
    if not n:
        return None
    first, second = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    chance = first * second + (1 - first) * (1 - second)
    if chance == 1:
        return None
    return (sum(a == b for a, b in pairs) / n - chance) / (1 - chance)


def _rating(effectiveness: Share, miss: Share, false_alarm: Share) -> str | None:
    """Rate by MSA's table: the worst of the three decides."""
    if effectiveness.share is None:
        return None
    worst = max(
        _grade(1 - effectiveness.share, 0.10, 0.20),
        _grade(miss.share, 0.02, 0.05),
        _grade(false_alarm.share, 0.05, 0.10),
    )
    return ("acceptable", "marginal", "unacceptable")[worst]


def _grade(share: float | None, accepted: float, marginal: float) -> int:
    if share is None or share <= accepted:
        return 0
    return 1 if share <= marginal else 2
