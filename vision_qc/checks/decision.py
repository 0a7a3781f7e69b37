"""Whether a measured value keeps its tolerance, its uncertainty taken into account (ISO 14253-1:2017).

Inside of the tolerance, drawn in by the guard band on each side, conformity is proven; outside of it, drawn
out, non-conformity; in between neither is, and a person decides.
"""

from __future__ import annotations

from typing import Final

GUARD: Final = 1.645
"""Standard uncertainties: 95 % on one side, the default of ISO 14253-1:2017, clause 5."""


def decide(value: float, u: float, lower: float, upper: float) -> str:
    """Return ``accept``, ``review`` or ``reject``.

    Args:
        value: measured [mm].
        u: its combined standard uncertainty [mm].
        lower, upper: of the tolerance [mm].

    Example:
        >>> [decide(value, 0.01, 9.9, 10.1) for value in (10.0, 10.09, 10.11, 10.2)]
        ['accept', 'review', 'review', 'reject']
    """
    guard = GUARD * u
    if lower + guard <= value <= upper - guard:
        return "accept"
    if value < lower - guard or value > upper + guard:
        return "reject"
    return "review"
