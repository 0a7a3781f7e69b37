"""The words of a verdict, and which of them is worse."""

from __future__ import annotations

SEVERITY = ("accept", "review", "reject", "cannot_judge")


def worst(*verdicts: str) -> str:
    """Return the worst of some verdicts.

    Example:
        >>> worst("accept", "reject", "review")
        'reject'
    """
    return max(verdicts, key=SEVERITY.index)
