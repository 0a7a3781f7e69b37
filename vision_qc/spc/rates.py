"""False rejects and escapes, as far as what people said afterwards lets one know them.

Nobody looks at every product again. Of each verdict some products are reviewed; if these are a fair sample of
that verdict, the share of defective ones among them holds for all of it, with the interval that their number
allows. A sample of passed products that somebody picked because they looked odd is not fair; the numbers then
say too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vision_qc.spc.intervals import Share, wilson


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Products of one verdict.

    Args:
        inspected: all of them.
        reviewed: those of which somebody has said what they are.
        defective: of the reviewed.
    """

    inspected: int
    reviewed: int
    defective: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated share with an interval.

    Args:
        value: None where nothing was reviewed that it rests on.
        low, high: by the Wilson intervals of the verdicts it rests on, both at their ends: wide on purpose.
    """

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What is known.

    Args:
        defective: by verdict, share of defective products among the reviewed.
        false_reject: share of good products that are rejected.
        escape: share of defective products that pass.
        escapes_of_passed: share of defective products among those that passed: what the customer sees.
    """

    defective: dict[str, Share]
    false_reject: Estimate
    escape: Estimate
    escapes_of_passed: Share


def rates(verdicts: Mapping[str, Reviewed]) -> Rates:
    """Estimate from what was reviewed.

    Args:
        verdicts: ``pass``, ``review``, ``reject``, ``cannot_judge``; any may be missing.

    Example:
        >>> told = rates({"pass": Reviewed(950, 200, 1), "reject": Reviewed(50, 50, 40)})
        >>> round(told.false_reject.value, 4), round(told.escape.value, 3)
        (0.0105, 0.106)
    """
    shares = {name: wilson(row.defective, row.reviewed) for name, row in verdicts.items()}
    return Rates(
        defective=shares,
        false_reject=_part(verdicts, shares, "reject", defective=False),
        escape=_part(verdicts, shares, "pass", defective=True),
        escapes_of_passed=shares.get("pass", wilson(0, 0)),
    )


def _part(
    verdicts: Mapping[str, Reviewed], shares: Mapping[str, Share], which: str, *, defective: bool
) -> Estimate:
    """Return which part of all good (or defective) products has the verdict ``which``."""
    if which not in verdicts:
        return Estimate(None, 0.0, 1.0)

    def ends(name: str) -> tuple[float, float, float | None]:
        """Low, high and best number of good (or defective) products of a verdict."""
        share, number = shares[name], verdicts[name].inspected
        low, high, best = share.low, share.high, share.share
        if not defective:
            low, high, best = 1 - high, 1 - low, None if best is None else 1 - best
        return low * number, high * number, None if best is None else best * number

    mine = ends(which)
    others = [ends(name) for name, row in verdicts.items() if name != which and row.inspected]
    low = _ratio(mine[0], mine[0] + sum(row[1] for row in others), 0.0)
    high = _ratio(mine[1], mine[1] + sum(row[0] for row in others), 1.0)
    best: float | None = None
    known = [row[2] for row in others]
    if mine[2] is not None and None not in known:
        whole = mine[2] + sum(value for value in known if value is not None)
        best = mine[2] / whole if whole else None
    return Estimate(best, low, high)


def _ratio(part: float, whole: float, otherwise: float) -> float:
    return part / whole if whole else otherwise
