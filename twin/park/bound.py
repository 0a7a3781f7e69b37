"""Expressions bound to equipment: one check for all machines at which the names mean signals of the same
sort, and the tags of every machine in columns, so that all of them are worked out at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from twin.expressions.checker import Resolve, SignalType
from twin.expressions.column import Column
from twin.expressions.errors import ExpressionError
from twin.expressions.expression import Expression
from twin.park.conditions import resolver, tag_of
from twin.park.model import Equipment, Tag
from twin.park.tag_patterns import TagPatterns, is_pattern

Rows = npt.NDArray[np.intp]
Pick = Callable[[Rows, Rows], Column]
"""From tag numbers, and the place in ``which`` that each is asked for, to their values."""


class TagIndex:
    """The tags of a park, by what expressions call them.

    Args:
        tags: every tag of the park, in order.
    """

    def __init__(self, tags: Sequence[Tag]) -> None:
        self.signals = {tag.tag: tag.signal for tag in tags}
        self.number = {tag.tag: tag.index for tag in tags}
        self.patterns = TagPatterns(self.signals)

    def resolver(self, machine: Equipment) -> Resolve:
        """Make what an expression asks what names mean at a machine."""
        return resolver(machine.kind, machine.id, self.signals, self.patterns)

    def numbers(self, name: str, machine: str) -> list[int]:
        """Return the tags that a name in an expression means at a machine."""
        tag = tag_of(name, machine)
        if is_pattern(name):
            return [self.number[found] for found in self.patterns.find(tag)]
        return [self.number[tag]]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """One expression for m machines.

    Args:
        expression: as it was checked.
        machines: ``intp[m]``, places among the machines that were given.
        first: by name, ``intp[m + 1]``: the tags of machine i are those from ``first[i]`` to before
            ``first[i + 1]``.
        tags: by name, tag numbers.
        patterns: the names that stand for any number of tags; of the others every machine has one.
    """

    expression: Expression
    machines: Rows
    first: Mapping[str, Rows]
    tags: Mapping[str, Rows]
    patterns: frozenset[str]

    def evaluate(self, pick: Pick, which: Rows) -> Column:
        """Work it out for some of the machines, any of them any number of times.

        Args:
            pick: gives values.
            which: ``intp[k]``, places in ``machines``.
        """
        inputs: dict[str, Column] = {}
        row = np.arange(len(which), dtype=np.intp)
        for name, tags in self.tags.items():
            if name not in self.patterns:
                inputs[name] = pick(tags[which], row)
                continue
            start = self.first[name][which]
            count = self.first[name][which + 1] - start
            begin = np.cumsum(count) - count
            flat = np.arange(int(count.sum())) - np.repeat(begin - start, count)
            found = pick(tags[flat], np.repeat(row, count))
            inputs[name] = Column(found.value, found.status, found.text, begin)
        return self.expression.evaluate(inputs, len(which))

    def some(self, places: Sequence[int]) -> Bound:
        """Return the same for some of the machines only, by place."""
        first, tags = {}, {}
        for name, numbers in self.tags.items():
            runs = [numbers[self.first[name][place] : self.first[name][place + 1]] for place in places]
            first[name] = np.cumsum([0, *(len(run) for run in runs)], dtype=np.intp)
            tags[name] = np.concatenate(runs)
        return Bound(self.expression, self.machines[list(places)], first, tags, self.patterns)

    def all_tags(self, place: int) -> Rows:
        """Return the tags that the machine at a place asks for."""
        parts = [
            tags[self.first[name][place] : self.first[name][place + 1]] for name, tags in self.tags.items()
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.intp)


class NotBoundError(ValueError):
    """An expression makes no sense at a machine.

    Args:
        machine: where.
        error: why.
    """

    def __init__(self, machine: str, error: ExpressionError) -> None:
        self.machine = machine
        self.error = error
        super().__init__(f"at {machine}: {error}")


def bind(
    index: TagIndex, machines: Sequence[Equipment], make: Callable[[Resolve], Expression]
) -> list[Bound]:
    """Check an expression at every machine.

    Args:
        index: of the park's tags.
        machines: where.
        make: parses and checks it; raises ExpressionError.

    Raises:
        NotBoundError: it makes no sense at one of them.
    """
    made: list[tuple[Expression, tuple[SignalType, ...], list[int]]] = []
    for place, machine in enumerate(machines):
        resolve = index.resolver(machine)
        for expression, types, places in made:
            if _types(expression, resolve) == types:
                places.append(place)
                break
        else:
            try:
                expression = make(resolve)
            except ExpressionError as error:
                raise NotBoundError(machine.id, error) from error
            made.append((expression, tuple(resolve(name) for name in expression.references), [place]))
    return [_bound(expression, places, index, machines) for expression, _, places in made]


def _types(expression: Expression, resolve: Resolve) -> tuple[SignalType, ...] | None:
    try:
        return tuple(resolve(name) for name in expression.references)
    except LookupError:
        return None


def _bound(
    expression: Expression, places: Sequence[int], index: TagIndex, machines: Sequence[Equipment]
) -> Bound:
    first: dict[str, Rows] = {}
    tags: dict[str, Rows] = {}
    for name in expression.references:
        found = [index.numbers(name, machines[place].id) for place in places]
        first[name] = np.cumsum([0, *(len(numbers) for numbers in found)], dtype=np.intp)
        tags[name] = np.array([number for numbers in found for number in numbers], np.intp)
    patterns = frozenset(name for name in expression.references if is_pattern(name))
    return Bound(expression, np.array(places, np.intp), first, tags, patterns)
