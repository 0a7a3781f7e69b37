"""What is asked of a what-if: changes to the park, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from twin.networks.dependencies import Dependencies
from twin.networks.errors import ChangeError
from twin.park.networks import Board, Cable, NetworkRules, Transformer

ChangeKind = Literal["open", "off", "derate", "output"]
MOST_CHANGES = 100
LONGEST_H = 24.0 * 31


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Args:
        kind: ``open`` a breaker, ``off``: a machine stands, ``derate`` to a share of its rating, ``output``
            of a line by a share more or less.
        target: id of equipment, of a line for ``output``.
        percent: 60 = derated to 60 %; 20 = 20 % more output.
    """

    kind: ChangeKind
    target: str
    percent: float = 0.0


@dataclass(frozen=True, slots=True)
class Changed:
    """Changes, sorted by what they do.

    Args:
        opened: elements whose breaker is open.
        off: machines that stand.
        rating: share of its rating that is left, by element.
        output: share of its output now, by line.
    """

    opened: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    rating: dict[str, float] = field(default_factory=dict)
    output: dict[str, float] = field(default_factory=dict)


def with_breaker(rules: NetworkRules) -> frozenset[str]:
    """Elements that have a breaker and a rating."""
    rows: tuple[Transformer | Cable | Board, ...] = (*rules.transformers, *rules.cables, *rules.boards)
    return frozenset(one.equipment for one in rows)


def sort_changes(
    changes: Sequence[Change], lasts_h: float, graph: Dependencies, rules: NetworkRules
) -> Changed:
    """Check changes against the park.

    Raises:
        UnknownElementError: the park has no such element or line.
        ChangeError: it cannot be changed like that.
    """
    if not changes or len(changes) > MOST_CHANGES:
        raise ChangeError(f"{len(changes)} changes: must be 1 to {MOST_CHANGES}")
    if not 0 < lasts_h <= LONGEST_H:
        raise ChangeError(f"it lasts {lasts_h:g} h: must be above 0, at most {LONGEST_H:g}")
    breakers = with_breaker(rules)
    opened, off = set(), set()
    rating: dict[str, float] = {}
    output: dict[str, float] = {}
    for change in changes:
        if change.kind == "output":
            line = graph.check_line(change.target)
            if not -100 <= change.percent <= 200:
                raise ChangeError(f"output of {line} by {change.percent:g} %: must be -100 to 200")
            output[line] = 1.0 + change.percent / 100.0
            continue
        name = graph.check(change.target)
        if change.kind == "open":
            if name not in breakers:
                raise ChangeError(f"{name} has no breaker in the park file; switch it off instead")
            opened.add(name)
        elif change.kind == "off":
            off.add(name)
        elif name not in breakers:
            raise ChangeError(f"{name} has no electrical rating in the park file; add it to its rows there")
        elif not 0 < change.percent <= 100:
            raise ChangeError(f"{name} derated to {change.percent:g} %: must be above 0, at most 100")
        else:
            rating[name] = change.percent / 100.0
    return Changed(frozenset(opened), frozenset(off), rating, output)
