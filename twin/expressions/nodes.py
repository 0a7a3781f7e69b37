"""A checked expression as a tree of array operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np

from twin.expressions.column import BAD_TYPE_MISMATCH, F64, U32, Column, Inputs, Rows, finite, worst
from twin.expressions.dimension import Dimension

Kind = Literal["number", "boolean", "text"]


class Node(Protocol):
    """A part of an expression."""

    @property
    def kind(self) -> Kind:
        """What it is worth."""

    @property
    def unit(self) -> Dimension | None:
        """Of a number; None for a bare number, which takes the unit of what it meets."""

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """Work it out for ``n`` machines."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, true or false."""

    value: float | str
    kind: Kind
    unit: Dimension | None = None

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        good = np.zeros(n, np.uint32)
        if isinstance(self.value, str):
            return Column(np.full(n, np.nan), good, np.full(n, self.value, dtype=object))
        return Column(np.full(n, float(self.value)), good)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal; one that carries no number, or no text, where it should is Bad."""

    name: str
    kind: Kind
    unit: Dimension | None = None

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        given = inputs[self.name]
        if self.kind == "text":
            text = given.text if given.text is not None else np.full(n, None, dtype=object)
            missing = np.array([one is None for one in text], np.bool_)
            return Column(given.value, _bad_where(missing, given), text)
        return Column(given.value, _bad_where(np.isnan(given.value), given))


def _bad_where(missing: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], given: Column) -> np.ndarray:
    missing = missing & (given.status >> np.uint32(31) == 0)
    return np.where(missing, BAD_TYPE_MISMATCH, given.status) if missing.any() else given.status


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The sum, the mean, the least or the greatest of all signals that a pattern stands for; its quality is
    that of the worst."""

    name: str
    operation: np.ufunc
    mean: bool
    unit: Dimension
    kind: Kind = field(default="number", init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        given = inputs[self.name]
        assert given.first is not None
        if not n:
            return Column(np.zeros(0), np.zeros(0, np.uint32))
        status = _bad_where(np.isnan(given.value), given)
        with np.errstate(all="ignore"):
            value = self.operation.reduceat(given.value, given.first)
            if self.mean:
                value = value / np.diff(np.append(given.first, len(given.value)))
        return finite(value, _worst_of_runs(status, given.first))


def _worst_of_runs(status: U32, first: Rows) -> U32:
    """The first of the worst status codes of each run."""
    n = len(status)
    rank = (status >> np.uint32(30)).astype(np.int64) * n + np.arange(n - 1, -1, -1)
    found: U32 = status[n - 1 - np.maximum.reduceat(rank, first) % n]
    return found


@dataclass(frozen=True, slots=True)
class Converted:
    """A number in another unit."""

    operand: Node
    unit: Dimension
    kind: Kind = field(default="number", init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        found = self.operand.evaluate(inputs, n)
        of = self.operand.unit
        assert of is not None
        with np.errstate(all="ignore"):
            base = found.value * of.factor + of.offset
            value = (base - self.unit.offset) / self.unit.factor
        return finite(value, found.status)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An operation on two numbers; what is no finite number is Bad."""

    operation: Callable[[F64, F64], F64]
    left: Node
    right: Node
    unit: Dimension | None
    kind: Kind = field(default="number", init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        left, right = self.left.evaluate(inputs, n), self.right.evaluate(inputs, n)
        with np.errstate(all="ignore"):
            value = self.operation(left.value, right.value)
        return finite(value, worst(left.status, right.status))


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of two numbers or two texts."""

    operation: Callable[[F64, F64], np.ndarray]
    left: Node
    right: Node
    kind: Kind = field(default="boolean", init=False)
    unit: Dimension | None = field(default=None, init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        left, right = self.left.evaluate(inputs, n), self.right.evaluate(inputs, n)
        if left.text is not None and right.text is not None:
            found = self.operation(left.text, right.text)  # type: ignore[arg-type]
        else:
            found = self.operation(left.value, right.value)
        return Column(np.asarray(found, np.float64), worst(left.status, right.status))


@dataclass(frozen=True, slots=True)
class Logic:
    """``and``, ``or``: of Booleans. Bad on either side is Bad, whatever the other says: a guard that cannot
    be read does not hold."""

    operation: Callable[[F64, F64], F64]
    left: Node
    right: Node
    kind: Kind = field(default="boolean", init=False)
    unit: Dimension | None = field(default=None, init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        left, right = self.left.evaluate(inputs, n), self.right.evaluate(inputs, n)
        return Column(self.operation(left.value, right.value), worst(left.status, right.status))


@dataclass(frozen=True, slots=True)
class Mapped:
    """An operation on one value."""

    operation: Callable[[F64], F64]
    operand: Node
    kind: Kind
    unit: Dimension | None = None

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        found = self.operand.evaluate(inputs, n)
        with np.errstate(all="ignore"):
            return finite(self.operation(found.value), found.status)


@dataclass(frozen=True, slots=True)
class IsGood:
    """Whether a value is of good quality; always Good itself."""

    operand: Node
    kind: Kind = field(default="boolean", init=False)
    unit: Dimension | None = field(default=None, init=False)

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        found = self.operand.evaluate(inputs, n)
        return Column((found.status >> np.uint32(30) == 0).astype(np.float64), np.zeros(n, np.uint32))


@dataclass(frozen=True, slots=True)
class Choice:
    """``if(condition, a, b)``: the quality is that of the condition and of what was chosen."""

    condition: Node
    first: Node
    second: Node
    kind: Kind
    unit: Dimension | None

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """See :class:`Node`."""
        condition = self.condition.evaluate(inputs, n)
        first, second = self.first.evaluate(inputs, n), self.second.evaluate(inputs, n)
        yes = condition.value != 0
        text = None
        if first.text is not None and second.text is not None:
            text = np.where(yes, first.text, second.text)
        status = worst(condition.status, np.where(yes, first.status, second.status))
        return Column(np.where(yes, first.value, second.value), status, text)
