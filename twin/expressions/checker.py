"""Gives every part of an expression a kind and a unit, and refuses what does not go together."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from twin.expressions.dimension import ONE, Dimension
from twin.expressions.errors import ExpressionError
from twin.expressions.nodes import (
    Aggregate,
    Arithmetic,
    Choice,
    Comparison,
    Constant,
    Converted,
    IsGood,
    Kind,
    Logic,
    Mapped,
    Node,
    Signal,
)
from twin.expressions.tree import (
    Among,
    Binary,
    Call,
    Number,
    Power,
    Reference,
    Text,
    Tree,
    Truth,
    Unary,
)


@dataclass(frozen=True, slots=True)
class SignalType:
    """What a name in an expression stands for.

    Args:
        name: by which its values will be given, e.g. the tag.
        kind: what it carries.
        unit: symbol, "" for a pure number.
        many: it is a pattern that stands for any number of signals, all of this kind and unit.
    """

    name: str
    kind: Kind
    unit: str = ""
    many: bool = False


Resolve = Callable[[str], SignalType]
"""From a name in an expression to the signal; raises LookupError with a sentence where there is none."""

_COMPARE: Final[Mapping[str, Callable[..., np.ndarray]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how it is written, how many arguments it may have, and what it is worth."""

    written: str
    least: int
    most: int
    text: str


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function("abs(x)", 1, 1, "the number without its sign"),
    "min": Function("min(x, y, ...)", 1, 16, "the least"),
    "max": Function("max(x, y, ...)", 1, 16, "the greatest"),
    "sum": Function("sum(x, y, ...)", 1, 16, "all of them together"),
    "mean": Function("mean(x, y, ...)", 1, 16, "their mean; of a pattern, nothing beside it"),
    "between": Function("between(x, low, high)", 3, 3, "true from low to high, both included"),
    "if": Function(
        "if(condition, x, y)",
        3,
        3,
        "x where the condition is true, else y; the quality is that of what was chosen",
    ),
    "good": Function("good(x)", 1, 1, "whether x is of good quality; always Good itself"),
}
"""Every function by name."""
_FOLD: Final[Mapping[str, np.ufunc]] = {"min": np.minimum, "max": np.maximum, "sum": np.add, "mean": np.add}
"""The functions that take in any number of values, and one pattern or more (``{../meter*:power}``)."""


