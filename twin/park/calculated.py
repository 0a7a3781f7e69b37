"""Calculated tags: rows that say what is worked out of other tags, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CalculatedRule:
    """One rule: a signal at every equipment of a kind, or at the equipment that is named.

    Args:
        signal: its name, as in the tag.
        expression: as :mod:`twin.expressions` has it, relative to the equipment.
        kind: at all equipment of this kind; the signal is one of the kind's then.
        equipment: at these, where ``kind`` is "".
    """

    signal: str
    expression: str
    kind: str = ""
    equipment: tuple[str, ...] = ()


def calculated_source(park: str) -> str:
    """Return the id of the source that calculated tags come from.

    >>> calculated_source("yenphong")
    'calculated-yenphong'
    """
    return f"calculated-{park}"
