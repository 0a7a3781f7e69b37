"""Calculated tags at run time: bound to their inputs, and in an order in which each can be worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from twin.expressions.checker import Resolve
from twin.expressions.dimension import ONE
from twin.expressions.errors import ExpressionError
from twin.expressions.expression import Expression, compile_condition, compile_value
from twin.park.bound import Bound, TagIndex, bind
from twin.park.conditions import unit_of
from twin.park.data_types import DATA_TYPES
from twin.park.model import Equipment, Park, SignalKind


@dataclass(frozen=True, slots=True, eq=False)
class CalculatedTags:
    """The tags of one rule at machines where its expression means the same.

    Args:
        bound: the expression and its inputs.
        tags: number of the calculated tag, by place in ``bound.machines``.
    """

    bound: Bound
    tags: tuple[int, ...]


def compile_calculated(text: str, signal: SignalKind, resolve: Resolve) -> Expression:
    """Check an expression whose value a signal is to have.

    Raises:
        ExpressionError: it is none, or of another kind or quantity than the signal.
    """
    data_type = DATA_TYPES.get(signal.data_type)
    if data_type is not None and data_type.family == "boolean":
        made = compile_condition(text, resolve, unit_of)
    else:
        made = compile_value(text, unit_of(signal.unit) if signal.unit else ONE, resolve, unit_of)
    if not made.references:
        raise ExpressionError(text, 0, "names no signal; a tag is worked out of others")
    return made


def machines_of(rule_kind: str, ids: Sequence[str], equipment: Sequence[Equipment]) -> list[Equipment]:
    """Return the equipment that a rule is for: all of a kind, or what it names."""
    if rule_kind:
        return [machine for machine in equipment if machine.kind.name == rule_kind]
    wanted = set(ids)
    return [machine for machine in equipment if machine.id in wanted]


def in_order(park: Park) -> list[list[CalculatedTags]]:
    """Return the calculated tags of a park in steps: what a step asks for is measured, or of an earlier
    step."""
    index = TagIndex(park.tags)
    made: list[CalculatedTags] = []
    for rule in park.calculated:
        machines = machines_of(rule.kind, rule.equipment, park.equipment)
        if not machines:
            continue
        own = [index.number[f"{machine.id}:{rule.signal}"] for machine in machines]
        signal = park.tags[own[0]].signal
        for bound in bind(index, machines, partial(compile_calculated, rule.expression, signal)):
            made.append(CalculatedTags(bound, tuple(own[place] for place in bound.machines.tolist())))
    wants = {
        tag: group.bound.all_tags(place).tolist() for group in made for place, tag in enumerate(group.tags)
    }
    depth = depths(wants)
    steps: dict[int, list[CalculatedTags]] = {}
    for group in made:
        # machines of one rule may stand one behind another; those of one depth go together
        by_depth: dict[int, list[int]] = {}
        for place, tag in enumerate(group.tags):
            by_depth.setdefault(depth[tag], []).append(place)
        for level, places in by_depth.items():
            steps.setdefault(level, []).append(_some(group, places))
    return [steps[level] for level in sorted(steps)]


def _some(group: CalculatedTags, places: list[int]) -> CalculatedTags:
    if len(places) == len(group.tags):
        return group
    return CalculatedTags(group.bound.some(places), tuple(group.tags[place] for place in places))


class CycleError(ValueError):
    """Tags are calculated from themselves.

    Args:
        tags: each is calculated from the next, the last from the first.
    """

    def __init__(self, tags: Sequence[int]) -> None:
        self.tags = tuple(tags)
        super().__init__(f"tags {self.tags} are calculated from one another")


def depths(wants: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return how many calculations must come before each calculated tag.

    Args:
        wants: what each calculated tag is worked out of; others are measured.

    Raises:
        CycleError: a tag is calculated from itself, directly or through others.

    >>> depths({5: [1, 2], 6: [5, 1], 7: [6, 5]})
    {5: 0, 6: 1, 7: 2}
    """
    found: dict[int, int] = {}
    for start in wants:
        if start in found:
            continue
        path = {start: iter(wants[start])}
        while path:
            tag = next(reversed(path))
            missing = next((one for one in path[tag] if one in wants and one not in found), None)
            if missing is None:
                found[tag] = 1 + max((found[one] for one in wants[tag] if one in wants), default=-1)
                del path[tag]
            elif missing in path:
                names = list(path)
                raise CycleError(names[names.index(missing) :])
            else:
                path[missing] = iter(wants[missing])
    return found
