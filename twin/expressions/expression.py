"""An expression that has been checked against the signals it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from twin.expressions.checker import Checker, Resolve
from twin.expressions.checker import SignalType as SignalType
from twin.expressions.column import Column, Inputs
from twin.expressions.dimension import Dimension
from twin.expressions.errors import ExpressionError
from twin.expressions.nodes import Converted, Kind, Node
from twin.expressions.parser import parse

MAX_REFERENCES: Final = 64
UnitOf = Callable[[str], Dimension]
"""From the symbol of a unit to what it measures; raises LookupError where it is not known."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Args:
        text: as it was written.
        node: what works it out.
        references: names by which it asks for its inputs, in order of appearance.
    """

    text: str
    node: Node
    references: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        """What it is worth."""
        return self.node.kind

    @property
    def unit(self) -> Dimension | None:
        """Of a number; None for a bare one."""
        return self.node.unit

    def evaluate(self, inputs: Inputs, n: int) -> Column:
        """Work it out for ``n`` machines.

        Args:
            inputs: a column of length n for each reference.
            n: how many.
        """
        return self.node.evaluate(inputs, n)


def compile_expression(text: str, resolve: Resolve, unit_of: UnitOf) -> Expression:
    """Parse an expression and check it.

    Args:
        text: the expression.
        resolve: what a name means; raises LookupError with a sentence where it means nothing.
        unit_of: what a unit symbol means; raises LookupError likewise.

    Raises:
        ExpressionError: it is none, or does not fit its signals.

    >>> signals = {"flow": SignalType("p1:flow", "number", "m³/h"), "state": SignalType("p1:state", "text")}
    >>> from twin.expressions.dimension import dimension_of
    >>> units = {"m³/h": dimension_of("m3/h"), "L/s": dimension_of("L/s")}
    >>> text = 'flow > 1 [L/s] and state == "Execute"'
    >>> one = compile_expression(text, signals.__getitem__, units.__getitem__)
    >>> one.references
    ('p1:flow', 'p1:state')
    >>> state = Column.of([float("nan")] * 2, 0, ["Execute"] * 2)
    >>> one.evaluate({"p1:flow": Column.of([3.5, 3.7]), "p1:state": state}, 2).value.tolist()
    [0.0, 1.0]
    """
    checker = Checker(text, resolve, unit_of)
    node = checker.check(parse(text))
    if len(checker.references) > MAX_REFERENCES:
        raise ExpressionError(text, 0, f"names {len(checker.references)} signals; at most {MAX_REFERENCES}")
    return Expression(text, node, tuple(checker.references))


def compile_condition(text: str, resolve: Resolve, unit_of: UnitOf) -> Expression:
    """Parse and check an expression that must be true or false.

    Raises:
        ExpressionError: it is none, or is worth a number or a text.
    """
    made = compile_expression(text, resolve, unit_of)
    if made.kind != "boolean":
        raise ExpressionError(
            text, 0, f"is a {made.kind}; a condition is true or false: compare it with something"
        )
    return made


def compile_value(text: str, unit: Dimension, resolve: Resolve, unit_of: UnitOf) -> Expression:
    """Parse and check an expression that must be a number that can be had in ``unit``.

    Raises:
        ExpressionError: it is none, or of another kind or quantity.
    """
    made = compile_expression(text, resolve, unit_of)
    if made.kind != "number":
        raise ExpressionError(text, 0, f"is a {made.kind}; a number is wanted")
    if made.unit is None:
        return made
    if not made.unit.fits(unit):
        raise ExpressionError(
            text, 0, f"is in {made.unit.symbol or 'no unit'}, which is no {unit.symbol or 'pure number'}"
        )
    return Expression(text, Converted(made.node, unit), made.references)