class Checker:
    """Checks one expression.

    Args:
        text: the whole of it, for errors.
        resolve: what names mean.
        unit_of: what unit symbols mean.
    """

    def __init__(self, text: str, resolve: Resolve, unit_of: Callable[[str], Dimension]) -> None:
        self._text = text
        self._resolve = resolve
        self._unit_of = unit_of
        self.references: dict[str, None] = {}

    def check(self, tree: Tree) -> Node:
        """Check a part.

        Raises:
            ExpressionError: it does not go together.
        """
        match tree:
            case Number(value, unit, at):
                return Constant(value, "number", None if unit is None else self._unit(unit, at))
            case Text(value):
                return Constant(value, "text")
            case Truth(truth):
                return Constant(float(truth), "boolean")
            case Reference(name, at):
                return self._signal(name, at)
            case Unary("not", operand, at):
                return Mapped(lambda value: 1.0 - value, self._want("boolean", operand), "boolean")
            case Unary(_, operand, at):
                number = self._want("number", operand)
                return Mapped(operator.neg, number, "number", number.unit)
            case Power(operand, exponent, at):
                return self._power(operand, exponent, at)
            case Among(operand, members, at):
                return self._among(operand, members, at)
            case Call(name, arguments, at):
                return self._call(name, arguments, at)
            case Binary():
                return self._binary(tree)
        raise AssertionError(tree)

    def _wrong(self, at: int, what: str) -> ExpressionError:
        return ExpressionError(self._text, at, what)

    def _want(self, kind: Kind, tree: Tree) -> Node:
        node = self.check(tree)
        if node.kind != kind:
            hint = "compare it with something" if kind == "boolean" else f"a {kind} is wanted there"
            raise self._wrong(tree.at, f"is a {node.kind}; {hint}")
        return node

    def _unit(self, symbol: str, at: int) -> Dimension:
        try:
            return self._unit_of(symbol)
        except LookupError as error:
            raise self._wrong(at, f"unit {symbol!r}: {_said(error, 'is not known')}") from error

    def _find(self, name: str, at: int) -> tuple[SignalType, Dimension | None]:
        """What a name stands for, and the unit of a number."""
        try:
            found = self._resolve(name)
        except LookupError as error:
            raise self._wrong(at, f"signal {name!r}: {_said(error, 'is not known')}") from error
        self.references.setdefault(found.name)
        if found.kind != "number":
            return found, None
        return found, self._unit(found.unit, at) if found.unit else ONE

    def _signal(self, name: str, at: int) -> Node:
        found, unit = self._find(name, at)
        if found.many:
            raise self._wrong(at, f"{name!r} is a pattern; write it in {', '.join(_FOLD)}")
        return Signal(found.name, found.kind, unit)

    def _binary(self, tree: Binary) -> Node:
        if tree.sign in ("and", "or"):
            left, right = self._want("boolean", tree.left), self._want("boolean", tree.right)
            return Logic(np.minimum if tree.sign == "and" else np.maximum, left, right)
        if tree.sign in _COMPARE:
            return self._compare(tree)
        left, right = self._want("number", tree.left), self._want("number", tree.right)
        if tree.sign in ("+", "-"):
            left, right = self._alike(left, right, tree.at)
            operation = np.add if tree.sign == "+" else np.subtract
            return Arithmetic(operation, left, right, left.unit)
        unit = self._product(left, right, 1 if tree.sign == "*" else -1, tree.at)
        found = Arithmetic(np.multiply if tree.sign == "*" else np.divide, left, right, unit)
        if unit is not None and not unit.bases and unit not in (left.unit, right.unit):
            # m³/h by L/s is a pure number, not 1/3.6 of one
            return Converted(found, ONE)
        return found

    def _product(self, left: Node, right: Node, power: int, at: int) -> Dimension | None:
        """The unit of a product; a bare number scales the other side and leaves its unit, a mean of °C stays
        °C."""
        if right.unit is None or right.unit == ONE:
            return left.unit if left.unit is not None else right.unit
        if (left.unit is None or left.unit == ONE) and power > 0:
            return right.unit
        for unit in (left.unit, right.unit):
            if unit is not None and unit.offset:
                raise self._wrong(
                    at, f"{unit.symbol} begins not at zero and cannot be multiplied; take a difference, or K"
                )
        return (left.unit or ONE).times(right.unit, power)

    def _alike(self, left: Node, right: Node, at: int) -> tuple[Node, Node]:
        """Bring two numbers to the unit of the first one that has any."""
        unit = left.unit if left.unit is not None else right.unit
        if unit is None:
            return left, right
        return self._in(left, unit, at), self._in(right, unit, at)

    def _in(self, node: Node, unit: Dimension, at: int) -> Node:
        if node.unit is None:
            # a bare number is in the unit of what it meets
            return Mapped(_same, node, "number", unit)
        if not node.unit.fits(unit):
            first, second = unit.symbol or "a pure number", node.unit.symbol or "a pure number"
            raise self._wrong(at, f"{first} and {second} do not go together; convert one of them")
        same = (node.unit.factor, node.unit.offset) == (unit.factor, unit.offset)
        return node if same else Converted(node, unit)

    def _compare(self, tree: Binary) -> Node:
        left, right = self.check(tree.left), self.check(tree.right)
        if left.kind != right.kind:
            raise self._wrong(tree.at, f"a {left.kind} is compared with a {right.kind}")
        if left.kind != "number" and tree.sign not in ("==", "!="):
            raise self._wrong(tree.at, f"a {left.kind} is equal or not, it is not {tree.sign} another")
        if left.kind == "number":
            left, right = self._alike(left, right, tree.at)
        return Comparison(_COMPARE[tree.sign], left, right)

    def _power(self, operand: Tree, exponent: int, at: int) -> Node:
        node = self._want("number", operand)
        unit = node.unit
        if unit is not None and unit.offset:
            raise self._wrong(at, f"{unit.symbol} begins not at zero and has no power")
        raised = None if unit is None else unit.raised(exponent)
        return Mapped(lambda value: np.power(value, exponent), node, "number", raised)

    def _among(self, operand: Tree, members: tuple[Tree, ...], at: int) -> Node:
        if not members:
            raise self._wrong(at, "is in nothing; name the members")
        tests = [self._compare(Binary("==", operand, member, member.at)) for member in members]
        found: Node = tests[0]
        for test in tests[1:]:
            found = Logic(np.maximum, found, test)
        return found

    def _call(self, name: str, arguments: tuple[Tree, ...], at: int) -> Node:
        if name not in FUNCTIONS:
            known = ", ".join(function.written for function in FUNCTIONS.values())
            raise self._wrong(at, f"no function {name!r}; there are {known}")
        function = FUNCTIONS[name]
        if not function.least <= len(arguments) <= function.most:
            raise self._wrong(at, f"{name} has {len(arguments)} arguments; write {function.written}")
        if name == "good":
            return IsGood(self.check(arguments[0]))
        if name == "abs":
            number = self._want("number", arguments[0])
            return Mapped(np.abs, number, "number", number.unit)
        if name == "between":
            value, low, high = arguments
            above = self._compare(Binary(">=", value, low, at))
            return Logic(np.minimum, above, self._compare(Binary("<=", value, high, at)))
        if name == "if":
            return self._choice(arguments, at)
        return self._fold(name, arguments, at)

    def _fold(self, name: str, arguments: tuple[Tree, ...], at: int) -> Node:
        parts = [self._several(name, argument) for argument in arguments]
        patterns = sum(isinstance(part, Aggregate) for part in parts)
        if len(parts) == 1 and not patterns:
            raise self._wrong(at, f"{name} of one value; write {FUNCTIONS[name].written}, or a pattern")
        if name == "mean" and patterns and len(parts) > 1:
            raise self._wrong(at, "a mean is of one pattern or of values; write sum(...) / sum(...)")
        found = parts[0]
        for argument, part in zip(arguments[1:], parts[1:], strict=True):
            found, other = self._alike(found, part, argument.at)
            found = Arithmetic(_FOLD[name], found, other, found.unit)
        if name == "mean" and not patterns:
            return Mapped(partial(np.multiply, 1.0 / len(parts)), found, "number", found.unit)
        return found

    def _several(self, name: str, tree: Tree) -> Node:
        """An argument of a function that takes in many: a pattern, or any number."""
        if isinstance(tree, Reference):
            found, unit = self._find(tree.name, tree.at)
            if found.many:
                if unit is None:
                    raise self._wrong(tree.at, f"is a {found.kind}; a number is wanted there")
                return Aggregate(found.name, _FOLD[name], name == "mean", unit)
        return self._want("number", tree)

    def _choice(self, arguments: tuple[Tree, ...], at: int) -> Node:
        condition = self._want("boolean", arguments[0])
        first, second = self.check(arguments[1]), self.check(arguments[2])
        if first.kind != second.kind:
            raise self._wrong(at, f"is a {first.kind} or a {second.kind}; both must be of one kind")
        if first.kind == "number":
            first, second = self._alike(first, second, at)
        return Choice(condition, first, second, first.kind, first.unit)


def _same(value: np.ndarray) -> np.ndarray:
    return value


def _said(error: LookupError, otherwise: str) -> str:
    """What a LookupError says, unless it is a plain KeyError of a mapping."""
    if type(error) is KeyError or not error.args:
        return otherwise
    return str(error)
