"""Thresholds of one type of defect: a crack is rejected at once, a stain only when it is a bad one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from vision_qc.errors import RecipeError
from vision_qc.verdicts import worst

Heat = Annotated[float, msgspec.Meta(gt=0.0)]
_TOLD = {
    "accept": "below its limits",
    "review": "to be looked at from {0.review_from:g}",
    "reject": "rejected from {0.reject_from:g}",
}


class TypeRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which heat on a place of this type decides; 1 = as hot as good products get.

    Args:
        review_from: look again from here on; null = only where it is rejected.
        reject_from: reject from here on; null = never for this type alone.
    """

    review_from: Heat | None = None
    reject_from: Heat | None = None

    def verdict(self, heat: float) -> str:
        """Judge a place by its heat.

        Example:
            >>> rule = TypeRule(review_from=1.2, reject_from=2.0)
            >>> [rule.verdict(heat) for heat in (1.1, 1.2, 2.0)]
            ['accept', 'review', 'reject']
        """
        if self.reject_from is not None and heat >= self.reject_from:
            return "reject"
        if self.review_from is not None and heat >= self.review_from:
            return "review"
        return "accept"


def check_rules(rules: Mapping[str, TypeRule]) -> None:
    """Look whether the rules make sense.

    Raises:
        RecipeError: one is looked at again only where it is rejected already.
    """
    for name, rule in rules.items():
        review, reject = rule.review_from, rule.reject_from
        if review is not None and reject is not None and review >= reject:
            raise RecipeError(
                f"checks: type {name!r}: review_from {review:g} is not below reject_from {reject:g}; mend it"
            )


def decide(rules: Mapping[str, TypeRule], hottest: Mapping[str, float], by_score: str) -> tuple[str, str]:
    """Decide by type what the score has decided for the whole picture.

    Where every place that is hotter than good ones is of a type with a rule, the rules decide alone: they may
    let through what the score rejects. Where one is not, the score's verdict stands, and rules only make it
    stricter.

    Args:
        rules: by type.
        hottest: by type, the heat of its hottest place.
        by_score: the verdict ``accept``, ``review`` or ``reject`` of the station's threshold.

    Returns:
        The verdict, and why it is another than by the score; "" if it is not.

    Example:
        >>> stain = {"stain": TypeRule(review_from=1.5)}
        >>> decide(stain, {"stain": 1.2}, "reject")
        ('accept', 'stain 1.20: below its limits')
        >>> decide(stain, {"stain": 1.2, "crack": 3.0}, "reject")
        ('reject', '')
    """
    ruled = {name: rules[name].verdict(heat) for name, heat in hottest.items() if name in rules}
    if not ruled:
        return by_score, ""
    alone = len(ruled) == len(hottest)
    verdict = worst(*ruled.values(), *(() if alone else (by_score,)))
    if verdict == by_score:
        return verdict, ""
    why = [
        f"{name} {hottest[name]:.2f}: {_TOLD[one].format(rules[name])}"
        for name, one in ruled.items()
        if one == verdict
    ]
    return verdict, "; ".join(why)
